//! Hazards and the rows behind them.

use std::collections::BTreeMap;

use nicol_pg::tokio_postgres::error::SqlState;
use nicol_pg::tokio_postgres::{self, Client, Row};
use nicol_pg::{quote_ident, quote_literal, sqlstate};

use super::{Finding, Hazard, HazardKind, cast};
use crate::catalog::{Arity, Column, ColumnType, Default, ObjectName};
use crate::change::{AlterEnum, Change, Sides};
use crate::diff::type_change::{TypeChange, type_change};
use crate::error::Error;
use crate::plan::Plan;
use crate::render::type_name;

/// What decides whether a hazard is real. Names are those that hold until the plan renames anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// Nothing: it always is.
    None,
    /// The rows of a table.
    Rows(ObjectName),
    /// The values of a column that are not null.
    Values(ObjectName, String),
    /// The nulls of a column.
    Nulls(ObjectName, String),
    /// The number that a query gives. One that fails because of a value, or because the types have no such operator, leaves it
    /// open how many there are.
    Query(String),
}

/// The question for a hazard of a change. `object` and what `kind` names are called as they will be.
pub(super) fn question(
    plan: &Plan<'_>,
    change: &Change<'_>,
    object: &ObjectName,
    kind: &HazardKind,
) -> Question {
    let table = table_before(plan, object);
    let column = |column: &str| column_before(plan, object, column).to_owned();
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
            let sides = columns(plan, object, column);
            let loss = sides.and_then(|it| Some((it, cast::loss(it.previous, it.next)?)));
            loss.map_or(Question::None, |(sides, loss)| {
                let is_list = sides.previous.arity == Arity::List && sides.next.arity == Arity::List;
                let name = quote_ident(column_before(plan, object, column));
                Question::Query(count_where(table, &loss.condition(&name, is_list)))
            })
        }
        HazardKind::AddUnique(columns) => duplicates(plan, object, columns),
        HazardKind::RemoveEnumValues(_) => match change {
            Change::AlterEnum(change) => removed_values(plan, change),
            _ => Question::None,
        },
        HazardKind::LoseProperty { .. } | HazardKind::Blocked { .. } | HazardKind::TakeAlong { .. } => {
            Question::None
        }
    }
}

pub(super) fn table_before<'a>(plan: &'a Plan<'_>, table: &'a ObjectName) -> &'a ObjectName {
    plan.renames().map_or(table, |renames| renames.table_before(table))
}

pub(super) fn column_before<'a>(plan: &'a Plan<'_>, table: &ObjectName, column: &'a str) -> &'a str {
    plan.renames().map_or(column, |renames| renames.column_before(table, column))
}

/// A column that is there and stays.
fn columns<'a>(plan: &Plan<'a>, table: &ObjectName, column: &str) -> Option<Sides<&'a Column>> {
    let Sides { previous, next } = plan.catalogs();
    Some(Sides { previous: previous.table(table)?.column(column)?, next: next.table(table)?.column(column)? })
}

pub(super) fn table_sql(table: &ObjectName) -> String {
    match &table.schema {
        Some(schema) => nicol_pg::quote_qualified(schema, &table.name),
        None => quote_ident(&table.name),
    }
}

fn count_where(table: &ObjectName, condition: &str) -> String {
    format!("select count(*) from {} where {condition}", table_sql(table))
}

/// Rows that agree in the columns of a unique key with another row, as these columns will be.
fn duplicates(plan: &Plan<'_>, table: &ObjectName, names: &[String]) -> Question {
    let (mut keys, mut given) = (Vec::new(), Vec::new());
    for name in names {
        let next = plan.catalogs().next.table(table).and_then(|it| it.column(name));
        let Some(next) = next else { return Question::None };
        let sql = quote_ident(column_before(plan, table, name));
        match columns(plan, table, name).map(type_change) {
            Some(TypeChange::None) => {
                given.push(format!("{sql} is not null"));
                keys.push(sql);
            }
            Some(TypeChange::Cast) => {
                given.push(format!("{sql} is not null"));
                keys.push(format!("{sql}::{}", type_name(next)));
            }
            // A column without values, or with one for each row.
            _ => match &next.default {
                None | Some(Default::Sequence) => return Question::Query("select 0::bigint".to_owned()),
                // All rows get the same.
                Some(Default::Value(_) | Default::List(_) | Default::CurrentTimestamp) => {}
                Some(Default::Expression(_) | Default::Unstated) => {
                    return Question::Rows(table_before(plan, table).clone());
                }
            },
        }
    }
    let given = if given.is_empty() { "true".to_owned() } else { given.join(" and ") };
    // Of rows alone there is no group without one.
    let groups = if keys.is_empty() { "()".to_owned() } else { keys.join(", ") };
    Question::Query(format!(
        "select coalesce(sum(n), 0)::bigint from
            (select count(*) as n from {} where {given} group by {groups} having count(*) > 1) as g",
        table_sql(table_before(plan, table))
    ))
}

/// Rows with a value that their enum loses, in any of its columns that move over to the new type.
fn removed_values(plan: &Plan<'_>, change: &AlterEnum<'_>) -> Question {
    let values: Vec<_> = change.removed.iter().map(|value| quote_literal(value)).collect();
    let values = format!("array[{}]::text[]", values.join(", "));
    let counts = change.columns.iter().filter_map(|(table, column)| {
        let previous = columns(plan, &table.name, &column.name)?.previous;
        let is_of =
            matches!(&previous.ty, ColumnType::Enum(name) if name.is_same(&change.sides.previous.name));
        let name = quote_ident(column_before(plan, &table.name, &column.name));
        let condition = match previous.arity {
            Arity::List => format!("{name}::text[] && {values}"),
            _ => format!("{name}::text = any({values})"),
        };
        is_of.then(|| format!("({})", count_where(table_before(plan, &table.name), &condition)))
    });
    let counts: Vec<_> = counts.collect();
    Question::Query(format!(
        "select {}",
        if counts.is_empty() { "0::bigint".to_owned() } else { counts.join(" + ") }
    ))
}

/// The columns whose values are to be counted, by table.
type Tables<'a> = BTreeMap<&'a ObjectName, Vec<&'a str>>;

pub(super) async fn check(client: &Client, hazards: &[Hazard]) -> Result<Vec<Finding>, Error> {
    let tables = tables(hazards);
    let counts = if tables.is_empty() { Counts::new() } else { count(client, &tables).await? };
    let mut findings = Vec::new();
    for hazard in hazards {
        let count = match &hazard.question {
            Question::Query(sql) => ask(client, sql, true).await?.and_then(|rows| number(&rows)),
            question => look_up(&counts, question),
        };
        if count != Some(0) {
            findings.push(Finding { hazard: hazard.clone(), count });
        }
    }
    Ok(findings)
}

fn tables(hazards: &[Hazard]) -> Tables<'_> {
    let mut tables = Tables::new();
    for hazard in hazards {
        let (table, column) = match &hazard.question {
            Question::Rows(table) => (table, None),
            Question::Values(table, column) | Question::Nulls(table, column) => {
                (table, Some(column.as_str()))
            }
            Question::None | Question::Query(_) => continue,
        };
        let columns = tables.entry(table).or_default();
        columns.extend(column.filter(|column| !columns.contains(column)));
    }
    tables
}

/// Rows, and values by column.
type Counts<'a> = BTreeMap<&'a ObjectName, (u64, BTreeMap<&'a str, u64>)>;

fn look_up(counts: &Counts<'_>, question: &Question) -> Option<u64> {
    let of = |table, column: &String| {
        let (rows, values) = counts.get(table)?;
        Some((*rows, *values.get(column.as_str())?))
    };
    match question {
        Question::None | Question::Query(_) => None,
        Question::Rows(table) => counts.get(table).map(|(rows, _)| *rows),
        Question::Values(table, column) => of(table, column).map(|(_, values)| values),
        Question::Nulls(table, column) => of(table, column).map(|(rows, values)| rows - values),
    }
}

/// Counts everything in one query, which goes through each table once. Counting nothing at all is the answer when it
/// takes too long.
async fn count<'a>(client: &Client, tables: &Tables<'a>) -> Result<Counts<'a>, Error> {
    let rows = ask(client, &query(tables), false).await?;
    Ok(rows.map(|rows| read(&rows, tables)).unwrap_or_default())
}

/// The rows of a query; none when it takes longer than a minute, or, where it `may_fail`, because of a value.
async fn ask(client: &Client, sql: &str, may_fail: bool) -> Result<Option<Vec<Row>>, Error> {
    let error = |source| Error::Database { doing: "cannot count the rows that a change concerns", source };
    client.batch_execute("begin read only; set local statement_timeout = '60s'").await.map_err(error)?;
    let rows = client.query(sql, &[]).await;
    client.batch_execute("rollback").await.map_err(error)?;
    match rows {
        Ok(rows) => Ok(Some(rows)),
        Err(source) if is_open(&source, may_fail) => Ok(None),
        Err(source) => Err(error(source)),
    }
}

fn is_open(error: &tokio_postgres::Error, may_fail: bool) -> bool {
    let Some(code) = error.code().map(SqlState::code) else { return false };
    // Data exceptions; no such cast, and no such operator.
    let is_of_value = code.starts_with("22") || ["42846", "42883"].contains(&code);
    code == sqlstate::QUERY_CANCELED || may_fail && is_of_value
}

/// A count is never negative.
fn number(rows: &[Row]) -> Option<u64> {
    let number: i64 = rows.first()?.try_get(0).ok()?;
    u64::try_from(number).ok()
}

fn query(tables: &Tables<'_>) -> String {
    let of_table = |(position, (table, columns)): (usize, (&&ObjectName, &Vec<&str>))| {
        let counts = columns.iter().map(|column| format!("count({})", quote_ident(column)));
        let counts = std::iter::once("count(*)".to_owned()).chain(counts).collect::<Vec<_>>().join(", ");
        format!("select {position}::int4, array[{counts}] from {}", table_sql(table))
    };
    tables.iter().enumerate().map(of_table).collect::<Vec<_>>().join(" union all ")
}

fn read<'a>(rows: &[Row], tables: &Tables<'a>) -> Counts<'a> {
    let mut found: BTreeMap<i32, Vec<i64>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut counts = Counts::new();
    for (position, (table, columns)) in (0..).zip(tables) {
        let numbers = found.remove(&position).unwrap_or_default();
        let mut numbers = numbers.into_iter().map(|number| u64::try_from(number).unwrap_or(0));
        let rows = numbers.next().unwrap_or(0);
        counts.insert(table, (rows, columns.iter().copied().zip(numbers).collect()));
    }
    counts
}
