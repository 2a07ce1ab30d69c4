//! SQL written by the application.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use super::batch::{Batchable, BoxQuery, QueryFuture, Step};
use super::scalar::{FieldType, Scalar};
use crate::codec::{self, Param};
use crate::error::{Error, Kind};
use crate::value::Value;
use crate::wire::{Executor, Form, Outcome, Reads, References, Statement};

/// PostgreSQL's limit: it counts parameters in 16 bits.
const MAX_PARAMETERS: usize = 65_535;

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

    /// Returns the value of a column by its place.
    ///
    /// # Errors
    /// The row has no such column, or its value does not have the type `T` (P2023).
    #[doc(hidden)]
    pub fn at<T: FieldType>(self, index: usize) -> Result<T, Error> {
        let Some(cell) = codec::cell(self.0, index) else {
            return Err(
                Kind::Inconsistent { message: format!("the result has no column {}", index + 1) }.into()
            );
        };
        Ok(T::from_cell(cell).map_err(|error| error.within(|| format!("column {}", index + 1)))?)
    }

    /// Checks that nothing is left unread.
    fn has_columns(self, expected: usize) -> Result<(), Error> {
        match self.0.len() {
            found if found == expected => Ok(()),
            found => {
                let message = format!("the result has {found} columns, but {expected} were expected");
                Err(Kind::Inconsistent { message }.into())
            }
        }
    }
}

/// The rows of an SQL query: structs with `#[derive(nicol::FromRow)]`, whose fields are read from the columns with their names; tuples, which are
/// read in the order of the columns; and single values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row",
    note = "add `#[derive(nicol::FromRow)]` to a struct, or use a tuple of up to 12 values, or a single value"
)]
pub trait FromRow: Sized + Send + 'static {
    /// Reads the struct from a row.
    ///
    /// # Errors
    /// A column is missing or does not have the type of its field (P2023).
    fn from_row(row: Row<'_>) -> Result<Self, Error>;
}

impl<T: FieldType> FromRow for T {
    fn from_row(row: Row<'_>) -> Result<Self, Error> {
        row.has_columns(1)?;
        row.at(0)
    }
}

macro_rules! row_tuple {
    ($count:literal $($name:ident $index:tt),+) => {
        impl<$($name: FieldType),+> FromRow for ($($name,)+) {
            fn from_row(row: Row<'_>) -> Result<Self, Error> {
                row.has_columns($count)?;
                Ok(($(row.at::<$name>($index)?,)+))
            }
        }
    };
}

row_tuple!(1 A 0);
row_tuple!(2 A 0, B 1);
row_tuple!(3 A 0, B 1, C 2);
row_tuple!(4 A 0, B 1, C 2, D 3);
row_tuple!(5 A 0, B 1, C 2, D 3, E 4);
row_tuple!(6 A 0, B 1, C 2, D 3, E 4, F 5);
row_tuple!(7 A 0, B 1, C 2, D 3, E 4, F 5, G 6);
row_tuple!(8 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
row_tuple!(9 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
row_tuple!(10 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
row_tuple!(11 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
row_tuple!(12 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

fn statement(text: String, params: Vec<Value>, returns_rows: bool) -> Statement {
    Statement {
        text,
        params: params.into_iter().map(|value| Param::new(value, None)).collect(),
        form: Form::Query,
        returns_rows,
        read_only: false,
        may_lag: false,
        model: None,
        operation: if returns_rows { "query_raw" } else { "execute_raw" },
        references: References::None,
        requires_row: false,
    }
}

/// Returns the step of a statement.
///
/// # Errors
/// It has too many parameters, or its text cannot be sent.
fn step<T>(
    executor: &Executor,
    statement: Statement,
    finish: fn(Outcome) -> Result<T, Error>,
) -> Result<Step<T>, Error> {
    if statement.params.len() > MAX_PARAMETERS {
        return Err(Kind::TooManyParameters.into());
    }
    if statement.text.contains('\0') {
        return Err(Kind::Unsupported { message: "SQL cannot contain the character NUL" }.into());
    }
    Ok(Step::raw(executor, statement, finish))
}

/// The query of [`Client::query_raw`](crate::Client::query_raw) and [`Client::query_as`](crate::Client::query_as).
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
    pub(crate) fn new(executor: Executor, text: String, params: Vec<Value>) -> Self {
        let reads_replica = executor.reads() == Reads::Replica;
        let query = Self { executor, statement: statement(text, params, true), row: PhantomData };
        if reads_replica { query.read_only() } else { query }
    }

    /// Asserts that the query only reads and takes no locks. Like all other reads, it is then repeated on a new connection if an idle connection
    /// was lost, and it may run on a replica, if the client has [replicas](crate::ClientBuilder::replica).
    pub fn read_only(mut self) -> Self {
        self.statement.read_only = true;
        self.statement.may_lag = true;
        self
    }
}

impl<T: FromRow> RawQuery<T> {
    /// Returns the query without its type, so that it can be in a `Vec` with other queries of the same result; see [`BoxQuery::map`].
    pub fn boxed(self) -> BoxQuery<Vec<T>> {
        BoxQuery::new(self.executor.clone(), self.into_step())
    }
}

impl<T: FromRow> Batchable for RawQuery<T> {
    type Output = Vec<T>;

    fn into_step(self) -> Result<Step<Vec<T>>, Error> {
        step(&self.executor, self.statement, |outcome| {
            outcome.rows.iter().map(|row| T::from_row(Row(row))).collect()
        })
    }
}

impl<T: FromRow> IntoFuture for RawQuery<T> {
    type Output = Result<Vec<T>, Error>;
    type IntoFuture = QueryFuture<Vec<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.executor.clone();
        QueryFuture::new(executor, self.into_step())
    }
}

/// The statement of [`Client::execute_raw`](crate::Client::execute_raw) and [`Client::execute`](crate::Client::execute). It returns the number of
/// affected rows.
#[must_use = "a statement runs when it is awaited"]
pub struct RawStatement {
    executor: Executor,
    statement: Statement,
}

impl fmt::Debug for RawStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.statement.text)
    }
}

impl RawStatement {
    pub(crate) fn new(executor: Executor, text: String, params: Vec<Value>) -> Self {
        Self { executor, statement: statement(text, params, false) }
    }
}

impl RawStatement {
    /// Returns the statement without its type, so that it can be in a `Vec` with other queries of the same result; see [`BoxQuery::map`].
    pub fn boxed(self) -> BoxQuery<u64> {
        BoxQuery::new(self.executor.clone(), self.into_step())
    }
}

impl Batchable for RawStatement {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        step(&self.executor, self.statement, |outcome| Ok(outcome.affected))
    }
}

impl IntoFuture for RawStatement {
    type Output = Result<u64, Error>;
    type IntoFuture = QueryFuture<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.executor.clone();
        QueryFuture::new(executor, self.into_step())
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
