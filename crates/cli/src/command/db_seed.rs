use anyhow::Context as _;
use tokio::process::Command;

use super::program;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;

/// Runs the seed command with this process's standard streams, and passes its exit code on.
pub(super) async fn run(ctx: &mut Context, project: &Project, arguments: &[String]) -> anyhow::Result<Exit> {
    let seed = project.seed()?;
    // The seed command may not need a schema file.
    let database = if project.schema().is_ok() { Database::lend(ctx, project).await? } else { None };
    ctx.report.line(&format!("running: {seed}"));
    let mut command = shell(seed, arguments);
    command.current_dir(&project.root).envs(&ctx.env);
    let status = program::run(&ctx.signals, &mut command).await;
    if let Some(database) = database {
        database.close().await?;
    }
    let status = status.context("cannot start the shell for the seed command")?;
    Ok(program::exit(status))
}

/// Runs the command in a shell, for quotes, variables and `&&`; `arguments` are passed on unchanged.
#[cfg(unix)]
fn shell(seed: &str, arguments: &[String]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{seed} \"$@\"")).arg("sh").args(arguments);
    command
}

#[cfg(not(unix))]
fn shell(seed: &str, arguments: &[String]) -> Command {
    let mut command = Command::new("cmd");
    command.arg("/C").arg(seed).args(arguments);
    command
}
