//! From the lines of a file to people who passed every check, or to what is wrong with which line.
//!
//! What holds details of people has no `Debug`, so that none gets into a log.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::StringRecord;

use super::mapping::{TITLES_MAX, begin, guess, is_heading, kind_of_heading, label_of};
use super::spreadsheet::{has_damaged, is_digits, is_scientific, looks_damaged, unguarded};
use super::table::Records;
use super::text::{Known, Source, Strays, encoding_label};
use super::{Delimiter, Existing, Options, ROWS_MAX, Refused, Target, json};
use crate::contact::{Kind, NotKept, Way, best_email, best_phone, full_name, plain};
use crate::validate::{FieldErrors, PersonForm, PersonInput};
use crate::vcard;

/// How many people are shown as they will be, and how many changes.
const SAMPLES: usize = 10;
/// How many people who change are shown with their details before and after.
const CHANGES: usize = 100;
/// How many texts with letters beyond ASCII are shown, by which a user sees whether the encoding is right.
const LETTERS: usize = 3;
/// How many lines are named in a warning.
const LINES_NAMED: usize = 10;
/// How much of a value that is wrong is kept, in characters: more than can be right.
const VALUE_MAX: usize = 1_000;

/// A file that was read.
pub struct Sheet {
    /// "CSV", "vCard" or "JSON".
    pub format: &'static str,
    /// What it is written in.
    pub encoding: &'static encoding_rs::Encoding,
    /// How that is known.
    pub known: Known,
    /// Some texts with letters that depend on the encoding.
    pub letters: Vec<String>,
    /// Its columns; none if it holds cards.
    pub table: Option<TableFormat>,
    /// Whatever else is to be said of it, in sentences.
    pub notes: Vec<String>,
    /// What may be damaged, in sentences.
    pub warnings: Vec<String>,
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
    /// Those who did not.
    pub wrong: Vec<Wrong>,
    /// The first people of the file.
    pub samples: Vec<Sample>,
    /// The first of those who are listed with other details.
    pub changes: Vec<Change>,
    /// How many there are in all.
    pub rows: usize,
    lines: HashMap<String, u64>,
    phones: Phones,
}

/// Somebody who cannot be imported.
pub struct Wrong {
    /// The line, from 1.
    pub line: u64,
    /// What is there, at most the beginning of each value.
    pub form: PersonForm,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Something that is wrong with a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field: "E-mail".
    pub field: &'static str,
    /// What is wrong.
    pub text: Cow<'static, str>,
}

impl Wrong {
    /// What is there where something is wrong, on one line.
    pub fn value(&self, problem: &Problem) -> String {
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
    /// The details: tidied, or the beginning of what is there if they did not pass.
    pub form: PersonForm,
    /// What will be done.
    pub fate: Fate,
}

/// Somebody who is listed, and has other details in the file.
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
    /// What is listed beside what is in the file: the name, and the phone number.
    pub fn pairs(&self) -> [(&str, &str); 2] {
        [(&self.old_name, &self.new_name), (&self.old_phone, &self.new_phone)]
    }
}

/// The details of somebody who is listed.
pub(super) struct Details {
    pub(super) name: String,
    pub(super) phone_number: String,
}

/// What will be done with a person of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Add,
    /// It is listed already and gets other details.
    Update,
    /// It is listed already and stays as it is, though the file has other details.
    Leave,
    /// It is listed already with the same details.
    Same,
    /// It has errors.
    Wrong,
}

/// What all phone numbers of a file look like, by which one sees that a spreadsheet has been at them.
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
    fn add(&mut self, line: u64, form: &PersonForm, is_cut: bool) -> Result<(), Refused> {
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
                    let text = format!("The same e-mail address is on line {} already.", entry.get()).into();
                    problems.push(Problem { field: EMAIL, text });
                }
            }
            self.phones.look_at(line, input.phone_number());
        }
        if is_cut {
            let text = "The card has no end: the file seems to be cut off here.".into();
            problems.push(Problem { field: "Card", text });
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

    /// Settles what is done with people who are listed already, and says what is to be warned of.
    ///
    /// A phone number that a spreadsheet has changed into a number is no other one: the listed one stays.
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
        // Those of the first people who passed are the first who did; a line is no key, since one may hold several.
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
                problems: vec![Problem { field: EMAIL, text: LISTED.into() }],
            });
            self.wrong.extend(taken);
            self.wrong.sort_by_key(|wrong| wrong.line);
            fates.retain(|fate| *fate != Fate::Wrong);
        }
        let warning = match mended.len() {
            0 => None,
            1 => Some(format!(
                "A spreadsheet seems to have changed the phone number {}. It stays as it is listed.",
                on(&mended)
            )),
            many => Some(format!(
                "A spreadsheet seems to have changed {many} phone numbers ({}). They stay as they are listed.",
                on(&mended)
            )),
        };
        (fates, warning)
    }

    /// How many things are wrong.
    pub fn problem_count(&self) -> usize {
        self.wrong.iter().map(|wrong| wrong.problems.len()).sum()
    }

    /// What the phone numbers look like without looking at who is listed.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let Phones { count, has_marks, has_length, damaged } = &self.phones;
        if !damaged.is_empty() {
            warnings.push(format!(
                "Some phone numbers look like numbers that a spreadsheet has changed, such as -1234 for (1234): {}.",
                on(damaged)
            ));
        }
        if *count > 1 && !has_marks && *has_length {
            warnings.push(
                "No phone number begins with + or 0: a spreadsheet may have removed that. Compare them with the original."
                    .to_owned(),
            );
        }
        warnings
    }
}

/// What is wrong with somebody who is listed with other details.
const LISTED: &str = "Somebody with this e-mail address is listed already, with other details.";

impl Details {
    /// Whether they are the details of a person, as they are stored or once they are tidied.
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

fn told(form: &PersonForm, errors: &FieldErrors) -> Vec<Problem> {
    const SHORTENED: &str = "A spreadsheet has shortened this number. Take it from the original.";
    let phone = errors
        .phone_number
        .map(|text| if is_scientific(form.phone_number.trim()) { SHORTENED } else { text });
    let fields = [(NAME, errors.name), (EMAIL, errors.email), (PHONE, phone)];
    let told = fields.into_iter().filter_map(|(field, text)| Some(Problem { field, text: text?.into() }));
    told.collect()
}

fn beginning(form: &PersonForm, characters: usize) -> PersonForm {
    let PersonForm { name, email, phone_number } = form;
    let [name, email, phone_number] = [name, email, phone_number].map(|value| cut(value, characters));
    PersonForm { name, email, phone_number }
}

/// "on line 3", "on lines 3, 4, 7 and 12 more"
fn on(lines: &[u64]) -> String {
    let named: Vec<String> = lines.iter().take(LINES_NAMED).map(ToString::to_string).collect();
    let more = lines.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("on line{} {}{more}", if lines.len() == 1 { "" } else { "s" }, named.join(", "))
}

/// Reads a file and checks everybody in it.
///
/// # Errors
/// It cannot be read.
pub fn read(data: Vec<u8>, options: &Options) -> Result<Sheet, Refused> {
    let source = Source::of(data, options.encoding)?;
    let (encoding, known) = (source.written_in, source.known);
    let mut sheet = if vcard::is_vcard(&source.data) {
        read_cards(&source)?
    } else {
        let (text, strays) = source.into_text()?;
        let mut sheet = if json::is_json(&text) { read_json(&text)? } else { read_table(&text, options)? };
        sheet.warnings.extend(strays.map(told_strays));
        sheet
    };
    (sheet.encoding, sheet.known) = (encoding, known);
    if known == Known::Guessed && sheet.encoding != encoding_rs::UTF_8 {
        let text = format!(
            "The file does not say what it is written in. It was read as {}: if names look wrong, choose another encoding below.",
            encoding_label(encoding)
        );
        sheet.warnings.insert(0, text);
    }
    sheet.warnings.extend(sheet.checked.warnings());
    sheet.checked.lines = HashMap::new();
    if sheet.checked.rows == 0 && sheet.missing.is_empty() { Err(Refused::Nobody) } else { Ok(sheet) }
}

fn told_strays(Strays { count, line }: Strays) -> String {
    let (bytes, are) =
        if count == 1 { ("1 byte is".to_owned(), "was") } else { (format!("{count} bytes are"), "were") };
    format!(
        "{bytes} not UTF-8, as the rest of the file is, and {are} read as Windows-1252. The first is on line {line}."
    )
}

impl Sheet {
    fn of(format: &'static str) -> Self {
        Self {
            format,
            encoding: encoding_rs::UTF_8,
            known: Known::Certain,
            letters: Vec::new(),
            table: None,
            notes: Vec::new(),
            warnings: Vec::new(),
            missing: Vec::new(),
            checked: Checked::default(),
        }
    }

    fn see(&mut self, text: &str) {
        if self.letters.len() < LETTERS && !text.is_ascii() {
            self.letters.push(cut(text, 60));
        }
    }

    fn note_not_kept(&mut self, not_kept: &NotKept) {
        let names: Vec<_> = not_kept.names().collect();
        if !names.is_empty() {
            self.notes.push(format!("Not kept: {}.", names.join(", ")));
        }
    }
}

fn read_cards(source: &Source) -> Result<Sheet, Refused> {
    let mut sheet = Sheet::of("vCard");
    let mut seconds = NotKept::default();
    let vcard::Rest { mut not_kept, not_people } = vcard::cards(&source.data, source.encoding, |card| {
        let vcard::Card { line, name, emails, phones, is_cut } = card;
        sheet.see(&name);
        let (email, phone_number) = (best_email(emails, &mut seconds), best_phone(phones, &mut seconds));
        sheet.checked.add(line, &PersonForm { name, email, phone_number }, is_cut)
    })?;
    seconds.names().for_each(|name| not_kept.add(name));
    sheet.note_not_kept(&not_kept);
    match not_people {
        0 => {}
        1 => sheet.notes.push("1 card is of a group or a company, and is left out.".to_owned()),
        many => sheet.notes.push(format!("{many} cards are of groups or companies, and are left out.")),
    }
    Ok(sheet)
}

fn read_json(text: &str) -> Result<Sheet, Refused> {
    let mut sheet = Sheet::of("JSON");
    let mut seconds = NotKept::default();
    let mut not_kept = json::read(text, |line, form| {
        let PersonForm { name, email, phone_number } = form;
        sheet.see(&name);
        let way = |value| vec![Way { value, kind: Kind::Voice, rank: Way::UNRANKED }];
        let (email, phone_number) =
            (best_email(way(email), &mut seconds), best_phone(way(phone_number), &mut seconds));
        sheet.checked.add(line, &PersonForm { name, email, phone_number }, false)
    })?;
    seconds.names().for_each(|name| not_kept.add(name));
    sheet.note_not_kept(&not_kept);
    Ok(sheet)
}

fn read_table(text: &str, options: &Options) -> Result<Sheet, Refused> {
    let mut sheet = Sheet::of("CSV");
    let (said, from) = Delimiter::of_first_line(text).unzip();
    let from = from.unwrap_or_default();
    let delimiter = options.delimiter.or(said).unwrap_or_else(|| Delimiter::sniff(&text[from..]));
    let mut records = Records::of(text, from, delimiter);
    let mut first: Vec<(u64, StringRecord)> = records.by_ref().take(TITLES_MAX).collect::<Result<_, _>>()?;
    let heads: Vec<StringRecord> = first.iter().map(|(_, record)| record.clone()).collect();
    let titles = begin(&heads, options.has_headings != Some(false));
    let left_out = first.drain(..titles).map(|(line, _)| line).collect::<Vec<_>>();
    let (_, head) = first.first().ok_or(Refused::Empty)?;
    let head = head.clone();
    let has_headings = options.has_headings.unwrap_or_else(|| is_heading(&head));
    if !left_out.is_empty() {
        sheet.notes.push(format!("Left out before the list begins: the text {}.", on(&left_out)));
    }
    let mut columns = Columns::of(&head, has_headings, options);
    sheet.missing = missing(&columns.targets);
    if has_headings {
        first.remove(0);
    }
    for (index, record) in first.into_iter().map(Ok).chain(records).enumerate() {
        let (line, record) = record?;
        if index >= 50 && !sheet.missing.is_empty() {
            break;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        columns.look_at(&record, index < 50);
        if sheet.letters.len() < LETTERS {
            record.iter().for_each(|cell| sheet.see(cell));
        }
        if sheet.missing.is_empty() {
            sheet.checked.add(line, &columns.form_of(&record), false)?;
        }
    }
    let not_kept = columns.not_kept(&head, has_headings);
    sheet.note_not_kept(&not_kept);
    sheet.table = Some(TableFormat { delimiter, has_headings, columns: columns.shown });
    Ok(sheet)
}

/// What People and its file of mistakes write beside the details.
const OWN: [&str; 5] = ["id", "added", "changed", "line", "problem"];

/// The columns of a table while it is read.
struct Columns {
    targets: Vec<Option<Target>>,
    /// What the heading says of a phone number.
    kinds: Vec<(Kind, bool)>,
    /// The column that says what the value of another one is.
    labels: Vec<Option<usize>>,
    is_filled: Vec<bool>,
    not_kept: NotKept,
    shown: Vec<Column>,
}

impl Columns {
    fn of(head: &StringRecord, has_headings: bool, options: &Options) -> Self {
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

    fn look_at(&mut self, record: &StringRecord, is_example: bool) {
        for (index, cell) in record.iter().enumerate().take(self.shown.len()) {
            let is_filled = !cell.trim().is_empty();
            self.is_filled[index] |= is_filled;
            if is_example && is_filled && self.shown[index].example.is_empty() {
                self.shown[index].example = cut(cell, 60);
            }
        }
    }

    /// The person of a line.
    fn form_of(&mut self, record: &StringRecord) -> PersonForm {
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

    /// The headings of columns that hold something and are nothing here, and what was passed over in the others.
    fn not_kept(&mut self, head: &StringRecord, has_headings: bool) -> NotKept {
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

/// Whether all words of the parts of a name are in the whole one.
fn has_words(whole: &str, parts: &[&str]) -> bool {
    let whole: Vec<String> = whole.split_whitespace().map(plain).collect();
    parts.iter().flat_map(|part| part.split_whitespace()).all(|word| whole.contains(&plain(word)))
}

fn value(cell: &str) -> &str {
    unguarded(cell.trim_matches(' '))
}

/// The beginning of a text, on one line.
fn cut(text: &str, characters: usize) -> String {
    let text = text.trim();
    let mut start: String =
        text.chars().take(characters).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(characters).is_some() {
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
        assert!(sheet.checked.wrong.is_empty());
        assert_eq!(sheet.notes, ["Not kept: a second e-mail address, a second phone number."]);
    }

    #[test]
    fn a_name_and_one_part_of_it_make_the_whole() {
        for (headings, cells, name) in [
            ("Name,Vorname", "M\u{fc}ller,Anna", "Anna M\u{fc}ller"),
            ("Name,Vorname", "Anna M\u{fc}ller,Anna", "Anna M\u{fc}ller"),
            ("Name,Vorname", "M\u{fc}ller,", "M\u{fc}ller"),
            ("Name,Vorname", ",Anna", "Anna"),
            ("Navn,Efternavn", "Anna,Hansen", "Anna Hansen"),
            ("\u{c131},\u{c774}\u{b984}", "\u{ae40},\u{cca0}\u{c218}", "\u{ae40} \u{cca0}\u{c218}"),
            ("Display Name,First Name", "Annie L.,Ann", "Annie L."),
            ("Name,Given Name,Family Name", "Acme,Ann,Lee", "Ann Lee"),
            ("Nombre,Segundo nombre", "Ana,Mar\u{ed}a", "Ana Mar\u{ed}a"),
        ] {
            let sheet = read_text(&format!("{headings},E-Mail,Telefon\n{cells},a@example.com,12345\n"));
            assert_eq!(lines(&sheet), [format!("2 {name} a@example.com 12345")], "{headings}: {cells}");
        }
    }

    #[test]
    fn several_people_on_one_line_are_shown_each() {
        let mut sheet = read_text(
            r#"[{"name":"A","email":"a@example.com","phone":"12345"},{"name":"B","email":"b","phone":"12345"},
            {"name":"C","email":"c@example.com","phone":"12345"},{"name":"D","email":"d@example.com","phone":"12345"}]"#,
        );
        let listed = listed(&[("C", "c@example.com", "12345")]);
        sheet.checked.settle(&listed, Existing::Stop);
        let shown: Vec<_> = sheet.checked.samples.iter().map(|s| (s.line, &*s.form.name, s.fate)).collect();
        assert_eq!(
            shown,
            [(1, "A", Fate::Add), (1, "B", Fate::Wrong), (2, "C", Fate::Same), (2, "D", Fate::Add)]
        );
    }

    #[test]
    fn every_mistake_is_named_by_line_and_field() {
        let sheet = read_text(
            "name;email;phone\nAnn;ann@example.com;12345\n;b;c\nAnn 2;ANN@example.com;12345\nBo;bo@example.com\n",
        );
        let wrong = sheet.checked.wrong.iter();
        let problems: Vec<_> =
            wrong.flat_map(|w| w.problems.iter().map(|p| (w.line, p.field, w.value(p)))).collect();
        assert_eq!(
            problems,
            [
                (3, "Name", String::new()),
                (3, "E-mail", "b".into()),
                (3, "Phone number", "c".into()),
                (4, "E-mail", "ann@example.com".into()),
                (5, "Phone number", String::new())
            ]
        );
        assert_eq!(sheet.checked.wrong[1].problems[0].text, "The same e-mail address is on line 2 already.");
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
        assert_eq!((sheet.checked.rows, sheet.checked.problem_count()), (0, 0));
    }

    fn listed(people: &[(&str, &str, &str)]) -> HashMap<String, Details> {
        let details = |(name, email, phone): &(&str, &str, &str)| {
            let (name, phone_number) = ((*name).to_owned(), (*phone).to_owned());
            ((*email).to_owned(), Details { name, phone_number })
        };
        people.iter().map(details).collect()
    }

    #[test]
    fn who_is_listed_with_other_details_stops_is_left_or_is_updated() {
        let listed = listed(&[("Ann", "a@example.com", "12345"), ("B", "b@example.com", "12345")]);
        let text = "name,email,phone\nA,a@example.com,12345\nB,b@example.com,12345\nC,c@example.com,12345\n";
        for (existing, fates, shown, wrong) in [
            (Existing::Stop, &[Fate::Same, Fate::Add][..], [Fate::Wrong, Fate::Same, Fate::Add], 1),
            (Existing::Skip, &[Fate::Leave, Fate::Same, Fate::Add], [Fate::Leave, Fate::Same, Fate::Add], 0),
            (
                Existing::Update,
                &[Fate::Update, Fate::Same, Fate::Add],
                [Fate::Update, Fate::Same, Fate::Add],
                0,
            ),
        ] {
            let mut sheet = read_text(text);
            assert_eq!(sheet.checked.settle(&listed, existing).0, fates);
            assert_eq!(sheet.checked.people.len(), fates.len());
            assert_eq!(sheet.checked.wrong.len(), wrong);
            assert_eq!(sheet.checked.samples.iter().map(|sample| sample.fate).collect::<Vec<_>>(), shown);
            let [Change { line: 2, old_name, new_name, .. }] = &sheet.checked.changes[..] else { panic!() };
            assert_eq!((&**old_name, &**new_name), ("Ann", "A"));
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_has_changed_are_no_change() {
        let listed = listed(&[
            ("Ann", "ann@example.com", "0412555012"),
            ("Bob", "bob@example.com", "+12025550148"),
            ("Di", "di@example.com", "(1234)"),
            ("Ed\u{202e}", "ed@example.com", "12345"),
        ]);
        let text = "name,email,phone\nAnn,ann@example.com,412555012\nBob,bob@example.com,12025550148\n\
            Di,di@example.com,-1234\nEd,ed@example.com,12345\n";
        let mut sheet = read_text(text);
        let (fates, warning) = sheet.checked.settle(&listed, Existing::Update);
        assert_eq!(fates, [Fate::Same; 4]);
        assert_eq!(
            warning.unwrap(),
            "A spreadsheet seems to have changed 3 phone numbers (on lines 2, 3, 4). They stay as they are listed."
        );
        assert_eq!(
            sheet.warnings,
            [
                "Some phone numbers look like numbers that a spreadsheet has changed, such as -1234 for (1234): on line 4."
            ]
        );
        let sheet = read_text(
            "name,email,phone\nA,a@example.com,412555012\nB,b@example.com,12025550148\nC,c@example.com,1.20256E+10\n",
        );
        assert_eq!(sheet.warnings.len(), 1);
        assert!(sheet.warnings[0].starts_with("No phone number begins with + or 0"), "{}", sheet.warnings[0]);
        assert_eq!(
            sheet.checked.wrong[0].problems[0].text,
            "A spreadsheet has shortened this number. Take it from the original."
        );
        let whole = read_text("name,email,phone\nA,a@example.com,2025550148\nB,b@example.com,2025550149\n");
        assert_eq!(whole.warnings, [""; 0]);
    }

    #[test]
    fn what_address_books_contain_is_read() {
        let sheet = read_text(
            "sep=;\r\nCustomers\r\nPrinted on Monday\r\nName;E-Mail;Telefon;Ort;id\r\n\
             A ::: B;\"\"\"Ann\"\" <a@example.com>\";tel:030-1234;Berlin;1\r\nC;nowhere, c@example.com;112;;2\r\n\x1a",
        );
        assert_eq!(lines(&sheet), ["5 A ::: B a@example.com 030-1234", "6 C c@example.com 112"]);
        assert_eq!(
            sheet.notes,
            [
                "Left out before the list begins: the text on lines 2, 3.",
                "Not kept: Ort, an invalid e-mail address."
            ]
        );
        let google = read_text(
            "Name,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value\n\
             Ann,* Home,a@example.com,Home Fax,030 1111,Mobile,0151 2222\n",
        );
        assert_eq!(lines(&google), ["2 Ann a@example.com 0151 2222"]);
        assert_eq!(google.notes, ["Not kept: a second phone number."]);
        let outlook = read_text(
            "Name,E-mail Address,Business Phone,Business Fax,Mobile Phone\nAnn,a@example.com,030 1,030 2,0151 2222\n",
        );
        assert_eq!(lines(&outlook), ["2 Ann a@example.com 0151 2222"]);
        let json = read_text(
            "[{\"name\":\"Ann\",\"email\":\"a@example.com\",\"phone_number\":\"0412\",\"id\":\"c1\",\"age\":3}]",
        );
        assert_eq!(
            (lines(&json), json.notes.len(), json.format),
            (vec!["1 Ann a@example.com 0412".to_owned()], 1, "JSON")
        );
    }

    #[test]
    fn an_encoding_that_was_guessed_is_told_and_can_be_chosen() {
        let data =
            b"name;email;phone\r\n\xc8\xe2\xe0\xed \xcf\xe5\xf2\xf0\xee\xe2;a@example.ru;12345\r\n".to_vec();
        let sheet = read(data.clone(), &Options::default()).unwrap();
        assert_eq!((&*sheet.letters[0], sheet.encoding.name()), ("Иван Петров", "windows-1251"));
        assert!(
            sheet.warnings[0].contains("It was read as Cyrillic (Windows-1251)"),
            "{}",
            sheet.warnings[0]
        );
        let sheet = read(data, &Options::from_pairs([("encoding", "windows-1252")])).unwrap();
        assert_eq!(
            (lines(&sheet)[0].as_str(), sheet.warnings.len()),
            ("2 \u{c8}\u{e2}\u{e0}\u{ed} \u{cf}\u{e5}\u{f2}\u{f0}\u{ee}\u{e2} a@example.ru 12345", 0)
        );
        let stray = read(
            b"name,email,phone\nJ\xc3\xb6rg,a@example.com,12345\nZo\xeb,b@example.com,12345\n".to_vec(),
            &Options::default(),
        );
        let stray = stray.unwrap();
        assert_eq!(lines(&stray)[1], "3 Zo\u{eb} b@example.com 12345");
        assert!(stray.warnings[0].starts_with("1 byte is not UTF-8"), "{}", stray.warnings[0]);
    }

    #[test]
    fn what_is_shown_and_kept_is_cut() {
        let long = format!("BEGIN:VCARD\nFN:a\n{}END:VCARD", " x\n".repeat(1_000_000));
        let sheet = read_text(&long);
        assert!(sheet.checked.samples[0].form.name.chars().count() <= 101);
        assert!(sheet.checked.wrong[0].form.name.chars().count() <= VALUE_MAX + 1);
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
