//! Chooses names for tables, columns, types and values in the schema file.
//!
//! Source: Prisma 6.19, `prisma db pull`: names consist of letters, digits and `_`, and begin with a letter; other characters are dropped or replaced.

use std::collections::{BTreeMap, BTreeSet};

use nicol_schema::model::{Enum as SchemaEnum, Model};

use super::current::{Current, field_of_column};
use super::relation::is_join_table;
use crate::catalog::{Catalog, Enum, ObjectName, Table, View};

/// A name in the schema file, and the name in the database if that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) map: Option<String>,
    /// Why it differs, if it is new.
    pub(super) is_reserved: bool,
    pub(super) is_duplicate: bool,
}

impl Name {
    fn kept(name: &str, map: Option<&String>) -> Self {
        Self { text: name.to_owned(), map: map.cloned(), is_reserved: false, is_duplicate: false }
    }

    fn new(text: String, database_name: &str) -> Self {
        let map = (text != database_name).then(|| database_name.to_owned());
        Self { text, map, is_reserved: false, is_duplicate: false }
    }
}

/// A table that becomes a model.
pub(super) struct NamedTable<'a> {
    pub(super) table: &'a Table,
    pub(super) current: Option<&'a Model>,
    pub(super) name: Name,
    /// The base name of fields that refer to it.
    pub(super) word: String,
    /// The field of each column.
    pub(super) fields: Vec<Name>,
}

impl NamedTable<'_> {
    /// Returns the field of a column.
    pub(super) fn field<'n>(&'n self, column: &'n str) -> &'n str {
        let place = self.table.columns.iter().position(|it| it.name == column);
        place.map_or(column, |place| self.fields[place].text.as_str())
    }
}

/// A view that becomes a `view` block.
pub(super) struct NamedView<'a> {
    pub(super) view: &'a View,
    pub(super) current: Option<&'a Model>,
    pub(super) name: Name,
    pub(super) fields: Vec<Name>,
}

/// An enum with its values.
pub(super) struct NamedEnum<'a> {
    pub(super) enumeration: &'a Enum,
    pub(super) current: Option<&'a SchemaEnum>,
    pub(super) name: Name,
    /// The name of each value.
    pub(super) values: Vec<Name>,
}

/// All objects with their names.
pub(super) struct Names<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) current: &'a Current<'a>,
    pub(super) tables: Vec<NamedTable<'a>>,
    /// Tables of implicit many-to-many relations.
    pub(super) join_tables: Vec<&'a Table>,
    pub(super) views: Vec<NamedView<'a>>,
    pub(super) enums: Vec<NamedEnum<'a>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(catalog: &'a Catalog, current: &'a Current<'a>) -> Self {
        let (join_tables, tables): (Vec<_>, Vec<_>) =
            catalog.tables.iter().partition(|table| is_join_table(table, catalog, current));
        let has_views = current.has_preview_feature("views");
        let views: Vec<_> = catalog.details.views.iter().filter(|_| has_views).collect();
        let views: Vec<_> =
            views.into_iter().filter(|it| !it.is_materialized && !it.columns.is_empty()).collect();

        let mut blocks = Blocks { catalog, counts: BTreeMap::new(), taken: BTreeSet::new() };
        for table in &tables {
            blocks.see(&table.name, current.model(&table.name, false).map(|it| it.name.as_str()));
        }
        for it in &catalog.enums {
            blocks.see(&it.name, current.enumeration(&it.name).map(|it| it.name.as_str()));
        }
        for view in &views {
            blocks.see(&view.name, current.model(&view.name, true).map(|it| it.name.as_str()));
        }

        let tables = tables.into_iter().map(|table| {
            let current = current.model(&table.name, false);
            let name = match current {
                Some(model) => Name::kept(&model.name, model.map.as_ref()),
                None => blocks.name(&table.name),
            };
            let word = match current {
                None if !name.is_duplicate => name.text.clone(),
                _ => some_or(sanitized(&table.name.name), &name.text),
            };
            let columns = table.columns.iter().map(|it| it.name.as_str());
            NamedTable { table, current, name, word, fields: fields(columns, current) }
        });
        let tables = tables.collect();
        let enums = catalog.enums.iter().map(|enumeration| {
            let current = current.enumeration(&enumeration.name);
            let name = match current {
                Some(it) => Name::kept(&it.name, it.map.as_ref()),
                None => blocks.name(&enumeration.name),
            };
            NamedEnum { enumeration, current, name, values: values(enumeration, current) }
        });
        let enums = enums.collect();
        let views = views.into_iter().map(|view| {
            let current = current.model(&view.name, true);
            let name = match current {
                Some(model) => Name::kept(&model.name, model.map.as_ref()),
                None => blocks.name(&view.name),
            };
            let columns = view.columns.iter().map(|it| it.name.as_str());
            NamedView { view, current, name, fields: fields(columns, current) }
        });
        let views = views.collect();
        Self { catalog, current, tables, join_tables, views, enums }
    }

    /// Returns the table with this name.
    pub(super) fn table(&self, name: &ObjectName) -> Option<&NamedTable<'a>> {
        self.tables.iter().find(|it| it.table.name == *name)
    }

    /// Returns the enum with this name.
    pub(super) fn enumeration(&self, name: &ObjectName) -> Option<&NamedEnum<'a>> {
        self.enums.iter().find(|it| it.enumeration.name == *name)
    }
}

/// The names of blocks, which must be unique.
struct Blocks<'a> {
    catalog: &'a Catalog,
    counts: BTreeMap<String, usize>,
    taken: BTreeSet<String>,
}

impl Blocks<'_> {
    fn see(&mut self, name: &ObjectName, current: Option<&str>) {
        let own = current.map_or_else(|| sanitized(&name.name), str::to_owned);
        *self.counts.entry(own).or_default() += 1;
        self.taken.extend(current.map(str::to_owned));
    }

    fn name(&mut self, object: &ObjectName) -> Name {
        let plain = sanitized(&object.name);
        let schema = object.schema.as_deref().or(self.catalog.default_schema.as_deref()).unwrap_or("public");
        let is_duplicate = self.counts.get(&plain).is_some_and(|count| *count > 1);
        let is_reserved = !is_duplicate && nicol_schema::is_reserved(&object.name);
        let wanted = if is_duplicate {
            sanitized(&format!("{schema}_{}", object.name))
        } else if is_reserved {
            format!("Renamed{}", object.name)
        } else if plain.is_empty() {
            "Unnamed".to_owned()
        } else {
            plain
        };
        // Names that differ only in characters that the schema language does not allow.
        let name = free(wanted, |name| self.taken.contains(name));
        self.taken.insert(name.clone());
        Name { is_reserved, is_duplicate, ..Name::new(name, &object.name) }
    }
}

/// Returns the fields of columns: those of the current model, else named after the columns.
fn fields<'c>(columns: impl Iterator<Item = &'c str>, current: Option<&Model>) -> Vec<Name> {
    let kept = |column: &str| current.and_then(|model| field_of_column(model, column));
    let columns: Vec<&str> = columns.collect();
    let mut taken: BTreeSet<String> =
        columns.iter().filter_map(|it| kept(it)).map(|(_, field, _)| field.name.clone()).collect();
    let name = |column: &&str| match kept(column) {
        Some((_, field, scalar)) => Name::kept(&field.name, scalar.map.as_ref()),
        None => {
            let plain = sanitized(column);
            if plain.is_empty() {
                return Name { map: Some((*column).to_owned()), ..Name::new(String::new(), column) };
            }
            let name = free(plain, |name| taken.contains(name));
            taken.insert(name.clone());
            Name::new(name, column)
        }
    };
    columns.iter().map(name).collect()
}

fn values(enumeration: &Enum, current: Option<&SchemaEnum>) -> Vec<Name> {
    let kept = |value: &str| current?.values.iter().find(|it| it.database_name() == value);
    let mut taken: BTreeSet<String> =
        enumeration.values.iter().filter_map(|it| kept(it)).map(|it| it.name.clone()).collect();
    let name = |value: &String| match kept(value) {
        Some(it) => Name::kept(&it.name, it.map.as_ref()),
        None if value.is_empty() => Name::new("EMPTY_ENUM_VALUE".to_owned(), value),
        None => {
            // Without a letter it would be commented out, and the next push would remove the value.
            let plain = some_or(sanitized(value), &format!("VALUE_{}", in_words(value)));
            let name = free(plain, |name| taken.contains(name));
            taken.insert(name.clone());
            Name::new(name, value)
        }
    };
    enumeration.values.iter().map(name).collect()
}

/// Returns the name, with a number if it is taken.
pub(super) fn free(wanted: String, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&wanted) {
        return wanted;
    }
    let numbered = (2_u32..).map(|number| format!("{wanted}_{number}"));
    numbered.into_iter().find(|name| !is_taken(name)).unwrap_or(wanted)
}

/// Returns a valid name: everything before the first letter is dropped, and other invalid characters become `_`.
pub(super) fn sanitized(name: &str) -> String {
    let rest = name.trim_start_matches(|it: char| !it.is_ascii_alphabetic());
    in_words(rest)
}

fn in_words(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect()
}

fn some_or(name: String, other: &str) -> String {
    if name.is_empty() { other.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sanitized() {
        assert_eq!(sanitized("0day"), "day");
        assert_eq!(sanitized("_x"), "x");
        assert_eq!(sanitized("Größe in m"), "Gr__e_in_m");
        assert_eq!(sanitized("ü"), "");
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        assert_eq!(free("a".to_owned(), |it| it == "a" || it == "a_2"), "a_3");
    }
}
