//! Parameters as Prisma Client encodes them, in the form in which `pg` sends the values of JavaScript: texts, of which PostgreSQL infers the
//! types.
//!
//! Source: Prisma 6.19, `packages/client/src/runtime/utils/serializeRawParameters.ts` and `packages/adapter-pg/src/conversion.ts`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Timelike as _, Utc};
use nicol::Value;
use nicol::types::Decimal;

use super::literal;
use crate::json::Json;

/// Returns a parameter, or `None` if its tag says another type than its value has.
pub(super) fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Null),
        Json::List(items) => {
            let mut text = String::new();
            push_array(&mut text, items)?;
            Some(Value::Text(text))
        }
        json => match scalar(json)? {
            Scalar::Text(text) => Some(Value::Text(text)),
            Scalar::Bytes(bytes) => Some(Value::Bytes(bytes)),
        },
    }
}

enum Scalar {
    Text(String),
    Bytes(Vec<u8>),
}

fn scalar(json: &Json) -> Option<Scalar> {
    Some(Scalar::Text(match json {
        Json::Text(text) => text.clone(),
        Json::Object(_) => {
            let tag = json.get("prisma__type").and_then(Json::as_str);
            let value = json.get("prisma__value").and_then(Json::as_str);
            match (tag, value) {
                (Some("bigint"), Some(value)) => value.parse::<i64>().ok()?.to_string(),
                (Some("decimal"), Some(value)) => {
                    value.parse::<Decimal>().ok()?.normalized().to_plain_string()
                }
                (Some("date"), Some(value)) => instant(DateTime::parse_from_rfc3339(value).ok()?.to_utc()),
                (Some("bytes"), Some(value)) => return STANDARD.decode(value).ok().map(Scalar::Bytes),
                // An object of the application, for a column of type Json.
                _ => json.to_string(),
            }
        }
        json => json.to_string(),
    }))
}

fn push_array(out: &mut String, items: &[Json]) -> Option<()> {
    literal::push_array(out, items, |out, item| {
        match item {
            Json::Null => out.push_str("NULL"),
            Json::List(items) => push_array(out, items)?,
            item => match scalar(item)? {
                Scalar::Text(text) => literal::push_quoted(out, &text),
                Scalar::Bytes(bytes) => literal::push_quoted(out, &hex(&bytes)),
            },
        }
        Some(())
    })
}

/// Returns the text form of `bytea`.
///
/// Source: PostgreSQL 16 manual, 8.4.1.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    text
}

/// Returns an instant cut to milliseconds. Unlike `pg`'s, the text has a zone: without one, `timestamptz` would read it in the zone of the
/// session.
fn instant(time: DateTime<Utc>) -> String {
    let has_milliseconds = time.nanosecond() >= 1_000_000;
    time.format(if has_milliseconds { "%Y-%m-%d %H:%M:%S%.3f+00" } else { "%Y-%m-%d %H:%M:%S+00" })
        .to_string()
}
