//! Two catalogs → [`Changes`]. No SQL in here, and no order but that of the catalogs.

mod column;
mod enumeration;
mod foreign_key;
mod index;
mod table;

use std::collections::BTreeSet;

use super::change::{Change, Changes, Sides};
use super::rename::Renames;
use crate::catalog::{Catalog, ObjectName, Table};

/// Returns the changes that lead from the catalog of `renames` to `next`, including the renames.
pub(crate) fn diff_renamed<'a>(renames: &'a Renames, next: &'a Catalog) -> Changes<'a> {
    let mut changes = diff(renames.catalog(), next);
    changes.former_names = Some(renames.former_names());
    changes.list.extend(renames.changes());
    let pairs = renames.tables().filter_map(|name| renames.catalog().table(name).zip(next.table(name)));
    changes
        .list
        .extend(pairs.flat_map(|(previous, next)| foreign_key::renamed_with_join_table(previous, next)));
    changes
}

/// Returns the changes that lead from `previous` to `next`.
pub(crate) fn diff<'a>(previous: &'a Catalog, next: &'a Catalog) -> Changes<'a> {
    let pair = Pair::new(previous, next);
    let mut changes = Vec::new();
    changes.extend(schemas(pair.catalogs).map(Change::CreateSchema));
    extensions(pair.catalogs, &mut changes);
    enumeration::diff(&pair, &mut changes);
    changes.extend(pair.dropped_tables().map(Change::DropTable));
    changes.extend(pair.created_tables().map(Change::CreateTable));
    let details = Sides { previous: &previous.details, next: &next.details };
    changes
        .extend(pair.tables.iter().filter_map(|sides| table::diff(*sides, details)).map(Change::AlterTable));
    index::diff(&pair, &mut changes);
    foreign_key::diff(&pair, &mut changes);
    Changes { catalogs: pair.catalogs, list: changes, former_names: None }
}

/// Both catalogs, with the tables that are in both.
struct Pair<'a> {
    catalogs: Sides<&'a Catalog>,
    /// In the order of the previous catalog.
    tables: Vec<Sides<&'a Table>>,
}

impl<'a> Pair<'a> {
    fn new(previous: &'a Catalog, next: &'a Catalog) -> Self {
        let pairs = previous
            .tables
            .iter()
            .filter_map(|previous| Some(Sides { previous, next: next.table(&previous.name)? }));
        Self { catalogs: Sides { previous, next }, tables: pairs.collect() }
    }

    fn dropped_tables(&self) -> impl Iterator<Item = &'a Table> {
        let next = self.catalogs.next;
        self.catalogs.previous.tables.iter().filter(move |table| next.table(&table.name).is_none())
    }

    fn created_tables(&self) -> impl Iterator<Item = &'a Table> {
        let previous = self.catalogs.previous;
        self.catalogs.next.tables.iter().filter(move |table| previous.table(&table.name).is_none())
    }

    fn table(&self, name: &ObjectName) -> Option<Sides<&'a Table>> {
        Some(Sides { previous: self.catalogs.previous.table(name)?, next: self.catalogs.next.table(name)? })
    }
}

/// Returns declared schemas that do not exist yet, if they contain an object on either side.
fn schemas(catalogs: Sides<&Catalog>) -> impl Iterator<Item = &str> {
    let Sides { previous, next } = catalogs;
    let has_table = |catalog: &Catalog, name: &str| {
        catalog.tables.iter().any(|table| table.name.schema_or_public() == name)
    };
    let gets_enum = move |name: &str| {
        let mut created = next.enums.iter().filter(|it| previous.enumeration(&it.name).is_none());
        created.any(|it| it.name.schema_or_public() == name)
    };
    // The schemas of a live database are not declared.
    let is_declared = next.schema_if_live().is_none();
    let declared: BTreeSet<_> = next.schemas.iter().filter(|_| is_declared).map(String::as_str).collect();
    declared.into_iter().filter(move |name| {
        !previous.schemas.iter().any(|it| it == name)
            && (has_table(previous, name) || has_table(next, name) || gets_enum(name))
    })
}

/// Adds changes of extensions. One that the schema file no longer names is kept, because other objects may need it. One with
/// another schema or version is recreated, because not every extension can be moved or updated in place.
fn extensions<'a>(catalogs: Sides<&'a Catalog>, changes: &mut Vec<Change<'a>>) {
    for next in &catalogs.next.extensions {
        let Some(previous) = catalogs.previous.extensions.iter().find(|it| it.name == next.name) else {
            changes.push(Change::CreateExtension(next));
            continue;
        };
        let differs = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        if differs(&previous.schema, &next.schema) || differs(&previous.version, &next.version) {
            changes.push(Change::DropExtension(previous));
            changes.push(Change::CreateExtension(next));
        }
    }
}
