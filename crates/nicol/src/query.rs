//! The query as data: what the typed builders make, and what the SQL writer reads. Nothing here is generic, so it is compiled once.

use crate::meta::ModelMeta;
use crate::value::Value;

/// Rows to read.
#[derive(Debug, Clone)]
pub struct Find {
    /// Of which model.
    pub model: &'static ModelMeta,
    /// Which rows.
    pub filter: Condition,
    /// In which order.
    pub order: Vec<Order>,
    /// How many at most.
    pub take: Option<u64>,
    /// How many of the first to leave out.
    pub skip: u64,
    /// Is at most one row meant, by a unique key or by `take`.
    pub single: bool,
    /// Which columns.
    pub columns: Columns,
    /// What else to load.
    pub includes: Vec<Include>,
}

impl Find {
    /// All rows of a model.
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

/// Columns of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// Every column of the model, in order.
    All,
    /// These, in this order.
    Some(Vec<u16>),
}

/// A relation to load, or to count.
#[derive(Debug, Clone)]
pub struct Include {
    /// Which relation of the model.
    pub relation: u16,
    /// Only how many.
    pub count: bool,
    /// What to read at the other end; its model is the relation's target.
    pub find: Find,
}

/// Which rows.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of these hold; without any, it is true.
    All(Vec<Condition>),
    /// One of these holds; without any, it is false.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// A column against a value.
    Compare {
        /// Which column.
        column: u16,
        /// How.
        op: CompareOp,
        /// With what; never null.
        value: Value,
        /// Without regard to case.
        insensitive: bool,
    },
    /// A column against a list of values.
    In {
        /// Which column.
        column: u16,
        /// The values, none null.
        values: Vec<Value>,
        /// None of them, rather than one of them.
        negated: bool,
        /// Without regard to case.
        insensitive: bool,
    },
    /// A column is null.
    IsNull {
        /// Which column.
        column: u16,
    },
    /// A part of a text.
    Text {
        /// Which column.
        column: u16,
        /// Which part.
        op: TextOp,
        /// The part, as it is: `%` and `_` mean themselves.
        value: String,
        /// Without regard to case.
        insensitive: bool,
    },
    /// An array column.
    List {
        /// Which column.
        column: u16,
        /// How.
        op: ListOp,
        /// The values.
        values: Vec<Value>,
    },
    /// The rows at the other end of a relation.
    Related {
        /// Which relation.
        relation: u16,
        /// How many of them.
        quantifier: Quantifier,
        /// What has to hold for them.
        condition: Box<Condition>,
    },
}

impl Condition {
    /// Always true.
    pub const TRUE: Self = Self::All(Vec::new());

    /// Always false.
    pub const FALSE: Self = Self::Any(Vec::new());

    /// Is it surely true, whatever the row.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_true))
    }

    /// Is it surely false, whatever the row.
    pub fn is_false(&self) -> bool {
        matches!(self, Self::Any(parts) if parts.iter().all(Self::is_false))
    }

    /// Both hold.
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

    /// At least one holds.
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

/// Parts of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
}

/// Questions to an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOp {
    /// It has all of these.
    HasEvery,
    /// It has one of these.
    HasSome,
    /// It has no element at all.
    IsEmpty,
    /// It has an element.
    IsNotEmpty,
    /// It is this list.
    Equal,
}

/// How many rows at the other end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Quantifier {
    Some,
    None,
    Every,
}

/// One term of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Which column.
    pub column: u16,
    /// The greatest first.
    pub descending: bool,
    /// Where nulls go; PostgreSQL takes null for the greatest value.
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
    /// Its columns and their values.
    pub values: Vec<(u16, Value)>,
}

impl Key {
    /// The rows (one at most) that have this key.
    pub fn condition(self) -> Condition {
        let equal =
            |(column, value)| Condition::Compare { column, op: CompareOp::Equal, value, insensitive: false };
        Condition::All(self.values.into_iter().map(equal).collect())
    }
}

/// A row to write, and what hangs on it.
#[derive(Debug, Clone)]
pub struct Create {
    /// Of which model.
    pub model: &'static ModelMeta,
    /// The columns that were given; a later value for a column replaces an earlier one.
    pub values: Vec<(u16, Value)>,
    /// Rows that it refers to, looked up by a key: relation and key.
    pub connects: Vec<(u16, Key)>,
    /// Rows to write that refer to it: relation and row.
    pub children: Vec<(u16, Create)>,
}

impl Create {
    /// A row without any value.
    pub fn new(model: &'static ModelMeta) -> Self {
        Self { model, values: Vec::new(), connects: Vec::new(), children: Vec::new() }
    }
}

/// A change of one column.
#[derive(Debug, Clone)]
pub enum Assignment {
    /// It becomes this value.
    Set(Value),
    /// It grows by this value.
    Increment(Value),
    /// It shrinks by this value.
    Decrement(Value),
    /// It is multiplied by this value.
    Multiply(Value),
    /// It is divided by this value.
    Divide(Value),
    /// These are put at the end of the array.
    Push(Value),
}

/// Changes of the columns of some rows.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Of which model.
    pub model: &'static ModelMeta,
    /// Column and change; a later change of a column replaces an earlier one.
    pub assignments: Vec<(u16, Assignment)>,
}

impl Changes {
    /// No change.
    pub fn new(model: &'static ModelMeta) -> Self {
        Self { model, assignments: Vec::new() }
    }
}

/// What to compute over many rows.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    /// Of which model.
    pub model: &'static ModelMeta,
    /// Over which rows.
    pub filter: Condition,
    /// One result for each combination of these columns; without any, one for all.
    pub by: Vec<u16>,
    /// What.
    pub functions: Vec<Function>,
    /// Which groups.
    pub having: Option<Having>,
    /// In which order (columns of `by`).
    pub order: Vec<Order>,
    /// How many groups at most.
    pub take: Option<u64>,
    /// How many of the first groups to leave out.
    pub skip: u64,
}

/// An aggregate function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// How many rows.
    CountRows,
    /// How many rows in which the column is not null.
    Count(u16),
    /// The sum.
    Sum(u16),
    /// The mean.
    Average(u16),
    /// The least value.
    Minimum(u16),
    /// The greatest value.
    Maximum(u16),
}

/// Which groups: like [`Condition`], over the results of functions.
#[derive(Debug, Clone)]
pub(crate) enum Having {
    /// All of these hold.
    All(Vec<Having>),
    /// One of these holds.
    Any(Vec<Having>),
    /// The result of a function against a value.
    Compare {
        /// Which function.
        function: Function,
        /// How.
        op: CompareOp,
        /// With what.
        value: Value,
    },
}
