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
        ("missing", &status.unknown),
    ];
    let mut text = String::new();
    for (state, names) in states {
        for name in names {
            let state = if is_stopped(status, name) { "stopped" } else { state };
            let edited = if status.edited.contains(name) { "  (edited after it was applied)" } else { "" };
            writeln!(text, "{state:8}  {name}{edited}").expect("writing into a String cannot fail");
        }
    }
    text
}

/// Whether the migration has started and not finished, without an error.
fn is_stopped(status: &Status, name: &str) -> bool {
    let mut unfinished = status.unfinished.iter();
    unfinished.any(|it| it.migration == name && !matches!(it.standing, Standing::Failed { .. }))
}

/// Describes how much of an unfinished migration has been applied.
fn detail(unfinished: &Unfinished, holder: Option<&str>) -> String {
    let Unfinished { migration, started, error, standing } = unfinished;
    let how = match error {
        Some(error) => format!("failed: {}", error.replace('\n', "; ")),
        None => "did not finish".to_owned(),
    };
    let text = format!("{migration} was started at {started} UTC and {how}");
    if let Some(holder) = holder {
        return format!("{text}; a migration is running now: {holder}");
    }
    let what = match standing {
        Standing::Failed { left: Some(Left::Nothing) } => "nothing was applied".to_owned(),
        Standing::Failed { left: Some(left) } => format!("{left}"),
        Standing::Undone => "nothing was applied; `nicol migrate deploy` runs it again".to_owned(),
        Standing::GoesOn { from, total } => {
            format!("applied {from} of its {total} statements; `nicol migrate deploy` resumes after them")
        }
        Standing::InvalidIndex { index, line } => format!(
            "it was building index {index} (line {line}), which exists but is invalid; all statements before it were \
             applied; run `drop index concurrently {index}`, then `nicol migrate deploy` resumes there"
        ),
        Standing::Unclear { line, .. } => format!(
            "all statements before line {line} were applied; the statement there runs outside a transaction, and \
             whether it finished is unknown; nothing after it was applied"
        ),
        Standing::Changed { done } => {
            format!("its script no longer begins with the {} already applied", counted(*done, "statement"))
        }
        _ => "how much of it was applied is unknown".to_owned(),
    };
    format!("{text}; {what}")
}

fn advice(status: &Status) -> String {
    if status.holder.is_some() {
        return "a migration is running: check again when it has finished".to_owned();
    }
    let goes_on = |it: &Unfinished| matches!(it.standing, Standing::Undone | Standing::GoesOn { .. });
    if !status.unfinished.is_empty() && status.unfinished.iter().all(goes_on) {
        return "a migration was interrupted: `nicol migrate deploy` resumes it".to_owned();
    }
    let is_failed = |it: &Unfinished| matches!(it.standing, Standing::Failed { .. });
    if !status.unfinished.is_empty() && !status.unfinished.iter().any(is_failed) {
        return "a migration was interrupted: follow the advice above, then `nicol migrate deploy` resumes it"
            .to_owned();
    }
    if let Some(failed) = status.failed.first() {
        return format!(
            "a migration failed: fix the database, then run `nicol migrate resolve --rolled-back {failed}` or \
             `--applied {failed}`"
        );
    }
    if !status.unknown.is_empty() {
        return "the database has migrations that are not in this folder: do they belong to another branch?"
            .to_owned();
    }
    let missing = match (status.has_database, status.has_history) {
        (false, _) => "the database does not exist yet",
        (true, false) => "no migrations have been applied yet",
        (true, true) => "there are pending migrations",
    };
    format!("{missing}: `nicol migrate deploy` applies them")
}
