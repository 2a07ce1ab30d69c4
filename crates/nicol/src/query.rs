//! The query as data: the typed builders make it, and `sql` reads it. Nothing here is generic, so it is compiled once.

use crate::meta::ModelMeta;
use crate::value::Value;

/// A query that reads rows.
#[derive(Debug, Clone)]
pub struct Find {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows to read.
    pub filter: Condition,
    /// The order of the rows.
    pub order: Vec<Order>,
    /// The maximum number of rows.
    pub take: Option<u64>,
    /// How many rows to skip.
    pub skip: u64,
    /// Whether the query reads at most one row, by a unique key or by `take`.
    pub single: bool,
    /// The columns to read.
    pub columns: Columns,
    /// The relations to load with each row.
    pub includes: Vec<Include>,
}

impl Find {
    /// Returns the query for all rows of a model.
    pub fn all(model: &'static ModelMeta) -> Self {
        Self {
            model,
            filter: Condition::TRUE,
            order: Vec::new(),
            take: None,
            skip: 0,
            single: false,
            columns: Columns::All,
            includes: Vec::new(),
        }
    }
}

/// The columns of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// All columns of the model, in order.
    All,
    /// These columns, in this order.
    Some(Vec<u16>),
}

/// A relation to load, or to count.
#[derive(Debug, Clone)]
pub struct Include {
    /// The index of the relation.
    pub relation: u16,
    /// Whether only the number of rows is read.
    pub count: bool,
    /// What to read at the other end; its model is the target of the relation.
    pub find: Find,
}

/// A condition on the rows of a model.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of these conditions; true if there are none.
    All(Vec<Condition>),
    /// At least one of these conditions; false if there are none.
    Any(Vec<Condition>),
    /// The negation of a condition.
    Not(Box<Condition>),
    /// Compares a column with a value.
    Compare {
        /// The index of the column.
        column: u16,
        /// The comparison.
        op: CompareOp,
        /// The value; never null.
        value: Value,
        /// Whether case is ignored.
        insensitive: bool,
    },
    /// Whether the value of a column is in a list.
    In {
        /// The index of the column.
        column: u16,
        /// The values; none is null.
        values: Vec<Value>,
        /// Whether the value must not be in the list.
        negated: bool,
        /// Whether case is ignored.
        insensitive: bool,
    },
    /// Whether a column is null.
    IsNull {
        /// The index of the column.
        column: u16,
    },
    /// Whether a text contains, starts with or ends with another.
    Text {
        /// The index of the column.
        column: u16,
        /// Where the text must be.
        op: TextOp,
        /// The text to find; `%` and `_` match themselves.
        value: String,
        /// Whether case is ignored.
        insensitive: bool,
    },
    /// Compares an array column with values.
    List {
        /// The index of the column.
        column: u16,
        /// The comparison.
        op: ListOp,
        /// The values.
        values: Vec<Value>,
    },
    /// A condition on the rows at the other end of a relation.
    Related {
        /// The index of the relation.
        relation: u16,
        /// How many of the rows must match.
        quantifier: Quantifier,
        /// The condition on a row.
        condition: Box<Condition>,
    },
}

impl Condition {
    /// Always true.
    pub const TRUE: Self = Self::All(Vec::new());

    /// Always false.
    pub const FALSE: Self = Self::Any(Vec::new());

    /// Whether the condition is true for every row.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_true))
    }

    /// Whether the condition is false for every row.
    pub fn is_false(&self) -> bool {
        matches!(self, Self::Any(parts) if parts.iter().all(Self::is_false))
    }

    /// Returns the condition that both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a.is_true() => b,
            (a, b) if b.is_true() => a,
            (Self::All(mut parts), b) => {
                parts.push(b);
                Self::All(parts)
            }
            (a, b) => Self::All(vec![a, b]),
        }
    }

    /// Returns the condition that at least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a.is_false() => b,
            (a, b) if b.is_false() => a,
            (Self::Any(mut parts), b) => {
                parts.push(b);
                Self::Any(parts)
            }
            (a, b) => Self::Any(vec![a, b]),
        }
    }
}

/// Comparisons of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where a text must be within another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
}

/// Comparisons of an array with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOp {
    /// The array has all of the values.
    HasEvery,
    /// The array has at least one of the values.
    HasSome,
    /// The array is empty.
    IsEmpty,
    /// The array is not empty.
    IsNotEmpty,
    /// The array equals the list of values.
    Equal,
}

/// How many rows at the other end of a relation must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Quantifier {
    Some,
    None,
    Every,
}

/// One term of an `ORDER BY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The index of the column.
    pub column: u16,
    /// Whether the greatest value comes first.
    pub descending: bool,
    /// Where nulls go. By default PostgreSQL sorts null as the greatest value.
    pub nulls: Option<Nulls>,
}

/// Where nulls go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Nulls {
    First,
    Last,
}

/// The values of a unique key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The columns of the key and their values.
    pub values: Vec<(u16, Value)>,
}

impl Key {
    /// Returns the condition that a row has this key.
    pub fn condition(self) -> Condition {
        let equal =
            |(column, value)| Condition::Compare { column, op: CompareOp::Equal, value, insensitive: false };
        Condition::All(self.values.into_iter().map(equal).collect())
    }
}

/// A row to create, with nested writes.
#[derive(Debug, Clone)]
pub struct Create {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns and values that were set. A later value of a column replaces an earlier one.
    pub values: Vec<(u16, Value)>,
    /// Existing rows that the row refers to: the relation and the key of the row.
    pub connects: Vec<(u16, Key)>,
    /// Rows to create that refer to the row: the relation and the new row.
    pub children: Vec<(u16, Create)>,
}

impl Create {
    /// Returns a row without values.
    pub fn new(model: &'static ModelMeta) -> Self {
        Self { model, values: Vec::new(), connects: Vec::new(), children: Vec::new() }
    }
}

/// A change of one column.
#[derive(Debug, Clone)]
pub enum Assignment {
    /// Sets the value.
    Set(Value),
    /// Adds the value.
    Increment(Value),
    /// Subtracts the value.
    Decrement(Value),
    /// Multiplies by the value.
    Multiply(Value),
    /// Divides by the value.
    Divide(Value),
    /// Appends the values of a list to the array.
    Push(Value),
}

/// The changes of an update.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns and their changes. A later change of a column replaces an earlier one.
    pub assignments: Vec<(u16, Assignment)>,
}

impl Changes {
    /// Returns an update without changes.
    pub fn new(model: &'static ModelMeta) -> Self {
        Self { model, assignments: Vec::new() }
    }
}

/// A query that aggregates rows.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows to aggregate.
    pub filter: Condition,
    /// The columns to group by. Without columns there is one result for all rows.
    pub by: Vec<u16>,
    /// The aggregates to compute.
    pub functions: Vec<Function>,
    /// The groups to return.
    pub having: Option<Having>,
    /// The order of the groups, by columns of `by`.
    pub order: Vec<Order>,
    /// The maximum number of groups.
    pub take: Option<u64>,
    /// How many groups to skip.
    pub skip: u64,
}

/// An aggregate function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// The number of rows.
    CountRows,
    /// The number of rows in which the column is not null.
    Count(u16),
    /// The sum.
    Sum(u16),
    /// The mean.
    Average(u16),
    /// The smallest value.
    Minimum(u16),
    /// The greatest value.
    Maximum(u16),
}

/// A condition on groups: like [`Condition`], on the results of aggregates.
#[derive(Debug, Clone)]
pub(crate) enum Having {
    /// All of these conditions.
    All(Vec<Having>),
    /// At least one of these conditions.
    Any(Vec<Having>),
    /// Compares the result of an aggregate with a value.
    Compare {
        /// The aggregate.
        function: Function,
        /// The comparison.
        op: CompareOp,
        /// The value.
        value: Value,
    },
}
