//! Hazards and the rows behind them.

use std::collections::BTreeMap;

use nicol_pg::tokio_postgres::{Client, Row};
use nicol_pg::{quote_ident, sqlstate};

use super::{Finding, Hazard, HazardKind};
use crate::catalog::ObjectName;
use crate::error::Error;

/// What of a table decides whether a hazard is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted<'a> {
    /// Its rows.
    Rows,
    /// The values of a column that are not null.
    Values(&'a str),
    /// The nulls of a column.
    Nulls(&'a str),
}

fn counted(hazard: &Hazard) -> Option<Counted<'_>> {
    let column = hazard.stored.1.as_deref();
    match &hazard.kind {
        HazardKind::DropTable
        | HazardKind::ChangePrimaryKey
        | HazardKind::AddRequiredColumn { .. }
        | HazardKind::RecreateRequiredColumn(_) => Some(Counted::Rows),
        HazardKind::DropColumn(_)
        | HazardKind::RecreateColumn(_)
        | HazardKind::RiskyCast { .. }
        | HazardKind::ScalarToList(_) => column.map(Counted::Values),
        HazardKind::RequireColumn(_) => column.map(Counted::Nulls),
        HazardKind::AddUnique(_) | HazardKind::RemoveEnumValues(_) | HazardKind::LoseProperty { .. } => None,
    }
}

/// The columns whose values are to be counted, by table.
type Tables<'a> = BTreeMap<&'a ObjectName, Vec<&'a str>>;

pub(super) async fn check(client: &Client, hazards: &[Hazard]) -> Result<Vec<Finding>, Error> {
    let tables = tables(hazards);
    let counts = if tables.is_empty() { Counts::new() } else { count(client, &tables).await? };
    let find = |hazard: &Hazard| {
        let count = counted(hazard).and_then(|counted| look_up(&counts, hazard, counted));
        (count != Some(0)).then(|| Finding { hazard: hazard.clone(), count })
    };
    Ok(hazards.iter().filter_map(find).collect())
}

fn tables(hazards: &[Hazard]) -> Tables<'_> {
    let mut tables = Tables::new();
    for hazard in hazards {
        let Some(counted) = counted(hazard) else { continue };
        let columns = tables.entry(&hazard.stored.0).or_default();
        if let Counted::Values(column) | Counted::Nulls(column) = counted
            && !columns.contains(&column)
        {
            columns.push(column);
        }
    }
    tables
}

/// Rows, and values by column.
type Counts<'a> = BTreeMap<&'a ObjectName, (u64, BTreeMap<&'a str, u64>)>;

fn look_up(counts: &Counts<'_>, hazard: &Hazard, counted: Counted<'_>) -> Option<u64> {
    let (rows, values) = counts.get(&hazard.stored.0)?;
    match counted {
        Counted::Rows => Some(*rows),
        Counted::Values(column) => values.get(column).copied(),
        Counted::Nulls(column) => Some(rows - values.get(column)?),
    }
}

/// Counts everything in one query, which goes through each table once. Counting nothing at all is the answer when it
/// takes longer than a minute.
async fn count<'a>(client: &Client, tables: &Tables<'a>) -> Result<Counts<'a>, Error> {
    let error = |source| Error::Database { doing: "cannot count the rows that a change concerns", source };
    client.batch_execute("begin read only; set local statement_timeout = '60s'").await.map_err(error)?;
    let rows = client.query(&query(tables), &[]).await;
    client.batch_execute("rollback").await.map_err(error)?;
    match rows {
        Ok(rows) => Ok(read(&rows, tables)),
        Err(source) if source.code().is_some_and(|it| it.code() == sqlstate::QUERY_CANCELED) => {
            Ok(Counts::new())
        }
        Err(source) => Err(error(source)),
    }
}

fn query(tables: &Tables<'_>) -> String {
    let of_table = |(position, (table, columns)): (usize, (&&ObjectName, &Vec<&str>))| {
        let counts = columns.iter().map(|column| format!("count({})", quote_ident(column)));
        let counts = std::iter::once("count(*)".to_owned()).chain(counts).collect::<Vec<_>>().join(", ");
        let name = match &table.schema {
            Some(schema) => nicol_pg::quote_qualified(schema, &table.name),
            None => quote_ident(&table.name),
        };
        format!("select {position}::int4, array[{counts}] from {name}")
    };
    tables.iter().enumerate().map(of_table).collect::<Vec<_>>().join(" union all ")
}

fn read<'a>(rows: &[Row], tables: &Tables<'a>) -> Counts<'a> {
    let mut found: BTreeMap<i32, Vec<i64>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut counts = Counts::new();
    for (position, (table, columns)) in (0..).zip(tables) {
        let numbers = found.remove(&position).unwrap_or_default();
        // A count is never negative.
        let mut numbers = numbers.into_iter().map(|number| u64::try_from(number).unwrap_or(0));
        let rows = numbers.next().unwrap_or(0);
        counts.insert(table, (rows, columns.iter().copied().zip(numbers).collect()));
    }
    counts
}
