//! How a file is to be read, as the preview asks for it. All of it fits into an address.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::table::COLUMNS_MAX;
use super::{Delimiter, ENCODINGS, Target};

/// What is done with people who are listed already, by e-mail address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It is a mistake, unless they have the same details.
    #[default]
    Stop,
    /// They stay as they are.
    Skip,
    /// They get name and phone number from the file.
    Update,
}

impl Existing {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Stop, Self::Skip, Self::Update];

    /// For addresses and forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Skip => "skip",
            Self::Update => "update",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Stop => "Report them as mistakes",
            Self::Skip => "Skip them",
            Self::Update => "Update name and phone number from the file",
        }
    }
}

/// How a file is to be read; what is not given is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What it is written in.
    pub encoding: Option<&'static Encoding>,
    /// What stands between cells.
    pub delimiter: Option<Delimiter>,
    /// Whether the first line are headings.
    pub has_headings: Option<bool>,
    /// What columns are, by their number from 0.
    pub columns: BTreeMap<usize, Option<Target>>,
    /// What is done with people who are listed already.
    pub existing: Existing,
    /// Whether people with mistakes are left out, instead of keeping everybody else out. The button says so; it is no
    /// part of an address.
    pub leaves_out: bool,
}

impl Options {
    /// Out of an address or a form. What cannot be read counts as not given.
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

    /// What [`from_pairs`](Self::from_pairs) reads.
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
