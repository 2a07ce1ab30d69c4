use anyhow::bail;
use nicol_migrate::Hints;
use nicol_migrate::catalog::Catalog;
use nicol_pg::ConnectionUrl;

use super::applying::say;
use super::findings::Findings;
use super::renames::ask_for_renames;
use super::{after, migrate_reset};
use crate::args::Push;
use crate::context::Context;
use crate::database::{Database, datasource_of};
use crate::exit::Exit;
use crate::project::{Project, load_schema};
use crate::prompt::{Answer, confirm};

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Push) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let next = nicol_migrate::from_model(&schema);
    let hints = Hints::new(&schema, &args.rename)?;
    let datasource = datasource_of(project, schema, path)?;
    let database = Database::of(ctx, project, &datasource).await?;
    let signals = ctx.signals.clone();
    let pushed = signals.guard(push(ctx, &database.url, &datasource.schemas, &next, hints, args)).await;
    database.close().await?;
    let exit = pushed?;
    if exit == Exit::Success {
        after::generate(ctx, project, args.skip_generate).await?;
    }
    Ok(exit)
}

async fn push(
    ctx: &mut Context,
    url: &ConnectionUrl,
    schemas: &[String],
    next: &Catalog,
    hints: Hints,
    args: &Push,
) -> anyhow::Result<Exit> {
    if args.force_reset {
        migrate_reset::empty(ctx, url, schemas).await?;
    }
    let (previous, is_created) = nicol_migrate::current(url, schemas, Some(next)).await?;
    if is_created {
        ctx.report.line(&format!("created database {}", url.database()));
    }
    let Answer::Given(renames) = ask_for_renames(ctx, &previous, next, hints).await? else {
        ctx.report.line("nothing was changed");
        return Ok(Exit::Interrupted);
    };
    let plan = nicol_migrate::plan_with(&renames, next);
    if plan.is_empty() {
        ctx.report.success("nothing to do: the database matches the schema file");
        return Ok(Exit::Success);
    }
    ctx.report.line(&format!("for {url}:"));
    let findings = Findings::look(ctx, url, &plan).await?;
    findings.show_plan(ctx, &plan);
    if !agree(ctx, &findings, args.accept_data_loss).await? {
        ctx.report.line("nothing was changed");
        return Ok(Exit::Interrupted);
    }
    let interrupt = ctx.signals.attend();
    let report = &mut ctx.report;
    nicol_migrate::push(url, &plan.script(), |it| say(report, &it), interrupt).await?;
    ctx.report.success("the database matches the schema file");
    Ok(Exit::Success)
}

/// Decides whether the plan may be executed, with a prompt if data could be lost.
async fn agree(ctx: &mut Context, findings: &Findings, accept_data_loss: bool) -> anyhow::Result<bool> {
    if findings.is_unexecutable() {
        findings.show_unexecutable(ctx);
        bail!(
            "nothing was changed\n\
             help: {}change the data or the schema file; if you can lose all data, use --force-reset",
            findings.remedy()
        );
    }
    if !findings.has_warnings() {
        return Ok(true);
    }
    findings.show_warnings(ctx);
    if accept_data_loss {
        return Ok(true);
    }
    if !ctx.is_interactive {
        bail!(
            "nothing was changed: data may be lost, and confirming that needs an interactive terminal\n\
             help: run it in a terminal, or pass --accept-data-loss"
        );
    }
    Ok(confirm(ctx, "Change the database anyway?").await? == Answer::Given(true))
}
