//! Literals, for statements without parameters: DDL and utility commands.
//!
//! All other statements bind their values. The literals require `standard_conforming_strings = on`, the default since
//! PostgreSQL 9.1: backslashes are ordinary characters, and only quotes are doubled.

use crate::ident::push_doubled;

/// Appends `text` as a string literal: `it's` → `'it''s'`.
///
/// PostgreSQL cannot store NUL characters and rejects statements that contain one.
///
/// Source: PostgreSQL 17 manual, 4.1.2.1.
pub fn push_literal(sql: &mut String, text: &str) {
    sql.reserve(text.len() + 2);
    sql.push('\'');
    push_doubled(sql, text, '\'');
    sql.push('\'');
}

/// Returns `text` as a string literal.
pub fn quote_literal(text: &str) -> String {
    let mut sql = String::new();
    push_literal(&mut sql, text);
    sql
}

/// Appends `bytes` as a `bytea` literal in hex format, without a cast: `[1, 255]` → `'\x01ff'`.
///
/// Source: PostgreSQL 17 manual, 8.4.1.
pub fn push_bytea(sql: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    sql.reserve(bytes.len() * 2 + 4);
    sql.push_str("'\\x");
    for byte in bytes {
        sql.push(char::from(DIGITS[usize::from(byte >> 4)]));
        sql.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    sql.push('\'');
}

/// Returns `bytes` as a `bytea` literal in hex format.
pub fn quote_bytea(bytes: &[u8]) -> String {
    let mut sql = String::new();
    push_bytea(&mut sql, bytes);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_quote_is_doubled() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal("''"), "''''''");
        assert_eq!(quote_literal(r"C:\new\'"), r"'C:\new\'''");
        assert_eq!(quote_literal("two\nlines"), "'two\nlines'");
        assert_eq!(quote_literal(""), "''");
    }

    #[test]
    fn bytes_are_written_in_hex() {
        assert_eq!(quote_bytea(&[0, 1, 0x7f, 0xff]), r"'\x00017fff'");
        assert_eq!(quote_bytea(&[]), r"'\x'");
    }
}
