//! `SELECT`, with relations as records: one statement, however deep.

use postgres_types::Type;

use super::grouped::is_grouped;
use super::{Alias, Naming, Statement, Writer};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::query::{Columns, Find, Include, Nulls, Order};
use crate::value::Value;

/// Rows that the statement itself creates: what stands for a relation's table when it is loaded.
#[derive(Debug, Default)]
pub(super) struct Created {
    pub(super) relations: Vec<(u16, String, Created)>,
}

pub(crate) fn find(naming: &Naming, find: &Find) -> Result<Statement, Error> {
    let mut writer = Writer::new(naming);
    if is_grouped(find) {
        writer.find_grouped(find);
        return writer.finish(find.model, true, true);
    }
    let alias = writer.new_alias();
    writer.push("SELECT ");
    writer.row(find, alias, &Created::default());
    writer.push(" FROM ");
    writer.table_as(find.model, alias);
    writer.filter(find.model, alias, &find.filter);
    writer.order(find.model, alias, &find.order);
    writer.limit(find.take, find.skip);
    writer.finish(find.model, true, true)
}

impl Writer<'_> {
    /// The columns of a row and what is loaded with it, with commas between.
    pub(super) fn row(&mut self, find: &Find, alias: Alias, created: &Created) {
        self.columns(find, alias);
        for include in &find.includes {
            self.push(", ");
            self.include(find.model, alias, include, created);
        }
    }

    pub(super) fn columns(&mut self, find: &Find, alias: Alias) {
        let model = find.model;
        let all: Vec<u16>;
        let columns = match &find.columns {
            Columns::All => {
                all = (0..).take(model.columns.len()).collect();
                &all
            }
            Columns::Some(columns) => columns,
        };
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.output(alias, &model.columns[usize::from(*column)]);
        }
    }

    /// A relation as one value: a record, an array of records, or a number.
    pub(super) fn include(
        &mut self,
        model: &'static ModelMeta,
        alias: Alias,
        include: &Include,
        created: &Created,
    ) {
        let relation = &model.relations[usize::from(include.relation)];
        let created = created.relations.iter().find(|(index, ..)| *index == include.relation);
        let source = created.map(|(_, source, _)| source.as_str());
        let nothing = Created::default();
        let nested = created.map_or(&nothing, |(.., nested)| nested);
        let find = &include.find;
        let there = self.new_alias();
        if include.count {
            self.push("(SELECT count(*) FROM ");
        } else {
            // `ARRAY(…)` keeps the order of the rows and is empty, not null, without any.
            self.push(if relation.many { "ARRAY(SELECT ROW(" } else { "(SELECT ROW(" });
            self.row(find, there, nested);
            self.push(") FROM ");
        }
        self.relation_source((model, alias), relation, there, source);
        if !find.filter.is_true() {
            self.push(" AND ");
            self.condition(find.model, there, &find.filter, true);
        }
        if relation.many && !include.count {
            self.order(find.model, there, &find.order);
            self.limit(find.take, find.skip);
        }
        self.push(")");
    }

    pub(super) fn order(&mut self, model: &ModelMeta, alias: Alias, order: &[Order]) {
        for (index, term) in order.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            self.column(alias, &model.columns[usize::from(term.column)]);
            self.push(if term.descending { " DESC" } else { " ASC" });
            match term.nulls {
                Some(Nulls::First) => self.push(" NULLS FIRST"),
                Some(Nulls::Last) => self.push(" NULLS LAST"),
                None => {}
            }
        }
    }

    pub(super) fn limit(&mut self, take: Option<u64>, skip: u64) {
        // As parameters, so that every page is the same statement.
        let number = |rows: u64| Value::BigInt(i64::try_from(rows).unwrap_or(i64::MAX));
        if let Some(take) = take {
            self.push(" LIMIT ");
            self.bare_param(number(take), Type::INT8);
        }
        if skip > 0 {
            self.push(" OFFSET ");
            self.bare_param(number(skip), Type::INT8);
        }
    }
}
