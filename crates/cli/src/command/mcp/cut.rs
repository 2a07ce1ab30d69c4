//! Makes answers small: an assistant pays for what it reads.

use std::fmt::Write as _;

use serde_json::Value;

/// The most rows of an answer.
pub(super) const ROWS: usize = 200;
/// The longest answer, in bytes.
const BYTES: usize = 100 * 1024;
/// The longest value, in characters.
const CHARACTERS: usize = 2000;

/// Rows as JSON, up to the limits.
#[derive(Default)]
pub(super) struct Rows {
    done: Vec<String>,
    bytes: usize,
    cut: Option<&'static str>,
}

impl Rows {
    /// Adds a row. Returns whether there may be more.
    pub(super) fn push(&mut self, mut row: Value) -> bool {
        values(&mut row);
        let row = row.to_string();
        // For what surrounds the rows, such as the names of columns.
        let limit = BYTES - BYTES / 10;
        if self.done.len() == ROWS {
            self.cut = Some("there are more than 200 rows");
        } else if self.bytes + row.len() > limit {
            self.cut = Some("the rows are longer than 100 KB: select fewer columns");
        } else {
            self.bytes += row.len() + 1;
            self.done.push(row);
        }
        self.cut.is_none()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// Returns `"rows":[…],"cut":…`, where `cut` says why there are no more rows.
    pub(super) fn members(&self) -> String {
        format!("\"rows\":[{}],\"cut\":{}", self.done.join(","), Value::from(self.cut))
    }
}

/// Shortens the texts in a value.
pub(super) fn values(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((at, _)) = text.char_indices().nth(CHARACTERS) {
                let count = text.chars().count();
                text.truncate(at);
                let _ = write!(text, "… ({count} characters)");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(values),
        Value::Object(members) => members.values_mut().for_each(values),
        _ => {}
    }
}

/// Shortens an answer as a whole.
pub(super) fn whole(text: &str) -> String {
    if text.len() <= BYTES {
        return text.to_owned();
    }
    format!("{}\n… (cut: {} bytes in all)", &text[..text.floor_char_boundary(BYTES)], text.len())
}
