//! Conditions on the rows of a model.

use std::borrow::Cow;

use super::function::Function;
use crate::meta::ModelMeta;
use crate::value::Value;

/// A condition on the rows of a model.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of these conditions; true if there are none.
    All(Vec<Condition>),
    /// At least one of these conditions; false if there are none.
    Any(Vec<Condition>),
    /// The negation of a condition.
    Not(Box<Condition>),
    /// Compares a column or the result of an aggregate.
    Compare {
        /// The left side.
        subject: Subject,
        /// The comparison.
        op: CompareOp,
        /// The right side; never null.
        value: Operand,
        /// How texts are compared.
        mode: TextMode,
    },
    /// Whether a value is in a list.
    In {
        /// What is looked up.
        subject: Subject,
        /// The list; none of its values is null.
        values: Operand,
        /// Whether the value must not be in the list.
        negated: bool,
        /// How texts are compared.
        mode: TextMode,
    },
    /// Whether a column or the result of an aggregate is null.
    IsNull {
        /// What may be null.
        subject: Subject,
    },
    /// Whether a text contains, starts with or ends with another.
    Text {
        /// The text.
        subject: Subject,
        /// Where the other text must be.
        op: TextOp,
        /// The text to find.
        value: Operand,
        /// How the texts are compared.
        mode: TextMode,
    },
    /// Compares an array column with values.
    List {
        /// The index of the column.
        column: u16,
        /// The comparison.
        op: ListOp,
        /// The values: a list, or a column that is an array or one element.
        values: Operand,
    },
    /// Tests a part of a JSON column.
    Json {
        /// The index of the column.
        column: u16,
        /// The keys and indexes that lead to the part; a part that does not exist is null. Without a path it is the whole column, whose text
        /// keeps its quotes, as in Prisma.
        path: Option<Vec<String>>,
        /// The test.
        test: JsonTest,
    },
    /// Full-text search in one or more text columns.
    ///
    /// Source: PostgreSQL 16 manual, 12.3.
    Search {
        /// The indexes of the columns.
        columns: Vec<u16>,
        /// The query in the syntax of `to_tsquery`: a text.
        query: Operand,
    },
    /// Full-text search in the result of an aggregate, in a condition on groups.
    SearchAggregate {
        /// The aggregate of a text column.
        function: Function,
        /// The query in the syntax of `to_tsquery`: a text.
        query: Operand,
    },
    /// A condition in SQL, written by the application.
    Sql(Fragment),
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

impl Condition {
    /// Whether rows of certain other models decide it.
    pub(crate) fn reads(&self, model: &'static ModelMeta, is_one: &dyn Fn(&ModelMeta) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.reads(model, is_one)),
            Self::Not(part) => part.reads(model, is_one),
            Self::Related { relation, condition, .. } => {
                let target = model.relations[usize::from(*relation)].target();
                is_one(target) || condition.reads(target, is_one)
            }
            // What it reads is not known.
            Self::Sql(_) => true,
            _ => false,
        }
    }
}

/// A piece of SQL, written by the application, and its values.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
    /// The values that pieces refer to.
    pub values: Vec<Value>,
}

/// A piece of SQL.
#[derive(Debug, Clone)]
pub enum Piece {
    /// SQL text.
    Text(Cow<'static, str>),
    /// A quoted name.
    Name(String),
    /// A table; its PostgreSQL schema may be that of the client.
    Table(&'static ModelMeta),
    /// A column of the model with this index.
    Column(&'static ModelMeta, u16),
    /// The value with this index.
    Value(usize),
}

/// The left side of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The column with this index.
    Column(u16),
    /// The result of an aggregate, in a condition on groups.
    Aggregate(Function),
}

/// The right side of a condition.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A value, or a list of values.
    Value(Value),
    /// Another column of the same row.
    Column(u16),
}

/// How a condition compares texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextMode {
    /// Whether case is ignored.
    pub insensitive: bool,
    /// Whether `%`, `_` and `\` have their meaning in `LIKE`, as in Prisma, wherever it is used. Otherwise they match themselves.
    pub wildcards: bool,
}

impl TextMode {
    /// Texts are equal if all their characters are.
    pub const EXACT: Self = Self { insensitive: false, wildcards: false };
}

/// A test of a part of a JSON value.
#[derive(Debug, Clone)]
pub enum JsonTest {
    /// Compares it with a JSON value, in the order of `jsonb`.
    Compare(CompareOp, Operand),
    /// Whether it is missing: the column is null, or the path leads nowhere.
    IsMissing,
    /// Whether it is a text that contains, starts with or ends with another.
    Text(TextOp, Operand, TextMode),
    /// Whether it is an array that contains, starts with or ends with the given JSON value, or with the elements of a given array.
    Array(TextOp, Operand),
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
