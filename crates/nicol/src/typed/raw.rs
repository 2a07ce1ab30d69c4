//! SQL written by the application.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use super::batch::QueryFuture;
use super::scalar::{FieldType, Scalar};
use crate::codec::{self, Param};
use crate::error::{Error, Kind};
use crate::value::Value;
use crate::wire::{Executor, Form, References, Statement};

/// SQL text: a `&'static str`, or [`AssertSafe`](crate::AssertSafe).
pub trait IntoSql {
    /// Returns the text.
    fn into_sql(self) -> Cow<'static, str>;
}

impl IntoSql for &'static str {
    fn into_sql(self) -> Cow<'static, str> {
        Cow::Borrowed(self)
    }
}

/// SQL text that is put together at run time. The caller asserts that it contains no input from outside; pass such input as
/// [parameters](crate::params).
#[derive(Debug)]
pub struct AssertSafe(pub String);

impl IntoSql for AssertSafe {
    fn into_sql(self) -> Cow<'static, str> {
        Cow::Owned(self.0)
    }
}

/// A row of an SQL query.
#[derive(Clone, Copy)]
pub struct Row<'a>(&'a tokio_postgres::Row);

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.columns().iter().map(tokio_postgres::Column::name)).finish()
    }
}

impl Row<'_> {
    /// Returns the value of the first column with this name.
    ///
    /// # Errors
    /// The row has no such column, or its value does not have the type `T` (P2023).
    pub fn get<T: FieldType>(&self, column: &str) -> Result<T, Error> {
        let index = self.0.columns().iter().position(|other| other.name() == column);
        let Some(cell) = index.and_then(|index| codec::cell(self.0, index)) else {
            return Err(Kind::Inconsistent { message: format!("the result has no column `{column}`") }.into());
        };
        Ok(T::from_cell(cell).map_err(|error| error.within(|| format!("column `{column}`")))?)
    }
}

/// Structs that are read from a row of an SQL query. `#[derive(nicol::FromRow)]` reads each field from the column with its name.
pub trait FromRow: Sized + Send + 'static {
    /// Reads the struct from a row.
    ///
    /// # Errors
    /// A column is missing or does not have the type of its field (P2023).
    fn from_row(row: Row<'_>) -> Result<Self, Error>;
}

pub(crate) fn statement(text: Cow<'static, str>, params: Vec<Value>, returns_rows: bool) -> Statement {
    let params = params.into_iter().map(|value| Param::new(value, None)).collect();
    let (text, form, references) = (text.into_owned(), Form::Query, References::None);
    Statement {
        text,
        params,
        form,
        returns_rows,
        read_only: false,
        model: None,
        references,
        requires_row: false,
    }
}

/// The query of [`Client::query_as`](crate::Client::query_as).
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

    /// Asserts that the query only reads. It is then repeated on a new connection if an idle connection was lost, as all other reads are.
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
            outcome.rows.iter().map(|row| T::from_row(Row(row))).collect()
        })
    }
}

/// Returns a parameter; for [`params!`](crate::params).
pub fn param<T>(value: impl IntoParam<T>) -> Value {
    value.into_param()
}

/// Values of parameters. The compiler infers `T`, which keeps the implementations apart.
pub trait IntoParam<T> {
    /// Returns the value to bind.
    fn into_param(self) -> Value;
}

impl<T: Scalar> IntoParam<T> for T {
    fn into_param(self) -> Value {
        self.into_value()
    }
}

impl<T: Scalar> IntoParam<Option<T>> for Option<T> {
    fn into_param(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

impl IntoParam<&'static str> for &str {
    fn into_param(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl IntoParam<&'static str> for &String {
    fn into_param(self) -> Value {
        Value::Text(self.clone())
    }
}
