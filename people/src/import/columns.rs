//! The columns of a CSV file, and the person of each line.

use csv::StringRecord;

use super::check::cut;
use super::mapping::{guess, kind_of_heading, label_of};
use super::spreadsheet::unguarded;
use super::{Delimiter, Options, Target};
use crate::contact::{Kind, NotKept, Way, best_email, best_phone, full_name, plain};
use crate::validate::PersonForm;

/// The layout of a CSV file.
pub struct TableFormat {
    /// The separator.
    pub delimiter: Delimiter,
    /// Whether the first line has headings.
    pub has_headings: bool,
    /// The columns.
    pub columns: Vec<Column>,
}

/// A column of a CSV file.
pub struct Column {
    /// Its heading, or its number.
    pub heading: String,
    /// The first value.
    pub example: String,
    /// The field that it is imported as.
    pub target: Option<Target>,
}

/// What People and its file of mistakes write beside the details.
const OWN: [&str; 5] = ["id", "added", "changed", "line", "problem"];

/// The columns of a table while it is read.
pub(super) struct Columns {
    pub(super) targets: Vec<Option<Target>>,
    /// The kind of phone number in the heading.
    kinds: Vec<(Kind, bool)>,
    /// The column with the label of another column.
    labels: Vec<Option<usize>>,
    is_filled: Vec<bool>,
    not_kept: NotKept,
    pub(super) shown: Vec<Column>,
}

impl Columns {
    pub(super) fn of(head: &StringRecord, has_headings: bool, options: &Options) -> Self {
        let mut targets = guess(head, has_headings);
        for (column, target) in &options.columns {
            if let Some(guessed) = targets.get_mut(*column) {
                *guessed = *target;
            }
        }
        let shown = targets.iter().zip(head).enumerate().map(|(index, (target, cell))| Column {
            heading: if has_headings && !cell.trim().is_empty() {
                cut(cell, 60)
            } else {
                format!("Column {}", index + 1)
            },
            example: String::new(),
            target: *target,
        });
        let kinds =
            head.iter().map(|cell| if has_headings { kind_of_heading(cell) } else { (Kind::Voice, false) });
        let labels = (0..head.len()).map(|column| label_of(head, column).filter(|_| has_headings));
        Self {
            shown: shown.collect(),
            kinds: kinds.collect(),
            labels: labels.collect(),
            is_filled: vec![false; head.len()],
            not_kept: NotKept::default(),
            targets,
        }
    }

    pub(super) fn look_at(&mut self, record: &StringRecord, is_example: bool) {
        for (index, cell) in record.iter().enumerate().take(self.shown.len()) {
            let is_filled = !cell.trim().is_empty();
            self.is_filled[index] |= is_filled;
            if is_example && is_filled && self.shown[index].example.is_empty() {
                self.shown[index].example = cut(cell, 60);
            }
        }
    }

    /// Returns the person of a line.
    pub(super) fn form_of(&mut self, record: &StringRecord) -> PersonForm {
        let first = |wanted: Target| {
            let cells = self.targets.iter().zip(record).filter(|(target, _)| **target == Some(wanted));
            cells.map(|(_, cell)| value(cell)).find(|value| !value.is_empty()).unwrap_or_default()
        };
        let [whole, given, middle, family] =
            [Target::Name, Target::First, Target::Middle, Target::Last].map(first);
        let has_both = !given.is_empty() && !family.is_empty();
        let name = if whole.is_empty() {
            full_name(&[given, middle], family)
        } else if has_both || has_words(whole, &[given, middle, family]) {
            whole.to_owned()
        } else if given.is_empty() {
            full_name(&[whole, middle], family)
        } else {
            full_name(&[given, middle], whole)
        };
        let (emails, phones) = (self.ways(record, Target::Email), self.ways(record, Target::Phone));
        let (email, phone_number) =
            (best_email(emails, &mut self.not_kept), best_phone(phones, &mut self.not_kept));
        PersonForm { name, email, phone_number }
    }

    fn ways(&self, record: &StringRecord, wanted: Target) -> Vec<Way> {
        let columns = self.targets.iter().enumerate().filter(|(_, target)| **target == Some(wanted));
        let ways = columns.filter_map(|(column, _)| {
            let value = value(record.get(column)?);
            let label = self.labels[column].and_then(|label| record.get(label)).map(str::trim);
            let (mut kind, mut is_preferred) = self.kinds[column];
            if let Some(label) = label {
                // Google marks with an asterisk what is preferred.
                (kind, is_preferred) = (Kind::of(label), label.starts_with('*'));
            }
            let rank = if is_preferred { 1 } else { Way::UNRANKED };
            (!value.is_empty()).then(|| Way { value: value.to_owned(), kind, rank })
        });
        ways.collect()
    }

    /// Returns the headings of ignored columns with values, and the ignored values of the others.
    pub(super) fn not_kept(&mut self, head: &StringRecord, has_headings: bool) -> NotKept {
        for (column, (target, is_filled)) in self.targets.iter().zip(&self.is_filled).enumerate() {
            let is_own = has_headings && head.get(column).is_some_and(|cell| OWN.contains(&cell.trim()));
            let is_label = self.labels.contains(&Some(column));
            if target.is_none() && *is_filled && !is_own && !is_label {
                self.not_kept.add(&self.shown[column].heading);
            }
        }
        std::mem::take(&mut self.not_kept)
    }
}

/// Returns the fields without a column.
pub(super) fn missing(targets: &[Option<Target>]) -> Vec<&'static str> {
    let has = |wanted: &[Target]| targets.iter().flatten().any(|target| wanted.contains(target));
    [
        ("the name", has(&[Target::Name, Target::First, Target::Last])),
        ("the e-mail address", has(&[Target::Email])),
        ("the phone number", has(&[Target::Phone])),
    ]
    .into_iter()
    .filter_map(|(name, has)| (!has).then_some(name))
    .collect()
}

/// Whether all words of the parts of a name are in the whole one.
fn has_words(whole: &str, parts: &[&str]) -> bool {
    let whole: Vec<String> = whole.split_whitespace().map(plain).collect();
    parts.iter().flat_map(|part| part.split_whitespace()).all(|word| whole.contains(&plain(word)))
}

fn value(cell: &str) -> &str {
    unguarded(cell.trim_matches(' '))
}
