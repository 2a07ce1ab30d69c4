//! Two wordings of the same thing.
//!
//! A server repeats a default, a type or an operator class in words of its own: `now() + '1 day'` comes back as
//! `(now() + '1 day'::interval)`. Compared as text, that would be a change for ever. Here the server itself is asked:
//! it gets a temporary table with the columns as the schema file words them, in a transaction that is rolled back,
//! and what it makes of them is compared with what it has.

mod index;
mod name;
mod server;

use nicol_pg::tokio_postgres::Client;

use crate::catalog::compare::are_defaults_equal;
use crate::catalog::{Arity, Catalog, Column, ColumnDetails, ColumnType, Default};
use crate::error::Error;
use server::{Answer, Question};

/// Makes `live`, which was read from the database of `client`, say in the words of `other` whatever means the same;
/// what remains different is different. The client must not be within a transaction.
///
/// # Errors
///
/// [`Error::Database`] if the connection is lost. A server that refuses the question leaves the comparison to the words.
pub async fn align(client: &Client, live: &mut Catalog, other: &Catalog) -> Result<(), Error> {
    // Other things than the schema file's may need the rest.
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

/// The columns that the words do not settle.
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

/// Whether the defaults are worded in ways that may or may not mean the same. `DEFAULT NULL` is none.
fn is_default_open(live: &Column, next: &Column) -> bool {
    let has_words = |it: &Column| !matches!(it.default, Some(Default::Sequence | Default::Unstated));
    next.default.is_some() && has_words(live) && has_words(next) && !are_defaults_equal(live, next)
}

/// Takes over the words of `next` for what the server says is the same.
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
        // Whatever it is, it is what was meant.
        column.default.clone_from(&next.default);
    }
    // Of two types in words alone it is not asked whether they differ, and a default may be the same all the same.
    let is_comparable =
        has_same_type || matches!((&column.ty, &next.ty), (ColumnType::Raw(_), ColumnType::Raw(_)));
    if !(is_comparable && is_default_open(column, next)) {
        return;
    }
    let is_same = match (answer, details) {
        (Some(answer), Some(details)) => answer.default == details.default,
        _ => match (&column.default, &next.default) {
            // As Prisma, which asks nobody.
            (Some(Default::Expression(a)), Some(Default::Expression(b))) => a.eq_ignore_ascii_case(b),
            _ => false,
        },
    };
    if is_same {
        column.default.clone_from(&next.default);
    }
}
