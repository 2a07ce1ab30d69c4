//! From the lines of a file to people who passed every check, or to what is wrong with which line.
//!
//! What holds details of people has no `Debug`, so that none gets into a log.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::StringRecord;

use super::mapping::{guess, is_heading};
use super::table::Records;
use super::{Delimiter, Existing, Options, ROWS_MAX, Refused, Target, Text, decode, unguarded};
use crate::validate::{FieldErrors, PersonForm, PersonInput};
use crate::vcard;

/// How many people are shown as they will be.
const SAMPLES: usize = 10;

/// A file that was read.
pub struct Sheet {
    /// What it is written in.
    pub encoding: &'static str,
    /// Its columns; none if it holds cards.
    pub table: Option<TableFormat>,
    /// Whatever else is to be said of it, in sentences.
    pub notes: Vec<String>,
    /// What is not chosen yet, without which there is nothing to check: "E-mail".
    pub missing: Vec<&'static str>,
    /// The people in it.
    pub checked: Checked,
}

/// What a CSV file looks like.
pub struct TableFormat {
    /// What stands between cells.
    pub delimiter: Delimiter,
    /// Whether the first line are headings.
    pub has_headings: bool,
    /// The columns.
    pub columns: Vec<Column>,
}

/// A column of a CSV file.
pub struct Column {
    /// Its heading, or its number.
    pub heading: String,
    /// What it holds first.
    pub example: String,
    /// What it is.
    pub target: Option<Target>,
}

/// The people of a file.
#[derive(Default)]
pub struct Checked {
    /// Those who passed, each with the line.
    pub people: Vec<(u64, PersonInput)>,
    /// What is wrong, by line.
    pub problems: Vec<Problem>,
    /// The first people of the file.
    pub samples: Vec<Sample>,
    /// How many there are in all.
    pub rows: usize,
    lines: HashMap<String, u64>,
}

/// Something that is wrong with a line.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// The field: "E-mail".
    pub field: &'static str,
    /// What is wrong.
    pub text: Cow<'static, str>,
    /// The beginning of what is there.
    pub value: String,
}

/// One of the first people, as it will be.
pub struct Sample {
    /// The line.
    pub line: u64,
    /// The details: tidied, or as they are if they did not pass.
    pub form: PersonForm,
    /// What will be done.
    pub fate: Fate,
}

/// What will be done with a person of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Add,
    /// It is listed already and gets other details.
    Update,
    /// It is listed already and stays as it is.
    Skip,
    /// It has errors.
    Wrong,
}

impl Checked {
    fn add(&mut self, line: u64, form: PersonForm, is_cut: bool) -> Result<(), Refused> {
        if self.rows == ROWS_MAX {
            return Err(Refused::TooManyRows);
        }
        self.rows += 1;
        let passed = form.validate().map_err(|errors| self.note(line, &form, &errors)).ok();
        let passed = passed.filter(|input| self.is_first(line, input));
        if is_cut {
            let text = "The card has no end: the file seems to be cut off here.".into();
            self.problems.push(Problem { line, field: "Card", text, value: String::new() });
        }
        let is_good = passed.is_some() && !is_cut;
        if self.samples.len() < SAMPLES {
            let shown = passed.as_ref().map_or(form, PersonForm::from);
            let fate = if is_good { Fate::Add } else { Fate::Wrong };
            self.samples.push(Sample { line, form: shown, fate });
        }
        if let Some(input) = passed.filter(|_| is_good) {
            self.people.push((line, input));
        }
        Ok(())
    }

    fn note(&mut self, line: u64, form: &PersonForm, errors: &FieldErrors) {
        for (field, error, value) in [
            ("Name", errors.name, &form.name),
            ("E-mail", errors.email, &form.email),
            ("Phone number", errors.phone_number, &form.phone_number),
        ] {
            if let Some(text) = error {
                self.problems.push(Problem { line, field, text: text.into(), value: cut(value, 80) });
            }
        }
    }

    /// Whether no line before has the same address.
    fn is_first(&mut self, line: u64, input: &PersonInput) -> bool {
        match self.lines.entry(input.email().to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(line);
                true
            }
            Entry::Occupied(entry) => {
                let text = format!("The same e-mail address is on line {} already.", entry.get());
                let value = cut(input.email(), 80);
                self.problems.push(Problem { line, field: "E-mail", text: text.into(), value });
                false
            }
        }
    }

    /// Settles what is done with people who are listed already; `listed` says for an address whether the details are
    /// other ones.
    pub(super) fn settle(&mut self, listed: &HashMap<String, bool>, existing: Existing) -> Vec<Fate> {
        let fate = |email: &str| match (listed.get(email), existing) {
            (None, _) => Fate::Add,
            (Some(_), Existing::Stop) => Fate::Wrong,
            (Some(true), Existing::Update) => Fate::Update,
            (Some(_), _) => Fate::Skip,
        };
        let fates: Vec<Fate> = self.people.iter().map(|(_, input)| fate(input.email())).collect();
        for sample in &mut self.samples {
            if sample.fate == Fate::Add {
                sample.fate = fate(&sample.form.email);
            }
        }
        let wrong = self.people.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Wrong);
        let taken = wrong.map(|((line, input), _)| Problem {
            line: *line,
            field: "E-mail",
            text: FieldErrors::email_taken().email.unwrap_or_default().into(),
            value: cut(input.email(), 80),
        });
        let taken: Vec<_> = taken.collect();
        if !taken.is_empty() {
            self.problems.extend(taken);
            self.problems.sort_by_key(|problem| problem.line);
        }
        fates
    }
}

/// Reads a file and checks everybody in it.
///
/// # Errors
/// It cannot be read.
pub fn read(data: Vec<u8>, options: &Options) -> Result<Sheet, Refused> {
    let Text { text, encoding } = decode(data)?;
    let mut sheet = if is_vcard(&text) { read_cards(&text)? } else { read_table(&text, options)? };
    sheet.encoding = encoding;
    sheet.checked.lines = HashMap::new();
    if sheet.checked.rows == 0 && sheet.missing.is_empty() { Err(Refused::Nobody) } else { Ok(sheet) }
}

fn is_vcard(text: &str) -> bool {
    let start = text.trim_start().as_bytes();
    start.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCARD"))
}

fn read_cards(text: &str) -> Result<Sheet, Refused> {
    let vcard::Cards { cards, not_kept, not_people } = vcard::cards(text);
    let mut checked = Checked::default();
    for card in cards {
        let form = PersonForm { name: card.name, email: card.email, phone_number: card.phone_number };
        checked.add(card.line, form, card.is_cut)?;
    }
    let mut notes = Vec::new();
    if !not_kept.is_empty() {
        let names: Vec<_> = not_kept.iter().map(String::as_str).collect();
        notes.push(format!("Not kept: {}.", names.join(", ")));
    }
    match not_people {
        0 => {}
        1 => notes.push("1 card is of a group or a company, and is left out.".to_owned()),
        many => notes.push(format!("{many} cards are of groups or companies, and are left out.")),
    }
    Ok(Sheet { encoding: "", table: None, notes, missing: Vec::new(), checked })
}

fn read_table(text: &str, options: &Options) -> Result<Sheet, Refused> {
    let delimiter = options.delimiter.unwrap_or_else(|| Delimiter::sniff(text));
    let mut records = Records::of(text, delimiter);
    let (first_line, first) = records.next().ok_or(Refused::Empty)??;
    let has_headings = options.has_headings.unwrap_or_else(|| is_heading(&first));
    let mut targets = guess(&first, has_headings);
    for (column, target) in &options.columns {
        if let Some(guessed) = targets.get_mut(*column) {
            *guessed = *target;
        }
    }
    let mut columns: Vec<Column> = targets
        .iter()
        .zip(&first)
        .enumerate()
        .map(|(index, (target, cell))| Column {
            heading: if has_headings && !cell.trim().is_empty() {
                cut(cell, 60)
            } else {
                format!("Column {}", index + 1)
            },
            example: if has_headings { String::new() } else { cut(cell, 60) },
            target: *target,
        })
        .collect();
    let missing = missing(&targets);
    let mut checked = Checked::default();
    let data = (!has_headings).then_some(Ok((first_line, first)));
    for (index, record) in data.into_iter().chain(records).enumerate() {
        let (line, record) = record?;
        if index < 50 {
            let empty = columns.iter_mut().zip(&record).filter(|(column, _)| column.example.is_empty());
            empty.for_each(|(column, cell)| column.example = cut(cell, 60));
        } else if !missing.is_empty() {
            break;
        }
        if missing.is_empty() && !record.iter().all(|cell| cell.trim().is_empty()) {
            checked.add(line, form_of(&record, &targets), false)?;
        }
    }
    let table = Some(TableFormat { delimiter, has_headings, columns });
    Ok(Sheet { encoding: "", table, notes: Vec::new(), missing, checked })
}

/// What no column was chosen for.
fn missing(targets: &[Option<Target>]) -> Vec<&'static str> {
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

/// The person of a line: of several columns for one thing, the first that is not empty.
fn form_of(record: &StringRecord, targets: &[Option<Target>]) -> PersonForm {
    let first = |wanted: Target| {
        let cells = targets.iter().zip(record).filter(|(target, _)| **target == Some(wanted));
        cells.map(|(_, cell)| value(cell)).find(|value| !value.is_empty()).unwrap_or_default()
    };
    let whole = first(Target::Name);
    let name = if whole.is_empty() {
        let parts = [Target::First, Target::Middle, Target::Last].map(first);
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    } else {
        whole.to_owned()
    };
    PersonForm { name, email: first(Target::Email).to_owned(), phone_number: first(Target::Phone).to_owned() }
}

/// Google puts several values into one cell, with ` ::: ` between them.
fn value(cell: &str) -> &str {
    let first = cell.split(" ::: ").next().unwrap_or_default();
    unguarded(first.trim_matches(' '))
}

/// The beginning of a text, on one line.
fn cut(text: &str, characters: usize) -> String {
    let mut start: String =
        text.trim().chars().take(characters).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(characters).is_some() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read_text(text: &str) -> Sheet {
        read(text.as_bytes().to_vec(), &Options::default()).unwrap()
    }

    fn lines(sheet: &Sheet) -> Vec<String> {
        let people = &sheet.checked.people;
        people
            .iter()
            .map(|(line, p)| format!("{line} {} {} {}", p.name(), p.email(), p.phone_number()))
            .collect()
    }

    #[test]
    fn names_are_joined_and_the_first_value_counts() {
        let sheet = read_text(
            "First Name,Middle Name,Last Name,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value\n\
             Ann,,Lee,,ann@example.com,030 1234 ::: 030 5678\n,,Bo,BO@example.com,x@example.com,'+61 2 5550 1234\n,,,,,\n",
        );
        assert_eq!(
            lines(&sheet),
            ["2 Ann Lee ann@example.com 030 1234", "3 Bo bo@example.com +61 2 5550 1234"]
        );
        assert!(sheet.checked.problems.is_empty());
    }

    #[test]
    fn every_mistake_is_named_by_line_and_field() {
        let sheet = read_text(
            "name;email;phone\nAnn;ann@example.com;12345\n;b;c\nAnn 2;ANN@example.com;12345\nBo;bo@example.com\n",
        );
        let problems: Vec<_> = sheet.checked.problems.iter().map(|p| (p.line, p.field, &*p.value)).collect();
        assert_eq!(
            problems,
            [
                (3, "Name", ""),
                (3, "E-mail", "b"),
                (3, "Phone number", "c"),
                (4, "E-mail", "ann@example.com"),
                (5, "Phone number", "")
            ]
        );
        assert_eq!(sheet.checked.problems[3].text, "The same e-mail address is on line 2 already.");
        assert_eq!((sheet.checked.rows, sheet.checked.people.len()), (4, 1));
    }

    #[test]
    fn options_win_over_guesses() {
        let text = b"a@example.com|12345,Ann,0,b@example.com\n".to_vec();
        let pairs = [
            ("delimiter", "comma"),
            ("headings", "no"),
            ("c0", ""),
            ("c2", "phone"),
            ("c3", "email"),
            ("c9", "name"),
        ];
        let sheet = read(text, &Options::from_pairs(pairs)).unwrap();
        let table = sheet.table.unwrap();
        let targets: Vec<_> = table.columns.iter().map(|column| column.target).collect();
        assert_eq!(targets, [None, Some(Target::Name), Some(Target::Phone), Some(Target::Email)]);
        assert_eq!(table.columns[3].example, "b@example.com");
    }

    #[test]
    fn without_a_column_for_each_field_nothing_is_checked() {
        let sheet = read_text("Colour,Size\nred,5\n");
        assert_eq!(sheet.missing, ["the name", "the e-mail address", "the phone number"]);
        assert_eq!((sheet.checked.rows, sheet.checked.problems.len()), (0, 0));
    }

    #[test]
    fn who_is_listed_already_stops_is_skipped_or_is_updated() {
        let listed = HashMap::from([("a@example.com".to_owned(), true), ("b@example.com".to_owned(), false)]);
        let text = "name,email,phone\nA,a@example.com,12345\nB,b@example.com,12345\nC,c@example.com,12345\n";
        for (existing, fates, problems) in [
            (Existing::Stop, [Fate::Wrong, Fate::Wrong, Fate::Add], 2),
            (Existing::Skip, [Fate::Skip, Fate::Skip, Fate::Add], 0),
            (Existing::Update, [Fate::Update, Fate::Skip, Fate::Add], 0),
        ] {
            let mut sheet = read_text(text);
            assert_eq!(sheet.checked.settle(&listed, existing), fates);
            assert_eq!(sheet.checked.problems.len(), problems);
            assert_eq!(sheet.checked.samples.iter().map(|sample| sample.fate).collect::<Vec<_>>(), fates);
        }
    }

    #[test]
    fn what_has_no_end_and_what_has_nobody_is_refused() {
        let many = format!("name,email,phone\n{}", "x,y,z\n".repeat(ROWS_MAX + 1));
        assert_eq!(read(many.into_bytes(), &Options::default()).err(), Some(Refused::TooManyRows));
        assert_eq!(read(b"name,email,phone\n".to_vec(), &Options::default()).err(), Some(Refused::Nobody));
        let group = b"BEGIN:VCARD\nKIND:group\nEND:VCARD".to_vec();
        assert_eq!(read(group, &Options::default()).err(), Some(Refused::Nobody));
    }
}
