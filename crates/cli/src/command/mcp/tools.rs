//! The tools: their descriptions, and what they call.

use anyhow::Context as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Server, find, migrations, schema, sql};
use crate::context::Context;
use crate::project::{Project, load_schema};
use crate::report::Kept;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Schema,
    Validate,
    Format,
    MigrateStatus,
    MigrateDiff,
    Query,
    Find,
}

const ALL: [Tool; 7] = [
    Tool::Schema,
    Tool::Validate,
    Tool::Format,
    Tool::MigrateStatus,
    Tool::MigrateDiff,
    Tool::Query,
    Tool::Find,
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sql {
    sql: String,
}

/// Returns the tools as the protocol describes them.
pub(super) fn list() -> Vec<Value> {
    let describe = |tool: Tool| {
        let (title, description) = tool.description();
        let (properties, required) = tool.arguments();
        json!({
            "name": tool.name(),
            "title": title,
            "description": description,
            "inputSchema": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            },
            "annotations": { "title": title, "readOnlyHint": true, "openWorldHint": false },
        })
    };
    ALL.into_iter().map(describe).collect()
}

impl Tool {
    pub(super) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|tool| tool.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Validate => "validate",
            Self::Format => "format",
            Self::MigrateStatus => "migrate_status",
            Self::MigrateDiff => "migrate_diff",
            Self::Query => "query",
            Self::Find => "find",
        }
    }

    /// Returns the title, and what the model is told.
    fn description(self) -> (&'static str, &'static str) {
        match self {
            Self::Schema => {
                ("Read the schema", "Returns the text of the Prisma schema files, or of one model or enum.")
            }
            Self::Validate => (
                "Check a schema",
                "Checks the text of a schema, or the project's schema files. Returns {valid, errors, warnings, further}; spans are \
                 byte offsets.",
            ),
            Self::Format => (
                "Format a schema",
                "Returns the text of a schema formatted. Without a text, says which schema files of the project are not formatted.",
            ),
            Self::MigrateStatus => (
                "Show the state of migrations",
                "Returns which migrations are applied, pending, failed or missing, and what to do, as JSON.",
            ),
            Self::MigrateDiff => (
                "Compare with the schema",
                "Returns the SQL that leads from the database, or from the migrations, to the schema files, with a summary. \
                 Nothing is applied.",
            ),
            Self::Query => (
                "Read rows with SQL",
                "Runs one PostgreSQL statement that returns rows (SELECT, WITH, VALUES, SHOW, EXPLAIN) in a read-only transaction, \
                 for at most 10 s. Returns {columns, rows, cut}: values are texts or null, at most 200 rows; `cut` says why \
                 there are no more.",
            ),
            Self::Find => (
                "Read rows by model",
                "Reads rows by the names of the schema, with the arguments of Prisma Client. Returns {rows, cut} for lists, at most \
                 200 rows.",
            ),
        }
    }

    /// Returns the arguments as JSON Schema, and the names of those that are required.
    fn arguments(self) -> (Value, &'static [&'static str]) {
        let text = |description: &str| json!({ "type": "string", "description": description });
        let object = |description: &str| json!({ "type": "object", "description": description });
        match self {
            Self::Schema => {
                (json!({ "model": text("The name of a model or enum; without it, all files") }), &[])
            }
            Self::Validate | Self::Format => {
                (json!({ "text": text("The text of a whole schema; without it, the project's files") }), &[])
            }
            Self::MigrateStatus => (json!({}), &[]),
            Self::MigrateDiff => {
                let from = "What to compare with the schema files; `migrations` needs a shadow database";
                let names = ["database", "migrations"];
                (json!({ "from": { "type": "string", "enum": names, "description": from } }), &["from"])
            }
            Self::Query => (json!({ "sql": text("One statement that returns rows") }), &["sql"]),
            Self::Find => {
                let actions = ["findMany", "findUnique", "count", "aggregate", "groupBy"];
                let selection = "What to return, in Prisma's JSON protocol: {\"id\": true, \"posts\": {\"arguments\": \
                     {\"take\": 5}, \"selection\": {\"$scalars\": true}}}, or {\"_avg\": {\"arguments\": {}, \"selection\": \
                     {\"price\": true}}}. Without it, all scalar fields, the count, or the fields of `by`.";
                let properties = json!({
                    "model": text("The name of a model"),
                    "action": { "type": "string", "enum": actions },
                    "arguments": object("where, orderBy, take, skip, cursor, distinct; by and having for groupBy"),
                    "selection": object(selection),
                });
                (properties, &["model", "action"])
            }
        }
    }

    /// Calls the tool. `out` and `err` are what `ctx` writes to.
    pub(super) async fn call(
        self,
        server: &mut Server,
        ctx: &mut Context,
        (out, err): (&Kept, &Kept),
        arguments: Value,
    ) -> anyhow::Result<String> {
        let project = |ctx: &mut Context| Project::open(ctx, &server.place);
        match self {
            Self::Schema => {
                let show = read(arguments)?;
                return schema::show(&project(ctx)?, &show);
            }
            Self::Validate | Self::Format => {
                let given: schema::Given = read(arguments)?;
                // A text needs no project.
                let project = if given.text.is_none() { Some(project(ctx)?) } else { None };
                if self == Self::Validate {
                    schema::check(ctx, project.as_ref(), &given)?;
                } else {
                    schema::tidy(ctx, project.as_ref(), &given)?;
                }
            }
            Self::MigrateStatus => {
                let Nothing {} = read(arguments)?;
                let project = project(ctx)?;
                migrations::status(server, ctx, &project).await?;
            }
            Self::MigrateDiff => {
                let diff = read(arguments)?;
                let project = project(ctx)?;
                migrations::diff(server, ctx, &project, &diff).await?;
            }
            Self::Query => {
                let Sql { sql } = read(arguments)?;
                let project = project(ctx)?;
                let database = server.database(ctx, &project).await?;
                let answer = sql::query(&database.url, &sql).await;
                database.close().await?;
                return answer;
            }
            Self::Find => {
                let wanted = read(arguments)?;
                let project = project(ctx)?;
                let path = project.schema()?;
                let text = nicol_codegen::read_schema(path)?.text().to_owned();
                let schema = load_schema(ctx, path)?;
                let database = server.database(ctx, &project).await?;
                let url = database.url.to_url_with_password();
                let answer = find::find(&mut server.engine, (schema, text), url, wanted).await;
                database.close().await?;
                return answer;
            }
        }
        // Commands write results to standard output, and say on standard error that there is nothing to do.
        let text = out.text();
        Ok(if text.is_empty() { err.text() } else { text })
    }
}

fn read<T: DeserializeOwned>(arguments: Value) -> anyhow::Result<T> {
    serde_json::from_value(arguments).context("the arguments of the tool are wrong")
}
