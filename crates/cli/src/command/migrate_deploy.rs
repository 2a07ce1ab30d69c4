use nicol_migrate::{Error, Migrations};

use super::applying;
use crate::args::Deploy;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::counted;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Deploy) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let options = applying::options(ctx, args.lock_timeout);
    ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), database.url));
    let result = applying::apply_with(ctx, &database.url, &migrations, &options).await;
    database.close().await?;
    match result {
        Ok(applied) if applied.is_empty() => {
            ctx.report.success("nothing to do: the database is up to date");
        }
        Ok(applied) => {
            ctx.report.success(&format!("applied {}", counted(applied.len(), "migration")));
        }
        Err(error @ Error::Interrupted { .. }) => {
            ctx.report.fail(&error.into());
            return Ok(Exit::Interrupted);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Success)
}
