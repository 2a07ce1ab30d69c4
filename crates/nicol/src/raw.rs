//! SQL when it is the right word.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

pub use tokio_postgres::Row;

use crate::builder::QueryFuture;
use crate::cells::{self, DecodeError, Found};
use crate::error::Error;
use crate::executor::Executor;
use crate::scalar::FieldType;
use crate::sql::{self, Statement};
use crate::value::Value;

/// SQL text: static, or asserted to hold nothing from outside.
pub trait IntoSql {
    /// The text.
    fn into_sql(self) -> Cow<'static, str>;
}

impl IntoSql for &'static str {
    fn into_sql(self) -> Cow<'static, str> {
        Cow::Borrowed(self)
    }
}

/// SQL text put together at run time, of which the caller says that nothing in it comes from outside.
#[derive(Debug)]
pub struct AssertSafe(pub String);

impl IntoSql for AssertSafe {
    fn into_sql(self) -> Cow<'static, str> {
        Cow::Owned(self.0)
    }
}

/// A row of an SQL query: a struct with `#[derive(nicol::FromRow)]`, by the names of the columns.
pub trait FromRow: Sized + Send + 'static {
    /// The row.
    ///
    /// # Errors
    /// A column is missing or does not fit.
    fn from_row(row: &Row) -> Result<Self, DecodeError>;
}

/// For derived code: the column of this name.
///
/// # Errors
/// There is none, or it does not fit.
pub fn column<T: FieldType>(row: &Row, name: &'static str) -> Result<T, DecodeError> {
    let index = row.columns().iter().position(|column| column.name() == name);
    let cell = index.and_then(|index| cells::cell(row, index));
    let cell = cell.ok_or(DecodeError::new(name, Found::Missing))?;
    T::from_cell(cell).map_err(|error| error.within(|| format!("column `{name}`")))
}

pub(crate) fn statement(text: Cow<'static, str>, params: Vec<Value>, returns_rows: bool) -> Statement {
    let params = params.into_iter().map(|value| sql::Param::new(value, None)).collect();
    let (text, references) = (text.into_owned(), sql::References::None);
    Statement { text, params, returns_rows, read_only: false, model: None, references, requires_row: false }
}

/// Rows of an SQL query.
#[must_use = "a query runs when it is awaited"]
pub struct RawQuery<T> {
    executor: Executor,
    statement: Statement,
    row: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for RawQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.statement.text)
    }
}

impl<T: FromRow> RawQuery<T> {
    pub(crate) fn new(executor: Executor, text: Cow<'static, str>, params: Vec<Value>) -> Self {
        Self { executor, statement: statement(text, params, true), row: PhantomData }
    }

    /// Says that the query changes nothing, which its text does not show: if its connection turns out to have been lost
    /// meanwhile, it is repeated on a new one, as all other reads are.
    pub fn read_only(mut self) -> Self {
        self.statement.read_only = true;
        self
    }
}

impl<T: FromRow> IntoFuture for RawQuery<T> {
    type Output = Result<Vec<T>, Error>;
    type IntoFuture = QueryFuture<Vec<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let outcome = self.executor.statement(&self.statement).await?;
            outcome.rows.iter().map(|row| T::from_row(row).map_err(Error::from)).collect()
        })
    }
}

/// The parameters of an SQL query: `params![id, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$($crate::raw::param($value)),*]
    };
}

/// For [`params!`](crate::params).
pub fn param<T>(value: impl Param<T>) -> Value {
    value.into_param()
}

/// What may be a parameter. `T` tells the implementations apart; the compiler finds it.
pub trait Param<T> {
    /// The value to bind.
    fn into_param(self) -> Value;
}

impl<T: crate::Scalar> Param<T> for T {
    fn into_param(self) -> Value {
        self.into_value()
    }
}

impl<T: crate::Scalar> Param<Option<T>> for Option<T> {
    fn into_param(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

impl Param<&'static str> for &str {
    fn into_param(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Param<&'static str> for &String {
    fn into_param(self) -> Value {
        Value::Text(self.clone())
    }
}
