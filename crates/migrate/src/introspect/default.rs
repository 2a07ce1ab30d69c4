//! Default as the server reports it → [`Default`]; an expression if the schema language has nothing better.
//!
//! Source: Prisma 6.19, `sql-schema-describer`, for the kinds of defaults; PostgreSQL, `pg_get_expr`, for their text.

use crate::catalog::{Arity, ColumnType, Default, NativeType as N, Value};

/// Parses the default of a column as `pg_get_expr` returns it.
pub(super) fn default(text: &str, ty: &ColumnType, arity: Arity) -> Option<Default> {
    // `NULL::text` is no default.
    if text.trim_start().starts_with("NULL") {
        return None;
    }
    let family = family(ty);
    let known = if matches!(ty, ColumnType::Raw(_)) {
        // Not even an empty list of such a type can be expressed.
        None
    } else if arity == Arity::List {
        list(text, family)
    } else {
        single(text, family)
    };
    Some(known.unwrap_or_else(|| Default::Expression(text.to_owned())))
}

/// What kind of literal a type takes.
#[derive(Clone, Copy, PartialEq)]
enum Family {
    Text,
    Integer,
    Number,
    Boolean,
    Time,
    Bytes,
    Enum,
    /// Anything stays an expression.
    Other,
}

fn family(ty: &ColumnType) -> Family {
    match ty {
        ColumnType::Enum(_) => Family::Enum,
        ColumnType::Raw(_) | ColumnType::Native(N::Uuid) => Family::Other,
        ColumnType::Native(native) => match native {
            N::SmallInt | N::Integer | N::BigInt | N::Oid => Family::Integer,
            N::Real | N::DoublePrecision | N::Decimal(_) | N::Money => Family::Number,
            N::Boolean => Family::Boolean,
            N::Timestamp(_) | N::Timestamptz(_) | N::Date | N::Time(_) | N::Timetz(_) => Family::Time,
            N::ByteA => Family::Bytes,
            _ => Family::Text,
        },
    }
}

fn single(text: &str, family: Family) -> Option<Default> {
    let mut cursor = Cursor { rest: text };
    let default = match family {
        Family::Integer if cursor.word("nextval") => return is_sequence(text).then_some(Default::Sequence),
        Family::Time => {
            if cursor.word("now") {
                cursor.eat("(").then_some(())?;
                cursor.eat(")").then_some(())?;
            } else {
                cursor.word("current_timestamp").then_some(())?;
            }
            cursor.cast();
            Default::CurrentTimestamp
        }
        _ => Default::Value(cursor.value(family)?),
    };
    cursor.is_at_end().then_some(default)
}

/// Whether it is `nextval('t_id_seq'::regclass)`, or the older `nextval(('t_id_seq'::text)::regclass)`.
fn is_sequence(text: &str) -> bool {
    let mut cursor = Cursor { rest: text };
    if !(cursor.word("nextval") && cursor.eat("(")) {
        return false;
    }
    let is_wrapped = cursor.eat("(");
    if cursor.string().is_none() {
        return false;
    }
    cursor.cast();
    if is_wrapped {
        if !cursor.eat(")") {
            return false;
        }
        cursor.cast();
    }
    cursor.eat(")") && {
        cursor.cast();
        cursor.is_at_end()
    }
}

fn list(text: &str, family: Family) -> Option<Default> {
    let mut cursor = Cursor { rest: text };
    let values = if text.trim_start().starts_with(['\'', 'E']) {
        let literal = cursor.string()?;
        array_literal(&literal, family)?
    } else {
        let is_wrapped = cursor.eat("(");
        let values = cursor.array(family)?;
        cursor.cast();
        if is_wrapped && !cursor.eat(")") {
            return None;
        }
        values
    };
    cursor.cast();
    cursor.is_at_end().then_some(Default::List(values))
}

/// Parses `{a,"b c"}`. A schema file cannot express the element `NULL`.
fn array_literal(literal: &str, family: Family) -> Option<Vec<Value>> {
    let inner = literal.strip_prefix('{')?.strip_suffix('}')?;
    let mut values = Vec::new();
    let mut characters = inner.chars().peekable();
    while characters.peek().is_some() {
        let mut element = String::new();
        let is_quoted = characters.next_if_eq(&'"').is_some();
        loop {
            match characters.next() {
                Some('"') if is_quoted => {
                    if characters.next().is_some_and(|it| it != ',') {
                        return None;
                    }
                    break;
                }
                Some('\\') => element.push(characters.next()?),
                Some(',') if !is_quoted => break,
                Some('{' | '}') if !is_quoted => return None,
                Some(character) => element.push(character),
                None if is_quoted => return None,
                None => break,
            }
        }
        if !is_quoted && element.eq_ignore_ascii_case("null") {
            return None;
        }
        values.push(from_text(&element, family)?);
    }
    Some(values)
}

/// Returns the value of a quoted literal of a type.
fn from_text(text: &str, family: Family) -> Option<Value> {
    Some(match family {
        Family::Text | Family::Enum => Value::Text(text.to_owned()),
        Family::Integer => Value::Number(text.parse::<i64>().ok()?.to_string()),
        Family::Number => {
            let mut cursor = Cursor { rest: text };
            let number = cursor.number()?;
            cursor.is_at_end().then_some(Value::Number(number))?
        }
        Family::Boolean => match text {
            "t" | "true" => Value::Boolean(true),
            "f" | "false" => Value::Boolean(false),
            _ => return None,
        },
        Family::Bytes => Value::Bytes(hex::decode(text.strip_prefix("\\x")?).ok()?),
        Family::Time | Family::Other => return None,
    })
}

/// The unread rest.
struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn is_at_end(&self) -> bool {
        self.rest.trim_start().is_empty()
    }

    /// Consumes these characters if they come next.
    fn eat(&mut self, expected: &str) -> bool {
        match self.rest.trim_start().strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Consumes this word in any case.
    fn word(&mut self, expected: &str) -> bool {
        let rest = self.rest.trim_start();
        let length =
            rest.find(|it: char| !(it.is_alphanumeric() || it == '_' || it == '$')).unwrap_or(rest.len());
        let is_word = rest[..length].eq_ignore_ascii_case(expected);
        if is_word {
            self.rest = &rest[length..];
        }
        is_word
    }

    /// Parses `'it''s'` or `E'it\\s'`.
    fn string(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let has_escapes = rest.starts_with("E'");
        let body = rest.strip_prefix('E').unwrap_or(rest).strip_prefix('\'')?;
        let mut text = String::new();
        let mut characters = body.char_indices();
        while let Some((position, character)) = characters.next() {
            match character {
                '\'' if body[position + 1..].starts_with('\'') => {
                    characters.next();
                    text.push('\'');
                }
                '\'' => {
                    self.rest = &body[position + 1..];
                    return Some(text);
                }
                // The server escapes only the backslash.
                '\\' if has_escapes => text.push(characters.next()?.1),
                _ => text.push(character),
            }
        }
        None
    }

    fn number(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let is_number = digits.starts_with(|it: char| it.is_ascii_digit());
        let length = rest.len() - digits.len()
            + digits.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(digits.len());
        if !is_number || rest[..length].matches('.').count() > 1 || rest[..length].ends_with('.') {
            return None;
        }
        self.rest = &rest[length..];
        Some(rest[..length].to_owned())
    }

    /// Parses a literal with its casts.
    fn value(&mut self, family: Family) -> Option<Value> {
        let value = match family {
            Family::Boolean if self.word("true") => Value::Boolean(true),
            Family::Boolean if self.word("false") => Value::Boolean(false),
            Family::Boolean | Family::Other | Family::Time => return None,
            Family::Integer | Family::Number if !self.is_at_string() => {
                let is_wrapped = self.eat("(");
                let number = self.number()?;
                if is_wrapped && !self.eat(")") || family == Family::Integer && number.contains('.') {
                    return None;
                }
                Value::Number(number)
            }
            _ => {
                let text = self.string()?;
                from_text(&text, family)?
            }
        };
        self.cast();
        Some(value)
    }

    fn is_at_string(&self) -> bool {
        self.rest.trim_start().starts_with(['\'', 'E'])
    }

    /// Parses `ARRAY[1, 2]`.
    fn array(&mut self, family: Family) -> Option<Vec<Value>> {
        (self.word("array") && self.eat("[")).then_some(())?;
        let mut values = Vec::new();
        if self.eat("]") {
            return Some(values);
        }
        loop {
            values.push(self.element(family)?);
            if self.eat("]") {
                return Some(values);
            }
            self.eat(",").then_some(())?;
        }
    }

    /// Parses an element, which may be in parentheses: `('a'::text)::character varying(3)`.
    fn element(&mut self, family: Family) -> Option<Value> {
        let before = self.rest;
        if let Some(value) = self.value(family) {
            return Some(value);
        }
        self.rest = before;
        self.eat("(").then_some(())?;
        let value = self.element(family)?;
        self.eat(")").then_some(())?;
        self.cast();
        Some(value)
    }

    /// Consumes any number of `::type(…)[]`.
    fn cast(&mut self) {
        while self.eat("::") {
            let mut is_quoted = false;
            let mut depth = 0_u32;
            let end = self.rest.char_indices().find(|(_, character)| {
                match character {
                    '"' => is_quoted = !is_quoted,
                    _ if is_quoted => {}
                    '(' | '[' => depth += 1,
                    ')' | ']' if depth > 0 => depth -= 1,
                    _ if depth > 0 => {}
                    ' ' | '_' | '.' | '$' => {}
                    other => return !other.is_alphanumeric(),
                }
                false
            });
            self.rest = end.map_or("", |(position, _)| &self.rest[position..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[allow(clippy::needless_pass_by_value, reason = "what is expected is written in place")]
    fn check(text: &str, ty: N, arity: Arity, expected: Option<Default>) {
        assert_eq!(default(text, &ColumnType::Native(ty), arity), expected, "{text}");
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn number(value: &str) -> Value {
        Value::Number(value.to_owned())
    }

    #[test]
    fn literals_of_the_type_are_parsed_as_values() {
        let one = |value| Some(Default::Value(value));
        check("'it''s'::text", N::Text, Arity::Required, one(text("it's")));
        check(r"E'a\\b'::character varying(3)", N::VarChar(Some(3)), Arity::Required, one(text(r"a\b")));
        check("'101'::\"bit\"", N::Bit(Some(3)), Arity::Required, one(text("101")));
        check("'-4'::integer", N::Integer, Arity::Required, one(number("-4")));
        check("(-4)", N::Integer, Arity::Required, one(number("-4")));
        check("1.50", N::Decimal(None), Arity::Required, one(number("1.50")));
        check("'-1.5'::numeric(65,30)", N::Decimal(None), Arity::Required, one(number("-1.5")));
        check("(-1.5)::double precision", N::DoublePrecision, Arity::Required, one(number("-1.5")));
        check("true", N::Boolean, Arity::Required, one(Value::Boolean(true)));
        check(r"'\x0aff'::bytea", N::ByteA, Arity::Required, one(Value::Bytes(vec![10, 255])));
        check("'{\"a\": 1}'::jsonb", N::JsonB, Arity::Required, one(text("{\"a\": 1}")));
    }

    #[test]
    fn known_functions_are_recognized() {
        for words in ["now()", "CURRENT_TIMESTAMP", "(now())::date"] {
            let is_wrapped = words.starts_with('(');
            let expected =
                if is_wrapped { Default::Expression(words.to_owned()) } else { Default::CurrentTimestamp };
            check(words, N::Timestamp(Some(3)), Arity::Required, Some(expected));
        }
        for words in [
            "nextval('t_id_seq'::regclass)",
            "nextval('\"My Schema\".\"T_id_seq\"'::regclass)",
            "nextval(('t_id_seq'::text)::regclass)",
        ] {
            check(words, N::Integer, Arity::Required, Some(Default::Sequence));
        }
    }

    #[test]
    fn anything_but_a_literal_stays_an_expression() {
        for (words, ty) in [
            ("('a'::text || 'b'::text)", N::Text),
            ("'a'::text || 'b'::text", N::Text),
            ("(nextval('s'::regclass) * 2)", N::Integer),
            ("nextval('s'::regclass) + 1", N::Integer),
            ("now() + '1 day'::interval", N::Timestamp(Some(3))),
            ("CURRENT_TIMESTAMP(3)", N::Timestamp(Some(3))),
            ("gen_random_uuid()", N::Uuid),
            ("'00000000-0000-0000-0000-000000000000'::uuid", N::Uuid),
            ("'12.00'::numeric * 2", N::Decimal(None)),
            ("'5'::integer % 2", N::Integer),
            ("'unterminated", N::Text),
            ("", N::Text),
        ] {
            check(words, ty, Arity::Required, Some(Default::Expression(words.to_owned())));
        }
    }

    #[test]
    fn null_is_no_default() {
        check("NULL::character varying", N::VarChar(None), Arity::Optional, None);
    }

    #[test]
    fn lists_are_parsed_in_both_forms() {
        let list = |values: &[Value]| Some(Default::List(values.to_vec()));
        check("ARRAY[]::text[]", N::Text, Arity::List, list(&[]));
        check("'{}'::text[]", N::Text, Arity::List, list(&[]));
        check("ARRAY['a'::text, 'b,c'::text]", N::Text, Arity::List, list(&[text("a"), text("b,c")]));
        check("'{a,\"b,\\\"c\"}'::text[]", N::Text, Arity::List, list(&[text("a"), text("b,\"c")]));
        check(
            "ARRAY['a'::character varying, 'b'::character varying]::character varying(3)[]",
            N::VarChar(Some(3)),
            Arity::List,
            list(&[text("a"), text("b")]),
        );
        check(
            "(ARRAY[]::character varying[])::character varying(10)[]",
            N::VarChar(Some(10)),
            Arity::List,
            list(&[]),
        );
        check("ARRAY[9, '-4'::integer]", N::Integer, Arity::List, list(&[number("9"), number("-4")]));
        check("ARRAY[1.5, (2)::numeric]", N::Decimal(None), Arity::List, list(&[number("1.5"), number("2")]));
        check(
            "ARRAY[true, false]",
            N::Boolean,
            Arity::List,
            list(&[Value::Boolean(true), Value::Boolean(false)]),
        );
        check(
            "'{t,f}'::boolean[]",
            N::Boolean,
            Arity::List,
            list(&[Value::Boolean(true), Value::Boolean(false)]),
        );
        for words in ["ARRAY[now()]", "'{NULL}'::text[]", "'{a'::text[]", "string_to_array('a b', ' ')"] {
            check(words, N::Text, Arity::List, Some(Default::Expression(words.to_owned())));
        }
    }
}
