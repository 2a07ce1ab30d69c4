//! Identifiers: the only place where a name becomes SQL text.

/// Appends `name` as a quoted identifier: `person` → `"person"`, `a"b` → `"a""b"`.
///
/// Names are always quoted, because the meaning of an unquoted name depends on its case and on the server's keywords,
/// which change with each version.
///
/// Source: PostgreSQL 17 manual, 4.1.1.
pub fn push_ident(sql: &mut String, name: &str) {
    sql.reserve(name.len() + 2);
    sql.push('"');
    push_doubled(sql, name, '"');
    sql.push('"');
}

/// Returns `name` as a quoted identifier.
pub fn quote_ident(name: &str) -> String {
    let mut sql = String::new();
    push_ident(&mut sql, name);
    sql
}

/// Appends `schema.name`, both quoted.
pub fn push_qualified(sql: &mut String, schema: &str, name: &str) {
    push_ident(sql, schema);
    sql.push('.');
    push_ident(sql, name);
}

/// Returns `schema.name`, both quoted.
pub fn quote_qualified(schema: &str, name: &str) -> String {
    let mut sql = String::new();
    push_qualified(&mut sql, schema, name);
    sql
}

/// Appends `text` with each `quote` doubled.
pub(crate) fn push_doubled(sql: &mut String, text: &str, quote: char) {
    // Hardly any name contains a quote.
    if !text.contains(quote) {
        return sql.push_str(text);
    }
    for (index, part) in text.split(quote).enumerate() {
        if index > 0 {
            sql.push(quote);
            sql.push(quote);
        }
        sql.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_whatever_they_are() {
        assert_eq!(quote_ident("person"), r#""person""#);
        assert_eq!(quote_ident("Order"), r#""Order""#);
        assert_eq!(quote_ident(r#"a"b"#), r#""a""b""#);
        assert_eq!(quote_ident(r#"""#), r#""""""#);
        assert_eq!(quote_ident(r"a\b; drop table x --"), r#""a\b; drop table x --""#);
        assert_eq!(quote_ident("größe 😀"), "\"größe 😀\"");
        assert_eq!(quote_ident(""), "\"\"");
    }

    #[test]
    fn a_qualified_name_quotes_both_parts() {
        assert_eq!(quote_qualified("a.b", "c"), r#""a.b"."c""#);
    }
}
