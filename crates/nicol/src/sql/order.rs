//! Orders: their terms, the joins that these need, and the rows after a cursor.

use postgres_types::Type;

use super::writer::{Alias, Writer};
use crate::meta::{ColumnMeta, Join, ModelMeta, RelationMeta};
use crate::query::{Condition, Function, Key, Nulls, Order, OrderBy};
use crate::value::Value;

/// A term of an order, with its joins in place.
pub(super) struct Term<'a> {
    by: Compared<'a>,
    descending: bool,
    nulls: Option<Nulls>,
    /// The columns of the last foreign key on the way to the term that may be null.
    optional_keys: Vec<(Alias, &'static ColumnMeta)>,
}

/// What a term compares.
enum Compared<'a> {
    Column(Alias, &'a ColumnMeta),
    /// The column `"n"` of a join; null if there are no rows.
    Count(Alias),
    /// The number of rows of a relation, counted for each row by itself.
    CountEach(Alias, &'static ModelMeta, &'static RelationMeta, &'a Condition),
    Relevance(Alias, &'static ModelMeta, &'a [u16], &'a Value),
    Aggregate(Alias, &'static ModelMeta, &'a Function),
}

impl Writer<'_> {
    /// Returns the terms of an order, the other way round if `backwards`, and the joins that they need.
    pub(super) fn ordering<'a>(
        &mut self,
        model: &'static ModelMeta,
        alias: Alias,
        order: &'a [Order],
        backwards: bool,
    ) -> (String, Vec<Term<'a>>) {
        let outer = std::mem::take(&mut self.text);
        let terms = order.iter().map(|order| {
            let mut optional_keys = Vec::new();
            let by = match &order.by {
                OrderBy::Column(column) => Compared::Column(alias, &model.columns[usize::from(*column)]),
                OrderBy::Related { path, column } => {
                    let (target, there) = self.hops(model, alias, path, &mut optional_keys);
                    Compared::Column(there, &target.columns[usize::from(*column)])
                }
                OrderBy::Count { path, filter } => {
                    let Some((last, path)) = path.split_last() else {
                        unreachable!("a count has a relation")
                    };
                    let (target, there) = self.hops(model, alias, path, &mut Vec::new());
                    self.counted(target, there, &target.relations[usize::from(*last)], filter)
                }
                OrderBy::Relevance { path, columns, query } => {
                    let (target, there) = self.hops(model, alias, path, &mut Vec::new());
                    Compared::Relevance(there, target, columns, query)
                }
                OrderBy::Aggregate(function) => Compared::Aggregate(alias, model, function),
            };
            let nulls = order.nulls.map(|nulls| match (nulls, backwards) {
                (Nulls::First, false) | (Nulls::Last, true) => Nulls::First,
                (Nulls::Last, false) | (Nulls::First, true) => Nulls::Last,
            });
            Term { by, descending: order.descending != backwards, nulls, optional_keys }
        });
        let terms = terms.collect();
        (std::mem::replace(&mut self.text, outer), terms)
    }

    /// Joins the row at the end of relations, each to at most one row.
    fn hops(
        &mut self,
        mut model: &'static ModelMeta,
        mut alias: Alias,
        path: &[u16],
        optional_keys: &mut Vec<(Alias, &'static ColumnMeta)>,
    ) -> (&'static ModelMeta, Alias) {
        for relation in path {
            let relation = &model.relations[usize::from(*relation)];
            let target = relation.target();
            let there = self.new_alias();
            optional_keys.clear();
            if let Join::Columns { here, there: references, owned } = relation.join {
                self.push(" LEFT JOIN ");
                self.table_as(target, there);
                self.push(" ON ");
                self.join_columns(model, alias, here, target, there, references);
                let keys = here.iter().map(|column| (alias, &model.columns[usize::from(*column)]));
                optional_keys.extend(keys.filter(|(_, column)| owned && column.nullable));
            }
            (model, alias) = (target, there);
        }
        (model, alias)
    }

    /// Counts the rows of a relation. Without an index, all of them are counted at once instead of once for each row.
    fn counted<'a>(
        &mut self,
        model: &'static ModelMeta,
        alias: Alias,
        relation: &'static RelationMeta,
        filter: &'a Condition,
    ) -> Compared<'a> {
        let Join::Columns { here, there: references, .. } = relation.join else {
            return Compared::CountEach(alias, model, relation, filter);
        };
        if relation.indexed {
            return Compared::CountEach(alias, model, relation, filter);
        }
        let (target, group, there) = (relation.target(), self.new_alias(), self.new_alias());
        self.push(" LEFT JOIN (SELECT ");
        self.column_list(target, there, references);
        self.push(", count(*) AS \"n\" FROM ");
        self.table_as(target, there);
        self.filter(target, there, filter);
        self.push(" GROUP BY ");
        self.column_list(target, there, references);
        self.push(") AS ");
        self.alias(group);
        self.push(" ON ");
        self.join_columns(model, alias, here, target, group, references);
        Compared::Count(group)
    }

    /// Writes ` ORDER BY …`, or nothing if there is no term.
    pub(super) fn order_by(&mut self, terms: &[Term<'_>]) {
        for (index, term) in terms.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            self.compared_by(&term.by);
            self.push(if term.descending { " DESC" } else { " ASC" });
            match term.nulls {
                Some(Nulls::First) => self.push(" NULLS FIRST"),
                Some(Nulls::Last) => self.push(" NULLS LAST"),
                None => {}
            }
        }
    }

    fn compared_by(&mut self, by: &Compared<'_>) {
        match by {
            Compared::Column(alias, column) => self.column(*alias, column),
            Compared::Count(alias) => {
                self.push("coalesce(");
                self.alias(*alias);
                self.push(".\"n\", 0)");
            }
            Compared::CountEach(alias, model, relation, filter) => {
                let there = self.new_alias();
                self.push("(SELECT count(*) FROM ");
                self.relation_source((model, *alias), relation, there, None, "");
                if !filter.is_true() {
                    self.push(" AND ");
                    self.condition(relation.target(), there, filter, true);
                }
                self.push(")");
            }
            Compared::Relevance(alias, model, columns, query) => {
                self.push("ts_rank(");
                self.document(model, *alias, columns);
                self.push(", to_tsquery(");
                self.bare_param((*query).clone(), Type::TEXT);
                self.push("))");
            }
            Compared::Aggregate(alias, model, function) => self.applied(model, *alias, function),
        }
    }

    /// Writes `to_tsvector(concat_ws(' ', …))`: columns as a document for full-text search, as in Prisma.
    pub(super) fn document(&mut self, model: &ModelMeta, alias: Alias, columns: &[u16]) {
        self.push("to_tsvector(concat_ws(' ', ");
        self.column_list(model, alias, columns);
        self.push("))");
    }

    /// Writes the condition that a row comes after the row with a key, or is it, or is equal to it in the order.
    ///
    /// As in Prisma, no row is excluded by a comparison with null.
    pub(super) fn after_cursor(
        &mut self,
        model: &'static ModelMeta,
        (order, backwards): (&[Order], bool),
        terms: &[Term<'_>],
        cursor: &Key,
    ) {
        // `(a > x) OR (a = x AND b >= y)`, from the shortest to the longest.
        self.push("(");
        for (last, term) in terms.iter().enumerate() {
            self.push(if last > 0 { " OR (" } else { "(" });
            for (equal, order) in terms[..last].iter().zip(order) {
                self.against_cursor(model, (order, backwards), equal, " = ", cursor);
                self.push(" AND ");
            }
            let operator = match (term.descending, last + 1 == terms.len()) {
                (false, false) => " > ",
                (false, true) => " >= ",
                (true, false) => " < ",
                (true, true) => " <= ",
            };
            self.against_cursor(model, (&order[last], backwards), term, operator, cursor);
            self.push(")");
        }
        self.push(")");
    }

    /// Writes the comparison of a term with that of the cursor's row.
    fn against_cursor(
        &mut self,
        model: &'static ModelMeta,
        (order, backwards): (&Order, bool),
        term: &Term<'_>,
        operator: &str,
        cursor: &Key,
    ) {
        let is_nullable = matches!(term.by, Compared::Column(_, column) if column.can_be_null());
        self.push("(");
        self.compared_by(&term.by);
        self.push(operator);
        self.of_cursor(model, (order, backwards), cursor);
        if is_nullable {
            self.push(" OR ");
            self.compared_by(&term.by);
            self.push(" IS NULL OR ");
            self.of_cursor(model, (order, backwards), cursor);
            self.push(" IS NULL");
        }
        if operator != " = " {
            for (alias, column) in &term.optional_keys {
                self.push(" OR ");
                self.column(*alias, column);
                self.push(" IS NULL");
            }
        }
        self.push(")");
    }

    /// Writes the value of a term in the cursor's row. PostgreSQL evaluates it once.
    fn of_cursor(&mut self, model: &'static ModelMeta, (order, backwards): (&Order, bool), cursor: &Key) {
        let alias = self.new_alias();
        let (joins, terms) = self.ordering(model, alias, std::slice::from_ref(order), backwards);
        self.push("(SELECT ");
        for term in &terms {
            self.compared_by(&term.by);
        }
        self.push(" FROM ");
        self.table_as(model, alias);
        self.push(&joins);
        self.filter(model, alias, &cursor.clone().condition());
        self.push(")");
    }

    /// Writes columns, separated by commas.
    pub(super) fn column_list(&mut self, model: &ModelMeta, alias: Alias, columns: &[u16]) {
        for (index, column) in columns.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.column(alias, &model.columns[usize::from(*column)]);
        }
    }
}
