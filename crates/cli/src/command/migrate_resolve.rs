use nicol_migrate::{Migrations, Resolution};

use crate::args::Resolve;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Resolve) -> anyhow::Result<Exit> {
    let (name, resolution) = match (&args.applied, &args.rolled_back) {
        (Some(name), _) => (name, Resolution::Applied),
        (None, Some(name)) => (name, Resolution::RolledBack),
        (None, None) => return Ok(Exit::Failure),
    };
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let resolved = nicol_migrate::resolve(&database.url, &migrations, name, resolution).await;
    database.close().await?;
    resolved?;
    let word = match resolution {
        Resolution::Applied => "applied",
        Resolution::RolledBack => "rolled back",
    };
    ctx.report.success(&format!("migration {name} is recorded as {word}"));
    Ok(Exit::Success)
}
