//! Applies renames to a catalog.

use super::hint::{Hint, find_enum, find_table};
use super::{HintError, Hints};
use crate::catalog::{Catalog, Column, ColumnType, Default, ObjectName, Table, Value};
use crate::plan::change::{Change, FormerNames, Rename};

/// A catalog with new names, and the renames that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renames {
    catalog: Catalog,
    steps: Vec<Rename>,
    /// Sequences of renamed columns or tables, and their new names.
    sequences: Vec<(ObjectName, String)>,
    former_names: FormerNames,
}

impl Renames {
    /// Renames the objects of `previous` as the hints say. Objects that already have their new name are kept.
    ///
    /// # Errors
    ///
    /// [`HintError::NotPrevious`] if neither the old nor the new name is in `previous`.
    pub fn new(previous: &Catalog, next: &Catalog, hints: &Hints) -> Result<Self, HintError> {
        let mut renames = Self {
            catalog: previous.clone(),
            steps: Vec::new(),
            sequences: Vec::new(),
            former_names: FormerNames::default(),
        };
        // In an empty database there is nothing to rename.
        if previous.tables.is_empty() && previous.enums.is_empty() {
            return Ok(renames);
        }
        // Tables and enums first, since hints for columns and values use their new names.
        for hint in hints.iter() {
            match &hint.rename {
                Rename::Table { previous, next } => renames.table(hint, previous, next)?,
                Rename::Enum { previous, next } => renames.enumeration(hint, previous, next)?,
                Rename::Column { .. } | Rename::EnumValue { .. } => {}
            }
        }
        if !renames.former_names.tables.is_empty() {
            renames.join_tables(next);
        }
        for hint in hints.iter() {
            match &hint.rename {
                Rename::Column { table, previous, next } => renames.column(hint, table, previous, next)?,
                Rename::EnumValue { enumeration, previous, next } => {
                    renames.value(hint, enumeration, previous, next)?;
                }
                Rename::Table { .. } | Rename::Enum { .. } => {}
            }
        }
        renames.sequences();
        Ok(renames)
    }

    /// Returns the catalog with its new names.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns the renames, in order.
    pub fn steps(&self) -> &[Rename] {
        &self.steps
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let sequences =
            self.sequences.iter().map(|(previous, next)| Change::RenameSequence { previous, next });
        self.steps.iter().map(Change::Rename).chain(sequences)
    }

    /// Returns the new names of the renamed tables.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &ObjectName> {
        self.former_names.tables.keys()
    }

    /// Returns the names of the renamed objects before the plan runs.
    pub(crate) fn former_names(&self) -> &FormerNames {
        &self.former_names
    }

    fn table(&mut self, hint: &Hint, previous: &ObjectName, next: &ObjectName) -> Result<(), HintError> {
        if self.catalog.table(next).is_some() {
            return Ok(());
        }
        let Some(found) = find_table(&self.catalog, previous).cloned() else {
            let names = self.catalog.tables.iter().map(|it| it.name.name.as_str());
            return Err(hint.not_previous(&previous.name, names));
        };
        self.rename_table(found, next.clone());
        Ok(())
    }

    fn rename_table(&mut self, previous: ObjectName, next: ObjectName) {
        for table in &mut self.catalog.tables {
            if table.name == previous {
                table.name = next.clone();
            }
            for key in table.foreign_keys.iter_mut().filter(|key| key.referenced_table == previous) {
                key.referenced_table = next.clone();
            }
        }
        self.catalog.details.rename_table(&previous, &next);
        self.former_names.tables.insert(next.clone(), previous.clone());
        self.steps.push(Rename::Table { previous, next });
    }

    fn enumeration(
        &mut self,
        hint: &Hint,
        previous: &ObjectName,
        next: &ObjectName,
    ) -> Result<(), HintError> {
        if self.catalog.enumeration(next).is_some() {
            return Ok(());
        }
        let Some(found) = find_enum(&self.catalog, previous).cloned() else {
            let names = self.catalog.enums.iter().map(|it| it.name.name.as_str());
            return Err(hint.not_previous(&previous.name, names));
        };
        for enumeration in self.catalog.enums.iter_mut().filter(|it| it.name == found) {
            enumeration.name = next.clone();
        }
        for column in self.catalog.tables.iter_mut().flat_map(|table| &mut table.columns) {
            if matches!(&column.ty, ColumnType::Enum(name) if *name == found) {
                column.ty = ColumnType::Enum(next.clone());
            }
        }
        self.former_names.enums.insert(next.clone(), found.clone());
        self.steps.push(Rename::Enum { previous: found, next: next.clone() });
        Ok(())
    }

    fn column(
        &mut self,
        hint: &Hint,
        table: &ObjectName,
        previous: &str,
        next: &str,
    ) -> Result<(), HintError> {
        // A new table is created with its new names.
        let Some(found) = self.catalog.table(table) else { return Ok(()) };
        if found.column(next).is_some() {
            return Ok(());
        }
        if found.column(previous).is_none() {
            return Err(hint.not_previous(previous, found.columns.iter().map(|it| it.name.as_str())));
        }
        self.rename_column(&table.clone(), previous, next);
        Ok(())
    }

    fn rename_column(&mut self, name: &ObjectName, previous: &str, next: &str) {
        let rename = |it: &mut String| {
            if it == previous {
                next.clone_into(it);
            }
        };
        for table in &mut self.catalog.tables {
            if table.name == *name {
                table.columns.iter_mut().for_each(|it| rename(&mut it.name));
                table.primary_key.iter_mut().flat_map(|it| &mut it.columns).for_each(rename);
                let indexed = table.indexes.iter_mut().flat_map(|it| &mut it.columns);
                indexed.for_each(|it| rename(&mut it.name));
                table.foreign_keys.iter_mut().flat_map(|it| &mut it.columns).for_each(rename);
            }
            let keys = table.foreign_keys.iter_mut().filter(|key| key.referenced_table == *name);
            keys.flat_map(|key| &mut key.referenced_columns).for_each(rename);
        }
        self.catalog.details.rename_column(name, previous, next);
        self.former_names.columns.insert((name.clone(), next.to_owned()), previous.to_owned());
        self.steps.push(Rename::Column {
            table: name.clone(),
            previous: previous.to_owned(),
            next: next.to_owned(),
        });
    }

    fn value(&mut self, hint: &Hint, name: &ObjectName, previous: &str, next: &str) -> Result<(), HintError> {
        let Some(found) = self.catalog.enums.iter_mut().find(|it| it.name == *name) else { return Ok(()) };
        if found.values.iter().any(|it| it == next) {
            return Ok(());
        }
        let Some(value) = found.values.iter_mut().find(|it| *it == previous) else {
            return Err(hint.not_previous(previous, found.values.iter().map(String::as_str)));
        };
        next.clone_into(value);
        let columns = self.catalog.tables.iter_mut().flat_map(|table| &mut table.columns);
        for column in columns.filter(|it| matches!(&it.ty, ColumnType::Enum(ty) if ty == name)) {
            rename_in_default(column, previous, next);
        }
        self.steps.push(Rename::EnumValue {
            enumeration: name.clone(),
            previous: previous.to_owned(),
            next: next.to_owned(),
        });
        Ok(())
    }

    fn sequences(&mut self) {
        let mut sequences = Vec::new();
        for table in &self.catalog.tables {
            let before = self.former_names.table(&table.name);
            for column in table.columns.iter().filter(|it| it.default == Some(Default::Sequence)) {
                let previous =
                    sequence_name(&before.name, self.former_names.column(&table.name, &column.name));
                let next = sequence_name(&table.name.name, &column.name);
                if previous != next {
                    let schema = table.name.schema.clone();
                    sequences.push((ObjectName { schema, name: previous }, next));
                }
            }
        }
        self.sequences = sequences;
    }

    /// Renames tables of implicit many-to-many relations with their models. They are named after both models in alphabetical
    /// order, so their columns may be swapped.
    fn join_tables(&mut self, next: &Catalog) {
        let is_new = |table: &&Table| self.catalog.table(&table.name).is_none();
        for wanted in next.tables.iter().filter(is_new).collect::<Vec<_>>() {
            let Some(ends) = ends(wanted) else { continue };
            let is_this = |table: &&Table, swapped: bool| {
                let expected = if swapped { (ends.1, ends.0) } else { ends };
                next.table(&table.name).is_none() && self::ends(table) == Some(expected)
            };
            // Several relations between the same models cannot be told apart.
            let is_only_one = next.tables.iter().filter(|it| self::ends(it) == Some(ends)).count() == 1;
            let straight: Vec<_> = self.catalog.tables.iter().filter(|it| is_this(it, false)).collect();
            let crossed: Vec<_> = self.catalog.tables.iter().filter(|it| is_this(it, true)).collect();
            let (found, swapped) = match (straight.as_slice(), crossed.as_slice()) {
                ([found], _) => (found.name.clone(), false),
                ([], [found]) => (found.name.clone(), true),
                _ => continue,
            };
            if !is_only_one {
                continue;
            }
            let name = wanted.name.clone();
            self.rename_table(found, name.clone());
            if swapped {
                self.rename_column(&name, "A", "_");
                self.rename_column(&name, "B", "A");
                self.rename_column(&name, "_", "B");
                self.former_names.columns.insert((name.clone(), "B".to_owned()), "A".to_owned());
            }
        }
    }
}

/// Returns the default name of the sequence of a serial column. The longer of the two names is truncated.
///
/// Source: PostgreSQL 17, `makeObjectName`.
fn sequence_name(table: &str, column: &str) -> String {
    let room = 63 - "__seq".len();
    let (mut of_table, mut of_column) = (table.len(), column.len());
    while of_table + of_column > room {
        if of_table > of_column { of_table -= 1 } else { of_column -= 1 }
    }
    let cut = |name: &str, length: usize| name[..name.floor_char_boundary(length)].to_owned();
    format!("{}_{}_seq", cut(table, of_table), cut(column, of_column))
}

/// Returns the two tables that a table of an implicit many-to-many relation connects.
pub(super) fn ends(table: &Table) -> Option<(&ObjectName, &ObjectName)> {
    let referenced = |column: &str| {
        let mut keys = table.foreign_keys.iter();
        keys.find(|key| key.columns == [column]).map(|key| &key.referenced_table)
    };
    let is_one = table.columns.len() == 2 && table.name.name.starts_with('_');
    is_one.then(|| referenced("A").zip(referenced("B"))).flatten()
}

fn rename_in_default(column: &mut Column, previous: &str, next: &str) {
    let values = match &mut column.default {
        Some(Default::Value(value)) => std::slice::from_mut(value),
        Some(Default::List(values)) => values.as_mut_slice(),
        _ => return,
    };
    for value in values {
        if matches!(value, Value::Text(text) if text == previous) {
            *value = Value::Text(next.to_owned());
        }
    }
}
