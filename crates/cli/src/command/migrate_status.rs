use std::fmt::Write as _;

use nicol_migrate::{Left, Migrations, Standing, Status, Unfinished};

use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::counted;

pub(super) async fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let looked = async { Ok(nicol_migrate::status(&database.url, &migrations).await?) };
    let status = ctx.signals.guard(looked).await;
    ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), database.url));
    database.close().await?;
    let status = status?;
    ctx.report.output(&lines(&status));
    for unfinished in &status.unfinished {
        ctx.report.note(&detail(unfinished, status.holder.as_deref()));
    }
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
            let state = if is_stopped(status, name) { "stopped" } else { state };
            let edited = if status.edited.contains(name) { "  (edited since)" } else { "" };
            writeln!(text, "{state:8}  {name}{edited}").expect("writing into a String cannot fail");
        }
    }
    text
}

/// Whether it has begun and not ended, without an error.
fn is_stopped(status: &Status, name: &str) -> bool {
    let mut unfinished = status.unfinished.iter();
    unfinished.any(|it| it.migration == name && !matches!(it.standing, Standing::Failed { .. }))
}

/// What there is of a migration that has not ended.
fn detail(unfinished: &Unfinished, holder: Option<&str>) -> String {
    let Unfinished { migration, started, error, standing } = unfinished;
    let how = match error {
        Some(error) => format!("failed: {}", error.replace('\n', "; ")),
        None => "did not end".to_owned(),
    };
    let text = format!("{migration} was begun at {started} UTC and {how}");
    if let Some(holder) = holder {
        return format!("{text}; a migration is at work at this moment: {holder}");
    }
    let what = match standing {
        Standing::Failed { left: Some(Left::Nothing) } => "nothing of it is in the database".to_owned(),
        Standing::Failed { left: Some(left) } => format!("{left}, the others are not"),
        Standing::Undone => {
            "nothing of it is in the database; `nicol migrate deploy` runs it again".to_owned()
        }
        Standing::GoesOn { from, total } => {
            let are = if *from == 1 { "is" } else { "are" };
            format!(
                "{from} of its {total} statements {are} in the database, the others are not; \
                 `nicol migrate deploy` goes on there"
            )
        }
        Standing::InvalidIndex { index, line } => format!(
            "it was building index {index} (line {line}), which is there and not valid; what is before that is in the \
             database; after `drop index concurrently {index}`, `nicol migrate deploy` goes on there"
        ),
        Standing::Unclear { line, .. } => format!(
            "what is before line {line} is in the database; whether the statement there, which stands in no \
             transaction, has ended cannot be told; what is behind it is not in the database"
        ),
        Standing::Changed { done } => format!(
            "its script no longer begins with what is in the database: {}",
            counted(*done, "statement")
        ),
        _ => "it is not known how much of it is in the database".to_owned(),
    };
    format!("{text}; {what}")
}

fn advice(status: &Status) -> String {
    if status.holder.is_some() {
        return "a migration is at work: look again when it has ended".to_owned();
    }
    let goes_on = |it: &Unfinished| matches!(it.standing, Standing::Undone | Standing::GoesOn { .. });
    if !status.unfinished.is_empty() && status.unfinished.iter().all(goes_on) {
        return "a migration was stopped: `nicol migrate deploy` goes on".to_owned();
    }
    let is_failed = |it: &Unfinished| matches!(it.standing, Standing::Failed { .. });
    if !status.unfinished.is_empty() && !status.unfinished.iter().any(is_failed) {
        return "a migration was stopped: do what is said above, then `nicol migrate deploy` goes on"
            .to_owned();
    }
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
