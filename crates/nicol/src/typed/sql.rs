//! SQL that is put together from parts, with bound values.

use std::borrow::Cow;
use std::fmt;

use nicol_pg::quote_ident;

use super::model::Model;
use super::raw::IntoSql;
use super::scalar::{ListItem, Scalar};
use crate::meta::ModelMeta;
use crate::query::{Fragment, Piece};
use crate::sql::fragment_text;
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
pub struct Sql(Fragment);

/// `Debug` shows the text, without values.
impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&fragment_text(&self.0, None))
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
                joined.0.pieces.push(Piece::Text(Cow::Borrowed(separator)));
            }
            joined.append(part.to_sql());
        }
        joined
    }

    fn of(piece: Piece) -> Self {
        Self(Fragment { pieces: vec![piece], values: Vec::new() })
    }

    /// Returns the column of a field.
    pub(crate) fn column(model: &'static ModelMeta, column: u16) -> Self {
        Self::of(Piece::Column(model, column))
    }

    /// Returns the SQL as data.
    pub(crate) fn into_fragment(self) -> Fragment {
        self.0
    }

    fn value(value: Value) -> Self {
        Self(Fragment { pieces: vec![Piece::Value(0)], values: vec![value] })
    }

    fn append(&mut self, other: Self) {
        let first = self.0.values.len();
        self.0.values.extend(other.0.values);
        self.place(&other.0.pieces, first);
    }

    /// Appends pieces whose values begin at `first`.
    fn place(&mut self, pieces: &[Piece], first: usize) {
        self.0.pieces.extend(pieces.iter().map(|piece| match piece {
            Piece::Value(index) => Piece::Value(first + index),
            other => other.clone(),
        }));
    }

    /// Returns the text and the values, for a client whose tables are in this PostgreSQL schema.
    pub(crate) fn into_parts(self, schema: &str) -> (String, Vec<Value>) {
        (fragment_text(&self.0, Some(schema)), self.0.values)
    }
}

/// For [`sql!`](macro@crate::sql): the texts between the places, the argument at each place, and the arguments. The values of an argument that
/// comes several times are bound once.
pub fn sql(texts: &'static [&'static str], places: &[usize], arguments: Vec<Sql>) -> Sql {
    let mut sql = Sql::empty();
    let mut arguments: Vec<_> = arguments.into_iter().map(|argument| (argument, None)).collect();
    for (index, text) in texts.iter().enumerate() {
        sql.0.pieces.push(Piece::Text(Cow::Borrowed(text)));
        if let Some(place) = places.get(index) {
            let (argument, first) = &mut arguments[*place];
            let first = *first.get_or_insert_with(|| {
                let first = sql.0.values.len();
                sql.0.values.append(&mut argument.0.values);
                first
            });
            sql.place(&argument.0.pieces, first);
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
        Sql::of(Piece::Name(quote_ident(self.0.as_ref())))
    }
}
