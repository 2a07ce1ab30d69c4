//! Writes people in each export format.

use nicol::types::DateTime;
use serde::Serialize;

use crate::db::Person;
use crate::import::{CSV_TYPE, guarded};
use crate::vcard;

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For spreadsheets. Starts with a byte order mark, because Excel does not detect UTF-8 without it.
    Csv,
    /// For address books.
    Vcard(vcard::Version),
    /// For programs, with the field names of the API.
    Json,
}

impl Format {
    /// Reads `csv`, `vcard`, `vcard3` or `json`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "vcard" => Some(Self::Vcard(vcard::Version::V4)),
            "vcard3" => Some(Self::Vcard(vcard::Version::V3)),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Returns the content type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => CSV_TYPE,
            Self::Vcard(version) => version.content_type(),
            Self::Json => "application/json",
        }
    }

    /// Returns the file extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Vcard(_) => "vcf",
            Self::Json => "json",
        }
    }

    pub(super) fn head(self) -> &'static str {
        match self {
            Self::Csv => "\u{feff}id,name,email,phone,added,changed\r\n",
            Self::Vcard(_) => "",
            Self::Json => "[",
        }
    }

    pub(super) fn tail(self) -> &'static str {
        match self {
            Self::Csv | Self::Vcard(_) => "",
            Self::Json => "\n]\n",
        }
    }

    pub(super) fn write(self, person: &Person, is_first: bool, out: &mut String) {
        match self {
            Self::Csv => write_csv(person, out),
            Self::Vcard(version) => vcard::write(person, version, out),
            Self::Json => {
                out.push_str(if is_first { "\n" } else { ",\n" });
                out.push_str(&json(person));
            }
        }
    }
}

fn write_csv(person: &Person, out: &mut String) {
    let Person { id, name, email, phone_number, created_at, updated_at } = person;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let (added, changed) = (timestamp(*created_at), timestamp(*updated_at));
    writer
        .write_record([id, &guarded(name), &guarded(email), &guarded(phone_number), &added, &changed])
        .expect("a Vec takes everything");
    let line = writer.into_inner().expect("a Vec takes everything");
    out.push_str(std::str::from_utf8(&line).expect("texts were written"));
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
    phone_number: &'a str,
    created_at: String,
    updated_at: String,
}

fn json(person: &Person) -> String {
    let Person { id, name, email, phone_number, created_at, updated_at } = person;
    let (created_at, updated_at) = (timestamp(*created_at), timestamp(*updated_at));
    let json = Json { id, name, email, phone_number, created_at, updated_at };
    serde_json::to_string(&json).expect("texts can be written as JSON")
}

/// Returns a time as text with milliseconds, which is what the table keeps.
///
/// Source: RFC 3339, 5.6.
pub(crate) fn timestamp(at: DateTime) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
