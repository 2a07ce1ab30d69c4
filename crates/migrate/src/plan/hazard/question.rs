//! What to ask a database to know whether a hazard is real.

use nicol_pg::{quote_ident, quote_literal};

use super::{HazardKind, cast};
use crate::catalog::sql::{name_sql, type_name};
use crate::catalog::type_change::TypeChange;
use crate::catalog::{Arity, Column, ColumnType, Default, ObjectName};
use crate::plan::change::{AlterEnum, Change, Sides};
use crate::plan::order::Ordered;

/// What decides whether a hazard is real. Names are those before the plan runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Nothing: it is always real.
    None,
    /// The number of rows of a table.
    Rows(ObjectName),
    /// The number of values of a column that are not null.
    Values(ObjectName, String),
    /// The number of nulls of a column.
    Nulls(ObjectName, String),
    /// The number that a query returns. If it fails because of a value or a missing operator, the number is unknown, and the
    /// hazard counts as real.
    Query(String),
}

/// Returns the question for a hazard of a change. `object` and `kind` use the new names.
pub(super) fn question(
    ordered: &Ordered<'_>,
    change: &Change<'_>,
    object: &ObjectName,
    kind: &HazardKind,
) -> Question {
    let table = ordered.table_before(object);
    let column = |column: &str| ordered.column_before(object, column).to_owned();
    match kind {
        HazardKind::DropTable
        | HazardKind::ChangePrimaryKey
        | HazardKind::AddRequiredColumn { .. }
        | HazardKind::RecreateRequiredColumn(_) => Question::Rows(table.clone()),
        HazardKind::DropColumn(name) | HazardKind::RecreateColumn(name) | HazardKind::ScalarToList(name) => {
            Question::Values(table.clone(), column(name))
        }
        HazardKind::RequireColumn(name) => Question::Nulls(table.clone(), column(name)),
        HazardKind::RiskyCast { column, .. } => {
            let sides = columns(ordered, object, column);
            let loss = sides.and_then(|it| Some((it, cast::loss(it.previous, it.next)?)));
            loss.map_or(Question::None, |(sides, loss)| {
                let is_list = sides.previous.arity == Arity::List && sides.next.arity == Arity::List;
                let name = quote_ident(ordered.column_before(object, column));
                Question::Query(count_where(table, &loss.condition(&name, is_list)))
            })
        }
        HazardKind::AddUnique(columns) => duplicates(ordered, object, columns),
        HazardKind::RemoveEnumValues(_) => match change {
            Change::AlterEnum(change) => removed_values(ordered, change),
            _ => Question::None,
        },
        HazardKind::LoseProperty { .. } | HazardKind::Blocked { .. } | HazardKind::TakeAlong { .. } => {
            Question::None
        }
    }
}

/// Returns both sides of a column that is kept.
fn columns<'a>(ordered: &Ordered<'a>, table: &ObjectName, column: &str) -> Option<Sides<&'a Column>> {
    let Sides { previous, next } = ordered.catalogs();
    Some(Sides { previous: previous.table(table)?.column(column)?, next: next.table(table)?.column(column)? })
}

fn count_where(table: &ObjectName, condition: &str) -> String {
    format!("select count(*) from {} where {condition}", name_sql(table))
}

/// Returns the question for rows with duplicate values in the columns of a unique key, after their types have changed.
fn duplicates(ordered: &Ordered<'_>, table: &ObjectName, names: &[String]) -> Question {
    let (mut keys, mut given) = (Vec::new(), Vec::new());
    for name in names {
        let next = ordered.catalogs().next.table(table).and_then(|it| it.column(name));
        let Some(next) = next else { return Question::None };
        let sql = quote_ident(ordered.column_before(table, name));
        match columns(ordered, table, name).map(|it| TypeChange::of(it.previous, it.next)) {
            Some(TypeChange::None) => {
                given.push(format!("{sql} is not null"));
                keys.push(sql);
            }
            Some(TypeChange::Cast) => {
                given.push(format!("{sql} is not null"));
                keys.push(format!("{sql}::{}", type_name(next)));
            }
            // The column has only nulls, or a new number for each row.
            _ => match &next.default {
                None | Some(Default::Sequence) => return Question::Query("select 0::bigint".to_owned()),
                // All rows get the same value.
                Some(Default::Value(_) | Default::List(_) | Default::CurrentTimestamp) => {}
                Some(Default::Expression(_) | Default::Unstated) => {
                    return Question::Rows(ordered.table_before(table).clone());
                }
            },
        }
    }
    let given = if given.is_empty() { "true".to_owned() } else { given.join(" and ") };
    // `group by ()` makes one group of all rows.
    let groups = if keys.is_empty() { "()".to_owned() } else { keys.join(", ") };
    Question::Query(format!(
        "select coalesce(sum(n), 0)::bigint from
            (select count(*) as n from {} where {given} group by {groups} having count(*) > 1) as g",
        name_sql(ordered.table_before(table))
    ))
}

/// Returns the question for rows with a removed value in any converted column of the enum.
fn removed_values(ordered: &Ordered<'_>, change: &AlterEnum<'_>) -> Question {
    let values: Vec<_> = change.removed.iter().map(|value| quote_literal(value)).collect();
    let values = format!("array[{}]::text[]", values.join(", "));
    let counts = change.columns.iter().filter_map(|(table, column)| {
        let previous = columns(ordered, &table.name, &column.name)?.previous;
        let is_of =
            matches!(&previous.ty, ColumnType::Enum(name) if name.is_same(&change.sides.previous.name));
        let name = quote_ident(ordered.column_before(&table.name, &column.name));
        let condition = match previous.arity {
            Arity::List => format!("{name}::text[] && {values}"),
            _ => format!("{name}::text = any({values})"),
        };
        is_of.then(|| format!("({})", count_where(ordered.table_before(&table.name), &condition)))
    });
    let counts: Vec<_> = counts.collect();
    Question::Query(format!(
        "select {}",
        if counts.is_empty() { "0::bigint".to_owned() } else { counts.join(" + ") }
    ))
}
