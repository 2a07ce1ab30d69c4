//! `@default`: values of the right kind that cannot be parsed, and functions that PostgreSQL does not have.

use super::Context;
use super::model::name_length;
use crate::ast::{Expression, StringLiteral};
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft};
use crate::model::ScalarType;
use crate::resolve::default::{FUNCTIONS, unknown_function};
use crate::rule;
use crate::span::Span;

/// Reports functions that exist for no database.
pub(super) fn unknown_functions(ctx: &mut Context<'_, '_>) {
    for field in ctx.draft.models.iter().flat_map(|model| &model.fields) {
        let Some(Expression::Call(call)) = field.default.as_ref().map(|default| default.value) else {
            continue;
        };
        let name = call.name().text;
        if FUNCTIONS.contains(&name) || name == "auto" || !ctx.certain.has_column(field) {
            continue;
        }
        ctx.found.push(unknown_function(call));
    }
}

pub(super) fn check(field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let Some(default) = &field.default else { return };
    if let Some(map) = &default.map {
        ctx.push(
            rule::default::DEFAULT_MAP
                .at(default.attribute.span(), "defaults have no names in PostgreSQL")
                .help("remove `map:`"),
        );
        name_length(default.attribute, map, ctx);
    }
    if let DraftType::Scalar(scalar) = field.ty {
        value(default.value, scalar, ctx);
    }
    if let Expression::Call(call) = default.value
        && call.name().text == "auto"
    {
        ctx.push(
            rule::default::DEFAULT_AUTO
                .at(call.span(), "PostgreSQL has no `auto()`")
                .help("use `autoincrement()`, `uuid()` or `dbgenerated(\"…\")`"),
        );
    }
}

fn value(value: Expression<'_>, scalar: ScalarType, ctx: &mut Context<'_, '_>) {
    match (scalar, value) {
        (_, Expression::Array(array)) => {
            for item in array.iter() {
                self::value(item, scalar, ctx);
            }
        }
        (ScalarType::Int | ScalarType::BigInt, Expression::Number(number))
            if number.text.parse::<i64>().is_err() =>
        {
            ctx.push(
                unreadable(number.text, number.span, "a 64-bit integer")
                    .help("remove the fraction, or use the type `Float` or `Decimal`"),
            );
        }
        (_, Expression::String(string)) => text(string, scalar, ctx),
        _ => {}
    }
}

fn text(string: StringLiteral<'_>, scalar: ScalarType, ctx: &mut Context<'_, '_>) {
    let value = string.value();
    let (is_readable, wanted, help) = match scalar {
        ScalarType::Json => {
            (is_json(&value), "JSON", "for example, write `\"{\\\"key\\\": 1}\"` or `\"[]\"`")
        }
        ScalarType::Bytes => (is_base64(&value), "Base64", "write the bytes in Base64, padded with `=`"),
        ScalarType::DateTime => {
            (is_date_time(&value), "a date and time", "for example, write `\"2025-01-31T12:00:00Z\"`")
        }
        ScalarType::Decimal => (is_decimal(&value), "a number", "for example, write `\"10.50\"`"),
        _ => return,
    };
    if !is_readable {
        ctx.push(unreadable(&value, string.span, wanted).help(help));
    }
}

fn unreadable(value: &str, span: Span, wanted: &str) -> Diagnostic {
    rule::default::DEFAULT_UNREADABLE.at(span, format!("`{value}` cannot be parsed as {wanted}"))
}

/// Source: RFC 8259.
fn is_json(text: &str) -> bool {
    let mut rest = text.trim_start_matches(is_json_blank);
    json_value(&mut rest, 0) && rest.trim_start_matches(is_json_blank).is_empty()
}

fn is_json_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// The limit of `serde_json`.
const MAX_JSON_DEPTH: u32 = 127;

fn json_value(rest: &mut &str, depth: u32) -> bool {
    if depth > MAX_JSON_DEPTH {
        return false;
    }
    match rest.as_bytes().first() {
        Some(b'{') => json_sequence(rest, '}', |rest| {
            json_string(rest) && json_eat(rest, ':') && json_value(rest, depth + 1)
        }),
        Some(b'[') => json_sequence(rest, ']', |rest| json_value(rest, depth + 1)),
        Some(b'"') => json_string(rest),
        Some(b'-' | b'0'..=b'9') => json_number(rest),
        _ => ["true", "false", "null"].iter().any(|word| {
            rest.strip_prefix(word).is_some_and(|after| {
                *rest = after;
                true
            })
        }),
    }
}

fn json_sequence(rest: &mut &str, close: char, mut item: impl FnMut(&mut &str) -> bool) -> bool {
    *rest = rest[1..].trim_start_matches(is_json_blank);
    if json_eat(rest, close) {
        return true;
    }
    while item(rest) {
        if json_eat(rest, close) {
            return true;
        }
        if !json_eat(rest, ',') {
            return false;
        }
    }
    false
}

/// Consumes a character and the whitespace around it.
fn json_eat(rest: &mut &str, sign: char) -> bool {
    let Some(after) = rest.trim_start_matches(is_json_blank).strip_prefix(sign) else {
        return false;
    };
    *rest = after.trim_start_matches(is_json_blank);
    true
}

fn json_string(rest: &mut &str) -> bool {
    let Some(content) = rest.strip_prefix('"') else {
        return false;
    };
    let mut chars = content.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let literal = &rest[..at + 2];
                let is_right = crate::string::bad_escapes(literal).is_empty();
                *rest = &content[at + 1..];
                return is_right;
            }
            '\\' => {
                chars.next();
            }
            '\0'..='\x1f' => return false,
            _ => {}
        }
    }
    false
}

fn json_number(rest: &mut &str) -> bool {
    let text = rest.strip_prefix('-').unwrap_or(rest);
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text.starts_with('0')) {
        return false;
    }
    let mut after = &text[whole..];
    if let Some(fraction) = after.strip_prefix('.') {
        let len = digits(fraction);
        if len == 0 {
            return false;
        }
        after = &fraction[len..];
    }
    if let Some(exponent) = after.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let len = digits(exponent);
        if len == 0 {
            return false;
        }
        after = &exponent[len..];
    }
    // As in Prisma, numbers that exceed a 64-bit float are invalid.
    let number: f64 = rest[..rest.len() - after.len()].parse().unwrap_or(f64::INFINITY);
    *rest = after;
    number.is_finite()
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// Source: RFC 4648, section 4, with padding.
fn is_base64(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return false;
    }
    let content = text.trim_end_matches('=');
    let padding = bytes.len() - content.len();
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let Some(values) = content.bytes().map(value).collect::<Option<Vec<u8>>>() else {
        return false;
    };
    // The bits left over by padding must be zero.
    match (padding, values.last()) {
        (0, _) => true,
        (1, Some(last)) => last.trailing_zeros() >= 2,
        (2, Some(last)) => last.trailing_zeros() >= 4,
        _ => false,
    }
}

/// Source: RFC 3339, section 5.6, with a space instead of the `T` and leap seconds allowed, as in Prisma.
fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |start: usize, len: usize| -> Option<u32> {
        let part = text.get(start..start + len)?;
        if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
    };
    let is = |at: usize, signs: &[u8]| bytes.get(at).is_some_and(|byte| signs.contains(byte));
    let date = (number(0, 4), number(5, 2), number(8, 2));
    let time = (number(11, 2), number(14, 2), number(17, 2));
    let ((Some(year), Some(month), Some(day)), (Some(hour), Some(minute), Some(second))) = (date, time)
    else {
        return false;
    };
    let signs = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    if !signs || day == 0 || day > days || hour > 23 || minute > 59 || second > 60 {
        return false;
    }
    let Some(mut rest) = text.get(19..) else {
        return false;
    };
    if let Some(fraction) = rest.strip_prefix('.') {
        let len = digits(fraction);
        if len == 0 {
            return false;
        }
        rest = &fraction[len..];
    }
    match rest.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit())
                && (*h1, *h2) < (b'2', b'4')
                && *m1 < b'6'
        }
        _ => false,
    }
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_is_right = exponent.is_none_or(|exponent| exponent.parse::<i64>().is_ok());
    let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    exponent_is_right
        && all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_strictly() {
        for right in ["{}", "[1, -2.5e3, \"a\\n\", null]", "{\"a\": {\"b\": [true]}}", " 1 "] {
            assert!(is_json(right), "{right}");
        }
        for wrong in ["", "{a: 1}", "[1,]", "01", "1.", "nul", "\"\\x\"", "{} {}"] {
            assert!(!is_json(wrong), "{wrong}");
        }
    }

    #[test]
    fn base64_is_padded() {
        for right in ["", "aGk=", "aA==", "aGkh"] {
            assert!(is_base64(right), "{right}");
        }
        for wrong in ["aGk", "aGl=", "a===", "a-b_"] {
            assert!(!is_base64(wrong), "{wrong}");
        }
    }

    #[test]
    fn dates_exist() {
        for right in ["2024-02-29T00:00:00Z", "2018-01-27T08:00:00.123+02:00", "2018-01-27 08:00:00Z"] {
            assert!(is_date_time(right), "{right}");
        }
        for wrong in ["2023-02-29T00:00:00Z", "2018-01-27", "2018-01-27T08:00:00", "2018-13-01T00:00:00Z"] {
            assert!(!is_date_time(wrong), "{wrong}");
        }
    }
}
