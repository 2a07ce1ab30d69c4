//! When an answer is the expected one: by meaning, not by text, and in order only where the request determines it.

use std::collections::BTreeMap;

use base64::Engine as _;
use bigdecimal::BigDecimal;
use serde_json::{Map, Value};

/// The values that each engine makes by itself, by the name that a case gives them.
pub(crate) type Variables = BTreeMap<String, Value>;

/// What a request says about the order of a list of rows.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    query: Option<&'a Value>,
    /// Paths of the lists whose order is total; "" is the answer itself.
    ordered: &'a [String],
}

impl<'a> Rows<'a> {
    pub(crate) fn new(query: Option<&'a Value>, ordered: &'a [String]) -> Self {
        Self { query, ordered }
    }

    fn below(self, field: &str) -> Option<Self> {
        let query = self.query?.get("selection")?.get(field)?;
        query.is_object().then_some(Self { query: Some(query), ..self })
    }
}

/// Returns whether the actual answer is the expected one. Variables get their values on the way.
pub(crate) fn equal(
    expected: &Value,
    actual: &Value,
    rows: Option<(Rows<'_>, &str)>,
    known: &mut Variables,
) -> bool {
    match (expected, actual) {
        (Value::Object(object), _) if object.len() == 1 && object.contains_key("$any") => true,
        (Value::Object(object), _) if object.len() == 1 && object.contains_key("$var") => {
            let name = object["$var"].as_str().unwrap_or_default();
            match known.get(name) {
                Some(value) => value == actual,
                None if actual.is_null() || actual.is_array() || actual.is_object() => false,
                None => known.insert(name.to_owned(), actual.clone()).is_none(),
            }
        }
        (Value::Object(expected), Value::Object(actual)) => match (tag(expected), tag(actual)) {
            (Some((kind, expected)), Some((other, actual))) => {
                kind == other
                    && (equal(expected, actual, None, known) || means_the_same(kind, expected, actual))
            }
            (None, None) => objects_are_equal(expected, actual, rows, known),
            _ => false,
        },
        (Value::Array(expected), Value::Array(actual)) => {
            if expected.len() != actual.len() {
                return false;
            }
            let before = known.clone();
            if expected.iter().zip(actual).all(|(expected, actual)| equal(expected, actual, rows, known)) {
                return true;
            }
            *known = before;
            let Some((of, path)) = rows else { return false };
            !of.ordered.iter().any(|ordered| ordered == path)
                && have_a_match(expected, &mut actual.iter().collect(), (of, path), known)
        }
        (Value::Number(expected), Value::Number(actual)) => expected.as_f64() == actual.as_f64(),
        _ => expected == actual,
    }
}

fn objects_are_equal(
    expected: &Map<String, Value>,
    actual: &Map<String, Value>,
    rows: Option<(Rows<'_>, &str)>,
    known: &mut Variables,
) -> bool {
    expected.len() == actual.len()
        && expected.iter().all(|(field, expected)| {
            let Some(actual) = actual.get(field) else { return false };
            let below = rows.and_then(|(rows, path)| {
                let path = if path.is_empty() { field.clone() } else { format!("{path}.{field}") };
                rows.below(field).map(|rows| (rows, path))
            });
            equal(expected, actual, below.as_ref().map(|(rows, path)| (*rows, path.as_str())), known)
        })
}

/// Whether each of the expected rows is one of the others, in any order.
fn have_a_match(
    expected: &[Value],
    others: &mut Vec<&Value>,
    rows: (Rows<'_>, &str),
    known: &mut Variables,
) -> bool {
    let Some((first, rest)) = expected.split_first() else { return true };
    for place in 0..others.len() {
        let before = known.clone();
        if equal(first, others[place], Some(rows), known) {
            let other = others.remove(place);
            if have_a_match(rest, others, rows, known) {
                return true;
            }
            others.insert(place, other);
        }
        *known = before;
    }
    false
}

/// Returns the parts of `{"$type": …, "value": …}`.
fn tag(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    (object.len() == 2).then(|| Some((object.get("$type")?.as_str()?, object.get("value")?)))?
}

fn means_the_same(kind: &str, expected: &Value, actual: &Value) -> bool {
    let number =
        |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned).parse::<BigDecimal>();
    let (Some(left), Some(right)) = (expected.as_str(), actual.as_str()) else {
        return matches!((number(expected), number(actual)), (Ok(left), Ok(right)) if left == right);
    };
    match kind {
        "BigInt" | "Decimal" | "decimal" | "bigint" => {
            matches!((number(expected), number(actual)), (Ok(left), Ok(right)) if left == right)
        }
        "DateTime" | "datetime" => {
            matches!((instant(left), instant(right)), (Some(left), Some(right)) if left == right)
        }
        "Bytes" | "bytes" => {
            let bytes = |text| base64::engine::general_purpose::STANDARD.decode(text);
            matches!((bytes(left), bytes(right)), (Ok(left), Ok(right)) if left == right)
        }
        "Json" => {
            let parsed = |text| serde_json::from_str::<Value>(text);
            matches!((parsed(left), parsed(right)), (Ok(left), Ok(right)) if equal(&left, &right, None, &mut Variables::new()))
        }
        _ => false,
    }
}

/// Returns milliseconds, since Prisma Client has no finer times.
fn instant(text: &str) -> Option<i64> {
    Some(chrono::DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis())
}

/// Returns whether the answers of `queryRaw` are equal: each cell by the type of its column.
pub(crate) fn raw_is_equal(expected: &Value, actual: &Value, known: &mut Variables) -> bool {
    let part = |value: &Value, key: &str| value.get(key).cloned().unwrap_or_default();
    if part(expected, "columns") != part(actual, "columns")
        || part(expected, "types") != part(actual, "types")
    {
        return false;
    }
    let (types, expected, actual) = (part(expected, "types"), part(expected, "rows"), part(actual, "rows"));
    let rows =
        |value: &Value| -> Vec<Vec<Value>> { serde_json::from_value(value.clone()).unwrap_or_default() };
    let types: Vec<String> = serde_json::from_value(types).unwrap_or_default();
    let (expected, actual) = (rows(&expected), rows(&actual));
    expected.len() == actual.len()
        && expected.iter().zip(&actual).all(|(expected, actual)| {
            let cells = expected.iter().zip(actual).zip(&types);
            cells.into_iter().all(|((expected, actual), kind)| cell_is_equal(kind, expected, actual, known))
        })
}

fn cell_is_equal(kind: &str, expected: &Value, actual: &Value, known: &mut Variables) -> bool {
    if let (Some(kind), Value::Array(expected), Value::Array(actual)) =
        (kind.strip_suffix("-array"), expected, actual)
    {
        return expected.len() == actual.len()
            && expected
                .iter()
                .zip(actual)
                .all(|(expected, actual)| cell_is_equal(kind, expected, actual, known));
    }
    equal(expected, actual, None, known) || means_the_same(kind, expected, actual)
}
