//! Names of people who do not exist, from several cultures: `names.json`.
//!
//! The lists are our own and sorted by frequency. As in real directories, a few names are very frequent and most are
//! rare, so that searches meet realistic numbers of matches.

use std::sync::LazyLock;

use serde::Deserialize;

/// A source of names: given and family names by frequency, and the halves that more family names are made of.
#[derive(Deserialize)]
pub(super) struct Culture<'a> {
    /// How many of a hundred people.
    pub(super) share: usize,
    #[serde(borrow)]
    pub(super) given: Vec<&'a str>,
    #[serde(borrow)]
    pub(super) family: Vec<&'a str>,
    /// First and second halves: `Lind` and `gren`.
    #[serde(borrow)]
    pub(super) halves: (Vec<&'a str>, Vec<&'a str>),
    /// What joins two given names, where people have two.
    pub(super) joint: Option<&'a str>,
    /// Whether people have two family names, as in Spain and Portugal.
    pub(super) two_families: bool,
    /// Numbers, `#` for each digit, from ranges reserved for fiction; where a country has none, numbers that are too
    /// short to be assigned.
    ///
    /// Source: NANP 555-0100 to 0199; Ofcom's numbers for drama; the ACMA's; Arcep's 01 99 00 and 06 39 98; the
    /// Bundesnetzagentur's for media; the PTS's.
    #[serde(borrow)]
    pub(super) phone: Vec<&'a str>,
}

/// All cultures. The first one is the default.
pub(super) static CULTURES: LazyLock<Vec<Culture<'static>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("names.json")).expect("the tests read the same file"));
