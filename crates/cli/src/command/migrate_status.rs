use std::fmt::Write as _;

use nicol_migrate::{Migrations, Status};

use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::counted;

pub(super) async fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let status = nicol_migrate::status(&database.url, &migrations).await;
    ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), database.url));
    database.close().await?;
    let status = status?;
    ctx.report.output(&lines(&status));
    if status.is_up_to_date() {
        ctx.report.success("the database is up to date");
        return Ok(Exit::Success);
    }
    ctx.report.warning(&advice(&status));
    Ok(Exit::Failure)
}

fn lines(status: &Status) -> String {
    let states = [
        ("applied", &status.applied),
        ("failed", &status.failed),
        ("pending", &status.pending),
        ("not here", &status.unknown),
    ];
    let mut text = String::new();
    for (state, names) in states {
        for name in names {
            let edited = if status.edited.contains(name) { "  (edited since)" } else { "" };
            writeln!(text, "{state:8}  {name}{edited}").expect("writing into a String cannot fail");
        }
    }
    text
}

fn advice(status: &Status) -> String {
    if let Some(failed) = status.failed.first() {
        return format!(
            "a migration has failed: put the database right, then `nicol migrate resolve --rolled-back {failed}` or \
             `--applied {failed}`"
        );
    }
    if !status.unknown.is_empty() {
        return "the database has migrations that are not in this folder: is it of another branch?"
            .to_owned();
    }
    let missing = match (status.has_database, status.has_history) {
        (false, _) => "there is no such database yet",
        (true, false) => "nothing has been deployed to this database yet",
        (true, true) => "there are pending migrations",
    };
    format!("{missing}: `nicol migrate deploy` applies them")
}
