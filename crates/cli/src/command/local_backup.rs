use std::time::{Duration, Instant, SystemTime};

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use nicol_branch::{Backend as _, Branches, Local};
use nicol_local::backup::Overview;
use nicol_local::restore::{Request, Target};
use nicol_local::{Options, Progress, backup as library};

use crate::args::{Backup, BackupCommand, CheckBackup, Restore};
use crate::context::Context;
use crate::exit::Exit;
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
            let folder = library::stop(options).await?;
            ctx.report.success(&format!("archiving stopped; the backups remain in {}", folder.display()));
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
        Err(error) => ctx.report.warning(&format!("the backups cannot be used: {error}")),
    }
}

fn reach(report: &mut Report, overview: &Overview) {
    let Some(oldest) = overview.backups.first() else {
        report.warning("no base backup is complete; make one with `nicol local backup`");
        return;
    };
    let archived = overview.archived.map_or_else(|| "never".to_owned(), time);
    report.line(&format!(
        "{}, restorable from {}; log last archived: {archived}",
        counted(overview.backups.len(), "backup"),
        time(oldest.finished)
    ));
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
    let restored = nicol_local::restore::restore(options, &request, progress(&mut ctx.report)).await?;
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
                    .note(&format!("the previous data are in {place}; remove them if you do not need them"));
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
