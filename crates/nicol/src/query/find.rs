//! Reading rows.

use super::condition::Condition;
use super::key::Key;
use super::order::Order;
use crate::meta::ModelMeta;

/// A query that reads rows.
///
/// The rows that match are sorted; `distinct` keeps the first of those that are equal in its columns; `cursor` drops those before the row
/// that it names; then `skip` and `take` apply.
#[derive(Debug, Clone)]
pub struct Find {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows to read.
    pub filter: Condition,
    /// The order of the rows.
    pub order: Vec<Order>,
    /// The columns in which no two rows of the result are equal. In no columns, all rows are equal.
    pub distinct: Option<Vec<u16>>,
    /// The row to start from.
    pub cursor: Option<Key>,
    /// Whether the result is empty if the cursor is not among the rows. Otherwise, in an order that leaves no two rows equal, it starts where
    /// the cursor would be.
    pub cursor_must_match: bool,
    /// The maximum number of rows.
    pub take: Option<u64>,
    /// Whether `cursor`, `skip` and `take` count from the end. The order of the result stays the same.
    pub backwards: bool,
    /// How many rows to skip.
    pub skip: u64,
    /// Whether the query reads at most one row, by a unique key or by `take`.
    pub single: bool,
    /// The columns to read.
    pub columns: Columns,
    /// The relations to load with each row.
    pub includes: Vec<Include>,
    /// The lock on the rows of the model, until the end of the transaction.
    pub lock: Option<Lock>,
}

/// A lock on the rows that a query reads.
///
/// Source: PostgreSQL 16 manual, 13.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// What other transactions cannot do with the rows.
    pub strength: LockStrength,
    /// What to do with a row that another transaction has locked.
    pub conflict: LockConflict,
}

/// The strength of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are SQL's")]
pub enum LockStrength {
    Update,
    NoKeyUpdate,
    Share,
    KeyShare,
}

/// What to do with a row that another transaction has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockConflict {
    /// Wait for the other transaction.
    Wait,
    /// Fail.
    Fail,
    /// Leave the row out.
    Skip,
}

impl Find {
    /// Returns the query for all rows of a model.
    pub fn all(model: &'static ModelMeta) -> Self {
        Self {
            model,
            filter: Condition::TRUE,
            order: Vec::new(),
            distinct: None,
            cursor: None,
            cursor_must_match: false,
            take: None,
            backwards: false,
            skip: 0,
            single: false,
            columns: Columns::All,
            includes: Vec::new(),
            lock: None,
        }
    }
}

impl Find {
    /// Adds a column to the selection.
    pub fn select_column(&mut self, column: u16) {
        self.select(Selected::Column(column));
    }

    /// Adds a relation to the selection.
    pub fn select_relation(&mut self, include: Include) {
        self.select(Selected::Include(self.includes.len()));
        self.includes.push(include);
    }

    fn select(&mut self, selected: Selected) {
        match &mut self.columns {
            Columns::Mixed(all) => all.push(selected),
            columns => *columns = Columns::Mixed(vec![selected]),
        }
    }

    /// Adds what another find says of the rows, and of relations that are read already: conditions and terms of the order are added, the rest
    /// is replaced.
    pub fn refine(&mut self, by: Self) {
        let filter = std::mem::replace(&mut self.filter, Condition::TRUE);
        self.filter = filter.and(by.filter);
        self.order.extend(by.order);
        if by.take.is_some() {
            (self.take, self.backwards) = (by.take, by.backwards);
        }
        if by.skip > 0 {
            self.skip = by.skip;
        }
        if by.distinct.is_some() {
            self.distinct = by.distinct;
        }
        if by.cursor.is_some() {
            (self.cursor, self.cursor_must_match) = (by.cursor, by.cursor_must_match);
        }
        for by in by.includes {
            self.refine_relation(by);
        }
    }

    /// Does the same for a relation that is read.
    pub fn refine_relation(&mut self, by: Include) {
        let is_it = |include: &&mut Include| include.relation == by.relation && include.count == by.count;
        if let Some(include) = self.includes.iter_mut().find(is_it) {
            include.find.refine(by.find);
        }
    }

    /// Returns the call that the query is.
    pub(crate) fn operation(&self) -> &'static str {
        match (self.single, self.take) {
            (true, None) => "find_unique",
            (true, Some(_)) => "find_first",
            (false, _) => "find_many",
        }
    }

    /// Whether rows of one of these models are read, at any depth.
    pub(crate) fn reads(&self, models: &[&'static ModelMeta]) -> bool {
        let is_one = |model: &ModelMeta| models.iter().any(|other| std::ptr::eq(*other, model));
        is_one(self.model)
            || self.filter.reads(self.model, &is_one)
            || self.order.iter().any(|order| order.by.reads(self.model, &is_one))
            || self.includes.iter().any(|include| include.find.reads(models))
    }
}

/// The columns of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// All columns of the model, in order, except those that rows lack.
    All,
    /// The same without these columns. In front of them is a list of the columns that are left out.
    Except(Vec<u16>),
    /// These columns, in this order.
    Some(Vec<u16>),
    /// These columns and relations, in this order. In the other cases, the relations follow the columns.
    Mixed(Vec<Selected>),
}

/// One value of a result with [`Columns::Mixed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selected {
    /// The column with this index.
    Column(u16),
    /// The element of [`Find::includes`] with this index.
    Include(usize),
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
