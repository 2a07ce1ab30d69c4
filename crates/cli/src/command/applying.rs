//! Applying migrations, also as a part of another command.

use std::time::Duration;

use nicol_migrate::{Activity, Left, Migrations, Options, Progress};
use nicol_pg::ConnectionUrl;

use crate::context::Context;
use crate::report::Report;

/// Prisma's way to do without the lock.
const WITHOUT_LOCK: &str = "PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK";
/// How many seconds to wait for the lock.
const LOCK_TIMEOUT: &str = "NICOL_LOCK_TIMEOUT";

/// Applies what is pending, and gives the names.
pub(super) async fn apply(
    ctx: &mut Context,
    url: &ConnectionUrl,
    migrations: &Migrations,
) -> Result<Vec<String>, nicol_migrate::Error> {
    let options = options(ctx, None);
    apply_with(ctx, url, migrations, &options).await
}

/// The same with options.
pub(super) async fn apply_with(
    ctx: &mut Context,
    url: &ConnectionUrl,
    migrations: &Migrations,
    options: &Options,
) -> Result<Vec<String>, nicol_migrate::Error> {
    let interrupt = ctx.signals.attend();
    let report = &mut ctx.report;
    let say = |progress: Progress<'_>| say(report, &progress);
    Ok(nicol_migrate::deploy_with(url, migrations, options, say, interrupt).await?.migrations)
}

/// What the environment says, and the argument `--lock-timeout`, which wins.
pub(super) fn options(ctx: &mut Context, lock_timeout: Option<u64>) -> Options {
    let mut options = Options { lock: ctx.variable(WITHOUT_LOCK).is_none(), ..Options::default() };
    let set = ctx.variable(LOCK_TIMEOUT).map(str::parse);
    if let (None, Some(Err(_))) = (lock_timeout, &set) {
        ctx.report.warning(&format!("`{LOCK_TIMEOUT}` is no number of seconds, and is passed over"));
    }
    if let Some(seconds) = lock_timeout.or(set.and_then(Result::ok)) {
        options.lock_wait = Duration::from_secs(seconds);
    }
    options
}

/// Tells of a step.
pub(super) fn say(report: &mut Report, progress: &Progress<'_>) {
    match progress {
        Progress::DatabaseCreated { name } => report.line(&format!("created database {name}")),
        Progress::Waiting { holder, waited } => {
            let since = match waited.as_secs() {
                0 => String::new(),
                seconds => format!(", for {seconds} s now"),
            };
            let holder = holder.unwrap_or("unknown holder");
            report.line(&format!("waiting for another migration to end{since}: {holder}"));
        }
        Progress::Recovered { migration, started, left } => {
            let next = match left {
                Left::Part { .. } => format!("{left}: it goes on"),
                _ => "nothing of it is in the database: it is run again".to_owned(),
            };
            report.note(&format!("{migration} was begun at {started} UTC and did not end; {next}"));
        }
        Progress::Started { migration, position, total } => {
            report.line(&format!("[{position}/{total}] {migration}"));
        }
        Progress::Running { line, runs, activity, .. } => {
            let activity = of_activity(activity);
            report.line(&format!("      line {line} has been running for {} s{activity}", runs.as_secs()));
        }
        Progress::Busy { runs, activity } => {
            report.line(&format!("      running for {} s{}", runs.as_secs(), of_activity(activity)));
        }
        Progress::Finished { migration, took } if took.as_secs() >= 1 => {
            report.line(&format!("      {migration} took {:.1} s", took.as_secs_f32()));
        }
        _ => {}
    }
}

fn of_activity(activity: &Activity) -> String {
    match activity {
        Activity::BuildingIndex { phase, percent } => {
            let percent = percent.map(|percent| format!(", {percent} %")).unwrap_or_default();
            format!(": {phase}{percent}")
        }
        Activity::Blocked { by } => format!(", waiting for a lock of {by}"),
        _ => String::new(),
    }
}
