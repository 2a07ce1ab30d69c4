//! What a request asks for: a query as data, and the shape of its answer.

use nicol::__private::query::{Aggregate, Find, Function, GroupBy, Write};
use nicol_schema::model::ModelId;

/// A request that has been checked against the schema.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) query: Query,
    pub(crate) shape: Shape,
}

/// The query of a request.
#[derive(Debug)]
pub(crate) enum Query {
    /// Reads rows.
    Find {
        find: Find,
        /// Whether a missing row is an error (`findUniqueOrThrow`, `findFirstOrThrow`).
        required: bool,
    },
    /// Aggregates rows.
    Aggregate(Aggregate),
    /// Aggregates groups of rows.
    GroupBy(GroupBy),
    /// Writes.
    Write(Write),
}

/// The shape of an answer.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A list of objects.
    Rows(Row),
    /// The first row as an object, or null.
    Row(Row),
    /// The row that was updated or created as an object; an empty list if its update has given it another key by a relation.
    Upserted(Row),
    /// `{"count": …}`: the number of affected rows.
    Count,
    /// One object of aggregates.
    Aggregates(ModelId, Vec<Aggregates>),
    /// A list of objects: columns of the groups, then aggregates.
    Groups {
        model: ModelId,
        /// The columns whose cells are there.
        by: Vec<u16>,
        /// The columns that are part of the objects.
        shown: Vec<u16>,
        aggregates: Vec<Aggregates>,
    },
}

/// How a row becomes an object: its cells are those of the columns, then those of the includes.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) model: ModelId,
    pub(crate) columns: Vec<u16>,
    /// The columns that are read for other reasons and not part of the object are at the end of `columns`.
    pub(crate) shown: usize,
    pub(crate) includes: Vec<Include>,
}

/// The value of an included relation.
#[derive(Debug, Clone)]
pub(crate) enum Include {
    /// An object or null.
    One(String, Row),
    /// A list of objects.
    Many(String, Row),
    /// A number in the object `_count`.
    Count(String),
}

/// Aggregates in one object, such as `{"_sum": {"total": …}}`.
#[derive(Debug)]
pub(crate) struct Aggregates {
    /// The name of the object: `_count`, `_sum`, `_avg`, `_min` or `_max`.
    pub(crate) name: &'static str,
    /// The names within it and their functions, in the order of the cells. `_count` without a selection is one number.
    pub(crate) functions: Vec<(String, Function)>,
    /// Whether the object is just the number of rows: `"_count": 3`.
    pub(crate) is_number: bool,
}
