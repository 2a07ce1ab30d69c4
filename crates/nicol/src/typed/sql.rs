//! SQL that is put together from parts, with bound values.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use nicol_pg::{push_ident, push_qualified, quote_ident};

use super::model::Model;
use super::raw::IntoSql;
use super::scalar::{ListItem, Scalar};
use crate::meta::ModelMeta;
use crate::value::{Null, Value};

/// A piece of SQL with bound values. [`sql!`](macro@crate::sql) makes it, also from other pieces.
///
/// Two statements that differ only in their values have the same text, so they are prepared once.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, user};
/// # use nicol::Error;
/// use nicol::{Sql, sql};
///
/// async fn search(db: &Client, words: &[&str], since: Option<i32>) -> Result<Vec<(String, i32)>, Error> {
///     let mut conditions: Vec<Sql> = words.iter().map(|word| sql!("{user::email} like '%' || {word} || '%'")).collect();
///     if let Some(since) = since {
///         conditions.push(sql!("visits >= {since}"));
///     }
///     conditions.push(sql!("true"));
///     let all = Sql::join(conditions, " and ");
///     db.query_raw(sql!("select email, visits from {db.user()} where {all} order by email")).await
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Default)]
#[must_use = "SQL does nothing unless it is run"]
pub struct Sql {
    pieces: Vec<Piece>,
    values: Vec<Value>,
}

#[derive(Clone)]
enum Piece {
    Text(Cow<'static, str>),
    /// A quoted name.
    Name(String),
    /// A table; its PostgreSQL schema may be that of the client.
    Table(&'static ModelMeta),
    /// The value with this index.
    Value(usize),
}

/// `Debug` shows the text, without values.
impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(None))
    }
}

impl Sql {
    /// Returns SQL without any text, for a part that may be left out.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Returns a text without values: a `&'static str`, or [`AssertSafe`](crate::AssertSafe).
    pub fn raw(text: impl IntoSql) -> Self {
        Self::of(Piece::Text(text.into_sql()))
    }

    /// Joins values or other SQL: `sql!("id in ({})", Sql::join(&ids, ", "))`. Without parts it is [empty](Self::empty).
    ///
    /// For a list of values, prefer `= any({ids})`: its text is the same for any number of values.
    pub fn join<P: SqlPart<K>, K>(parts: impl IntoIterator<Item = P>, separator: &'static str) -> Self {
        let mut joined = Self::empty();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                joined.pieces.push(Piece::Text(Cow::Borrowed(separator)));
            }
            joined.append(part.to_sql());
        }
        joined
    }

    fn of(piece: Piece) -> Self {
        Self { pieces: vec![piece], values: Vec::new() }
    }

    /// Returns a quoted name.
    pub(crate) fn name(name: &str) -> Self {
        Self::of(Piece::Name(quote_ident(name)))
    }

    fn value(value: Value) -> Self {
        Self { pieces: vec![Piece::Value(0)], values: vec![value] }
    }

    fn append(&mut self, other: Self) {
        let first = self.values.len();
        self.values.extend(other.values);
        self.place(&other.pieces, first);
    }

    /// Appends pieces whose values begin at `first`.
    fn place(&mut self, pieces: &[Piece], first: usize) {
        self.pieces.extend(pieces.iter().map(|piece| match piece {
            Piece::Value(index) => Piece::Value(first + index),
            other => other.clone(),
        }));
    }

    /// Returns the text and the values, for a client whose tables are in this PostgreSQL schema.
    pub(crate) fn into_parts(self, schema: &str) -> (String, Vec<Value>) {
        (self.text(Some(schema)), self.values)
    }

    fn text(&self, schema: Option<&str>) -> String {
        let mut text = String::new();
        let mut after_piece = false;
        for piece in &self.pieces {
            if let Piece::Text(part) = piece {
                // `$1` before `0` would be another parameter, and two names side by side would be one.
                if after_piece && part.starts_with(|next| is_in_word(next) || next == '\'' || next == '"') {
                    text.push(' ');
                }
                text.push_str(part);
                after_piece &= part.is_empty();
                continue;
            }
            // A name before `$1` would swallow it, and `U&` before a quoted name would give escapes in it a meaning.
            if text.ends_with(|last| is_in_word(last) || matches!(last, '\'' | '"' | '&')) {
                text.push(' ');
            }
            match piece {
                Piece::Text(_) => {}
                Piece::Name(name) => text.push_str(name),
                Piece::Table(model) => match model.schema.or(schema) {
                    Some(schema) => push_qualified(&mut text, schema, model.table),
                    None => push_ident(&mut text, model.table),
                },
                Piece::Value(index) => {
                    // Writing to a `String` cannot fail.
                    let _ = write!(text, "${}", index + 1);
                }
            }
            after_piece = true;
        }
        text
    }
}

fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}

/// For [`sql!`](macro@crate::sql): the texts between the places, the argument at each place, and the arguments. The values of an argument that
/// comes several times are bound once.
pub fn sql(texts: &'static [&'static str], places: &[usize], arguments: Vec<Sql>) -> Sql {
    let mut sql = Sql::empty();
    let mut arguments: Vec<_> = arguments.into_iter().map(|argument| (argument, None)).collect();
    for (index, text) in texts.iter().enumerate() {
        sql.pieces.push(Piece::Text(Cow::Borrowed(text)));
        if let Some(place) = places.get(index) {
            let (argument, first) = &mut arguments[*place];
            let first = *first.get_or_insert_with(|| {
                let first = sql.values.len();
                sql.values.append(&mut argument.values);
                first
            });
            sql.place(&argument.pieces, first);
        }
    }
    sql
}

/// For [`sql!`](macro@crate::sql): an argument.
pub fn sql_part<P: SqlPart<K> + ?Sized, K>(part: &P) -> Sql {
    part.to_sql()
}

/// A name, such as that of a column, in [`sql!`](macro@crate::sql): `{Ident("createdAt")}` becomes `"createdAt"`. Any text is one name,
/// also with quotes and dots in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ident<S>(pub S);

/// The table of a model in [`sql!`](macro@crate::sql): `{table::<User>()}`. Where there is a client, `{db.user()}` is the same.
pub fn table<M: Model>() -> Sql {
    Sql::of(Piece::Table(M::meta()))
}

/// What can stand in the braces of [`sql!`](macro@crate::sql): values, lists of values, fields, tables, names and other SQL. The compiler
/// infers `K`, which keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of SQL",
    label = "neither a value nor SQL",
    note = "values are `bool`, `i32`, `i64`, `f64`, strings, bytes, generated enums, the types in `nicol::types`, and `Option`s and lists of \
            them; convert other integers with `i64::from` or `i64::try_from`",
    note = "SQL is `Sql`, a field such as `user::email`, a table such as `db.user()`, and `Ident(name)`"
)]
pub trait SqlPart<K> {
    /// Returns the part as SQL.
    #[doc(hidden)]
    fn to_sql(&self) -> Sql;
}

impl<T: Scalar + Clone> SqlPart<T> for T {
    fn to_sql(&self) -> Sql {
        Sql::value(self.clone().into_value())
    }
}

impl<P: SqlPart<K> + ?Sized, K> SqlPart<(K,)> for &P {
    fn to_sql(&self) -> Sql {
        (**self).to_sql()
    }
}

impl<T: Scalar + Clone> SqlPart<Option<T>> for Option<T> {
    fn to_sql(&self) -> Sql {
        Sql::value(self.clone().map_or(Value::Null, T::into_value))
    }
}

impl<T: Scalar + Clone> SqlPart<Option<(T,)>> for Option<&T> {
    fn to_sql(&self) -> Sql {
        Sql::value(self.cloned().map_or(Value::Null, T::into_value))
    }
}

impl<T: ListItem + Clone> SqlPart<Vec<T>> for [T] {
    fn to_sql(&self) -> Sql {
        Sql::value(Value::List(self.iter().cloned().map(T::into_value).collect()))
    }
}

impl<T, const N: usize, K> SqlPart<[K; 1]> for [T; N]
where
    [T]: SqlPart<K>,
{
    fn to_sql(&self) -> Sql {
        self.as_slice().to_sql()
    }
}

macro_rules! text_part {
    ($($text:ty => |$value:ident| $sql:expr;)*) => {$(
        impl SqlPart<&'static str> for $text {
            fn to_sql(&self) -> Sql {
                let $value = self;
                Sql::value($sql)
            }
        }
    )*};
}

text_part! {
    str => |text| Value::Text(text.to_owned());
    Box<str> => |text| Value::Text(text.to_string());
    Cow<'_, str> => |text| Value::Text(text.to_string());
    Option<&str> => |text| text.map_or(Value::Null, |text| Value::Text(text.to_owned()));
    [&str] => |texts| Value::List(texts.iter().map(|text| Value::Text((*text).to_owned())).collect());
    Vec<&str> => |texts| Value::List(texts.iter().map(|text| Value::Text((*text).to_owned())).collect());
    [u8] => |bytes| Value::Bytes(bytes.to_vec());
    Null => |_null| Value::Null;
    Value => |value| value.clone();
}

impl SqlPart<Self> for Sql {
    fn to_sql(&self) -> Sql {
        self.clone()
    }
}

/// A part that may be left out.
impl SqlPart<Sql> for Option<Sql> {
    fn to_sql(&self) -> Sql {
        self.clone().unwrap_or_default()
    }
}

impl<S: AsRef<str>> SqlPart<Self> for Ident<S> {
    fn to_sql(&self) -> Sql {
        Sql::name(self.0.as_ref())
    }
}
