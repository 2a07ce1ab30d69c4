//! Counts the rows and values that hazards concern.

use std::collections::BTreeMap;

use nicol_pg::tokio_postgres::error::SqlState;
use nicol_pg::tokio_postgres::{self, Client, Row};
use nicol_pg::{quote_ident, sqlstate};

use crate::catalog::ObjectName;
use crate::catalog::sql::name_sql;
use crate::error::Error;
use crate::plan::hazard::{Finding, Hazard, HazardKind, Question};

/// The columns whose values are counted, by table.
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
        if count == Some(0) {
            continue;
        }
        // How many of the rows get duplicate values from a volatile default is unknown.
        let is_bound =
            matches!((&hazard.kind, &hazard.question), (HazardKind::AddUnique(_), Question::Rows(_)));
        findings.push(Finding { hazard: hazard.clone(), count: count.filter(|_| !is_bound) });
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

/// The number of rows, and of values by column, for each table.
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

/// Counts everything in one query, which scans each table once. Returns no counts if it times out.
async fn count<'a>(client: &Client, tables: &Tables<'a>) -> Result<Counts<'a>, Error> {
    let rows = ask(client, &query(tables), false).await?;
    Ok(rows.map(|rows| read(&rows, tables)).unwrap_or_default())
}

/// Returns the rows of a query, or `None` if it takes more than 60 s or, with `may_fail`, fails because of a value.
async fn ask(client: &Client, sql: &str, may_fail: bool) -> Result<Option<Vec<Row>>, Error> {
    let error = |source| Error::Database { doing: "cannot count the rows that a change affects", source };
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
    // Data exceptions; no such cast; no such operator.
    let is_of_value = code.starts_with("22") || ["42846", "42883"].contains(&code);
    code == sqlstate::QUERY_CANCELED || may_fail && is_of_value
}

/// Returns a count, which is never negative.
fn number(rows: &[Row]) -> Option<u64> {
    let number: i64 = rows.first()?.try_get(0).ok()?;
    u64::try_from(number).ok()
}

fn query(tables: &Tables<'_>) -> String {
    let of_table = |(position, (table, columns)): (usize, (&&ObjectName, &Vec<&str>))| {
        let counts = columns.iter().map(|column| format!("count({})", quote_ident(column)));
        let counts = std::iter::once("count(*)".to_owned()).chain(counts).collect::<Vec<_>>().join(", ");
        format!("select {position}::int4, array[{counts}] from {}", name_sql(table))
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
