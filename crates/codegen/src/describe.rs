//! Asks a database for the types of statements, without running them.

use std::path::{Path, PathBuf};

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::error::ErrorPosition;
use nicol_pg::tokio_postgres::types::{Kind, Type};
use nicol_pg::tokio_postgres::{Client, Column, Error as DriverError, SimpleQueryMessage};
use nicol_schema::Schema;
use serde_json::Value as Json;

use crate::error::Error;
use crate::output::Options;
use crate::plan;
use crate::statement::{BaseType, DatabaseType, Statement, StatementColumn, StatementError, StatementTypes};
use crate::statement_files::{ReadStatementsError, mistake, read_files, write_lock};

/// Why the statements of a folder could not be described.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadStatementsError),
    /// The connection failed.
    #[error(transparent)]
    Connect(#[from] nicol_pg::ConnectError),
    /// Statements have mistakes.
    #[error("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes {
        /// The first mistake of each statement.
        mistakes: Vec<StatementError>,
    },
    /// The file with the types cannot be written.
    #[error("cannot write the types of the statements in `{}`: {source}", folder.display())]
    Write {
        /// The folder of the statements.
        folder: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

/// Asks the database for the types of the statements in a folder, and writes them to `nicol.lock` in that folder. Returns the statements, and
/// whether the file has changed.
///
/// The statements are prepared, not run. As in the client, `search_path` is not set: qualify tables that are in another PostgreSQL schema
/// than that of the connection.
///
/// # Errors
/// The connection fails, a statement has a mistake, or a file cannot be read or written. The file is written only if all
/// statements are right.
pub async fn describe_statements(
    url: &ConnectionUrl,
    schema: &Schema,
    folder: &Path,
) -> Result<(Vec<Statement>, bool), DescribeError> {
    let mut statements = read_files(folder)?;
    let (client, connection) = nicol_pg::connect(url).await?;
    let connection = tokio::spawn(connection);
    let mut mistakes = Vec::new();
    for statement in &mut statements {
        match describe(&client, schema, statement).await {
            Ok(types) => {
                statement.types = types;
                // Finds what the database accepts, but the client does not.
                let options = Options { statements: vec![statement.clone()], ..Options::default() };
                if let Err(Error::Statement(mistake)) = plan::plan(schema, &options) {
                    mistakes.push(mistake);
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    drop(client);
    // The connection ends with its client; how it ends does not matter any more.
    let _ = connection.await;
    if !mistakes.is_empty() {
        return Err(DescribeError::Mistakes { mistakes });
    }
    let changed = write_lock(folder, &statements)
        .map_err(|source| DescribeError::Write { folder: folder.to_owned(), source })?;
    Ok((statements, changed))
}

async fn describe(
    client: &Client,
    schema: &Schema,
    statement: &Statement,
) -> Result<StatementTypes, StatementError> {
    let prepared = client.prepare(&statement.sql).await.map_err(|error| refused(statement, &error))?;
    let params = prepared.params().iter().enumerate().map(|(index, ty)| {
        let unknown = || format!("parameter `${}`", index + 1);
        database_type(schema, ty)
            .map_err(|problem| mistake(statement, None, format!("{} {problem}", unknown())))
    });
    let params = params.collect::<Result<Vec<_>, _>>()?;
    let failed = |error: DriverError| refused(statement, &error);
    let certain = certain(client, &statement.sql, params.len(), prepared.columns()).await.map_err(failed)?;
    let columns = prepared.columns().iter().zip(certain).map(|(column, certain)| {
        let ty = database_type(schema, column.type_())
            .map_err(|problem| mistake(statement, None, format!("column `{}` {problem}", column.name())))?;
        if column.name().contains(char::is_control) {
            let message =
                "the name of a column contains a line break or another control character".to_owned();
            return Err(mistake(statement, None, message));
        }
        Ok(StatementColumn { name: column.name().to_owned(), ty, nullable: !certain })
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    if params.is_empty() && columns.is_empty() && is_blank(&statement.sql) {
        return Err(mistake(statement, None, "the file contains no statement".to_owned()));
    }
    Ok(StatementTypes { params, columns })
}

fn is_blank(sql: &str) -> bool {
    sql.lines().map(str::trim).all(|line| line.is_empty() || line == ";" || line.starts_with("--"))
}

fn refused(statement: &Statement, error: &DriverError) -> StatementError {
    let Some(error) = error.as_db_error() else { return mistake(statement, None, error.to_string()) };
    let at = match error.position() {
        Some(ErrorPosition::Original(position)) => Some(place(&statement.sql, *position)),
        _ => None,
    };
    let hint = error.hint().map(|hint| format!("\nhelp: {hint}")).unwrap_or_default();
    mistake(statement, at, format!("{}{hint}", error.message()))
}

/// Returns the line and the column of a position that PostgreSQL counts in characters, from 1 on.
fn place(sql: &str, position: u32) -> (usize, usize) {
    let before: String = sql.chars().take((position as usize).saturating_sub(1)).collect();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

fn database_type(schema: &Schema, ty: &Type) -> Result<DatabaseType, String> {
    match ty.kind() {
        Kind::Array(element) => {
            let DatabaseType { base, list: false } = database_type(schema, element)? else {
                return Err(format!("has the type `{ty}`, which nicol does not support"));
            };
            Ok(DatabaseType { base, list: true })
        }
        Kind::Domain(base) => database_type(schema, base),
        Kind::Enum(_) => {
            let is_it = |item: &&nicol_schema::model::Enum| {
                item.database_name() == ty.name()
                    && item.schema.as_deref().is_none_or(|schema| schema == ty.schema())
            };
            match schema.enums.iter().find(is_it) {
                Some(item) => Ok(DatabaseType { base: BaseType::Enum(item.name.clone()), list: false }),
                None => Err(format!(
                    "has the type `{}`, an enum that the schema file does not have\nhelp: add it with `nicol db pull`, or cast it to text",
                    ty.name()
                )),
            }
        }
        _ => Ok(DatabaseType { base: BaseType::Builtin(ty.name().to_owned()), list: false }),
    }
}

/// Returns for each column whether its values are certain not to be null.
async fn certain(
    client: &Client,
    sql: &str,
    params: usize,
    columns: &[Column],
) -> Result<Vec<bool>, DriverError> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let Some(plan) = plan_of(client, sql, params).await? else { return Ok(vec![false; columns.len()]) };
    let plan = Plan::read(&plan, sql);
    let mut certain = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let is_certain = match column.table_oid().zip(column.column_id()) {
            None => plan.counts(index),
            Some(origin) => origin_of(client, origin)
                .await?
                .is_some_and(|(schema, table)| plan.has_always(&schema, &table)),
        };
        certain.push(is_certain);
    }
    Ok(certain)
}

/// Returns the table of a column, if the column is `NOT NULL`. Views have no such columns.
async fn origin_of(
    client: &Client,
    (table, column): (u32, i16),
) -> Result<Option<(String, String)>, DriverError> {
    let sql = "select n.nspname::text, c.relname::text from pg_attribute as a join pg_class as c on c.oid = a.attrelid \
        join pg_namespace as n on n.oid = c.relnamespace where a.attrelid = $1 and a.attnum = $2 and a.attnotnull";
    let row = client.query_opt(sql, &[&table, &column]).await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// Returns the plan of a statement. The plan is generic: with null in place of the parameters, the planner might leave out what makes columns
/// null.
async fn plan_of(client: &Client, sql: &str, params: usize) -> Result<Option<Json>, DriverError> {
    // A protocol statement cannot be explained; one of SQL can.
    if client.batch_execute(&format!("prepare nicol_statement as {sql}")).await.is_err() {
        return Ok(None); // such as `SHOW`
    }
    client.batch_execute("begin; set local plan_cache_mode = force_generic_plan").await?;
    let nulls = if params == 0 { String::new() } else { format!("({})", vec!["null"; params].join(", ")) };
    let explain = format!("explain (verbose, format json) execute nicol_statement {nulls}");
    let explained = client.simple_query(&explain).await;
    client.batch_execute("rollback; deallocate nicol_statement").await?;
    let text = explained.unwrap_or_default().into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    let json = text.and_then(|text| serde_json::from_str::<Json>(&text).ok());
    Ok(json.map(|mut json| json[0]["Plan"].take()))
}

/// What a plan says about nulls.
#[derive(Debug, Default)]
struct Plan {
    /// The tables that are read, and whether outer joins can add rows of nulls for them.
    tables: Vec<(String, String, bool)>,
    has_outer_join: bool,
    /// Whether the plan has a part that hides what it reads, or makes columns null by itself.
    is_opaque: bool,
    /// For each column, whether it is a `count(…)` of the last aggregation.
    counts: Vec<bool>,
}

impl Plan {
    fn read(plan: &Json, sql: &str) -> Self {
        let mut read = Self { counts: counts(plan), ..Self::default() };
        read.visit(plan, false);
        // `RETURNING old.id` is null for a new row (PostgreSQL 18).
        let mut words = sql.split(|character: char| !character.is_alphanumeric() && character != '_');
        let returns_versions =
            words.any(|word| ["old", "new"].iter().any(|version| word.eq_ignore_ascii_case(version)));
        read.is_opaque |= plan["Node Type"] == "ModifyTable" && returns_versions;
        read
    }

    /// `optional`: whether an outer join above can add rows of nulls for what is read here.
    fn visit(&mut self, node: &Json, optional: bool) {
        let kind = node["Node Type"].as_str().unwrap_or_default();
        let is_cte = kind == "CTE Scan" || kind == "WorkTable Scan";
        let is_elsewhere = kind == "Foreign Scan" || kind == "Custom Scan";
        self.is_opaque |= !node["Grouping Sets"].is_null() || is_elsewhere || (is_cte && optional);
        if let Some(table) = node["Relation Name"].as_str() {
            let schema = node["Schema"].as_str().unwrap_or_default();
            self.tables.push((schema.to_owned(), table.to_owned(), optional));
        }
        let (outer, inner) = match node["Join Type"].as_str() {
            Some("Left" | "Anti") => (false, true),
            Some("Right" | "Right Anti") => (true, false),
            Some("Full") => (true, true),
            _ => (false, false),
        };
        self.has_outer_join |= outer || inner;
        for child in node["Plans"].as_array().into_iter().flatten() {
            let optional = match child["Parent Relationship"].as_str() {
                Some("Outer") => optional || outer,
                Some("Inner") => optional || inner,
                // A subquery that stands for a value, or that is read by a `CTE Scan`.
                Some("InitPlan" | "SubPlan") => false,
                _ => optional,
            };
            self.visit(child, optional);
        }
    }

    /// Whether each row that is returned has a row of this table.
    fn has_always(&self, schema: &str, table: &str) -> bool {
        let mut reads = self.tables.iter().filter(|(of, name, _)| of == schema && name == table).peekable();
        // The planner leaves out what it knows to be empty, and reads partitions in place of their table.
        let is_read = reads.peek().is_some();
        !self.is_opaque && (is_read || !self.has_outer_join) && reads.all(|(.., optional)| !optional)
    }

    fn counts(&self, column: usize) -> bool {
        self.counts.get(column).copied().unwrap_or(false)
    }
}

/// Returns for each output of the plan whether it is a `count(…)` of the last aggregation, with no join above that could make it null.
fn counts(plan: &Json) -> Vec<bool> {
    let outputs = |node: &Json| -> Vec<String> {
        let outputs = node["Output"].as_array().into_iter().flatten();
        outputs.filter_map(|output| output.as_str().map(str::to_owned)).collect()
    };
    let mut node = plan;
    while node["Node Type"] != "Aggregate" {
        let passes_rows = ["Sort", "Incremental Sort", "Limit", "Unique", "Result", "Gather", "Gather Merge"];
        let kind = node["Node Type"].as_str().unwrap_or_default();
        match node["Plans"].as_array().map(Vec::as_slice) {
            Some([child]) if passes_rows.contains(&kind) => node = child,
            _ => return Vec::new(),
        }
    }
    let own = outputs(node);
    let is_count = |output: &String| {
        // What comes from an aggregation below is in parentheses.
        let output = match output.strip_prefix('(').and_then(|output| output.strip_suffix(')')) {
            Some(output) if !std::ptr::eq(node, plan) => output,
            _ => output,
        };
        let is_whole = output
            .strip_prefix("count(")
            .and_then(|rest| rest.split_once(')'))
            .is_some_and(|(_, rest)| rest.is_empty());
        is_whole && own.iter().any(|own| own == output) && !own.contains(&format!("({output})"))
    };
    outputs(plan).iter().map(is_count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_a_line_and_a_column() {
        assert_eq!(place("select é,\n  x", 1), (1, 1));
        assert_eq!(place("select é,\n  x", 13), (2, 3));
    }
}
