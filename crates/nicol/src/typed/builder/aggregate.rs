//! Counts, aggregates and groups.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Not;

use crate::codec::{Cells, DecodeError};
use crate::error::Error;
use crate::query::{self, CompareOp, Condition, Find, Function, Order, Subject, TextOp};
use crate::run::Request;
use crate::typed::argument::{Compared, IntoOperand};
use crate::typed::batch::{Batchable, Step};
use crate::typed::compare::{compare, one_of, text};
use crate::typed::field::{
    Comparison, Field, Fields, Filter, IntoFilter, IntoList, IntoOrder, OrderBy, SortOrder,
};
use crate::typed::model::Model;
use crate::typed::scalar::{FieldType, Number, Scalar, TextField};
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// The query of [`Table::count`](crate::Table::count).
#[must_use = "a query runs when it is awaited"]
pub struct CountQuery<M> {
    pub(super) executor: Executor,
    query: query::Aggregate,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for CountQuery<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.rows.filter.fmt(f)
    }
}

impl<M: Model> CountQuery<M> {
    pub(crate) fn new(executor: Executor) -> Self {
        let query = query::Aggregate { rows: Find::all(M::meta()), functions: vec![Function::CountRows] };
        Self { executor, query, model: PhantomData }
    }

    /// Restricts the query to rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        self.query.rows.filter = self.query.rows.filter.and(filter.into_filter().into_condition());
        self
    }
}

impl<M: Model> Batchable for CountQuery<M> {
    type Output = i64;

    fn into_step(self) -> Result<Step<i64>, Error> {
        Step::of(&self.executor, Request::Aggregate(self.query), |outcome| {
            outcome.first(<(CountRows,) as Aggregates<M>>::decode).map(|(count,)| count)
        })
    }
}

/// The aggregate that [`count`] returns.
#[derive(Debug, Clone, Copy)]
pub struct CountRows;

/// Counts the rows.
pub fn count() -> CountRows {
    CountRows
}

/// An aggregate of a field of `M` with a result of type `T`. [`sum`], [`avg`], [`min`], [`max`] and [`count_of`] return it.
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

/// Returns the sum of a field; `None` if there are no values.
///
/// The sum of `Int` is an `i64`, that of `BigInt` a [`Decimal`](crate::types::Decimal).
pub fn sum<M: Model, T: FieldType<Base: Number>>(
    field: Field<M, T>,
) -> Over<M, Option<<T::Base as Number>::Sum>> {
    over(Function::Sum(field.column))
}

/// Returns the average of a field; `None` if there are no values.
///
/// The average of `Decimal` is a [`Decimal`](crate::types::Decimal), that of the other numbers an `f64`.
pub fn avg<M: Model, T: FieldType<Base: Number>>(
    field: Field<M, T>,
) -> Over<M, Option<<T::Base as Number>::Average>> {
    over(Function::Average(field.column))
}

/// Returns the smallest value of a field; `None` if there are no values.
pub fn min<M: Model, T: FieldType>(field: Field<M, T>) -> Over<M, Option<T::Base>> {
    over(Function::Minimum(field.column))
}

/// Returns the greatest value of a field; `None` if there are no values.
pub fn max<M: Model, T: FieldType>(field: Field<M, T>) -> Over<M, Option<T::Base>> {
    over(Function::Maximum(field.column))
}

/// Counts the rows in which a field is not null.
pub fn count_of<M: Model, T: FieldType>(field: Field<M, T>) -> Over<M, i64> {
    over(Function::Count(field.column))
}

/// Groups of rows of `M`, which aggregates sort: `OrderBy<Groups<M>>`.
#[derive(Debug)]
pub struct Groups<M>(PhantomData<fn() -> M>);

/// A condition on groups of rows of `M`, such as `count().gt(5)`. `!having` negates it.
#[must_use]
pub struct Having<M> {
    condition: Condition,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for Having<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)
    }
}

impl<M> Having<M> {
    fn new(condition: Condition) -> Self {
        Self { condition, model: PhantomData }
    }

    /// Matches a group if both conditions match.
    pub fn and(self, other: impl IntoHaving<M>) -> Self {
        Self::new(self.condition.and(other.into_having().condition))
    }

    /// Matches a group if at least one condition matches.
    pub fn or(self, other: impl IntoHaving<M>) -> Self {
        Self::new(self.condition.or(other.into_having().condition))
    }
}

impl<M> Not for Having<M> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Condition::Not(Box::new(self.condition)))
    }
}

/// Conditions on groups of rows of `M`: those on aggregates, and filters of the fields that the rows are grouped by.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a condition on groups of `{M}`")]
pub trait IntoHaving<M> {
    /// Returns the condition.
    #[doc(hidden)]
    fn into_having(self) -> Having<M>;
}

impl<M> IntoHaving<M> for Having<M> {
    fn into_having(self) -> Self {
        self
    }
}

impl<M> IntoHaving<M> for Filter<M> {
    fn into_having(self) -> Having<M> {
        Having::new(self.into_condition())
    }
}

impl<M, T> IntoHaving<M> for Comparison<M, T> {
    fn into_having(self) -> Having<M> {
        Filter::from(self).into_having()
    }
}

impl<M> From<OrderBy<M>> for OrderBy<Groups<M>> {
    fn from(order: OrderBy<M>) -> Self {
        order.of_groups()
    }
}

impl<M> IntoOrder<Groups<M>> for OrderBy<M> {
    fn into_order(self) -> Vec<Order> {
        IntoOrder::<M>::into_order(self)
    }
}

impl<M> IntoOrder<Groups<M>> for Vec<OrderBy<M>> {
    fn into_order(self) -> Vec<Order> {
        IntoOrder::<M>::into_order(self)
    }
}

impl<M, const N: usize> IntoOrder<Groups<M>> for [OrderBy<M>; N] {
    fn into_order(self) -> Vec<Order> {
        IntoOrder::<M>::into_order(self)
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        impl CountRows {$(
            $(#[$doc])*
            pub fn $name<M>(self, value: i64) -> Having<M> {
                let subject = Subject::Aggregate(Function::CountRows);
                Having::new(compare(subject, CompareOp::$op, Compared::Value(value.into_value())))
            }
        )*}

        impl<M, T: FieldType> Over<M, T> {$(
            $(#[$doc])*
            pub fn $name(self, value: impl IntoOperand<M, T::Base>) -> Having<M> {
                Having::new(compare(self.subject(), CompareOp::$op, value.into_operand()))
            }
        )*}
    };
}

comparisons! {
    /// Matches a group if the aggregate equals the value.
    eq => Equal;
    /// Matches a group if the aggregate differs from the value.
    ne => NotEqual;
    /// Matches a group if the aggregate is less than the value.
    lt => Less;
    /// Matches a group if the aggregate is less than or equal to the value.
    lte => LessOrEqual;
    /// Matches a group if the aggregate is greater than the value.
    gt => Greater;
    /// Matches a group if the aggregate is greater than or equal to the value.
    gte => GreaterOrEqual;
}

impl CountRows {
    /// Matches a group if the number of its rows is one of the values.
    pub fn is_in<M>(self, values: impl IntoList<M, i64>) -> Having<M> {
        Having::new(one_of(Subject::Aggregate(Function::CountRows), values.into_list(), false))
    }

    /// Matches a group if the number of its rows is none of the values.
    pub fn not_in<M>(self, values: impl IntoList<M, i64>) -> Having<M> {
        Having::new(one_of(Subject::Aggregate(Function::CountRows), values.into_list(), true))
    }

    /// Sorts the smallest groups first.
    pub fn asc<M>(self) -> OrderBy<Groups<M>> {
        OrderBy::new(query::OrderBy::Aggregate(Function::CountRows), false)
    }

    /// Sorts the greatest groups first.
    pub fn desc<M>(self) -> OrderBy<Groups<M>> {
        OrderBy::new(query::OrderBy::Aggregate(Function::CountRows), true)
    }

    /// Sorts groups in this direction. See [`SortOrder`].
    pub fn order<M>(self, order: SortOrder) -> OrderBy<Groups<M>> {
        OrderBy::new(query::OrderBy::Aggregate(Function::CountRows), order.is_descending())
    }
}

impl<M, T: FieldType> Over<M, T> {
    fn subject(self) -> Subject {
        Subject::Aggregate(self.function)
    }

    /// Matches a group if the aggregate is one of the values.
    pub fn is_in(self, values: impl IntoList<M, T::Base>) -> Having<M> {
        Having::new(one_of(self.subject(), values.into_list(), false))
    }

    /// Matches a group if the aggregate is none of the values, and not null.
    pub fn not_in(self, values: impl IntoList<M, T::Base>) -> Having<M> {
        Having::new(one_of(self.subject(), values.into_list(), true))
    }

    /// Matches a group if the aggregate is null: the field is null in all of its rows.
    pub fn is_null(self) -> Having<M> {
        Having::new(Condition::IsNull { subject: self.subject() })
    }

    /// Matches a group if the aggregate is not null.
    pub fn is_not_null(self) -> Having<M> {
        !self.is_null()
    }

    /// Matches a group if the text contains another.
    pub fn contains(self, part: impl IntoOperand<M, String>) -> Having<M>
    where
        T: TextField,
    {
        Having::new(text(self.subject(), TextOp::Contains, part.into_operand()))
    }

    /// Matches a group if the text starts with another.
    pub fn starts_with(self, part: impl IntoOperand<M, String>) -> Having<M>
    where
        T: TextField,
    {
        Having::new(text(self.subject(), TextOp::StartsWith, part.into_operand()))
    }

    /// Matches a group if the text ends with another.
    pub fn ends_with(self, part: impl IntoOperand<M, String>) -> Having<M>
    where
        T: TextField,
    {
        Having::new(text(self.subject(), TextOp::EndsWith, part.into_operand()))
    }

    /// Sorts groups by the aggregate, the smallest first.
    pub fn asc(self) -> OrderBy<Groups<M>> {
        OrderBy::new(query::OrderBy::Aggregate(self.function), false)
    }

    /// Sorts groups by the aggregate, the greatest first.
    pub fn desc(self) -> OrderBy<Groups<M>> {
        OrderBy::new(query::OrderBy::Aggregate(self.function), true)
    }

    /// Sorts groups in this direction. See [`SortOrder`].
    pub fn order(self, order: SortOrder) -> OrderBy<Groups<M>> {
        OrderBy::new(query::OrderBy::Aggregate(self.function), order.is_descending())
    }
}

/// The arguments that say which rows are counted or aggregated.
macro_rules! rows {
    ($([$($generics:tt)*] $query:ty;)*) => {$(
        impl<$($generics)*> $query {
            /// Sorts the rows before [`take`](Self::take), [`skip`](Self::skip) and [`cursor`](Self::cursor) choose some of them.
            pub fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
                self.query.rows.order.extend(order.into_order());
                self
            }

            /// Starts from the row with this key. A second cursor replaces the first.
            pub fn cursor(mut self, unique: impl Into<Option<Unique<M>>>) -> Self {
                self.query.rows.cursor = unique.into().map(Unique::into_key);
                self
            }

            /// Takes at most this many rows. `None` removes the limit.
            pub fn take(mut self, rows: impl Into<Option<u64>>) -> Self {
                self.query.rows.take = rows.into();
                self.query.rows.backwards = false;
                self
            }

            /// Takes the last rows instead of the first ones: Prisma's negative `take`.
            pub fn take_last(mut self, rows: u64) -> Self {
                self.query.rows.take = Some(rows);
                self.query.rows.backwards = true;
                self
            }

            /// Skips this many rows.
            pub fn skip(mut self, rows: impl Into<Option<u64>>) -> Self {
                self.query.rows.skip = rows.into().unwrap_or_default();
                self
            }
        }
    )*};
}

rows! {
    [M: Model] CountQuery<M>;
    [M: Model, A: Aggregates<M>] AggregateQuery<M, A>;
}

/// An aggregate of rows of `M`: [`CountRows`] or [`Over`].
pub trait AggregateOf<M: Model>: 'static {
    /// The result of the aggregate.
    type Output: FieldType + fmt::Debug;

    /// Returns the aggregate as data.
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

/// A tuple of up to six aggregates.
pub trait Aggregates<M: Model>: 'static {
    /// The tuple of the results.
    type Output: Send + 'static;

    /// Returns the aggregates as data.
    #[doc(hidden)]
    fn functions(self) -> Vec<Function>;

    /// Reads the results.
    ///
    /// # Errors
    /// A cell does not have the type of its aggregate.
    #[doc(hidden)]
    fn decode(cells: &mut Cells<'_>) -> Result<Self::Output, DecodeError>;
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
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

/// The query of [`Table::aggregate`](crate::Table::aggregate).
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
        let query = query::Aggregate { rows: Find::all(M::meta()), functions: aggregates.functions() };
        Self { executor, query, types: PhantomData }
    }

    /// Restricts the query to rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        self.query.rows.filter = self.query.rows.filter.and(filter.into_filter().into_condition());
        self
    }
}

impl<M: Model, A: Aggregates<M>> Batchable for AggregateQuery<M, A> {
    type Output = A::Output;

    fn into_step(self) -> Result<Step<A::Output>, Error> {
        Step::of(&self.executor, Request::Aggregate(self.query), |outcome| outcome.first(A::decode))
    }
}

/// The fields to group by. [`aggregate`](Self::aggregate) makes it a query.
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

    /// Computes these aggregates for each group.
    pub fn aggregate<A: Aggregates<M>>(self, aggregates: A) -> GroupQuery<M, F, A> {
        let query = query::GroupBy {
            model: M::meta(),
            filter: Condition::TRUE,
            by: self.columns,
            functions: aggregates.functions(),
            having: Condition::TRUE,
            order: Vec::new(),
            take: None,
            backwards: false,
            skip: 0,
        };
        GroupQuery { executor: self.executor, query, types: PhantomData }
    }
}

/// The query of [`GroupBy::aggregate`].
#[must_use = "a query runs when it is awaited"]
pub struct GroupQuery<M, F, A> {
    pub(super) executor: Executor,
    query: query::GroupBy,
    types: PhantomData<fn() -> (M, F, A)>,
}

impl<M, F, A> fmt::Debug for GroupQuery<M, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

impl<M: Model, F: Fields<M>, A: Aggregates<M>> GroupQuery<M, F, A> {
    /// Restricts the query to rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        self.query.filter = self.query.filter.and(filter.into_filter().into_condition());
        self
    }

    /// Restricts the query to groups that match. A second condition is combined with `AND`.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, session};
    /// # use nicol::{Error, count, max, types::DateTime};
    /// async fn users_with_many_sessions(db: &Client, now: DateTime) -> Result<Vec<(String, (i64,))>, Error> {
    ///     let groups = db.session().group_by(session::user_id).aggregate((count(),));
    ///     groups.having(count().gt(5).and(max(session::expires).gt(now))).order_by(count().desc()).take(10).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn having(mut self, having: impl IntoHaving<M>) -> Self {
        self.query.having = self.query.having.and(having.into_having().condition);
        self
    }

    /// Sorts the groups by fields that they are grouped by, and by aggregates. A second call adds terms.
    pub fn order_by(mut self, order: impl IntoOrder<Groups<M>>) -> Self {
        self.query.order.extend(order.into_order());
        self
    }

    /// Limits the number of groups. `None` removes the limit.
    pub fn take(mut self, groups: impl Into<Option<u64>>) -> Self {
        self.query.take = groups.into();
        self.query.backwards = false;
        self
    }

    /// Skips this many groups.
    pub fn skip(mut self, groups: impl Into<Option<u64>>) -> Self {
        self.query.skip = groups.into().unwrap_or_default();
        self
    }
}

impl<M: Model, F: Fields<M>, A: Aggregates<M>> Batchable for GroupQuery<M, F, A> {
    type Output = Vec<(F::Output, A::Output)>;

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        Step::of(&self.executor, Request::GroupBy(self.query), |outcome| {
            outcome.all(|cells| Ok((F::decode(cells)?, A::decode(cells)?)))
        })
    }
}
