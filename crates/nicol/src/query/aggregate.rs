//! Aggregates of rows and of groups.

use super::condition::Condition;
use super::find::Find;
use super::function::Function;
use super::order::Order;
use crate::meta::ModelMeta;

/// Aggregates of rows.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// The rows to aggregate. Its columns and includes are ignored.
    pub rows: Find,
    /// The aggregates to compute.
    pub functions: Vec<Function>,
}

impl Aggregate {
    /// Returns the call that the query is.
    pub(crate) fn operation(&self) -> &'static str {
        if matches!(self.functions[..], [Function::CountRows]) { "count" } else { "aggregate" }
    }
}

/// Aggregates of groups of rows.
#[derive(Debug, Clone)]
pub struct GroupBy {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows to aggregate.
    pub filter: Condition,
    /// The columns to group by.
    pub by: Vec<u16>,
    /// The aggregates to compute.
    pub functions: Vec<Function>,
    /// The groups to return.
    pub having: Condition,
    /// The order of the groups, by columns of `by` and by aggregates.
    pub order: Vec<Order>,
    /// The maximum number of groups.
    pub take: Option<u64>,
    /// Whether `skip` and `take` count from the end.
    pub backwards: bool,
    /// How many groups to skip.
    pub skip: u64,
}
