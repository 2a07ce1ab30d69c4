//! Loads relations of many parents whose foreign key has no index: the children are read once and grouped.
//!
//! Prisma creates no index for a foreign key, so many foreign keys have none. A subquery for each parent would then scan the whole table of
//! the children each time:
//!
//! ```sql
//! WITH "p" AS MATERIALIZED (SELECT "t0".* FROM "users" AS "t0" LIMIT 20)
//! SELECT "t0"."id", "g1"."v" FROM "p" AS "t0"
//! LEFT JOIN (SELECT "t1"."user_id" AS "k0", array_agg(ROW("t1"."id")) AS "v" FROM "accounts" AS "t1"
//!            WHERE ("t1"."user_id") IN (SELECT "id" FROM "p") GROUP BY 1) AS "g1" ON "g1"."k0" = "t0"."id"
//! ```

use postgres_types::Type;

use super::created::Created;
use super::page::From;
use super::writer::{Alias, Writer};
use crate::meta::{Join, ModelMeta};
use crate::query::{Find, Include, OrderBy};
use crate::value::Value;

/// Returns the joining columns of the parent and of the child, if the relation should be grouped.
fn grouped(model: &'static ModelMeta, include: &Include) -> Option<(&'static [u16], &'static [u16])> {
    let relation = &model.relations[usize::from(include.relation)];
    match relation.join {
        Join::Columns { here, there, owned: false }
            if relation.many && !relation.indexed && !include.find.needs_numbers(true) =>
        {
            Some((here, there))
        }
        _ => None,
    }
}

/// Whether the query reads many parents with a relation that should be grouped.
pub(super) fn is_grouped(find: &Find) -> bool {
    !find.single && find.includes.iter().any(|include| grouped(find.model, include).is_some())
}

impl Writer<'_> {
    pub(super) fn find_grouped(&mut self, find: &Find) {
        let model = find.model;
        let alias = self.new_alias();
        // The order of the parents is needed again at the end. Joins are not, if the parents are numbered.
        let by_columns = find.order.iter().all(|order| matches!(order.by, OrderBy::Column(_)));
        let is_numbered = find.needs_numbers(false) || !by_columns;
        self.push("WITH \"p\" AS MATERIALIZED (SELECT ");
        self.alias(alias);
        self.push(".* FROM ");
        if is_numbered {
            self.numbered_rows(find, alias, From::Table);
        } else {
            self.rows_of(find, alias, From::Table, "");
        }
        self.push(") SELECT ");
        self.columns(find, alias);
        let mut groups = Vec::new();
        for include in &find.includes {
            self.push(", ");
            match grouped(model, include) {
                None => {
                    self.include(model, alias, include, &Created::NOTHING);
                }
                Some(keys) => {
                    let group = self.new_alias();
                    // A parent without children has no group.
                    self.push(if include.count { "coalesce(" } else { "" });
                    self.alias(group);
                    self.push(if include.count { ".\"v\", 0)" } else { ".\"v\"" });
                    groups.push((include, keys, group));
                }
            }
        }
        self.push(" FROM \"p\" AS ");
        self.alias(alias);
        for (include, keys, group) in groups {
            self.group((model, alias), include, keys, group);
        }
        if is_numbered {
            self.by_number(find.backwards);
        } else {
            let (_, terms) = self.ordering(model, alias, &find.order, false);
            self.order_by(&terms);
        }
    }

    fn group(
        &mut self,
        (model, parent): (&'static ModelMeta, Alias),
        include: &Include,
        (here, there): (&[u16], &[u16]),
        group: Alias,
    ) {
        let find = &include.find;
        let limited = find.take.is_some() || find.skip > 0;
        let child = self.new_alias();
        let (mut joins, terms) = self.ordering(find.model, child, &find.order, false);
        self.push(" LEFT JOIN (SELECT ");
        if limited && !include.count {
            for index in 0..there.len() {
                self.push("\"k");
                self.number(index);
                self.push("\", ");
            }
            self.push("array_agg(\"r\" ORDER BY \"n\") AS \"v\" FROM (SELECT ");
        }
        for (index, column) in there.iter().enumerate() {
            self.column(child, &find.model.columns[usize::from(*column)]);
            self.push(" AS \"k");
            self.number(index);
            self.push("\", ");
        }
        if include.count {
            self.push("count(*) AS \"v\"");
        } else if limited {
            self.push("ROW(");
            joins.push_str(&self.row(find, child, &Created::NOTHING));
            self.push(") AS \"r\", row_number() OVER (PARTITION BY ");
            self.column_list(find.model, child, there);
            self.order_by(&terms);
            self.push(") AS \"n\"");
        } else {
            self.push("array_agg(ROW(");
            joins.push_str(&self.row(find, child, &Created::NOTHING));
            self.push(")");
            self.order_by(&terms);
            self.push(") AS \"v\"");
        }
        self.push(" FROM ");
        self.table_as(find.model, child);
        self.push(&joins);
        self.push(" WHERE (");
        self.column_list(find.model, child, there);
        self.push(") IN (SELECT ");
        for (index, column) in here.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.ident(model.columns[usize::from(*column)].column);
        }
        self.push(" FROM \"p\")");
        if !find.filter.is_true() {
            self.push(" AND ");
            self.condition(find.model, child, &find.filter, true);
        }
        if limited && !include.count {
            let number = |rows: u64| Value::BigInt(i64::try_from(rows).unwrap_or(i64::MAX));
            self.push(") AS \"s\" WHERE \"n\" > ");
            self.bare_param(number(find.skip), Type::INT8);
            if let Some(take) = find.take {
                self.push(" AND \"n\" <= ");
                self.bare_param(number(find.skip.saturating_add(take)), Type::INT8);
            }
        }
        self.push(" GROUP BY ");
        for index in 1..=there.len() {
            self.push(if index > 1 { ", " } else { "" });
            self.number(index);
        }
        self.push(") AS ");
        self.alias(group);
        for (index, column) in here.iter().enumerate() {
            self.push(if index == 0 { " ON " } else { " AND " });
            self.alias(group);
            self.push(".\"k");
            self.number(index);
            self.push("\" = ");
            self.column(parent, &model.columns[usize::from(*column)]);
        }
    }
}
