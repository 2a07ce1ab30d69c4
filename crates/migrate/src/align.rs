//! Gives equivalent parts of two catalogs the same wording.
//!
//! A server reports defaults, types and operator classes in its own wording: `now() + '1 day'` comes back as
//! `(now() + '1 day'::interval)`. Compared as text, that would be a change in every migration. So the server decides: it
//! creates a temporary table with the columns of the schema file, in a transaction that is rolled back, and what it reports
//! about them is compared with the live columns.

mod index;
mod name;
mod server;

use nicol_pg::tokio_postgres::Client;

use crate::catalog::compare::are_defaults_equal;
use crate::catalog::{Arity, Catalog, Column, ColumnDetails, ColumnType, Default};
use crate::error::Error;
use server::{Answer, Question};

/// Rewords `live`, which was read from the database of `client`: equivalent parts get the wording of `other`. Remaining
/// differences are real. The client must not be in a transaction.
///
/// # Errors
///
/// [`Error::Database`] if the connection is lost. If the server refuses the temporary table, parts are compared as text.
pub async fn align(client: &Client, live: &mut Catalog, other: &Catalog) -> Result<(), Error> {
    // Objects outside of the schema file may need the other extensions.
    live.extensions.retain(|it| other.extensions.iter().any(|next| next.name == it.name));
    name::align(live, other);
    index::align(live, other);
    let questions = questions(live, other);
    let answers = Box::pin(server::ask(client, &questions)).await?;
    let pairs: Vec<_> = questions.iter().map(|it| it.place).zip(answers).collect();
    for ((table, column), answer) in pairs {
        let table = &mut live.tables[table];
        let Some(next) = other.table(&table.name).and_then(|it| it.column(&table.columns[column].name))
        else {
            continue;
        };
        let details = live.details.column(&table.name, &next.name);
        adopt(&mut table.columns[column], next, details, answer.as_ref());
    }
    Ok(())
}

/// Returns the columns that cannot be compared as text.
fn questions<'a>(live: &Catalog, other: &'a Catalog) -> Vec<Question<'a>> {
    let mut questions = Vec::new();
    for (table_place, table) in live.tables.iter().enumerate() {
        let Some(next) = other.table(&table.name) else { continue };
        for (column_place, column) in table.columns.iter().enumerate() {
            let Some(next) = next.column(&column.name) else { continue };
            let is_open = !has_equal_type(column, next) || is_default_open(column, next);
            if is_open || next.default == Some(Default::Unstated) {
                questions.push(Question { place: (table_place, column_place), column: next });
            }
        }
    }
    questions
}

fn has_equal_type(live: &Column, next: &Column) -> bool {
    let is_list = |column: &Column| column.arity == Arity::List;
    live.ty == next.ty && is_list(live) == is_list(next)
}

/// Whether the defaults differ as text, but may be equivalent. `DEFAULT NULL` is no default.
fn is_default_open(live: &Column, next: &Column) -> bool {
    let has_words = |it: &Column| !matches!(it.default, Some(Default::Sequence | Default::Unstated));
    next.default.is_some() && has_words(live) && has_words(next) && !are_defaults_equal(live, next)
}

/// Takes the wording of `next` for whatever the server reports as the same.
fn adopt(column: &mut Column, next: &Column, details: Option<&ColumnDetails>, answer: Option<&Answer>) {
    let has_same_type = match (answer, details) {
        (Some(answer), Some(details)) => answer.formatted_type == details.formatted_type,
        _ => has_equal_type(column, next),
    };
    if has_same_type && !has_equal_type(column, next) {
        column.ty = next.ty.clone();
        column.arity = match (next.arity, details) {
            (Arity::List, _) => Arity::List,
            (_, Some(details)) if details.is_not_null => Arity::Required,
            _ => Arity::Optional,
        };
    }
    if next.default == Some(Default::Unstated) {
        // Any default matches.
        column.default.clone_from(&next.default);
    }
    // Two types given as SQL are not compared, but their defaults may still be the same.
    let is_comparable =
        has_same_type || matches!((&column.ty, &next.ty), (ColumnType::Raw(_), ColumnType::Raw(_)));
    if !(is_comparable && is_default_open(column, next)) {
        return;
    }
    let is_same = match (answer, details) {
        (Some(answer), Some(details)) => answer.default == details.default,
        _ => match (&column.default, &next.default) {
            // As Prisma, which does not ask the server.
            (Some(Default::Expression(a)), Some(Default::Expression(b))) => a.eq_ignore_ascii_case(b),
            _ => false,
        },
    };
    if is_same {
        column.default.clone_from(&next.default);
    }
}
