//! Handles of fields, and the filters and orders that are made of them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Not;

use super::model::Model;
use super::scalar::{FieldType, IntoField, ListItem, Scalar, TextField};
use crate::query::{CompareOp, Condition, ListOp, Nulls, Order, TextOp};
use crate::value::Value;

/// A field of model `M` with values of type `T`: the constants such as `person::name`.
pub struct Field<M, T> {
    pub(crate) column: u16,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Field<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Field<M, T> {}

impl<M: Model, T> fmt::Debug for Field<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meta = M::meta();
        write!(f, "{}.{}", meta.name, meta.columns[usize::from(self.column)].field)
    }
}

impl<M, T> Field<M, T> {
    /// For generated code: the column's place in the model.
    #[doc(hidden)]
    pub const fn new(column: u16) -> Self {
        Self { column, types: PhantomData }
    }

    /// The column's place in the model.
    #[doc(hidden)]
    pub const fn column(self) -> u16 {
        self.column
    }
}

impl<M: Model, T: FieldType> Field<M, T> {
    fn compare(self, op: CompareOp, value: impl IntoField<T>) -> Comparison<M, T> {
        let condition = match (value.into_field(), op) {
            (Value::Null, CompareOp::Equal) => Condition::IsNull { column: self.column },
            (Value::Null, CompareOp::NotEqual) => {
                Condition::Not(Box::new(Condition::IsNull { column: self.column }))
            }
            (value, op) => Condition::Compare { column: self.column, op, value, insensitive: false },
        };
        Comparison::new(condition)
    }

    /// It has this value; [`NULL`](crate::NULL) asks for null.
    pub fn eq(self, value: impl IntoField<T>) -> Comparison<M, T> {
        self.compare(CompareOp::Equal, value)
    }

    /// It has a value, and not this one; [`NULL`](crate::NULL) asks for any.
    pub fn ne(self, value: impl IntoField<T>) -> Comparison<M, T> {
        self.compare(CompareOp::NotEqual, value)
    }

    /// It is less.
    pub fn lt(self, value: impl IntoField<T::Base>) -> Comparison<M, T> {
        self.order_against(CompareOp::Less, value)
    }

    /// It is less or equal.
    pub fn lte(self, value: impl IntoField<T::Base>) -> Comparison<M, T> {
        self.order_against(CompareOp::LessOrEqual, value)
    }

    /// It is greater.
    pub fn gt(self, value: impl IntoField<T::Base>) -> Comparison<M, T> {
        self.order_against(CompareOp::Greater, value)
    }

    /// It is greater or equal.
    pub fn gte(self, value: impl IntoField<T::Base>) -> Comparison<M, T> {
        self.order_against(CompareOp::GreaterOrEqual, value)
    }

    fn order_against(self, op: CompareOp, value: impl IntoField<T::Base>) -> Comparison<M, T> {
        let value = value.into_field();
        Comparison::new(Condition::Compare { column: self.column, op, value, insensitive: false })
    }

    /// It has one of these values.
    pub fn is_in<V: IntoField<T::Base>>(self, values: impl IntoIterator<Item = V>) -> Comparison<M, T> {
        self.one_of(values, false)
    }

    /// It has a value, and none of these.
    pub fn not_in<V: IntoField<T::Base>>(self, values: impl IntoIterator<Item = V>) -> Comparison<M, T> {
        self.one_of(values, true)
    }

    fn one_of<V: IntoField<T::Base>>(
        self,
        values: impl IntoIterator<Item = V>,
        negated: bool,
    ) -> Comparison<M, T> {
        let values = values.into_iter().map(IntoField::into_field).collect();
        Comparison::new(Condition::In { column: self.column, values, negated, insensitive: false })
    }

    /// The least first.
    pub fn asc(self) -> OrderBy<M> {
        OrderBy::new(self.column, false)
    }

    /// The greatest first.
    pub fn desc(self) -> OrderBy<M> {
        OrderBy::new(self.column, true)
    }
}

impl<M: Model, T: Scalar> Field<M, Option<T>> {
    /// It is null.
    pub fn is_null(self) -> Filter<M> {
        Filter::new(Condition::IsNull { column: self.column })
    }

    /// It is not null.
    pub fn is_not_null(self) -> Filter<M> {
        !self.is_null()
    }
}

impl<M: Model, T: TextField> Field<M, T> {
    fn text(self, op: TextOp, value: impl Into<String>) -> Comparison<M, T> {
        let value = value.into();
        Comparison::new(Condition::Text { column: self.column, op, value, insensitive: false })
    }

    /// This is somewhere in it.
    ///
    /// `%`, `_` and `\` mean themselves, here and in [`starts_with`](Self::starts_with), [`ends_with`](Self::ends_with) and
    /// insensitive comparisons. In Prisma Client they are those of `LIKE`: `%` stands for any text, `_` for any character.
    pub fn contains(self, part: impl Into<String>) -> Comparison<M, T> {
        self.text(TextOp::Contains, part)
    }

    /// It begins with this. `%`, `_` and `\` mean themselves.
    pub fn starts_with(self, part: impl Into<String>) -> Comparison<M, T> {
        self.text(TextOp::StartsWith, part)
    }

    /// It ends with this. `%`, `_` and `\` mean themselves.
    pub fn ends_with(self, part: impl Into<String>) -> Comparison<M, T> {
        self.text(TextOp::EndsWith, part)
    }
}

impl<M: Model, T: ListItem> Field<M, Vec<T>> {
    fn list(self, op: ListOp, values: Vec<Value>) -> Filter<M> {
        Filter::new(Condition::List { column: self.column, op, values })
    }

    /// This is one of its elements.
    pub fn has(self, value: impl IntoField<T>) -> Filter<M> {
        self.list(ListOp::HasEvery, vec![value.into_field()])
    }

    /// All of these are among its elements.
    pub fn has_every<V: IntoField<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<M> {
        self.list(ListOp::HasEvery, values.into_iter().map(IntoField::into_field).collect())
    }

    /// One of these is among its elements.
    pub fn has_some<V: IntoField<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<M> {
        self.list(ListOp::HasSome, values.into_iter().map(IntoField::into_field).collect())
    }

    /// It has no elements, or it has some.
    pub fn is_empty(self, empty: bool) -> Filter<M> {
        self.list(if empty { ListOp::IsEmpty } else { ListOp::IsNotEmpty }, Vec::new())
    }
}

/// Which rows of model `M`.
#[must_use]
pub struct Filter<M> {
    condition: Condition,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Filter<M> {
    fn clone(&self) -> Self {
        Self::new(self.condition.clone())
    }
}

impl<M> fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)
    }
}

impl<M> Filter<M> {
    pub(crate) fn new(condition: Condition) -> Self {
        Self { condition, model: PhantomData }
    }

    /// Matches a row if all of the filters match it; without any filter, every row.
    ///
    /// ```ignore
    /// let mut filters: Vec<Filter<Person>> = vec![person::name.starts_with("A").into()];
    /// if let Some(since) = since {
    ///     filters.push(person::created_at.gte(since).into());
    /// }
    /// db.person().find_many().filter(Filter::all(filters)).await?;
    /// ```
    pub fn all<F: Into<Self>>(filters: impl IntoIterator<Item = F>) -> Self {
        Self::new(Condition::All(filters.into_iter().map(|filter| filter.into().condition).collect()))
    }

    /// Matches a row if at least one of the filters matches it; without any filter, no row.
    ///
    /// ```ignore
    /// db.person().delete_many().filter(Filter::any(names.iter().map(|name| person::name.eq(name)))).await?;
    /// ```
    pub fn any<F: Into<Self>>(filters: impl IntoIterator<Item = F>) -> Self {
        Self::new(Condition::Any(filters.into_iter().map(|filter| filter.into().condition).collect()))
    }

    /// Matches no row: the neutral element of [`or`](Self::or).
    pub fn none() -> Self {
        Self::new(Condition::FALSE)
    }

    /// Both hold.
    pub fn and(self, other: impl Into<Self>) -> Self {
        Self::new(self.condition.and(other.into().condition))
    }

    /// Matches a row if this filter or the other one matches it. A list of alternatives is [`any`](Self::any): what begins with a filter
    /// that matches every row still matches every row.
    pub fn or(self, other: impl Into<Self>) -> Self {
        Self::new(self.condition.or(other.into().condition))
    }

    /// The condition as data.
    #[doc(hidden)]
    pub fn into_condition(self) -> Condition {
        self.condition
    }
}

impl<M> Not for Filter<M> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Condition::Not(Box::new(self.condition)))
    }
}

/// The comparison of a field of type `T`: a [`Filter`] to which [`insensitive`](Self::insensitive) can still be said.
#[must_use]
pub struct Comparison<M, T> {
    filter: Filter<M>,
    field: PhantomData<fn() -> T>,
}

impl<M, T> Clone for Comparison<M, T> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), field: PhantomData }
    }
}

impl<M, T> fmt::Debug for Comparison<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

impl<M, T> Comparison<M, T> {
    fn new(condition: Condition) -> Self {
        Self { filter: Filter::new(condition), field: PhantomData }
    }

    /// Both hold.
    pub fn and(self, other: impl Into<Filter<M>>) -> Filter<M> {
        self.filter.and(other)
    }

    /// At least one holds.
    pub fn or(self, other: impl Into<Filter<M>>) -> Filter<M> {
        self.filter.or(other)
    }
}

impl<M, T: TextField> Comparison<M, T> {
    /// Without regard to case.
    pub fn insensitive(mut self) -> Self {
        match &mut self.filter.condition {
            Condition::Compare { insensitive, .. }
            | Condition::In { insensitive, .. }
            | Condition::Text { insensitive, .. } => *insensitive = true,
            _ => {}
        }
        self
    }
}

impl<M, T> Not for Comparison<M, T> {
    type Output = Filter<M>;

    fn not(self) -> Filter<M> {
        !self.filter
    }
}

impl<M, T> From<Comparison<M, T>> for Filter<M> {
    fn from(comparison: Comparison<M, T>) -> Self {
        comparison.filter
    }
}

/// One term of an order of rows of model `M`.
#[derive(Debug)]
#[must_use]
pub struct OrderBy<M> {
    order: Order,
    model: PhantomData<fn() -> M>,
}

impl<M> OrderBy<M> {
    fn new(column: u16, descending: bool) -> Self {
        Self { order: Order { column, descending, nulls: None }, model: PhantomData }
    }

    /// Nulls before all values.
    pub fn nulls_first(mut self) -> Self {
        self.order.nulls = Some(Nulls::First);
        self
    }

    /// Nulls behind all values.
    pub fn nulls_last(mut self) -> Self {
        self.order.nulls = Some(Nulls::Last);
        self
    }
}

/// What `order_by` takes: one term, a tuple or a `Vec` of terms.
pub trait IntoOrder<M> {
    /// The terms.
    #[doc(hidden)]
    fn into_order(self) -> Vec<Order>;
}

impl<M> IntoOrder<M> for OrderBy<M> {
    fn into_order(self) -> Vec<Order> {
        vec![self.order]
    }
}

impl<M> IntoOrder<M> for Vec<OrderBy<M>> {
    fn into_order(self) -> Vec<Order> {
        self.into_iter().map(|term| term.order).collect()
    }
}

impl<M, const N: usize> IntoOrder<M> for [OrderBy<M>; N] {
    fn into_order(self) -> Vec<Order> {
        self.into_iter().map(|term| term.order).collect()
    }
}

macro_rules! order_tuple {
    ($($term:ident $index:tt),+) => {
        impl<M, $($term: Into<OrderBy<M>>),+> IntoOrder<M> for ($($term,)+) {
            fn into_order(self) -> Vec<Order> {
                vec![$(self.$index.into().order),+]
            }
        }
    };
}

order_tuple!(A 0);
order_tuple!(A 0, B 1);
order_tuple!(A 0, B 1, C 2);
order_tuple!(A 0, B 1, C 2, D 3);
order_tuple!(A 0, B 1, C 2, D 3, E 4);
order_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
