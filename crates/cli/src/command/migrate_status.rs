use std::fmt::Write as _;

use nicol_migrate::{Left, Migrations, Standing, Status, Unfinished};
use serde_json::{Value, json};

use crate::args::OutputFormat;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::counted;

pub(super) async fn run(ctx: &mut Context, project: &Project, format: OutputFormat) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    let looked = async { Ok(nicol_migrate::status(&database.url, &migrations).await?) };
    let status = ctx.signals.guard(looked).await;
    let address = database.url.to_string();
    database.close().await?;
    if format == OutputFormat::Json {
        let status = status?;
        ctx.report.output(&format!("{}\n", as_json(&status, &address)));
        return Ok(if status.is_up_to_date() { Exit::Success } else { Exit::Failure });
    }
    ctx.report.line(&format!("{} for {address}", counted(migrations.len(), "migration")));
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

/// Returns each migration with its state.
fn states(status: &Status) -> impl Iterator<Item = (&'static str, &str)> {
    let states = [
        ("applied", &status.applied),
        ("failed", &status.failed),
        ("pending", &status.pending),
        ("missing", &status.unknown),
    ];
    states.into_iter().flat_map(move |(state, names)| {
        names.iter().map(move |name| (if is_stopped(status, name) { "stopped" } else { state }, &**name))
    })
}

fn is_edited(status: &Status, name: &str) -> bool {
    status.edited.iter().any(|edited| edited == name)
}

fn lines(status: &Status) -> String {
    let mut text = String::new();
    for (state, name) in states(status) {
        let edited = if is_edited(status, name) { "  (edited after it was applied)" } else { "" };
        writeln!(text, "{state:8}  {name}{edited}").expect("writing into a String cannot fail");
    }
    text
}

fn as_json(status: &Status, address: &str) -> Value {
    let migrations: Vec<Value> = states(status)
        .map(|(state, name)| json!({ "name": name, "state": state, "edited": is_edited(status, name) }))
        .collect();
    let unfinished: Vec<Value> = status
        .unfinished
        .iter()
        .map(|it| json!({ "name": it.migration, "detail": detail(it, status.holder.as_deref()) }))
        .collect();
    let is_up_to_date = status.is_up_to_date();
    json!({
        "database": address,
        "databaseExists": status.has_database,
        "upToDate": is_up_to_date,
        "migrations": migrations,
        "unfinished": unfinished,
        "advice": (!is_up_to_date).then(|| advice(status)),
    })
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
