//! Chooses the writes that one statement does, with the same result as the steps.
//!
//! A statement sees the tables as they were before it. So it must not read rows that it writes, except from what it returns.

use super::actions::{act_on_delete, act_on_update, changes_references};
use super::link::{Parent, owns, refers_first};
use crate::error::Error;
use crate::meta::{Join, ModelMeta};
use crate::query::{Assignment, Create, Find, Include, Nested, Returning, Upsert, Write};
use crate::sql::{self, Rows};
use crate::wire::Statement;

/// Returns the statement of a write that needs no other.
///
/// # Errors
/// The write has too many parameters.
pub(crate) fn statement(schema: &str, write: &Write) -> Result<Option<Statement>, Error> {
    Ok(Some(match write {
        Write::Create(create, returning) if creates(create, returning) => {
            sql::create(schema, create.clone(), returning)?
        }
        Write::Update(unique, changes, returning)
            if changes.nested.is_empty()
                && !act_on_update(changes.model, &changes.assignments)
                && !reads_back(returning)
                && !reads_cascade(returning, &changes.assignments) =>
        {
            sql::update(schema, &unique.clone().condition(), changes, returning)?
        }
        Write::UpdateMany(update, returning)
            if !act_on_update(update.changes.model, &update.changes.assignments)
                && !matches!(returning, Returning::Rows(find) if reads_back(find)) =>
        {
            sql::update_many(schema, update, returning)?
        }
        Write::Upsert(upsert, returning) => return native_upsert(schema, upsert, returning),
        Write::Delete(unique, returning) if !act_on_delete(returning.model) => {
            sql::delete(schema, &unique.clone().condition(), returning)?
        }
        Write::DeleteMany { model, filter, limit } if !act_on_delete(model) => {
            sql::remove(schema, &Rows::matching(model, filter).limited(*limit))?
        }
        _ => return Ok(None),
    }))
}

/// Whether one statement creates a row with its nested rows, also if rows of a model are in several places of the tree: they are created
/// beneath it, or they exist and are connected by their keys.
pub(crate) fn is_one_insert(create: &Create) -> bool {
    create.nested.iter().all(|(index, nested)| {
        let relation = &create.model.relations[usize::from(*index)];
        match nested {
            // A reference of one to one may be taken from another row.
            Nested::Connect(unique) => {
                unique.filter.is_true() && refers_first(create.model, relation, nested, Parent::Old)
            }
            Nested::Create(child) => !owns(relation) && is_one_insert(child),
            _ => false,
        }
    })
}

/// Returns `INSERT … ON CONFLICT` if the new row has the key by which the existing one is found.
fn native_upsert(schema: &str, upsert: &Upsert, returning: &Find) -> Result<Option<Statement>, Error> {
    let Upsert { unique, create, update } = upsert;
    let is_plain = unique.filter.is_true() && create.nested.is_empty() && update.nested.is_empty();
    let reads_writes = reads_back(returning) || reads_cascade(returning, &update.assignments);
    if !is_plain || reads_writes || act_on_update(update.model, &update.assignments) {
        return Ok(None);
    }
    sql::upsert(schema, &unique.key, create, update, returning)
}

/// Whether the relations of a returned row read rows of its own model.
fn reads_back(returning: &Find) -> bool {
    returning.includes.iter().any(|include| include.find.reads(&[returning.model]))
}

/// Whether relations of the returned row are read that the database changes with the row's key, at the end of the statement.
fn reads_cascade(returning: &Find, assignments: &[(u16, Assignment)]) -> bool {
    !returning.includes.is_empty() && changes_references(returning.model, assignments)
}

/// Whether one statement creates a row, its nested rows and those that it returns: each model has one place in the tree, because its rows
/// are one `INSERT`, and rows are read only where they are created.
fn creates(create: &Create, returning: &Find) -> bool {
    let mut inserts = Vec::new();
    if !fits(create, &mut Vec::new(), &[], &mut inserts) {
        return false;
    }
    let written: Vec<&'static ModelMeta> = inserts.iter().map(|insert| insert.model).collect();
    is_read_from(&returning.includes, &[create], &written)
}

/// The rows of a model that are inserted together.
struct Insert {
    model: &'static ModelMeta,
    path: Vec<u16>,
    columns: Vec<u16>,
}

fn fits(create: &Create, path: &mut Vec<u16>, given: &[u16], inserts: &mut Vec<Insert>) -> bool {
    let model = create.model;
    let mut columns: Vec<u16> = create.values.iter().map(|(column, _)| *column).collect();
    let mut references = given.to_vec();
    for (index, nested) in &create.nested {
        let relation = &model.relations[usize::from(*index)];
        match (nested, &relation.join) {
            (Nested::Connect(unique), Join::Columns { here, owned: true, .. }) => {
                let is_many_to_one = refers_first(model, relation, nested, Parent::Old);
                if !is_many_to_one
                    || !unique.filter.is_true()
                    || here.iter().any(|column| references.contains(column))
                {
                    return false;
                }
                references.extend(*here);
                columns.extend(unique.key.values.iter().map(|(column, _)| *column));
            }
            (Nested::Create(child), Join::Table { .. } | Join::Columns { owned: false, .. }) => {
                let given = match relation.join {
                    Join::Columns { there, .. } => there,
                    Join::Table { .. } => &[],
                };
                path.push(*index);
                let child_fits = fits(child, path, given, inserts);
                path.pop();
                if !child_fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
    columns.extend(references);
    columns.sort_unstable();
    let mut known = inserts.iter().filter(|insert| std::ptr::eq(insert.model, model));
    match known.next() {
        Some(insert) => insert.path == *path && insert.columns == columns,
        None => {
            inserts.push(Insert { model, path: path.clone(), columns });
            true
        }
    }
}

/// Whether the included rows are those that are created, or of models that are not written.
fn is_read_from(includes: &[Include], creates: &[&Create], written: &[&'static ModelMeta]) -> bool {
    includes.iter().all(|include| {
        let nested = creates.iter().flat_map(|create| &create.nested);
        let children = nested.filter_map(|(relation, nested)| match nested {
            Nested::Create(child) if *relation == include.relation => Some(child),
            _ => None,
        });
        let children: Vec<&Create> = children.collect();
        if children.is_empty() {
            return !include.find.reads(written);
        }
        let rows = Find { includes: Vec::new(), ..include.find.clone() };
        let others: Vec<_> =
            written.iter().copied().filter(|model| !std::ptr::eq(*model, rows.model)).collect();
        !rows.reads(&others) && is_read_from(&include.find.includes, &children, written)
    })
}
