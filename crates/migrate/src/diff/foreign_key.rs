//! Foreign keys of both catalogs.

use super::Pair;
use crate::catalog::{Column, ColumnType, ForeignKey, NativeType as N, Table};
use crate::change::{Change, Sides};

pub(super) fn diff<'a>(pair: &Pair<'a>, changes: &mut Vec<Change<'a>>) {
    for previous in &pair.catalogs.previous.tables {
        let next = pair.catalogs.next.table(&previous.name);
        for key in &previous.foreign_keys {
            match next.and_then(|next| Some((next, equal(Sides { previous, next }, key, Side::Previous)?))) {
                None => changes.push(Change::DropForeignKey(previous, key)),
                Some((next, other)) if other.name != key.name => {
                    changes.push(Change::RenameForeignKey(next, Sides { previous: key, next: other }));
                }
                Some(_) => {}
            }
        }
    }
    for next in &pair.catalogs.next.tables {
        let previous = pair.catalogs.previous.table(&next.name);
        let is_new = |key: &&ForeignKey| {
            previous.is_none_or(|previous| equal(Sides { previous, next }, key, Side::Next).is_none())
        };
        changes.extend(next.foreign_keys.iter().filter(is_new).map(|key| Change::AddForeignKey(next, key)));
    }
}

/// Which table a key belongs to.
#[derive(Clone, Copy)]
enum Side {
    Previous,
    Next,
}

/// The key of the other table that does the same, whatever its name.
fn equal<'a>(sides: Sides<&'a Table>, key: &ForeignKey, side: Side) -> Option<&'a ForeignKey> {
    let other = match side {
        Side::Previous => sides.next,
        Side::Next => sides.previous,
    };
    let is_equal = |it: &&ForeignKey| {
        it.referenced_table == key.referenced_table
            && it.columns == key.columns
            && it.referenced_columns == key.referenced_columns
            && it.on_delete == key.on_delete
            && it.on_update == key.on_update
            && key.columns.iter().all(|name| has_same_family(sides, name))
    };
    // There may be several alike.
    let by_name = other.foreign_keys.iter().find(|it| it.name == key.name && is_equal(it));
    by_name.or_else(|| other.foreign_keys.iter().find(is_equal))
}

fn has_same_family(sides: Sides<&Table>, column: &str) -> bool {
    let columns = sides.previous.column(column).zip(sides.next.column(column));
    columns.is_none_or(|(previous, next)| family(previous) == family(next))
}

/// Types between which a foreign key stays as it is.
#[derive(PartialEq)]
enum Family<'a> {
    Text,
    Uuid,
    Integer,
    BigInt,
    Float,
    Decimal,
    Boolean,
    Time,
    Json,
    Bytes,
    Other(&'a ColumnType),
}

fn family(column: &Column) -> Family<'_> {
    let ColumnType::Native(native) = &column.ty else { return Family::Other(&column.ty) };
    match native {
        N::Text | N::Char(_) | N::VarChar(_) | N::Bit(_) | N::VarBit(_) | N::Xml | N::Inet | N::Citext => {
            Family::Text
        }
        N::Uuid => Family::Uuid,
        N::Integer | N::SmallInt | N::Oid => Family::Integer,
        N::BigInt => Family::BigInt,
        N::Real | N::DoublePrecision => Family::Float,
        N::Decimal(_) | N::Money => Family::Decimal,
        N::Boolean => Family::Boolean,
        N::Timestamp(_) | N::Timestamptz(_) | N::Date | N::Time(_) | N::Timetz(_) => Family::Time,
        N::Json | N::JsonB => Family::Json,
        N::ByteA => Family::Bytes,
    }
}
