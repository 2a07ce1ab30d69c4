//! The file of people who were left out, to correct and import again.

use super::{Wrong, guarded};

/// Writes a CSV line for each person with the errors; the import recognizes its headings.
#[allow(clippy::missing_panics_doc, reason = "a Vec takes every record, and what was written are texts")]
pub fn rest_file(wrong: &[Wrong]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let lines = wrong.iter().map(|wrong| {
        let problems = wrong.problems.iter().map(|problem| format!("{}: {}", problem.field, problem.text));
        let problems = problems.collect::<Vec<_>>().join(" ");
        let form = &wrong.form;
        [
            wrong.line.to_string(),
            guarded(&form.name),
            guarded(&form.email),
            guarded(&form.phone_number),
            problems,
        ]
    });
    let head = ["line", "name", "email", "phone", "problem"].map(str::to_owned);
    for line in std::iter::once(head).chain(lines) {
        writer.write_record(line).expect("a Vec takes everything");
    }
    let file = writer.into_inner().expect("a Vec takes everything");
    format!("\u{feff}{}", String::from_utf8(file).expect("texts were written"))
}
