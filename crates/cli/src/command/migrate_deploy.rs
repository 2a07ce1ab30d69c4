use nicol_migrate::{Error, Migrations, Options, Progress};

use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::counted;

/// Prisma's way to do without the lock, for poolers that cannot give it.
pub(super) const WITHOUT_LOCK: &str = "PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK";

pub(super) async fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let options = Options { lock: ctx.variable(WITHOUT_LOCK).is_none(), ..Options::default() };
    ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), database.url));
    let interrupt = async {
        // Where Ctrl-C cannot be heard, it ends the process as ever.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let report = &mut ctx.report;
    let say = |progress: Progress<'_>| match progress {
        Progress::DatabaseCreated { name } => report.line(&format!("created database {name}")),
        Progress::Waiting { holder } => {
            report.line(&format!(
                "waiting for another migration to end: {}",
                holder.unwrap_or("unknown holder")
            ));
        }
        Progress::Started { migration, position, total } => {
            report.line(&format!("[{position}/{total}] {migration}"));
        }
        _ => {}
    };
    let result = nicol_migrate::deploy_with(&database.url, &migrations, &options, say, interrupt).await;
    database.close().await?;
    match result {
        Ok(applied) if applied.migrations.is_empty() => {
            ctx.report.success("nothing to do: the database is up to date");
        }
        Ok(applied) => {
            ctx.report.success(&format!("applied {}", counted(applied.migrations.len(), "migration")));
        }
        Err(error @ Error::Interrupted { .. }) => {
            ctx.report.fail(&error.into());
            return Ok(Exit::Interrupted);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Success)
}
