//! Counting, adding up, and grouping.

use std::fmt;
use std::marker::PhantomData;

use crate::codec::{Cells, DecodeError};
use crate::error::Error;
use crate::query::{self, CompareOp, Condition, Function};
use crate::sql;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::{Field, Filter, IntoOrder};
use crate::typed::model::Model;
use crate::typed::scalar::{FieldType, IntoField, Number, Scalar};
use crate::value::Value;
use crate::wire::Executor;

/// How many rows.
#[must_use = "a query runs when it is awaited"]
pub struct CountQuery<M> {
    pub(super) executor: Executor,
    query: query::Aggregate,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for CountQuery<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.filter.fmt(f)
    }
}

fn aggregate<M: Model>(functions: Vec<Function>, by: Vec<u16>) -> query::Aggregate {
    query::Aggregate {
        model: M::meta(),
        filter: Condition::TRUE,
        by,
        functions,
        having: None,
        order: Vec::new(),
        take: None,
        skip: 0,
    }
}

impl<M: Model> CountQuery<M> {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor, query: aggregate::<M>(vec![Function::CountRows], Vec::new()), model: PhantomData }
    }

    /// Only rows for which this holds; said twice, both have to.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.query.filter = self.query.filter.and(filter.into().into_condition());
        self
    }
}

impl<M: Model> Batchable for CountQuery<M> {
    type Output = i64;

    fn into_step(self) -> Result<Step<i64>, Error> {
        let statement = sql::aggregate(self.executor.schema(), &self.query)?;
        Ok(Step::new(statement, |outcome| {
            outcome.first(<(CountRows,) as Aggregates<M>>::decode).map(|(count,)| count)
        }))
    }
}

/// The count of rows: made by [`count`].
#[derive(Debug, Clone, Copy)]
pub struct CountRows;

/// How many rows.
pub fn count() -> CountRows {
    CountRows
}

/// An aggregate over a field of `M` whose result is a `T`: made by [`sum`], [`avg`], [`min`], [`max`] and [`count_of`].
pub struct Over<M, T> {
    function: Function,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> fmt::Debug for Over<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.function.fmt(f)
    }
}

fn over<M, T>(function: Function) -> Over<M, T> {
    Over { function, types: PhantomData }
}

/// The sum of a field; none without rows.
pub fn sum<M: Model, T: FieldType<Base: Number>>(
    field: Field<M, T>,
) -> Over<M, Option<<T::Base as Number>::Sum>> {
    over(Function::Sum(field.column))
}

/// The mean of a field; none without rows.
pub fn avg<M: Model, T: FieldType<Base: Number>>(
    field: Field<M, T>,
) -> Over<M, Option<<T::Base as Number>::Average>> {
    over(Function::Average(field.column))
}

/// The least value of a field; none without rows.
pub fn min<M: Model, T: FieldType>(field: Field<M, T>) -> Over<M, Option<T::Base>> {
    over(Function::Minimum(field.column))
}

/// The greatest value of a field; none without rows.
pub fn max<M: Model, T: FieldType>(field: Field<M, T>) -> Over<M, Option<T::Base>> {
    over(Function::Maximum(field.column))
}

/// In how many rows a field is not null.
pub fn count_of<M: Model, T: FieldType>(field: Field<M, T>) -> Over<M, i64> {
    over(Function::Count(field.column))
}

/// Which groups of rows of `M`.
#[must_use]
pub struct Having<M> {
    having: query::Having,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for Having<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.having.fmt(f)
    }
}

impl<M> Having<M> {
    fn compare(function: Function, op: CompareOp, value: Value) -> Self {
        Self { having: query::Having::Compare { function, op, value }, model: PhantomData }
    }

    /// Both hold.
    pub fn and(self, other: Self) -> Self {
        Self { having: query::Having::All(vec![self.having, other.having]), model: PhantomData }
    }

    /// At least one holds.
    pub fn or(self, other: Self) -> Self {
        Self { having: query::Having::Any(vec![self.having, other.having]), model: PhantomData }
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        impl CountRows {$(
            $(#[$doc])*
            pub fn $name<M>(self, value: i64) -> Having<M> {
                Having::compare(Function::CountRows, CompareOp::$op, value.into_value())
            }
        )*}

        impl<M, T: FieldType> Over<M, T> {$(
            $(#[$doc])*
            pub fn $name(self, value: impl IntoField<T::Base>) -> Having<M> {
                Having::compare(self.function, CompareOp::$op, value.into_field())
            }
        )*}
    };
}

comparisons! {
    /// It is this.
    eq => Equal;
    /// It is not this.
    ne => NotEqual;
    /// It is less.
    lt => Less;
    /// It is less or equal.
    lte => LessOrEqual;
    /// It is greater.
    gt => Greater;
    /// It is greater or equal.
    gte => GreaterOrEqual;
}

/// One aggregate.
pub trait AggregateOf<M: Model>: 'static {
    /// Its result.
    type Output: FieldType + fmt::Debug;

    /// As data.
    #[doc(hidden)]
    fn function(self) -> Function;
}

impl<M: Model> AggregateOf<M> for CountRows {
    type Output = i64;

    fn function(self) -> Function {
        Function::CountRows
    }
}

impl<M: Model, T: FieldType + fmt::Debug> AggregateOf<M> for Over<M, T> {
    type Output = T;

    fn function(self) -> Function {
        self.function
    }
}

/// A tuple of aggregates.
pub trait Aggregates<M: Model>: 'static {
    /// The tuple of their results.
    type Output: Send + 'static;

    /// As data.
    #[doc(hidden)]
    fn functions(self) -> Vec<Function>;

    /// The results.
    ///
    /// # Errors
    /// A cell does not fit.
    #[doc(hidden)]
    fn decode(cells: &mut Cells<'_>) -> Result<Self::Output, DecodeError>;
}

/// Fields to group by: one, or a tuple of fields.
pub trait Fields<M: Model>: 'static {
    /// Their values.
    type Output: Send + 'static;

    /// The columns.
    #[doc(hidden)]
    fn columns(self) -> Vec<u16>;

    /// The values.
    ///
    /// # Errors
    /// A cell does not fit.
    #[doc(hidden)]
    fn decode(cells: &mut Cells<'_>) -> Result<Self::Output, DecodeError>;
}

impl<M: Model, T: FieldType> Fields<M> for Field<M, T> {
    type Output = T;

    fn columns(self) -> Vec<u16> {
        vec![self.column]
    }

    fn decode(cells: &mut Cells<'_>) -> Result<T, DecodeError> {
        cells.take()
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<M: Model, $($name: AggregateOf<M>),+> Aggregates<M> for ($($name,)+) {
            type Output = ($($name::Output,)+);

            fn functions(self) -> Vec<Function> {
                vec![$(self.$index.function()),+]
            }

            fn decode(cells: &mut Cells<'_>) -> Result<Self::Output, DecodeError> {
                Ok(($(cells.take::<$name::Output>()?,)+))
            }
        }

        impl<M: Model, $($name: FieldType),+> Fields<M> for ($(Field<M, $name>,)+) {
            type Output = ($($name,)+);

            fn columns(self) -> Vec<u16> {
                vec![$(self.$index.column),+]
            }

            fn decode(cells: &mut Cells<'_>) -> Result<Self::Output, DecodeError> {
                Ok(($(cells.take::<$name>()?,)+))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Aggregates over all rows of a filter.
#[must_use = "a query runs when it is awaited"]
pub struct AggregateQuery<M, A> {
    pub(super) executor: Executor,
    query: query::Aggregate,
    types: PhantomData<fn() -> (M, A)>,
}

impl<M, A> fmt::Debug for AggregateQuery<M, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

impl<M: Model, A: Aggregates<M>> AggregateQuery<M, A> {
    pub(crate) fn new(executor: Executor, aggregates: A) -> Self {
        Self { executor, query: aggregate::<M>(aggregates.functions(), Vec::new()), types: PhantomData }
    }

    /// Only rows for which this holds; said twice, both have to.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.query.filter = self.query.filter.and(filter.into().into_condition());
        self
    }
}

impl<M: Model, A: Aggregates<M>> Batchable for AggregateQuery<M, A> {
    type Output = A::Output;

    fn into_step(self) -> Result<Step<A::Output>, Error> {
        let statement = sql::aggregate(self.executor.schema(), &self.query)?;
        Ok(Step::new(statement, |outcome| outcome.first(A::decode)))
    }
}

/// Fields to group by, before it is said what to compute.
#[must_use = "say what to compute: `.aggregate((count(),))`"]
pub struct GroupBy<M, F> {
    executor: Executor,
    columns: Vec<u16>,
    types: PhantomData<fn() -> (M, F)>,
}

impl<M, F> fmt::Debug for GroupBy<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupBy({:?})", self.columns)
    }
}

impl<M: Model, F: Fields<M>> GroupBy<M, F> {
    pub(crate) fn new(executor: Executor, fields: F) -> Self {
        Self { executor, columns: fields.columns(), types: PhantomData }
    }

    /// What to compute for each group.
    pub fn aggregate<A: Aggregates<M>>(self, aggregates: A) -> GroupQuery<M, F, A> {
        let query = aggregate::<M>(aggregates.functions(), self.columns);
        GroupQuery { executor: self.executor, query, types: PhantomData }
    }
}

/// Aggregates for each group.
#[must_use = "a query runs when it is awaited"]
pub struct GroupQuery<M, F, A> {
    pub(super) executor: Executor,
    query: query::Aggregate,
    types: PhantomData<fn() -> (M, F, A)>,
}

impl<M, F, A> fmt::Debug for GroupQuery<M, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

impl<M: Model, F: Fields<M>, A: Aggregates<M>> GroupQuery<M, F, A> {
    /// Only rows for which this holds; said twice, both have to.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.query.filter = self.query.filter.and(filter.into().into_condition());
        self
    }

    /// Only groups for which this holds.
    pub fn having(mut self, having: Having<M>) -> Self {
        self.query.having = Some(match self.query.having {
            Some(earlier) => query::Having::All(vec![earlier, having.having]),
            None => having.having,
        });
        self
    }

    /// In this order, by fields of the group.
    pub fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
        self.query.order.extend(order.into_order());
        self
    }

    /// At most so many groups.
    pub fn take(mut self, groups: u64) -> Self {
        self.query.take = Some(groups);
        self
    }

    /// Leaves out so many of the first groups.
    pub fn skip(mut self, groups: u64) -> Self {
        self.query.skip = groups;
        self
    }
}

impl<M: Model, F: Fields<M>, A: Aggregates<M>> Batchable for GroupQuery<M, F, A> {
    type Output = Vec<(F::Output, A::Output)>;

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        let statement = sql::aggregate(self.executor.schema(), &self.query)?;
        Ok(Step::new(statement, |outcome| outcome.all(|cells| Ok((F::decode(cells)?, A::decode(cells)?)))))
    }
}
