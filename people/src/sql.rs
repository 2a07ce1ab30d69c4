//! The SQL that the client cannot say. Every value is bound; names come from here and from the client alone.

use nicol::AssertSafe;
use nicol::types::DateTime;
use nicol_pg::quote_qualified;

use crate::db::Person;

/// The [version](crate::version::Version) of a row of `people`.
///
/// Source: PostgreSQL manual, 9.5 (binary string functions): `sha256`, `convert_to`, `encode`.
pub const VERSION: &str = "encode(substring(sha256(convert_to(concat_ws(chr(31), name, email, phone_number, \
    (extract(epoch from updated_at) * 1000)::bigint), 'UTF8')) for 16), 'hex')";

/// A row of `people` with all its columns.
#[derive(Debug, nicol::FromRow)]
pub struct PersonRow {
    id: String,
    name: String,
    email: String,
    phone_number: String,
    created_at: DateTime,
    updated_at: DateTime,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        let PersonRow { id, name, email, phone_number, created_at, updated_at } = row;
        Self { id, name, email, phone_number, created_at, updated_at }
    }
}

/// Changes the person `$1` of version `$2` to name `$3`, e-mail `$4`, phone number `$5`, updated at `$6`.
pub(crate) fn update_version(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
update {people}
set name = $3, email = $4, phone_number = $5, updated_at = $6
where id = $1 and {VERSION} = $2
returning id, name, email, phone_number, created_at, updated_at"
    ))
}

/// Deletes the person `$1` of version `$2`.
pub(crate) fn delete_version(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
delete from {people}
where id = $1 and {VERSION} = $2
returning id, name, email, phone_number, created_at, updated_at"
    ))
}
