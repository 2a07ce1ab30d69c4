//! The tools. None of them writes: SQL runs in transactions that can only read, and of requests only reads are accepted.

use anyhow::{Context as _, anyhow, bail};
use nicol_engine::{Answer, Engine};
use nicol_pg::tokio_postgres::Client;
use serde_json::{Value, json};

use crate::command::{migrate_status, studio};
use crate::context::Context;
use crate::database::{Database, datasource_of};
use crate::project::{Project, load_schema, validate};

/// How long a statement may run.
const TIME_LIMIT: &str = "10s";
/// How many rows are returned if no limit is given.
const USUAL_ROWS: u64 = 100;
const MOST_ROWS: u64 = 1000;

/// The actions of requests that only read.
const READS: [&str; 7] =
    ["findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "aggregate", "groupBy"];

struct Tool {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// Its arguments: name, type, description, whether it is required.
    arguments: &'static [(&'static str, &'static str, &'static str, bool)],
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "schema",
        title: "Read the schema",
        description: "Returns the Prisma schema of the project: all files, with their paths.",
        arguments: &[],
    },
    Tool {
        name: "validate",
        title: "Check the schema",
        description: "Checks a Prisma schema: the given text, or the files of the project. Returns all errors and warnings.",
        arguments: &[("schema", "string", "Text of a schema, instead of the files", false)],
    },
    Tool {
        name: "format",
        title: "Format a schema",
        description: "Returns the text of a Prisma schema, formatted. No file is changed.",
        arguments: &[("schema", "string", "Text of the schema", true)],
    },
    Tool {
        name: "migrate_status",
        title: "Show migrations",
        description: "Returns which migrations have been applied to the database, as JSON.",
        arguments: &[],
    },
    Tool {
        name: "diff",
        title: "Compare database and schema",
        description: "Returns the SQL that would bring the database to the state of the schema files. It is not run.",
        arguments: &[],
    },
    Tool {
        name: "query",
        title: "Read rows with SQL",
        description: "Runs one SELECT (or WITH, VALUES, TABLE) in a transaction that can only read, for at most 10 s. \
                      Returns the rows as JSON.",
        arguments: &[
            ("sql", "string", "The statement", true),
            ("limit", "integer", "The most rows to return (default: 100, at most 1000)", false),
        ],
    },
    Tool {
        name: "read",
        title: "Read rows with a Prisma request",
        description: "Answers a request in Prisma's JSON protocol that reads rows, such as {\"modelName\": \"User\", \"action\": \
                      \"findMany\", \"query\": {\"arguments\": {\"take\": 10}, \"selection\": {\"$scalars\": true}}}.",
        arguments: &[("request", "object", "The request: {modelName, action, query}", true)],
    },
];

pub(super) fn exists(name: &str) -> bool {
    TOOLS.iter().any(|tool| tool.name == name)
}

/// Returns the descriptions of all tools.
pub(super) fn list() -> Vec<Value> {
    let describe = |tool: &Tool| {
        let properties: serde_json::Map<String, Value> = tool
            .arguments
            .iter()
            .map(|(name, ty, text, _)| ((*name).to_owned(), json!({ "type": ty, "description": text })))
            .collect();
        let required: Vec<&str> =
            tool.arguments.iter().filter(|(.., required)| *required).map(|(name, ..)| *name).collect();
        json!({
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": { "type": "object", "properties": properties, "required": required },
            "annotations": { "readOnlyHint": true, "destructiveHint": false },
        })
    };
    TOOLS.iter().map(describe).collect()
}

/// Runs a tool that [`exists`].
pub(super) async fn call(
    ctx: &mut Context,
    project: &Project,
    name: &str,
    arguments: &Value,
) -> anyhow::Result<String> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    match name {
        "schema" => {
            let sources = nicol_codegen::read_schema(project.schema()?)?;
            let files: Vec<String> =
                sources.files().map(|file| format!("// {}\n{}\n", file.name, file.text)).collect();
            Ok(without_secrets(&files.join("\n")))
        }
        "validate" => {
            let sources = match text("schema") {
                Some(text) => nicol_schema::Sources::new([("schema.prisma", text)]),
                None => nicol_codegen::read_schema(project.schema()?)?,
            };
            let validated = validate(ctx, &sources);
            let found = nicol_schema::render_files(&validated.diagnostics, &sources, false);
            Ok(if found.is_empty() { "the schema is valid".to_owned() } else { without_secrets(&found) })
        }
        "format" => {
            Ok(nicol_schema::format(text("schema").context("`schema` is missing: the text to format")?))
        }
        "migrate_status" => Ok(migrate_status::status_as_json(ctx, project).await?.to_string()),
        "diff" => diff(ctx, project).await,
        "query" => {
            let sql = text("sql").context("`sql` is missing: the statement to run")?;
            let limit = arguments.get("limit").and_then(Value::as_u64).unwrap_or(USUAL_ROWS);
            query(ctx, project, sql, limit.clamp(1, MOST_ROWS)).await
        }
        _ => read(ctx, project, arguments.get("request").unwrap_or(&Value::Null)).await,
    }
}

/// Hides users, passwords and parameters of the connection URLs in a text.
pub(super) fn without_secrets(text: &str) -> String {
    const SCHEMES: [&str; 2] = ["postgres", "prisma"];
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '+';
        let scheme = before.trim_end_matches("://").rsplit(|it| !is_part(it)).next().unwrap_or_default();
        let end = after.find(|it: char| it == '"' || it == '`' || it.is_whitespace()).unwrap_or(after.len());
        let (url, next) = after.split_at(end);
        rest = next;
        if !SCHEMES.iter().any(|known| scheme.starts_with(known)) {
            shown.push_str(url);
            continue;
        }
        // A password may have a question mark, so the parameters are behind the last `@`.
        let host = url.rsplit_once('@').map_or(url, |(_, host)| host);
        if host.len() < url.len() {
            shown.push_str("***@");
        }
        match host.split_once('?') {
            Some((place, _)) => shown.extend([place, "?***"]),
            None => shown.push_str(host),
        }
    }
    shown + rest
}

async fn diff(ctx: &mut Context, project: &Project) -> anyhow::Result<String> {
    let schema = load_schema(ctx, project.schema()?)?;
    let next = nicol_migrate::from_model(&schema);
    let schemas = schema.datasource.as_ref().map(|datasource| datasource.schemas.clone()).unwrap_or_default();
    let database = Database::open(ctx, project).await?;
    let previous = nicol_migrate::live(&database.url, &schemas, Some(&next)).await;
    database.close().await?;
    let previous = previous?;
    let plan = nicol_migrate::plan(&previous, &next);
    Ok(if plan.is_empty() { "-- no differences\n".to_owned() } else { plan.script() })
}

async fn query(ctx: &mut Context, project: &Project, sql: &str, limit: u64) -> anyhow::Result<String> {
    let database = open(ctx, project).await?;
    let warning = studio::risk(&database.url);
    let rows = async {
        let (client, connection) = nicol_pg::connect(&database.url).await?;
        let running = tokio::spawn(connection);
        let rows = select(&client, sql, limit).await;
        drop(client);
        // The connection ends with its client.
        let _ = running.await;
        rows
    };
    let rows = rows.await;
    database.close().await?;
    let mut rows = rows?;
    let is_cut = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(json!({ "rows": rows, "truncated": is_cut, "warning": warning }).to_string())
}

/// Runs a statement as a part of another, which is prepared: so it is a single one, and returns rows.
async fn select(client: &Client, sql: &str, limit: u64) -> anyhow::Result<Vec<Value>> {
    let begin = format!("START TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{TIME_LIMIT}'");
    client.batch_execute(&begin).await?;
    let sql = sql.trim().trim_end_matches(';');
    let rest = limit + 1;
    let statement = format!(
        "SELECT coalesce(json_agg(nicol_row), '[]')::text FROM (SELECT * FROM (\n{sql}\n) AS nicol_query LIMIT {rest}) AS nicol_row"
    );
    let row = client.query_one(&statement, &[]).await.map_err(|error| match error.as_db_error() {
        Some(refused) => anyhow!(
            "the database refuses the statement ({}): {}\nhelp: pass one SELECT; nothing can be written",
            refused.code().code(),
            refused.message()
        ),
        None => error.into(),
    })?;
    let rows = serde_json::from_str(row.try_get(0)?)?;
    client.batch_execute("ROLLBACK").await?;
    Ok(rows)
}

async fn read(ctx: &mut Context, project: &Project, request: &Value) -> anyhow::Result<String> {
    let action = request["action"].as_str().unwrap_or_default();
    if !READS.contains(&action) || request.get("batch").is_some() {
        bail!("only single requests that read are answered\nhelp: `action` is one of {}", READS.join(", "));
    }
    let schema = load_schema(ctx, project.schema()?)?;
    let database = open(ctx, project).await?;
    let engine = Engine::new(schema, &database.url.to_url_with_password())?;
    let answer = engine.answer(&request.to_string(), None).await;
    engine.close().await;
    database.close().await?;
    match answer? {
        Answer::Single(text) => Ok(text),
        Answer::Batch(_) => bail!("batches are not answered"),
    }
}

async fn open(ctx: &mut Context, project: &Project) -> anyhow::Result<Database> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let datasource = datasource_of(project, schema, path)?;
    Database::for_queries(ctx, project, &datasource).await
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn urls_have_no_secrets() {
        for (text, expected) in [
            (
                "url = \"postgresql://me:p@ss@host:5/db?password=x\" // y",
                "url = \"postgresql://***@host:5/db?***\" // y",
            ),
            ("prisma+postgres://localhost/?api_key=x", "prisma+postgres://localhost/?***"),
            ("postgres://host/db postgres://a:b?c@d/e", "postgres://host/db postgres://***@d/e"),
            ("see https://me@example.org/?x=1", "see https://me@example.org/?x=1"),
            ("://", "://"),
        ] {
            assert_eq!(without_secrets(text), expected);
        }
    }
}
