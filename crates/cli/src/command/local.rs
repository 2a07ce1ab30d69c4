use anyhow::{Context as _, bail};
use nicol_local::{Options, Status};
use nicol_pg::ConnectionUrl;
use tokio::process::Command;

use super::{branch, local_backup, program};
use crate::args::Local;
use crate::context::Context;
use crate::database::local_options;
use crate::exit::Exit;
use crate::idle_timeout::IdleTimeout;
use crate::project::Project;
use crate::settings::FILE;

pub(super) async fn run(ctx: &mut Context, project: &Project, command: &Local) -> anyhow::Result<Exit> {
    let mut options = local_options(ctx, project);
    let signals = ctx.signals.clone();
    if let Local::Keep { branch } = command {
        // The process that started this one holds the lock and waits.
        options.branch.clone_from(branch);
        nicol_local::keep(&options).await?;
        return Ok(Exit::Success);
    }
    branch::delete_expired(ctx, project).await?;
    match command {
        Local::Start { idle_timeout } => {
            let idle_timeout = idle_timeout.or(project.idle_timeout).unwrap_or(IdleTimeout(None));
            options.idle_timeout = idle_timeout.0;
            signals.guard(start(ctx, &options)).await
        }
        Local::Stop => signals.guard(stop(ctx, project, &options)).await,
        Local::Status => status(ctx, &options).await,
        Local::Keep { .. } => Ok(Exit::Success),
        Local::Url => url(ctx, project, &options).await,
        Local::Backup(backup) => signals.guard(local_backup::backup(ctx, &options, backup)).await,
        Local::Restore(restore) => local_backup::restore(ctx, &options, restore).await,
        Local::Clean { force } => local_backup::clean(ctx, &options, *force).await,
        Local::Psql { arguments } => psql(ctx, project, options, arguments).await,
    }
}

async fn start(ctx: &mut Context, options: &Options) -> anyhow::Result<Exit> {
    let report = &mut ctx.report;
    let url = nicol_local::start(options, |step| report.line(&step.to_string())).await?;
    let sleeps = match options.idle_timeout {
        None => String::new(),
        time => format!(", asleep after {} without a connection", IdleTimeout(time)),
    };
    ctx.report.success(&format!("running until `nicol local stop`{sleeps}: {url}"));
    Ok(Exit::Success)
}

async fn stop(ctx: &mut Context, project: &Project, options: &Options) -> anyhow::Result<Exit> {
    let branches = branch::stop_all(ctx, project).await?;
    let ran = nicol_local::stop(options).await?;
    for name in branches {
        ctx.report.line(&format!("stopped the server of branch `{name}`"));
    }
    ctx.report.success(if ran { "stopped" } else { "not running" });
    Ok(Exit::Success)
}

async fn status(ctx: &mut Context, options: &Options) -> anyhow::Result<Exit> {
    local_backup::clean_up(ctx, options).await?;
    let (text, exit) = match nicol_local::status(options).await? {
        Status::Missing if local_backup::has_backups(options).await => (
            "the data of the local server are gone, but there are backups; restore them with `nicol local restore`\n"
                .to_owned(),
            Exit::Failure,
        ),
        Status::Missing => {
            ("no local server yet; run `nicol local start` to create one\n".to_owned(), Exit::Failure)
        }
        Status::Stopped { version } => {
            (format!("stopped, with data of PostgreSQL {version}\n"), Exit::Failure)
        }
        Status::Asleep { version, in_use, url } => {
            let used = if in_use { ", in use" } else { "" };
            (
                format!("asleep: PostgreSQL {version}, starts at the next connection{used}\n{url}\n"),
                Exit::Success,
            )
        }
        Status::Running { version, pid, ready, in_use, idle_timeout, url } => {
            let state = if ready { "running" } else { "starting" };
            let used = if in_use { ", in use" } else { "" };
            let sleeps = match idle_timeout {
                None => String::new(),
                time => format!(", asleep after {} without a connection", IdleTimeout(time)),
            };
            (format!("{state}: PostgreSQL {version}, process {pid}{used}{sleeps}\n{url}\n"), Exit::Success)
        }
    };
    ctx.report.output(&text);
    local_backup::status(ctx, options).await;
    Ok(exit)
}

async fn url(ctx: &mut Context, project: &Project, options: &Options) -> anyhow::Result<Exit> {
    let (Status::Running { url, .. } | Status::Asleep { url, .. }) = nicol_local::status(options).await?
    else {
        bail!("the local server is not running\nhelp: start it with `nicol local start`");
    };
    let url = url.with_database(&database_there(ctx, project, options, &url).await?);
    ctx.report.output(&format!("{}\n", url.to_url_with_password()));
    Ok(Exit::Success)
}

/// Returns the database to use: the one in the settings, otherwise an existing one, because applications choose their
/// own names. If there are several, prefers the one that commands here would create, then the first.
async fn database_there(
    ctx: &mut Context,
    project: &Project,
    options: &Options,
    url: &ConnectionUrl,
) -> anyhow::Result<String> {
    if let Some(configured) = &project.local_database {
        return Ok(configured.clone());
    }
    let names = nicol_local::databases(url).await?;
    let usual = names.iter().find(|name| **name == options.database);
    let Some(chosen) = usual.or(names.first()) else { return Ok(options.database.clone()) };
    if names.len() > 1 {
        ctx.report.note(&format!(
            "using the database `{chosen}` of `{}`; set `[local] database` in {FILE} to choose another",
            names.join("`, `")
        ));
    }
    Ok(chosen.clone())
}

/// Runs psql. The password is passed in the environment, because arguments are visible to every user of the machine.
async fn psql(
    ctx: &mut Context,
    project: &Project,
    mut options: Options,
    arguments: &[String],
) -> anyhow::Result<Exit> {
    let Some(program) = nicol_local::program(&options, "psql") else {
        bail!("psql is not installed\nhelp: install PostgreSQL's client programs");
    };
    // Connect to `postgres`, which always exists, to avoid creating any other database.
    let usual = options.clone();
    "postgres".clone_into(&mut options.database);
    let server = nicol_local::acquire(&options, |_| {}).await?;
    options.database = database_there(ctx, project, &usual, server.url()).await?;
    let lease = nicol_local::acquire(&options, |_| {}).await?;
    server.release().await?;
    let url = lease.url();
    let mut command = Command::new(&program);
    command.args(arguments).envs(&ctx.env).env("PGDATABASE", url.database());
    let host = &url.hosts()[0];
    match &host.address {
        nicol_pg::url::Address::Socket(folder) => command.env("PGHOST", folder),
        nicol_pg::url::Address::Tcp { name, .. } => command.env("PGHOST", name),
    };
    command.env("PGPORT", host.port.to_string());
    command.envs(url.user().map(|user| ("PGUSER", user)));
    command.envs(url.password().map(|password| ("PGPASSWORD", password)));
    let status = program::run(&ctx.signals, &mut command).await;
    lease.release().await?;
    let status = status.with_context(|| format!("cannot start `{}`", program.display()))?;
    Ok(program::exit(status))
}
