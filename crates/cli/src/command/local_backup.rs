use std::time::{Duration, Instant, SystemTime};

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use nicol_branch::{Backend as _, Branches, Local};
use nicol_local::backup::Overview;
use nicol_local::restore::{Previous, Request, Target};
use nicol_local::{Options, Progress, Status, backup as library};

use crate::args::{Backup, BackupCommand, CheckBackup, Restore};
use crate::context::Context;
use crate::exit::Exit;
use crate::prompt::{Answer, confirm};
use crate::report::{Report, counted};

/// Between two lines about the same step.
const PACE: Duration = Duration::from_secs(1);

/// More segments than this wait only if archiving fails.
const USUALLY_WAITING: usize = 2;

pub(super) async fn backup(ctx: &mut Context, options: &Options, args: &Backup) -> anyhow::Result<Exit> {
    match &args.command {
        None => create(ctx, options, args).await,
        Some(BackupCommand::List) => list(ctx, options).await,
        Some(BackupCommand::Check(args)) => {
            let restored =
                nicol_local::restore::check(options, &request(args), progress(&mut ctx.report)).await?;
            let until =
                restored.last_change.map_or_else(String::new, |time| format!(", last change: {time}"));
            ctx.report.success(&format!("backup `{}` can be restored{until}", restored.backup.name));
            Ok(Exit::Success)
        }
        Some(BackupCommand::Stop) => {
            let state =
                if has_backups(options).await { "the backups remain in" } else { "no backups were found in" };
            let folder = library::stop(options).await?;
            ctx.report.success(&format!("archiving stopped; {state} {}", folder.display()));
            Ok(Exit::Success)
        }
    }
}

async fn create(ctx: &mut Context, options: &Options, args: &Backup) -> anyhow::Result<Exit> {
    let keep = args.keep.map(usize::from);
    let made = library::create(options, args.to.as_deref(), keep, progress(&mut ctx.report)).await?;
    let Some(overview) = library::overview(options).await? else { bail!("the backup has been removed") };
    let place = overview.folder.display();
    ctx.report.success(&format!(
        "backup `{}` ({}) in {place}; later changes are archived there",
        made.name,
        size(made.size)
    ));
    Ok(Exit::Success)
}

async fn list(ctx: &mut Context, options: &Options) -> anyhow::Result<Exit> {
    let Some(overview) = library::overview(options).await? else {
        bail!("there are no backups of this server\nhelp: make one with `nicol local backup`");
    };
    for backup in &overview.backups {
        let line = format!("{}  {}  {}\n", backup.name, time(backup.finished), size(backup.size));
        ctx.report.output(&line);
    }
    let place = overview.folder.display();
    ctx.report.line(&format!("in {place}, with {} of archived log", size(overview.log_size)));
    reach(&mut ctx.report, &overview);
    Ok(Exit::Success)
}

/// Prints how far the backups reach, if there are any. Trouble with them does not make the server's status fail.
pub(super) async fn status(ctx: &mut Context, options: &Options) {
    match library::overview(options).await {
        Ok(Some(overview)) => reach(&mut ctx.report, &overview),
        Ok(None) => {}
        Err(error) => {
            let text = error.to_string();
            let (text, help) = text.split_once("\nhelp: ").unwrap_or((&text, ""));
            ctx.report.warning(text);
            ctx.report.help(help);
        }
    }
    match nicol_local::restore::previous(options).await {
        Ok(all) if all.is_empty() => {}
        Ok(all) => {
            for previous in &all {
                ctx.report.line(&format!("replaced by a restore: {}", describe(previous)));
            }
            let sum = size(all.iter().map(|it| it.size).sum());
            ctx.report.help(&format!("remove replaced data ({sum}) with `nicol local clean`"));
        }
        Err(error) => ctx.report.warning(&error.to_string()),
    }
}

/// Whether there is a backup to restore.
pub(super) async fn has_backups(options: &Options) -> bool {
    matches!(library::overview(options).await, Ok(Some(overview)) if !overview.backups.is_empty())
}

/// Removes what a killed restore has left behind.
pub(super) async fn clean_up(ctx: &mut Context, options: &Options) -> anyhow::Result<()> {
    if nicol_local::restore::clean_up(options).await? {
        ctx.report
            .note("removed what an interrupted restore had left behind; the current data are unchanged");
    }
    Ok(())
}

/// Removes the data that restores have replaced.
pub(super) async fn clean(ctx: &mut Context, options: &Options, force: bool) -> anyhow::Result<Exit> {
    clean_up(ctx, options).await?;
    let all = nicol_local::restore::previous(options).await?;
    if all.is_empty() {
        ctx.report.line("there are no data that a restore has replaced");
        return Ok(Exit::Success);
    }
    for previous in &all {
        ctx.report.line(&describe(previous));
    }
    let what = "the data that restores have replaced would be lost";
    if !force && !is_confirmed(ctx, what, "Remove them?").await? {
        return Ok(Exit::Interrupted);
    }
    let signals = ctx.signals.clone();
    let removed = signals.guard(async { Ok(nicol_local::restore::remove_previous(options).await?) }).await?;
    let sum = size(removed.iter().map(|it| it.size).sum());
    ctx.report.success(&format!("removed {} ({sum})", counted(removed.len(), "folder")));
    Ok(Exit::Success)
}

/// Asks whether to go on; without a terminal, fails.
async fn is_confirmed(ctx: &mut Context, what: &str, question: &str) -> anyhow::Result<bool> {
    if !ctx.is_interactive {
        bail!(
            "{what}, and confirming that needs an interactive terminal\n\
             help: run it in a terminal, or pass --force"
        );
    }
    let is_confirmed = confirm(ctx, question).await? == Answer::Given(true);
    if !is_confirmed {
        ctx.report.line("nothing was changed");
    }
    Ok(is_confirmed)
}

fn describe(previous: &Previous) -> String {
    format!("{} ({})", previous.folder.display(), size(previous.size))
}

fn reach(report: &mut Report, overview: &Overview) {
    let Some(oldest) = overview.backups.first() else {
        report.warning("no base backup is complete; make one with `nicol local backup`");
        return;
    };
    let count = counted(overview.backups.len(), "backup");
    report.line(&format!("{count}, restorable to any time since {}", time(oldest.finished)));
    // An older segment belongs to the time before the backup.
    let archived = overview.archived.filter(|archived| *archived >= oldest.finished);
    report.line(&match archived {
        Some(archived) => format!("without the data directory: only to times before {}", time(archived)),
        None => "without the data directory: only to the time of the backup, because no later change is archived yet"
            .to_owned(),
    });
    if !overview.archiving {
        report
            .warning("later changes are not archived: the project was moved; run `nicol local backup` again");
    }
    if overview.waiting > USUALLY_WAITING {
        report.warning(&format!(
            "{} of the log wait to be archived; see the server's log",
            counted(overview.waiting, "segment")
        ));
    }
}

pub(super) async fn restore(ctx: &mut Context, options: &Options, args: &Restore) -> anyhow::Result<Exit> {
    let mut request = request(&args.source);
    if let Some(name) = &args.as_branch {
        // The rules of names are those of `nicol branch`.
        let branches = Branches::of(Local::new(options.clone(), None).list().await?);
        branches.check_new_name(name)?;
    }
    request.branch.clone_from(&args.as_branch);
    request.target = args.to_time.map(Target::Time).or(args.to_lsn).unwrap_or_default();
    let is_in_place = args.as_branch.is_none() && nicol_local::status(options).await? != Status::Missing;
    if is_in_place && !args.force {
        let what = "the current data would be replaced";
        let question = "Replace the current data of the local server? They are kept in a folder beside.";
        if !is_confirmed(ctx, what, question).await? {
            return Ok(Exit::Interrupted);
        }
    }
    let signals = ctx.signals.clone();
    let work = async {
        let mut report = progress(&mut ctx.report);
        // While it attends, the work is not dropped: a restore that takes effect is completed and reported.
        let mut attendance = None;
        let progress = |step| {
            if step == Progress::Replacing {
                attendance = Some(signals.attend());
            }
            report(step);
        };
        Ok(nicol_local::restore::restore(options, &request, progress).await?)
    };
    let result = signals.guard(work).await;
    if is_in_place && result.is_err() {
        let state = match nicol_local::status(options).await? {
            Status::Missing | Status::Stopped { .. } => "stopped",
            Status::Asleep { .. } => "asleep",
            Status::Running { .. } => "running",
        };
        ctx.report.note(&format!("nothing was restored; the data are as before, and the server is {state}"));
    }
    let restored = result?;
    let name = &restored.backup.name;
    let until = restored.last_change.map_or_else(String::new, |time| format!(", last change: {time}"));
    match (&args.as_branch, restored.replaced) {
        (Some(branch), _) => {
            ctx.report.success(&format!("restored backup `{name}` as the branch `{branch}`{until}"));
        }
        (None, replaced) => {
            ctx.report.success(&format!("restored backup `{name}`{until}"));
            if let Some(replaced) = replaced {
                let place = replaced.display();
                ctx.report
                    .note(&format!("the previous data are in {place}; `nicol local clean` removes them"));
            }
            if !restored.running {
                ctx.report.help("start the server with `nicol local start`");
            }
        }
    }
    Ok(Exit::Success)
}

fn request(args: &CheckBackup) -> Request {
    let mut request = Request::default();
    request.folder.clone_from(&args.from);
    request.backup.clone_from(&args.backup);
    request
}

/// Prints steps, and how much of the data has been copied, once in a while.
pub(super) fn progress(report: &mut Report) -> impl FnMut(Progress) {
    let mut last = Instant::now();
    move |step| {
        let is_end = !matches!(step, Progress::Copying { done, total } if done < total);
        if is_end || last.elapsed() >= PACE {
            last = Instant::now();
            report.line(&step.to_string());
        }
    }
}

fn time(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn size(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1 << 20))
}
