//! Reads people from JSON: a list, or one record per line.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Refused;
use super::table::CELL_MAX;
use crate::contact::NotKept;
use crate::validate::PersonForm;

/// Members about the record itself, which are not reported as ignored.
const ENVELOPE: [&str; 5] = ["id", "created_at", "createdAt", "updated_at", "updatedAt"];

/// Whether a text starts like a list of records or like one record after another.
pub(super) fn is_json(text: &str) -> bool {
    let start = text.trim_start();
    let first = start.strip_prefix('[').map_or(start, str::trim_start);
    first.starts_with('{') || (start.starts_with('[') && first.starts_with(']'))
}

/// Passes each record to `each`, with its line.
pub(super) fn read(
    text: &str,
    mut each: impl FnMut(u64, PersonForm) -> Result<(), Refused>,
) -> Result<NotKept, Refused> {
    let mut not_kept = NotKept::default();
    let (mut at, mut counted, mut line) = (0, 0, 1);
    let mut is_list = false;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n', ',']).len();
        line += text[counted..at].bytes().filter(|byte| *byte == b'\n').count() as u64;
        counted = at;
        match text.as_bytes().get(at) {
            None => return Ok(not_kept),
            Some(b'[') if !is_list => (is_list, at) = (true, at + 1),
            Some(b']') if is_list => (is_list, at) = (false, at + 1),
            Some(_) => {
                let mut records = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Record>();
                match records.next() {
                    Some(Ok(Record { form, others })) => {
                        others.names().for_each(|name| not_kept.add(name));
                        each(line, form)?;
                    }
                    Some(Err(error)) => {
                        return Err(Refused::Json { line: line + (error.line() as u64).max(1) - 1 });
                    }
                    None => return Ok(not_kept),
                }
                at += records.byte_offset();
            }
        }
    }
}

/// A person, and the names of the ignored members.
#[derive(Default)]
struct Record {
    form: PersonForm,
    others: NotKept,
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Record;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a person")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Record, A::Error> {
                let mut record = Record::default();
                while let Some(name) = members.next_key::<Cow<'de, str>>()? {
                    let field = match &*name {
                        "name" => &mut record.form.name,
                        "email" => &mut record.form.email,
                        "phone_number" | "phoneNumber" | "phone" => &mut record.form.phone_number,
                        other => {
                            members.next_value::<IgnoredAny>()?;
                            if !ENVELOPE.contains(&other) {
                                record.others.add(other);
                            }
                            continue;
                        }
                    };
                    *field = members.next_value::<Scalar>()?.0;
                }
                Ok(record)
            }
        }
        from.deserialize_map(Members)
    }
}

/// A string or a number; other values count as empty.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                // A longer text is invalid anyway, so the rest is not needed.
                Ok(Scalar(text.get(..text.floor_char_boundary(CELL_MAX)).unwrap_or_default().to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
                Ok(Scalar(String::new()))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar(String::new()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut members: A) -> Result<Scalar, A::Error> {
                while members.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar(String::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar(String::new()))
            }
        }
        from.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(text: &str) -> Result<(Vec<String>, Vec<String>), Refused> {
        let mut found = Vec::new();
        let not_kept = read(text, |line, PersonForm { name, email, phone_number }| {
            found.push(format!("{line} {name} {email} {phone_number}"));
            Ok(())
        })?;
        Ok((found, not_kept.names().map(str::to_owned).collect()))
    }

    #[test]
    fn lists_and_lines_are_read() {
        let text = "[\n{\"id\":\"c1\",\"name\":\"Ann \\\"A\\\"\",\"email\":\"a@example.com\",\"phone_number\":\"0412\",\
            \"created_at\":\"x\"},\n{\"name\":\"Bo\",\"phoneNumber\":412,\"email\":null,\"tags\":[{}],\"city\":1}\n]\n";
        let (found, not_kept) = people(text).unwrap();
        assert_eq!(found, ["2 Ann \"A\" a@example.com 0412", "3 Bo  412"]);
        assert_eq!(not_kept, ["city", "tags"]);
        assert_eq!(
            people("{\"name\":\"A\"}\n{\"name\":[1,{\"x\":2}],\"email\":{\"a\":1}}").unwrap().0,
            ["1 A  ", "2   "]
        );
        assert_eq!(people("[]").unwrap().0, [""; 0]);
    }

    #[test]
    fn what_is_not_json_is_told_with_its_line() {
        for (text, line) in
            [("[\n{\"name\":}", 2), ("[1]", 1), ("{\"name\":\"A\"}\n\n{", 3), ("[{}]]", 1), ("[[{}]]", 1)]
        {
            assert_eq!(people(text), Err(Refused::Json { line }), "{text}");
        }
        let deep = format!("[{{\"x\":{}", "[".repeat(1_000_000));
        assert_eq!(people(&deep), Err(Refused::Json { line: 1 }));
    }

    #[test]
    fn only_what_begins_like_it_is_json() {
        for (text, is) in [
            ("[{", true),
            (" [\n{", true),
            ("[]", true),
            ("{}", true),
            ("[name],[email]", false),
            ("name", false),
        ] {
            assert_eq!(is_json(text), is, "{text}");
        }
    }
}
