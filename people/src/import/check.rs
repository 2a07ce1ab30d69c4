//! Validates the people of a file and collects the errors of each line.
//!
//! Types with personal data do not implement `Debug`, so that none of it is logged.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::spreadsheet::{has_damaged, is_digits, is_scientific, looks_damaged};
use super::{Existing, ROWS_MAX, Refused};
use crate::validate::{FieldErrors, PersonForm, PersonInput};

/// How many people are shown as they will be, and how many changes.
const SAMPLES: usize = 10;
/// How many people who change are shown with their details before and after.
const CHANGES: usize = 100;
/// How many lines are named in a warning.
const LINES_NAMED: usize = 10;
/// How much of a value that is wrong is kept, in characters: more than can be right.
pub(super) const VALUE_MAX: usize = 1_000;

/// The people of a file.
#[derive(Default)]
pub struct Checked {
    /// The valid people, each with the line.
    pub people: Vec<(u64, PersonInput)>,
    /// The people with errors.
    pub wrong: Vec<Wrong>,
    /// The first people of the file, for the preview.
    pub samples: Vec<Sample>,
    /// The first people who are listed with different details.
    pub changes: Vec<Change>,
    /// The number of people in the file.
    pub rows: usize,
    lines: HashMap<String, u64>,
    phones: Phones,
}

/// A person with errors.
pub struct Wrong {
    /// The line, from 1.
    pub line: u64,
    /// The values in the file, truncated.
    pub form: PersonForm,
    /// The errors.
    pub problems: Vec<RowError>,
}

/// An error in a field of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct RowError {
    /// The field: "E-mail".
    pub field: &'static str,
    /// The message.
    pub text: Cow<'static, str>,
}

impl Wrong {
    /// Returns the value with the error, on one line.
    pub fn value(&self, problem: &RowError) -> String {
        match problem.field {
            NAME => cut(&self.form.name, 80),
            EMAIL => cut(&self.form.email, 80),
            PHONE => cut(&self.form.phone_number, 80),
            _ => String::new(),
        }
    }
}

const NAME: &str = "Name";
const EMAIL: &str = "E-mail";
const PHONE: &str = "Phone number";

/// One of the first people, as it will be.
pub struct Sample {
    /// The line.
    pub line: u64,
    /// The details: normalized if valid, otherwise truncated.
    pub form: PersonForm,
    /// The action.
    pub fate: Fate,
}

/// A listed person who has different details in the file.
pub struct Change {
    /// The line.
    pub line: u64,
    /// The e-mail address, which is the same.
    pub email: String,
    /// The name as it is listed.
    pub old_name: String,
    /// The name in the file.
    pub new_name: String,
    /// The phone number as it is listed.
    pub old_phone: String,
    /// The phone number in the file.
    pub new_phone: String,
}

impl Change {
    /// Returns the listed and the new name, and the listed and the new phone number.
    pub fn pairs(&self) -> [(&str, &str); 2] {
        [(&self.old_name, &self.new_name), (&self.old_phone, &self.new_phone)]
    }
}

/// The details of a listed person.
pub(super) struct Details {
    pub(super) name: String,
    pub(super) phone_number: String,
}

/// What the import does with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Add,
    /// It is listed and will be updated.
    Update,
    /// It is listed with different details and will be skipped.
    Leave,
    /// It is listed with the same details.
    Same,
    /// It has errors.
    Wrong,
}

/// Statistics of all phone numbers, which show whether a spreadsheet has changed them.
#[derive(Default)]
struct Phones {
    count: usize,
    /// Whether one is not digits alone, or begins with a zero.
    has_marks: bool,
    /// Whether one is longer or shorter than numbers without a country code are in North America.
    has_length: bool,
    damaged: Vec<u64>,
}

impl Phones {
    fn look_at(&mut self, line: u64, phone: &str) {
        self.count += 1;
        self.has_marks |= !is_digits(phone) || phone.starts_with('0');
        self.has_length |= phone.len() != 10 && phone.len() >= 8;
        if looks_damaged(phone) {
            self.damaged.push(line);
        }
    }
}

impl Checked {
    pub(super) fn add(&mut self, line: u64, form: &PersonForm, is_cut: bool) -> Result<(), Refused> {
        if self.rows == ROWS_MAX {
            return Err(Refused::TooManyRows);
        }
        self.rows += 1;
        let mut problems = Vec::new();
        let passed = form.validate().map_err(|errors| problems = told(form, &errors)).ok();
        if let Some(input) = &passed {
            match self.lines.entry(input.email().to_owned()) {
                Entry::Vacant(entry) => drop(entry.insert(line)),
                Entry::Occupied(entry) => {
                    let text = format!("Line {} has the same e-mail address.", entry.get()).into();
                    problems.push(RowError { field: EMAIL, text });
                }
            }
            self.phones.look_at(line, input.phone_number());
        }
        if is_cut {
            let text = "The card has no end: the file may be truncated here.".into();
            problems.push(RowError { field: "Card", text });
        }
        if self.samples.len() < SAMPLES {
            let shown = passed.as_ref().map_or_else(|| beginning(form, 100), PersonForm::from);
            let fate = if problems.is_empty() { Fate::Add } else { Fate::Wrong };
            self.samples.push(Sample { line, form: shown, fate });
        }
        match passed.filter(|_| problems.is_empty()) {
            Some(input) => self.people.push((line, input)),
            None => self.wrong.push(Wrong { line, form: beginning(form, VALUE_MAX), problems }),
        }
        Ok(())
    }

    /// Decides what happens to people who are already listed, and returns a warning if needed.
    ///
    /// A phone number that a spreadsheet has changed counts as the listed one.
    pub(super) fn settle(
        &mut self,
        listed: &HashMap<String, Details>,
        existing: Existing,
    ) -> (Vec<Fate>, Option<String>) {
        let mut mended = Vec::new();
        let mut fates = Vec::with_capacity(self.people.len());
        for (line, input) in &mut self.people {
            let Some(details) = listed.get(input.email()) else {
                fates.push(Fate::Add);
                continue;
            };
            if has_damaged(&details.phone_number, input.phone_number()) {
                let form =
                    PersonForm { phone_number: details.phone_number.clone(), ..PersonForm::from(&*input) };
                if let Ok(whole) = form.validate() {
                    mended.push(*line);
                    *input = whole;
                }
            }
            if details.are_of(input) {
                fates.push(Fate::Same);
                continue;
            }
            fates.push(match existing {
                Existing::Stop => Fate::Wrong,
                Existing::Skip => Fate::Leave,
                Existing::Update => Fate::Update,
            });
            if self.changes.len() < CHANGES {
                self.changes.push(Change {
                    line: *line,
                    email: input.email().to_owned(),
                    old_name: details.name.clone(),
                    new_name: input.name().to_owned(),
                    old_phone: details.phone_number.clone(),
                    new_phone: input.phone_number().to_owned(),
                });
            }
        }
        // The valid samples are the first valid people. Lines are not unique: one line of JSON can hold several people.
        let passed = self.samples.iter_mut().filter(|sample| sample.fate == Fate::Add);
        for ((sample, (_, input)), fate) in passed.zip(&self.people).zip(&fates) {
            (sample.form, sample.fate) = (PersonForm::from(input), *fate);
        }
        if fates.contains(&Fate::Wrong) {
            let mut fate = fates.iter();
            let is_wrong = |_: &mut (u64, PersonInput)| fate.next() == Some(&Fate::Wrong);
            let taken = self.people.extract_if(.., is_wrong).map(|(line, input)| Wrong {
                line,
                form: PersonForm::from(&input),
                problems: vec![RowError { field: EMAIL, text: LISTED.into() }],
            });
            self.wrong.extend(taken);
            self.wrong.sort_by_key(|wrong| wrong.line);
            fates.retain(|fate| *fate != Fate::Wrong);
        }
        let warning = match mended.len() {
            0 => None,
            1 => Some(format!(
                "A spreadsheet seems to have changed the phone number {}. The listed number is kept.",
                on(&mended)
            )),
            many => Some(format!(
                "A spreadsheet seems to have changed {many} phone numbers ({}). The listed numbers are kept.",
                on(&mended)
            )),
        };
        (fates, warning)
    }

    /// Returns the number of errors.
    pub fn problem_count(&self) -> usize {
        self.wrong.iter().map(|wrong| wrong.problems.len()).sum()
    }

    /// Frees what is needed only while people are added, and returns warnings about the phone numbers.
    pub(super) fn finish(&mut self) -> Vec<String> {
        self.lines = HashMap::new();
        self.warnings()
    }

    /// Returns warnings about the phone numbers of the file.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let Phones { count, has_marks, has_length, damaged } = &self.phones;
        if !damaged.is_empty() {
            warnings.push(format!(
                "A spreadsheet may have changed some phone numbers, such as (1234) to -1234: {}.",
                on(damaged)
            ));
        }
        if *count > 1 && !has_marks && *has_length {
            warnings.push(
                "No phone number begins with + or 0: a spreadsheet may have removed it. Compare them with the original."
                    .to_owned(),
            );
        }
        warnings
    }
}

/// The error of a person who is listed with different details.
const LISTED: &str = "Another person with this e-mail address is listed with other details.";

impl Details {
    /// Whether they equal the details of a person, as stored or after normalization.
    fn are_of(&self, input: &PersonInput) -> bool {
        let Self { name, phone_number } = self;
        let is_same = (&**name, &**phone_number) == (input.name(), input.phone_number());
        is_same || {
            let (name, phone_number) = (name.clone(), phone_number.clone());
            let form = PersonForm { name, email: input.email().to_owned(), phone_number };
            form.validate().is_ok_and(|tidied| tidied == *input)
        }
    }
}

fn told(form: &PersonForm, errors: &FieldErrors) -> Vec<RowError> {
    const SHORTENED: &str = "A spreadsheet has rounded this number. Copy it from the original.";
    let phone = errors
        .phone_number
        .map(|text| if is_scientific(form.phone_number.trim()) { SHORTENED } else { text });
    let fields = [(NAME, errors.name), (EMAIL, errors.email), (PHONE, phone)];
    let told = fields.into_iter().filter_map(|(field, text)| Some(RowError { field, text: text?.into() }));
    told.collect()
}

fn beginning(form: &PersonForm, characters: usize) -> PersonForm {
    let PersonForm { name, email, phone_number } = form;
    let [name, email, phone_number] = [name, email, phone_number].map(|value| cut(value, characters));
    PersonForm { name, email, phone_number }
}

/// Formats lines: "on line 3", "on lines 3, 4, 7 and 12 more".
pub(super) fn on(lines: &[u64]) -> String {
    let named: Vec<String> = lines.iter().take(LINES_NAMED).map(ToString::to_string).collect();
    let more = lines.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("on line{} {}{more}", if lines.len() == 1 { "" } else { "s" }, named.join(", "))
}

/// Truncates a text and puts it on one line.
pub(super) fn cut(text: &str, characters: usize) -> String {
    let text = text.trim();
    let mut start: String =
        text.chars().take(characters).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(characters).is_some() {
        start.push('…');
    }
    start
}
