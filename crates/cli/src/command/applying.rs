//! Applies migrations, on its own or as part of another command.

use std::time::Duration;

use nicol_migrate::{Activity, Left, Migrations, Options, Progress};
use nicol_pg::ConnectionUrl;

use crate::context::Context;
use crate::report::Report;

/// Prisma's variable that disables the lock.
const WITHOUT_LOCK: &str = "PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK";
/// The variable with the lock timeout, in seconds.
const LOCK_TIMEOUT: &str = "NICOL_LOCK_TIMEOUT";

/// Applies pending migrations and returns their names.
pub(super) async fn apply(
    ctx: &mut Context,
    url: &ConnectionUrl,
    migrations: &Migrations,
) -> Result<Vec<String>, nicol_migrate::Error> {
    let options = options(ctx, None);
    apply_with(ctx, url, migrations, &options).await
}

/// Same as [`apply`], with options.
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

/// Reads the options from the environment; `--lock-timeout` takes precedence.
pub(super) fn options(ctx: &mut Context, lock_timeout: Option<u64>) -> Options {
    let mut options = Options { lock: ctx.variable(WITHOUT_LOCK).is_none(), ..Options::default() };
    let set = ctx.variable(LOCK_TIMEOUT).map(str::parse);
    if let (None, Some(Err(_))) = (lock_timeout, &set) {
        ctx.report.warning(&format!("ignoring `{LOCK_TIMEOUT}`: not a number of seconds"));
    }
    if let Some(seconds) = lock_timeout.or(set.and_then(Result::ok)) {
        options.lock_wait = Duration::from_secs(seconds);
    }
    options
}

/// Prints a progress event.
pub(super) fn say(report: &mut Report, progress: &Progress<'_>) {
    match progress {
        Progress::DatabaseCreated { name } => report.line(&format!("created database {name}")),
        Progress::Waiting { holder, waited } => {
            let since = match waited.as_secs() {
                0 => String::new(),
                seconds => format!(" for {seconds} s"),
            };
            let holder = holder.unwrap_or("unknown process");
            report.line(&format!("waiting{since} for another migration to finish: {holder}"));
        }
        Progress::Recovered { migration, started, left } => {
            let next = match left {
                Left::Part { .. } => format!("{left}; resuming"),
                _ => "nothing was applied; running it again".to_owned(),
            };
            report.note(&format!("{migration} was started at {started} UTC and did not finish; {next}"));
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
        Activity::Blocked { by } => format!(", waiting for a lock held by {by}"),
        _ => String::new(),
    }
}
