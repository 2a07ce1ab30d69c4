//! The names that constraints have in the database, by which it reports a violation.
//!
//! The same rule as in `nicol-migrate`, which makes them.
//!
//! Source: Prisma 6.19 documentation, "Naming conventions for constraints and indexes".

use nicol_schema::model::{Key, Model};

/// The longest identifier that PostgreSQL keeps, in bytes.
///
/// Source: PostgreSQL 17 manual, 4.1.1.
const MAX_BYTES: usize = 63;

/// The name of a model's primary key.
pub(crate) fn primary_key(model: &Model, key: &Key) -> String {
    named(key, || fit(model.database_name().to_owned(), "_pkey"))
}

/// The name of a unique key.
pub(crate) fn unique(model: &Model, key: &Key) -> String {
    named(key, || {
        let mut name = model.database_name().to_owned();
        for field in &key.fields {
            name.push('_');
            name.push_str(model.field(field.field).database_name());
        }
        fit(name, "_key")
    })
}

/// The table of an implicit many-to-many relation.
pub(crate) fn join_table(relation: &str) -> String {
    fit(format!("_{relation}"), "")
}

fn named(key: &Key, or: impl FnOnce() -> String) -> String {
    key.map.clone().unwrap_or_else(or)
}

/// Cuts a name at a character boundary, so that the whole with its suffix can be an identifier.
fn fit(mut name: String, suffix: &str) -> String {
    name.truncate(name.floor_char_boundary(MAX_BYTES - suffix.len()));
    name.push_str(suffix);
    name
}
