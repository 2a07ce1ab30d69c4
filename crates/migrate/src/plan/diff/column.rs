//! Compares a column of both catalogs.

use crate::catalog::compare::are_defaults_equal;
use crate::catalog::type_change::TypeChange;
use crate::catalog::{Arity, Column, ColumnDetails, ColumnType, Default, NativeType as N};
use crate::plan::change::{AlterColumn, Sides, TableAction};

/// Returns the change of a column. `details` exist for the sides that were read from a server.
pub(super) fn diff<'a>(
    sides: Sides<&'a Column>,
    details: Sides<Option<&ColumnDetails>>,
) -> Option<TableAction<'a>> {
    let change = TypeChange::of(sides.previous, sides.next);
    if change == TypeChange::Recreate {
        return Some(TableAction::RecreateColumn(sides));
    }
    let arity = sides.previous.arity != sides.next.arity;
    let default = !are_defaults_equal(sides.previous, sides.next) && !is_beyond_words(sides, details);
    let ty = change == TypeChange::Cast;
    (arity || default || ty).then_some(TableAction::AlterColumn(AlterColumn { sides, arity, default, ty }))
}

/// Whether the server generates the values in a way that a schema file cannot express, and the schema file does not contradict
/// it.
fn is_beyond_words(sides: Sides<&Column>, details: Sides<Option<&ColumnDetails>>) -> bool {
    match (details.previous, details.next) {
        (Some(live), None) => allows(sides.next, live),
        (None, Some(live)) => allows(sides.previous, live),
        _ => false,
    }
}

/// Whether a column of a schema file may be a generated or identity column in the database. An identity is never null.
fn allows(column: &Column, live: &ColumnDetails) -> bool {
    let says_nothing = matches!(column.default, None | Some(Default::Unstated));
    let is_numbered = says_nothing || column.default == Some(Default::Sequence);
    live.is_generated && says_nothing
        || live.identity.is_some() && is_numbered && column.arity == Arity::Required && is_integer(column)
}

/// Whether its type changes.
pub(super) fn has_another_type(sides: Sides<&Column>) -> bool {
    TypeChange::of(sides.previous, sides.next) != TypeChange::None
}

/// Whether it is dropped and recreated, with everything that depends on it.
pub(super) fn is_recreated(sides: Sides<&Column>) -> bool {
    TypeChange::of(sides.previous, sides.next) == TypeChange::Recreate
}

/// Whether an identity column may have the type.
///
/// Source: PostgreSQL manual, `CREATE TABLE`.
fn is_integer(column: &Column) -> bool {
    matches!(column.ty, ColumnType::Native(N::Integer | N::SmallInt | N::BigInt))
}
