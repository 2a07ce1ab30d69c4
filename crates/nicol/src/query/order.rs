//! The order of rows, and of groups.

use super::condition::Condition;
use super::function::Function;
use crate::meta::ModelMeta;
use crate::value::Value;

/// One term of an `ORDER BY`.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is compared.
    pub by: OrderBy,
    /// Whether the greatest value comes first.
    pub descending: bool,
    /// Where nulls go. By default PostgreSQL sorts null as the greatest value.
    pub nulls: Option<Nulls>,
}

/// What an order compares.
#[derive(Debug, Clone)]
pub enum OrderBy {
    /// A column.
    Column(u16),
    /// A column of the row at the other end of one or more relations, each to at most one row.
    Related {
        /// The relations, each of the model at the end of the one before.
        path: Vec<u16>,
        /// The index of the column.
        column: u16,
    },
    /// The number of rows at the other end of a relation.
    Count {
        /// The relations, each of the model at the end of the one before. Only the last one leads to many rows.
        path: Vec<u16>,
        /// The rows to count.
        filter: Condition,
    },
    /// How well the text columns of a row, or of a row at the other end of relations, match a full-text query.
    ///
    /// Source: PostgreSQL 16 manual, 12.3.3.
    Relevance {
        /// The relations to the row, each to at most one row.
        path: Vec<u16>,
        /// The indexes of the columns.
        columns: Vec<u16>,
        /// The query in the syntax of `to_tsquery`: a text.
        query: Value,
    },
    /// The result of an aggregate, in an order of groups.
    Aggregate(Function),
}

impl OrderBy {
    /// Whether rows of certain other models decide the order.
    pub(super) fn reads(&self, mut model: &'static ModelMeta, is_one: &dyn Fn(&ModelMeta) -> bool) -> bool {
        let (Self::Related { path, .. } | Self::Count { path, .. } | Self::Relevance { path, .. }) = self
        else {
            return false;
        };
        let is_on_the_way = path.iter().any(|relation| {
            model = model.relations[usize::from(*relation)].target();
            is_one(model)
        });
        is_on_the_way || matches!(self, Self::Count { filter, .. } if filter.reads(model, is_one))
    }
}

impl Order {
    /// Returns the ascending order by a column.
    pub fn by_column(column: u16) -> Self {
        Self { by: OrderBy::Column(column), descending: false, nulls: None }
    }
}

/// Where nulls go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Nulls {
    First,
    Last,
}
