use nicol_migrate::{Migrations, Resolution};

use super::applying;
use crate::args::Resolve;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Resolve) -> anyhow::Result<Exit> {
    let (name, resolution) = match (&args.applied, &args.rolled_back, &args.resume) {
        (Some(name), ..) => (name, Resolution::Applied),
        (None, Some(name), _) => (name, Resolution::RolledBack),
        (None, None, Some(name)) => (name, Resolution::Resumed),
        (None, None, None) => return Ok(Exit::Failure),
    };
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let wait = applying::options(ctx, args.lock_timeout).lock_wait;
    let resolving =
        async { Ok(nicol_migrate::resolve_with(&database.url, &migrations, name, resolution, wait).await?) };
    let resolved = ctx.signals.guard(resolving).await;
    database.close().await?;
    resolved?;
    ctx.report.success(&match resolution {
        Resolution::Applied => format!("marked migration {name} as applied"),
        Resolution::RolledBack => format!("marked migration {name} as rolled back"),
        Resolution::Resumed => format!("the next deploy resumes migration {name}"),
    });
    Ok(Exit::Success)
}
