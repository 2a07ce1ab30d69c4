//! The options of an import. They fit into a URL.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::table::COLUMNS_MAX;
use super::{Delimiter, ENCODINGS, Target};

/// How to treat people who are already listed, by e-mail address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Report them as errors, unless the details are the same.
    #[default]
    Stop,
    /// Skip them.
    Skip,
    /// Update name and phone number from the file.
    Update,
}

impl Existing {
    /// All variants.
    pub const ALL: [Self; 3] = [Self::Stop, Self::Skip, Self::Update];

    /// Returns the key in URLs and forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Skip => "skip",
            Self::Update => "update",
        }
    }

    /// Returns the label on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Stop => "Report them as mistakes",
            Self::Skip => "Skip them",
            Self::Update => "Update name and phone number from the file",
        }
    }
}

/// The options of an import; missing ones are detected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The encoding.
    pub encoding: Option<&'static Encoding>,
    /// The separator.
    pub delimiter: Option<Delimiter>,
    /// Whether the first line has headings.
    pub has_headings: Option<bool>,
    /// The targets of columns, by their index from 0.
    pub columns: BTreeMap<usize, Option<Target>>,
    /// How to treat people who are already listed.
    pub existing: Existing,
    /// Whether people with errors are left out instead of preventing the import. The button sets it; URLs do not carry it.
    pub leaves_out: bool,
}

impl Options {
    /// Reads the pairs of a URL or a form; invalid values are ignored.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut options = Self::default();
        for (name, value) in pairs {
            match name {
                "encoding" => {
                    let is_offered = ENCODINGS.iter().any(|(offered, _)| *offered == value);
                    options.encoding = Encoding::for_label(value.as_bytes()).filter(|_| is_offered);
                }
                "wrong" => options.leaves_out = value == "out",
                "delimiter" => {
                    options.delimiter = Delimiter::ALL.into_iter().find(|given| given.key() == value);
                }
                "headings" => options.has_headings = Some(value == "yes").filter(|_| !value.is_empty()),
                "existing" => {
                    options.existing =
                        Existing::ALL.into_iter().find(|given| given.key() == value).unwrap_or_default();
                }
                _ => {
                    let column = name.strip_prefix('c').and_then(|number| number.parse::<usize>().ok());
                    if let Some(column) = column.filter(|column| *column < COLUMNS_MAX) {
                        let target = Target::ALL.into_iter().find(|target| target.key() == value);
                        options.columns.insert(column, target);
                    }
                }
            }
        }
        options
    }

    /// Returns the pairs that [`from_pairs`](Self::from_pairs) reads.
    pub fn to_pairs(&self) -> Vec<(String, &'static str)> {
        let mut pairs = Vec::new();
        if let Some(encoding) = self.encoding {
            pairs.push(("encoding".to_owned(), encoding.name()));
        }
        if let Some(delimiter) = self.delimiter {
            pairs.push(("delimiter".to_owned(), delimiter.key()));
        }
        if let Some(has_headings) = self.has_headings {
            pairs.push(("headings".to_owned(), if has_headings { "yes" } else { "no" }));
        }
        let columns = self.columns.iter();
        pairs.extend(columns.map(|(column, target)| (format!("c{column}"), target.map_or("", Target::key))));
        pairs.push(("existing".to_owned(), self.existing.key()));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_survive_an_address() {
        let columns = BTreeMap::from([(0, Some(Target::Name)), (2, None), (149, Some(Target::Phone))]);
        let options = Options {
            encoding: Some(encoding_rs::SHIFT_JIS),
            delimiter: Some(Delimiter::Tab),
            has_headings: Some(false),
            columns,
            existing: Existing::Update,
            leaves_out: false,
        };
        let pairs = options.to_pairs();
        assert_eq!(Options::from_pairs(pairs.iter().map(|(name, value)| (&**name, *value))), options);
    }

    #[test]
    fn nonsense_counts_as_not_given() {
        let pairs = [
            ("delimiter", "x"),
            ("headings", ""),
            ("c150", "name"),
            ("c", "name"),
            ("cx", "name"),
            ("existing", "?"),
            ("encoding", "x"),
            ("encoding", "utf-8"),
            ("wrong", "in"),
            ("z", ""),
        ];
        assert_eq!(Options::from_pairs(pairs), Options::default());
    }
}
