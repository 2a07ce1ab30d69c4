//! `SELECT`, with relations as records: one statement, however deep.

use postgres_types::Type;

use super::create::Part;
use super::grouped::is_grouped;
use super::{Alias, Naming, Statement, Writer};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::query::{Columns, Find, Include, Nulls, Order};
use crate::value::Value;

/// Rows that the statement itself creates: they stand for a relation's table when it is loaded, which the statement sees as it was before.
#[derive(Debug)]
pub(super) struct Created<'a> {
    parts: &'a [Part],
    /// The parts that hold the rows at hand.
    here: Vec<usize>,
}

/// What stands for the tables of a relation.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) rows: String,
    /// The rows of the implicit table.
    pub(super) links: String,
}

impl<'a> Created<'a> {
    pub(super) const NOTHING: Self = Self { parts: &[], here: Vec::new() };

    /// The first row, beneath which all others lie.
    pub(super) fn root(parts: &'a [Part]) -> Self {
        Self { parts, here: vec![0] }
    }

    /// The rows at the other end of a relation, if they were created with these: beneath them, or above.
    fn relation(&self, relation: u16) -> Option<(Source, Self)> {
        let (mut there, mut links) = (Vec::new(), Vec::new());
        for (place, part) in self.parts.iter().enumerate() {
            let Some(beneath) = &part.beneath else { continue };
            if self.here.contains(&beneath.parent) && beneath.relation == relation {
                there.push(place);
                links.push(place);
            }
            if self.here.contains(&place) && beneath.back == Some(relation) {
                there.push(beneath.parent);
                links.push(place);
            }
        }
        there.sort_unstable();
        there.dedup();
        let source = Source { rows: union('w', &there), links: union('l', &links) };
        (!there.is_empty()).then_some((source, Self { parts: self.parts, here: there }))
    }
}

/// Parts of a statement as one table.
fn union(kind: char, places: &[usize]) -> String {
    match places {
        [place] => format!("\"{kind}{place}\""),
        places => {
            let parts: Vec<_> =
                places.iter().map(|place| format!("SELECT * FROM \"{kind}{place}\"")).collect();
            format!("({})", parts.join(" UNION ALL "))
        }
    }
}

pub(crate) fn find(naming: &Naming, find: &Find) -> Result<Statement, Error> {
    let mut writer = Writer::new(naming);
    if is_grouped(find) {
        writer.find_grouped(find);
        return writer.finish(find.model, true, true);
    }
    let alias = writer.new_alias();
    writer.push("SELECT ");
    writer.row(find, alias, &Created::NOTHING);
    writer.push(" FROM ");
    writer.table_as(find.model, alias);
    writer.filter(find.model, alias, &find.filter);
    writer.order(find.model, alias, &find.order);
    writer.limit(find.take, find.skip);
    writer.finish(find.model, true, true)
}

impl Writer<'_> {
    /// The columns of a row and what is loaded with it, with commas between.
    pub(super) fn row(&mut self, find: &Find, alias: Alias, created: &Created<'_>) {
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
        created: &Created<'_>,
    ) {
        let relation = &model.relations[usize::from(include.relation)];
        let (source, nested) = created.relation(include.relation).unzip();
        let nested = nested.unwrap_or(Created::NOTHING);
        let find = &include.find;
        let there = self.new_alias();
        if include.count {
            self.push("(SELECT count(*) FROM ");
        } else {
            // `ARRAY(…)` keeps the order of the rows and is empty, not null, without any.
            self.push(if relation.many { "ARRAY(SELECT ROW(" } else { "(SELECT ROW(" });
            self.row(find, there, &nested);
            self.push(") FROM ");
        }
        self.relation_source((model, alias), relation, there, source.as_ref());
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
