//! The rows of a find, as what follows `FROM`: tables, conditions, order, and page.
//!
//! A cursor or `distinct` needs to know where a row stands among the others, so the rows are numbered first:
//!
//! ```sql
//! FROM (SELECT "t0".* FROM (
//!     SELECT "t0".*, count(*) FILTER (WHERE "t0"."id" = $1) OVER (ORDER BY "#n") AS "#c" FROM (
//!         SELECT DISTINCT ON ("t0"."city") "t0".* FROM (
//!             SELECT "t0".*, row_number() OVER (ORDER BY "t0"."name" ASC) AS "#n" FROM "users" AS "t0" WHERE …
//!         ) AS "t0" ORDER BY "t0"."city", "#n"
//!     ) AS "t0"
//! ) AS "t0" WHERE "#c" > 0 ORDER BY "#n" LIMIT $2) AS "t0" ORDER BY "#n"
//! ```
//!
//! `"#n"` is the position of a row, and `"#c"` counts the cursor, so that it is positive from the cursor on. Only the parts that the find
//! needs are written.

use std::borrow::Cow;

use super::created;
use super::writer::{Alias, Writer};
use crate::meta::{ColumnType, Join, ModelMeta, RelationMeta};
use crate::query::{Find, Key, Order, OrderBy};

/// Where the rows of a find come from.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// The table of the model.
    Table,
    /// The rows at the other end of a relation of a row.
    Relation {
        of: (&'static ModelMeta, Alias),
        relation: &'static RelationMeta,
        /// What replaces the tables.
        instead: Option<&'a created::Source>,
    },
}

impl Find {
    /// Whether rows have to be compared with each other.
    pub(super) fn needs_numbers(&self) -> bool {
        self.backwards || self.distinct.is_some() || self.cuts()
    }

    /// Whether rows in front of the cursor have to be cut off after sorting: those that a comparison cannot tell from it, or all of them if it
    /// is not among the rows.
    fn cuts(&self) -> bool {
        self.cursor.is_some()
            && (self.cursor_must_match || self.distinct.is_some() || !is_stable(self.model, &self.order))
    }

    /// Returns the order of the rows; with a cursor or a page it is by key if nothing else is said, as in Prisma.
    pub(super) fn effective_order(&self) -> Cow<'_, [Order]> {
        let is_page = self.cursor.is_some() || self.take.is_some() || self.skip > 0;
        if self.order.is_empty() && is_page {
            return self.model.key.iter().map(|column| Order::by_column(*column)).collect();
        }
        Cow::Borrowed(&self.order)
    }
}

/// Whether an order leaves no two rows equal and compares no nulls.
///
/// Source: Prisma 6.19, `query-structure/src/query_arguments.rs`.
fn is_stable(model: &'static ModelMeta, order: &[Order]) -> bool {
    let mut own = Vec::new();
    let mut has_unique_relation = false;
    for order in order {
        match &order.by {
            OrderBy::Column(column) => {
                if model.columns[usize::from(*column)].can_be_null() {
                    return false;
                }
                own.push(*column);
            }
            OrderBy::Related { path, column } => {
                let mut target = model;
                let mut is_one_to_one = true;
                for relation in path {
                    let relation = &target.relations[usize::from(*relation)];
                    if is_optional(target, relation) {
                        return false;
                    }
                    is_one_to_one &= has_one_inverse(target, relation);
                    target = relation.target();
                }
                if target.columns[usize::from(*column)].can_be_null() {
                    return false;
                }
                let is_unique = target.uniques.iter().any(|unique| unique.columns == [*column]);
                has_unique_relation |= is_unique && is_one_to_one;
            }
            OrderBy::Count { .. } | OrderBy::Relevance { .. } | OrderBy::Aggregate(_) => {}
        }
    }
    order.is_empty()
        || has_unique_relation
        || model.uniques.iter().any(|unique| unique.columns.iter().all(|column| own.contains(column)))
}

/// Whether there may be no row at the other end.
fn is_optional(model: &ModelMeta, relation: &RelationMeta) -> bool {
    match relation.join {
        Join::Columns { here, owned: true, .. } => {
            here.iter().any(|column| model.columns[usize::from(*column)].nullable)
        }
        _ => true,
    }
}

/// Whether at most one row has this row at the other end.
fn has_one_inverse(model: &ModelMeta, relation: &RelationMeta) -> bool {
    match relation.join {
        Join::Columns { here, owned: true, .. } => model.uniques.iter().any(|unique| unique.columns == here),
        Join::Columns { .. } => !relation.many,
        Join::Table { .. } => false,
    }
}

impl Writer<'_> {
    /// Writes what follows `FROM`, with further joins. The rows have the given alias.
    pub(super) fn rows_of(&mut self, find: &Find, alias: Alias, from: From<'_>, joins: &str) {
        let order = find.effective_order();
        if !find.needs_numbers() {
            let (order_joins, terms) = self.ordering(find.model, alias, &order, false);
            self.matching(find, alias, from, &format!("{joins}{order_joins}"), (&order, &terms));
            self.order_by(&terms);
            return self.limit(find.take, find.skip);
        }
        self.numbered_rows(find, alias, from);
        self.push(joins);
        self.by_number(find.backwards);
    }

    /// Writes ` ORDER BY "#n"`.
    pub(super) fn by_number(&mut self, backwards: bool) {
        self.push(if backwards { " ORDER BY \"#n\" DESC" } else { " ORDER BY \"#n\"" });
    }

    /// Writes the page of a find as a table with the column `"#n"`.
    pub(super) fn numbered_rows(&mut self, find: &Find, alias: Alias, from: From<'_>) {
        let (is_distinct, cuts) = (find.distinct.is_some(), find.cuts());
        let order = find.effective_order();
        let all = |writer: &mut Self, before: &str| {
            writer.push(before);
            writer.alias(alias);
            writer.push(".*");
        };
        let end = |writer: &mut Self| {
            writer.push(") AS ");
            writer.alias(alias);
        };
        if is_distinct || cuts {
            all(self, "(SELECT ");
            self.push(" FROM ");
        }
        if let (true, Some(cursor)) = (cuts, &find.cursor) {
            all(self, "(SELECT ");
            self.push(", count(*) FILTER (WHERE ");
            self.condition(find.model, alias, &cursor.clone().condition(), false);
            self.push(") OVER (ORDER BY \"#n\") AS \"#c\" FROM ");
        }
        if is_distinct {
            self.push("(SELECT DISTINCT ON (");
            self.comparable(find, alias);
            all(self, ") ");
            self.push(" FROM ");
        }
        all(self, "(SELECT ");
        let (joins, terms) = self.ordering(find.model, alias, &order, find.backwards);
        self.push(", row_number() OVER (");
        self.order_by(&terms);
        self.push(") AS \"#n\" FROM ");
        self.matching(find, alias, from, &joins, (&order, &terms));
        if !is_distinct && !cuts {
            self.order_by(&terms);
            self.limit(find.take, find.skip);
        }
        end(self);
        if is_distinct {
            self.push(" ORDER BY ");
            self.comparable(find, alias);
            self.push(", \"#n\"");
            end(self);
        }
        if cuts {
            end(self);
            self.push(" WHERE \"#c\" > 0");
        }
        if is_distinct || cuts {
            self.by_number(false);
            self.limit(find.take, find.skip);
            end(self);
        }
    }

    /// Writes the columns of `distinct`, in a form that can be compared: `json` and `xml` cannot.
    fn comparable(&mut self, find: &Find, alias: Alias) {
        let columns = find.distinct.as_deref().unwrap_or_default();
        if columns.is_empty() {
            // The same for all rows.
            self.push("\"#n\" IS NULL");
        }
        for (index, column) in columns.iter().enumerate() {
            let column = &find.model.columns[usize::from(*column)];
            self.push(if index > 0 { ", " } else { "" });
            self.column(alias, column);
            if matches!(column.ty, ColumnType::Json | ColumnType::Xml) {
                self.push(if column.list { "::text[]" } else { "::text" });
            }
        }
    }

    /// Writes the tables, with joins, and the conditions of the rows before they are paged.
    fn matching(
        &mut self,
        find: &Find,
        alias: Alias,
        from: From<'_>,
        joins: &str,
        (order, terms): (&[Order], &[super::order::Term<'_>]),
    ) {
        let mut clause = match from {
            From::Table => {
                self.table_as(find.model, alias);
                self.push(joins);
                " WHERE "
            }
            From::Relation { of, relation, instead } => {
                self.relation_source(of, relation, alias, instead, joins);
                " AND "
            }
        };
        if !find.filter.is_true() {
            self.push(clause);
            self.condition(find.model, alias, &find.filter, true);
            clause = " AND ";
        }
        if let Some(cursor) = &find.cursor {
            self.push(clause);
            let cursor: &Key = cursor;
            self.after_cursor(find.model, (order, find.backwards), terms, cursor);
        }
    }
}
