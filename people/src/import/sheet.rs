//! Reads a file of any format and validates its people.
//!
//! Types with personal data do not implement `Debug`, so that none of it is logged.

use csv::StringRecord;

use super::check::{Checked, cut, on};
use super::columns::{Columns, TableFormat, missing};
use super::mapping::{TITLES_MAX, begin, is_heading};
use super::table::Records;
use super::text::{Known, Source, encoding_label};
use super::{Delimiter, Options, Refused, json};
use crate::contact::{Kind, NotKept, Way, best_email, best_phone};
use crate::decode::Strays;
use crate::validate::PersonForm;
use crate::vcard;

/// The number of non-ASCII texts that are shown, so that the user can check the encoding.
const LETTERS: usize = 3;

/// A file that was read.
pub struct Sheet {
    /// "CSV", "vCard" or "JSON".
    pub format: &'static str,
    /// The encoding.
    pub encoding: &'static encoding_rs::Encoding,
    /// How the encoding was determined.
    pub known: Known,
    /// Sample texts that depend on the encoding.
    pub letters: Vec<String>,
    /// The columns of a CSV file.
    pub table: Option<TableFormat>,
    /// Notes, as sentences.
    pub notes: Vec<String>,
    /// Warnings about damaged values, as sentences.
    pub warnings: Vec<String>,
    /// The required fields without a column: "E-mail".
    pub missing: Vec<&'static str>,
    /// The people in it.
    pub checked: Checked,
}

/// Reads a file and validates its people.
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
            "The file does not declare its encoding. It was read as {}: if names look wrong, choose another encoding below.",
            encoding_label(encoding)
        );
        sheet.warnings.insert(0, text);
    }
    let warnings = sheet.checked.finish();
    sheet.warnings.extend(warnings);
    if sheet.checked.rows == 0 && sheet.missing.is_empty() { Err(Refused::Nobody) } else { Ok(sheet) }
}

fn told_strays(Strays { count, line }: Strays) -> String {
    let (bytes, are) =
        if count == 1 { ("1 byte is".to_owned(), "was") } else { (format!("{count} bytes are"), "were") };
    format!("{bytes} not valid UTF-8 and {are} read as Windows-1252. The first is on line {line}.")
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
            self.notes.push(format!("Ignored: {}.", names.join(", ")));
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
        1 => sheet.notes.push("1 card of a group or company is left out.".to_owned()),
        many => sheet.notes.push(format!("{many} cards of groups or companies are left out.")),
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
        sheet.notes.push(format!("Left out before the first heading: the text {}.", on(&left_out)));
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::check::{Change, Details, VALUE_MAX};
    use super::super::{Existing, Fate, ROWS_MAX, Target};
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
        assert_eq!(sheet.notes, ["Ignored: a second e-mail address, a second phone number."]);
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
        assert_eq!(sheet.checked.wrong[1].problems[0].text, "Line 2 has the same e-mail address.");
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
            "A spreadsheet seems to have changed 3 phone numbers (on lines 2, 3, 4). The listed numbers are kept."
        );
        assert_eq!(
            sheet.warnings,
            ["A spreadsheet may have changed some phone numbers, such as (1234) to -1234: on line 4."]
        );
        let sheet = read_text(
            "name,email,phone\nA,a@example.com,412555012\nB,b@example.com,12025550148\nC,c@example.com,1.20256E+10\n",
        );
        assert_eq!(sheet.warnings.len(), 1);
        assert!(sheet.warnings[0].starts_with("No phone number begins with + or 0"), "{}", sheet.warnings[0]);
        assert_eq!(
            sheet.checked.wrong[0].problems[0].text,
            "A spreadsheet has rounded this number. Copy it from the original."
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
                "Left out before the first heading: the text on lines 2, 3.",
                "Ignored: Ort, an invalid e-mail address."
            ]
        );
        let google = read_text(
            "Name,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value\n\
             Ann,* Home,a@example.com,Home Fax,030 1111,Mobile,0151 2222\n",
        );
        assert_eq!(lines(&google), ["2 Ann a@example.com 0151 2222"]);
        assert_eq!(google.notes, ["Ignored: a second phone number."]);
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
        assert!(stray.warnings[0].starts_with("1 byte is not valid UTF-8"), "{}", stray.warnings[0]);
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
