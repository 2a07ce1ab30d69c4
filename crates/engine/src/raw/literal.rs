//! Arrays in PostgreSQL's text form.
//!
//! Source: PostgreSQL 16 manual, 8.15.6.

/// Appends an array. `None` is null.
pub(super) fn push_array<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut push_item: impl FnMut(&mut String, T) -> Option<()>,
) -> Option<()> {
    out.push('{');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_item(out, item)?;
    }
    out.push('}');
    Some(())
}

/// Appends an element in quotes, as it must be if it is `NULL`, empty, or contains a delimiter.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if c == '"' || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// Appends an element as PostgreSQL does, in quotes only if they are necessary.
pub(super) fn push_element(out: &mut String, text: &str) {
    let is_special = |c: char| matches!(c, '"' | '\\' | '{' | '}' | ',') || c.is_ascii_whitespace();
    if text.is_empty() || text.eq_ignore_ascii_case("null") || text.contains(is_special) {
        push_quoted(out, text);
    } else {
        out.push_str(text);
    }
}
