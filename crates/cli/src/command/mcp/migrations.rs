//! The tools `migrate_status` and `migrate_diff`: what the commands print as JSON.

use anyhow::bail;
use serde::Deserialize;

use super::Server;
use crate::args::{Diff as DiffArgs, OutputFormat};
use crate::command::risk::risk;
use crate::command::{migrate_diff, migrate_status};
use crate::context::Context;
use crate::database::{datasource_of, shadow};
use crate::project::{Project, load_schema};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Diff {
    from: From,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum From {
    Database,
    Migrations,
}

pub(super) async fn status(server: &Server, ctx: &mut Context, project: &Project) -> anyhow::Result<()> {
    let database = server.database(ctx, project).await?;
    // That migrations are pending is no failure of the tool.
    let status = migrate_status::run(ctx, project, OutputFormat::Json).await;
    database.close().await?;
    status.map(drop)
}

pub(super) async fn diff(
    server: &Server,
    ctx: &mut Context,
    project: &Project,
    diff: &Diff,
) -> anyhow::Result<()> {
    let path = project.schema()?;
    let mut args =
        DiffArgs { to_schema: Some(path.to_owned()), format: OutputFormat::Json, ..DiffArgs::default() };
    let database = server.database(ctx, project).await?;
    match diff.from {
        From::Database => args.from_config_datasource = true,
        From::Migrations => {
            let schema = load_schema(ctx, path)?;
            let shadow = shadow(ctx, project, &datasource_of(project, schema, path)?)?;
            let Some(url) = shadow.url else {
                bail!(
                    "running the migrations needs a shadow database, and none is configured\n\
                     help: compare with the database, or set `shadowDatabaseUrl` in the datasource"
                );
            };
            if let Some(risk) = risk(&url).filter(|_| !server.allow_remote) {
                bail!(
                    "{risk}, and is the shadow database\nhelp: the user can allow it: `nicol mcp --allow-remote`"
                );
            }
            args.from_migrations = Some(project.migrations()?);
        }
    }
    let diff = Box::pin(migrate_diff::run(ctx, &server.place, &args)).await;
    database.close().await?;
    diff.map(drop)
}
