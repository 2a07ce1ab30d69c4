use anyhow::bail;
use nicol_migrate::Migrations;
use nicol_pg::ConnectionUrl;

use super::{after, applying};
use crate::args::Reset;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::{Project, load_schema};
use crate::prompt::{Answer, confirm};
use crate::report::counted;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Reset) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let schemas = schemas(ctx, project)?;
    let database = Database::open(ctx, project).await?;
    let signals = ctx.signals.clone();
    let done = signals.guard(reset(ctx, &database.url, &schemas, &migrations, args.force)).await;
    database.close().await?;
    let exit = done?;
    if exit != Exit::Success {
        return Ok(exit);
    }
    after::generate(ctx, project, args.skip_generate).await?;
    after::seed(ctx, project, args.skip_seed).await
}

/// Returns the schemas of the datasource; empty if the URL decides.
pub(super) fn schemas(ctx: &mut Context, project: &Project) -> anyhow::Result<Vec<String>> {
    let schema = load_schema(ctx, project.schema()?)?;
    Ok(schema.datasource.map(|datasource| datasource.schemas).unwrap_or_default())
}

async fn reset(
    ctx: &mut Context,
    url: &ConnectionUrl,
    schemas: &[String],
    migrations: &Migrations,
    force: bool,
) -> anyhow::Result<Exit> {
    if !force {
        if !ctx.is_interactive {
            bail!(
                "all data in {url} would be lost, and confirming that needs an interactive terminal\n\
                 help: run it in a terminal, or pass --force"
            );
        }
        let question = format!("All data in {url} will be lost. Reset the database?");
        if confirm(ctx, &question).await? != Answer::Given(true) {
            ctx.report.line("nothing was changed");
            return Ok(Exit::Interrupted);
        }
    }
    empty(ctx, url, schemas).await?;
    let applied = applying::apply(ctx, url, migrations).await?;
    let applied = counted(applied.len(), "migration");
    ctx.report.success(&format!("the database has been reset: applied {applied}"));
    Ok(Exit::Success)
}

/// Empties the database and reports it.
pub(super) async fn empty(ctx: &mut Context, url: &ConnectionUrl, schemas: &[String]) -> anyhow::Result<()> {
    let interrupt = ctx.signals.attend();
    let report = &mut ctx.report;
    let reset = nicol_migrate::reset(url, schemas, |it| applying::say(report, &it), interrupt).await?;
    if reset.is_created {
        ctx.report.line(&format!("created database {}", url.database()));
        return Ok(());
    }
    let word = if reset.schemas.len() == 1 { "schema" } else { "schemas" };
    let how = if reset.is_piecemeal { ", object by object: no permission to drop it as a whole" } else { "" };
    ctx.report.line(&format!("emptied {word} {}{how}", reset.schemas.join(", ")));
    Ok(())
}
