//! Fields, and the filters and orders made from them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Not;
use std::str::FromStr;

use serde_core::de::Error as _;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::argument::{Compared, IntoField, IntoOperand, list};
use super::compare::{compare, compare_json, one_of, text};
use super::enumeration::UnknownValue;
use super::model::Model;
use super::scalar::{FieldType, ListItem, Scalar, TextField};
use super::sql::{Sql, SqlPart};
use crate::codec::{Cells, DecodeError};
use crate::meta::ColumnType;
use crate::query::{self, CompareOp, Condition, JsonTest, ListOp, Nulls, Operand, Order, Subject, TextOp};
use crate::value::Value;

/// A field of model `M` with values of type `T`: the type of constants such as `user::email`.
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
    /// Returns the field of the column with this index.
    #[doc(hidden)]
    pub const fn new(column: u16) -> Self {
        Self { column, types: PhantomData }
    }

    /// Returns the index of the column in the model.
    #[doc(hidden)]
    pub const fn column(self) -> u16 {
        self.column
    }
}

impl<M: Model, T> SqlPart<Self> for Field<M, T> {
    fn to_sql(&self) -> Sql {
        Sql::column(M::meta(), self.column)
    }
}

impl<M, T> Field<M, T> {
    fn subject(self) -> Subject {
        Subject::Column(self.column)
    }
}

impl<M: Model, T: FieldType> Field<M, T> {
    fn compare(self, op: CompareOp, with: Compared) -> Comparison<M, T> {
        let column = &M::meta().columns[usize::from(self.column)];
        let is_json = matches!(column.ty, ColumnType::Json | ColumnType::Jsonb) && !column.list;
        Comparison::new(if is_json {
            compare_json(self.column, None, op, with)
        } else {
            compare(self.subject(), op, with)
        })
    }

    /// Matches a row if the field equals the value, or another field of the same type. [`NULL`](crate::NULL) matches null.
    ///
    /// The value can be given by reference, and a list as an array or a slice:
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn named(db: &Client, name: &Option<String>) -> Result<Vec<User>, Error> {
    ///     db.user().find_many().filter(user::name.eq(name)).await
    /// }
    ///
    /// async fn named_after_their_address(db: &Client) -> Result<Vec<User>, Error> {
    ///     db.user().find_many().filter(user::name.eq(user::email)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn eq(self, value: impl IntoOperand<M, T>) -> Comparison<M, T> {
        self.compare(CompareOp::Equal, value.into_operand())
    }

    /// Matches a row if the field is not null and differs from the value, or from another field that is not null. [`NULL`](crate::NULL) matches
    /// any value.
    pub fn ne(self, value: impl IntoOperand<M, T>) -> Comparison<M, T> {
        self.compare(CompareOp::NotEqual, value.into_operand())
    }

    /// Matches a row if the field is less than the value, or than another field of the same type.
    pub fn lt(self, value: impl IntoOperand<M, T::Base>) -> Comparison<M, T> {
        self.compare(CompareOp::Less, value.into_operand())
    }

    /// Matches a row if the field is less than or equal to the value, or to another field of the same type.
    pub fn lte(self, value: impl IntoOperand<M, T::Base>) -> Comparison<M, T> {
        self.compare(CompareOp::LessOrEqual, value.into_operand())
    }

    /// Matches a row if the field is greater than the value, or than another field of the same type.
    pub fn gt(self, value: impl IntoOperand<M, T::Base>) -> Comparison<M, T> {
        self.compare(CompareOp::Greater, value.into_operand())
    }

    /// Matches a row if the field is greater than or equal to the value, or to another field of the same type.
    pub fn gte(self, value: impl IntoOperand<M, T::Base>) -> Comparison<M, T> {
        self.compare(CompareOp::GreaterOrEqual, value.into_operand())
    }

    /// Matches a row if the field equals one of the values: an array, a `Vec`, a slice, a set or another collection, of values or of references.
    /// A list field of the same model is taken, too.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use std::collections::HashSet;
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn users(db: &Client, ids: &HashSet<String>) -> Result<Vec<User>, Error> {
    ///     db.user().find_many().filter(user::id.is_in(ids)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn is_in(self, values: impl IntoList<M, T::Base>) -> Comparison<M, T> {
        Comparison::new(one_of(self.subject(), values.into_list(), false))
    }

    /// Matches a row if the field is not null and equals none of the values.
    pub fn not_in(self, values: impl IntoList<M, T::Base>) -> Comparison<M, T> {
        Comparison::new(one_of(self.subject(), values.into_list(), true))
    }

    /// Sorts in ascending order.
    pub fn asc(self) -> OrderBy<M> {
        OrderBy::new(query::OrderBy::Column(self.column), false)
    }

    /// Sorts in descending order.
    pub fn desc(self) -> OrderBy<M> {
        OrderBy::new(query::OrderBy::Column(self.column), true)
    }

    /// Sorts in this direction. See [`SortOrder`].
    pub fn order(self, order: SortOrder) -> OrderBy<M> {
        OrderBy::new(query::OrderBy::Column(self.column), order.is_descending())
    }
}

impl<M: Model, T: Scalar> Field<M, Option<T>> {
    /// Matches a row if the field is null.
    pub fn is_null(self) -> Filter<M> {
        Filter::new(Condition::IsNull { subject: self.subject() })
    }

    /// Matches a row if the field is not null.
    pub fn is_not_null(self) -> Filter<M> {
        !self.is_null()
    }
}

impl<M: Model, T: FieldType> Field<M, T> {
    fn text(self, op: TextOp, value: Compared) -> Comparison<M, T> {
        Comparison::new(text(self.subject(), op, value))
    }

    /// Matches a row if the field contains the text, or that of another field.
    ///
    /// `%`, `_` and `\` match themselves, here and in [`starts_with`](Self::starts_with), [`ends_with`](Self::ends_with) and
    /// [insensitive](Comparison::insensitive) comparisons. In Prisma Client they are wildcards.
    pub fn contains(self, part: impl IntoOperand<M, String>) -> Comparison<M, T>
    where
        T: TextField,
    {
        self.text(TextOp::Contains, part.into_operand())
    }

    /// Matches a row if the field starts with the text, or with that of another field. `%`, `_` and `\` match themselves.
    pub fn starts_with(self, part: impl IntoOperand<M, String>) -> Comparison<M, T>
    where
        T: TextField,
    {
        self.text(TextOp::StartsWith, part.into_operand())
    }

    /// Matches a row if the field ends with the text, or with that of another field. `%`, `_` and `\` match themselves.
    pub fn ends_with(self, part: impl IntoOperand<M, String>) -> Comparison<M, T>
    where
        T: TextField,
    {
        self.text(TextOp::EndsWith, part.into_operand())
    }
}

impl<M: Model, T: ListItem> Field<M, Vec<T>> {
    fn list(self, op: ListOp, values: Operand) -> Filter<M> {
        Filter::new(Condition::List { column: self.column, op, values })
    }

    /// Matches a row if the list contains the value, or that of another field.
    pub fn has(self, value: impl IntoOperand<M, T>) -> Filter<M> {
        let value = match value.into_operand().into() {
            Operand::Value(value) => Operand::Value(Value::List(vec![value])),
            column @ Operand::Column(_) => column,
        };
        self.list(ListOp::HasEvery, value)
    }

    /// Matches a row if the list contains all of the values, or all of another list.
    pub fn has_every(self, values: impl IntoList<M, T>) -> Filter<M> {
        self.list(ListOp::HasEvery, values.into_list())
    }

    /// Matches a row if the list contains at least one of the values, or one of another list.
    pub fn has_some(self, values: impl IntoList<M, T>) -> Filter<M> {
        self.list(ListOp::HasSome, values.into_list())
    }

    /// Matches a row if the list is empty (`true`) or not empty (`false`).
    pub fn is_empty(self, empty: bool) -> Filter<M> {
        let op = if empty { ListOp::IsEmpty } else { ListOp::IsNotEmpty };
        self.list(op, Operand::Value(Value::List(Vec::new())))
    }
}

// A field can be compared with one of the same type, whether or not they can be null.
macro_rules! same_type {
    ($($of:ty, $with:ty;)*) => {$(
        impl<M, T: Scalar> IntoOperand<M, $of> for Field<M, $with> {
            fn into_operand(self) -> Compared {
                Compared::Column(self.column)
            }
        }
    )*};
}

same_type! {
    T, T;
    T, Option<T>;
    Option<T>, T;
    Option<T>, Option<T>;
}

/// What [`Field::is_in`] and the like take: a collection of values for a field of type `T`, or a list field of model `M`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a list of values for a field of type `{T}`")]
pub trait IntoList<M, T> {
    /// Returns the list.
    #[doc(hidden)]
    fn into_list(self) -> Operand;
}

impl<M, T, V: IntoField<T>, I: IntoIterator<Item = V>> IntoList<M, T> for I {
    fn into_list(self) -> Operand {
        Operand::Value(list(self))
    }
}

impl<M, T> IntoList<M, T> for Field<M, Vec<T>> {
    fn into_list(self) -> Operand {
        Operand::Column(self.column)
    }
}

/// A filter of rows of model `M`. `!filter` negates it.
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

    /// Matches a row if all of the filters match it. Without filters, it matches every row.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::{Error, Filter, types::DateTime};
    /// async fn users(db: &Client, since: Option<DateTime>) -> Result<Vec<User>, Error> {
    ///     let mut filters: Vec<Filter<User>> = vec![user::email.ends_with("@example.com").into()];
    ///     if let Some(since) = since {
    ///         filters.push(user::created_at.gte(since).into());
    ///     }
    ///     db.user().find_many().filter(Filter::all(filters)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn all<F: Into<Self>>(filters: impl IntoIterator<Item = F>) -> Self {
        Self::new(Condition::All(filters.into_iter().map(|filter| filter.into().condition).collect()))
    }

    /// Matches a row if at least one of the filters matches it. Without filters, it matches no row.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// # use nicol::{Error, Filter};
    /// async fn delete(db: &Client, prefixes: &[&str]) -> Result<u64, Error> {
    ///     let filters = prefixes.iter().map(|prefix| user::email.starts_with(*prefix));
    ///     db.user().delete_many().filter(Filter::any(filters)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn any<F: Into<Self>>(filters: impl IntoIterator<Item = F>) -> Self {
        Self::new(Condition::Any(filters.into_iter().map(|filter| filter.into().condition).collect()))
    }

    /// Matches a row if a condition in SQL is true for it. In [`sql!`](macro@crate::sql), write the columns of the row as fields, such as
    /// `{user::email}`: they are then qualified, so that the condition can be part of any filter.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// use nicol::{Filter, sql};
    ///
    /// async fn similar(db: &Client, name: &str) -> Result<Vec<User>, Error> {
    ///     let sounds_alike = Filter::sql(sql!("soundex({user::name}) = soundex({name})"));
    ///     db.user().find_many().filter(user::visits.gt(0)).filter(sounds_alike).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn sql(condition: Sql) -> Self {
        Self::new(Condition::Sql(condition.into_fragment()))
    }

    /// Matches no row: the start of a chain of [`or`](Self::or).
    pub fn none() -> Self {
        Self::new(Condition::FALSE)
    }

    /// Matches a row if both filters match it.
    pub fn and(self, other: impl Into<Self>) -> Self {
        Self::new(self.condition.and(other.into().condition))
    }

    /// Matches a row if at least one of the two filters matches it. Use [`any`](Self::any) for a list: a chain that starts with a filter
    /// for every row matches every row.
    pub fn or(self, other: impl Into<Self>) -> Self {
        Self::new(self.condition.or(other.into().condition))
    }

    /// Returns the filter as data.
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

/// A comparison of a field of type `T`. It converts into a [`Filter`]; comparisons of text can be made [insensitive](Self::insensitive).
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
    pub(crate) fn new(condition: Condition) -> Self {
        Self { filter: Filter::new(condition), field: PhantomData }
    }

    /// Matches a row if both filters match it.
    pub fn and(self, other: impl Into<Filter<M>>) -> Filter<M> {
        self.filter.and(other)
    }

    /// Matches a row if at least one of the two filters matches it.
    pub fn or(self, other: impl Into<Filter<M>>) -> Filter<M> {
        self.filter.or(other)
    }
}

impl<M, T> Comparison<M, T> {
    /// Ignores case.
    pub fn insensitive(mut self) -> Self
    where
        T: TextField,
    {
        match &mut self.filter.condition {
            Condition::Compare { mode, .. }
            | Condition::In { mode, .. }
            | Condition::Text { mode, .. }
            | Condition::Json { test: JsonTest::Text(_, _, mode), .. } => {
                mode.insensitive = true;
            }
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

/// The filters of queries that read: a [`Filter`], a [`Comparison`], or an `Option` of one. `None` is no condition.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, User, user};
/// # use nicol::Error;
/// async fn search(db: &Client, name: Option<&str>) -> Result<Vec<User>, Error> {
///     db.user().find_many().filter(name.map(|name| user::name.contains(name).insensitive())).await
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter of `{M}`",
    label = "not a filter of `{M}`"
)]
pub trait IntoFilter<M> {
    /// Returns the filter.
    #[doc(hidden)]
    fn into_filter(self) -> Filter<M>;
}

impl<M> IntoFilter<M> for Filter<M> {
    fn into_filter(self) -> Self {
        self
    }
}

impl<M, T> IntoFilter<M> for Comparison<M, T> {
    fn into_filter(self) -> Filter<M> {
        self.filter
    }
}

impl<M, F: IntoFilter<M>> IntoFilter<M> for Option<F> {
    fn into_filter(self) -> Filter<M> {
        self.map_or_else(|| Filter::new(Condition::TRUE), F::into_filter)
    }
}

/// Filters that may be absent where all rows would be written without one: none. The lifetime lets the compiler accept a bound that never holds.
#[diagnostic::on_unimplemented(
    message = "this filter may be absent: it would match all rows",
    label = "`None` is no condition, which only queries that read accept",
    note = "if all rows are meant, say so: `Filter::all(filter)` takes an `Option`, too"
)]
pub trait Absent<'a> {}

impl<M, F: for<'a> Absent<'a>> From<Option<F>> for Filter<M> {
    fn from(_: Option<F>) -> Self {
        Self::none()
    }
}

/// A direction that is known when the program runs, such as that of a sorted column in a request: `user::name.order(direction)`.
///
/// `"asc"` and `"desc"` are parsed, serialized and deserialized.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, User, user};
/// # use nicol::{Error, OrderBy, SortOrder};
/// async fn users(db: &Client, column: &str, direction: SortOrder) -> Result<Vec<User>, Error> {
///     let order: OrderBy<User> = match column {
///         "visits" => user::visits.order(direction),
///         _ => user::name.order(direction),
///     };
///     db.user().find_many().order_by((order, user::id.asc())).await
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SortOrder {
    /// The smallest values first.
    #[default]
    Asc,
    /// The greatest values first.
    Desc,
}

impl SortOrder {
    fn name(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }

    pub(crate) fn is_descending(self) -> bool {
        self == Self::Desc
    }
}

impl fmt::Display for SortOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SortOrder {
    type Err = UnknownValue;

    fn from_str(name: &str) -> Result<Self, UnknownValue> {
        let mut all = [Self::Asc, Self::Desc].into_iter();
        all.find(|order| order.name() == name).ok_or(UnknownValue("SortOrder"))
    }
}

impl Serialize for SortOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for SortOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A term of the order of rows of model `M`.
#[derive(Debug)]
#[must_use]
pub struct OrderBy<M> {
    order: Order,
    model: PhantomData<fn() -> M>,
}

impl<M> OrderBy<M> {
    pub(crate) fn new(by: query::OrderBy, descending: bool) -> Self {
        Self { order: Order { by, descending, nulls: None }, model: PhantomData }
    }

    /// Returns the order as one of other things, such as groups of the rows.
    pub(crate) fn of_groups<G>(self) -> OrderBy<G> {
        OrderBy { order: self.order, model: PhantomData }
    }

    /// Returns the order of rows that lead to the sorted ones by a relation to at most one row.
    pub(crate) fn through<From>(mut self, relation: u16) -> OrderBy<From> {
        use query::OrderBy as By;
        match &mut self.order.by {
            By::Column(column) => self.order.by = By::Related { path: vec![relation], column: *column },
            By::Related { path, .. } | By::Count { path, .. } | By::Relevance { path, .. } => {
                path.insert(0, relation);
            }
            By::Aggregate(_) => {}
        }
        OrderBy { order: self.order, model: PhantomData }
    }

    /// Sorts nulls before all values.
    pub fn nulls_first(mut self) -> Self {
        self.order.nulls = Some(Nulls::First);
        self
    }

    /// Sorts nulls after all values.
    pub fn nulls_last(mut self) -> Self {
        self.order.nulls = Some(Nulls::Last);
        self
    }
}

/// The arguments of `order_by`: a term, a tuple of up to six terms, an array or a `Vec`.
pub trait IntoOrder<M> {
    /// Returns the terms as data.
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

/// Fields of a model: one field, or a tuple of up to six.
pub trait Fields<M: Model>: 'static {
    /// The values of the fields.
    type Output: Send + 'static;

    /// Returns the columns of the fields.
    #[doc(hidden)]
    fn columns(self) -> Vec<u16>;

    /// Reads the values.
    ///
    /// # Errors
    /// A cell does not have the type of its field.
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

macro_rules! fields_tuple {
    ($($name:ident $index:tt),+) => {
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

fields_tuple!(A 0);
fields_tuple!(A 0, B 1);
fields_tuple!(A 0, B 1, C 2);
fields_tuple!(A 0, B 1, C 2, D 3);
fields_tuple!(A 0, B 1, C 2, D 3, E 4);
fields_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
