use anyhow::Context as _;
use tokio::process::Command;

use super::program;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;

/// The output of the seed command goes to where ours goes, and its exit code is ours.
pub(super) async fn run(ctx: &mut Context, project: &Project, arguments: &[String]) -> anyhow::Result<Exit> {
    let seed = project.seed()?;
    // A seed command may work without a schema file.
    let database = if project.schema().is_ok() { Database::lend(ctx, project).await? } else { None };
    ctx.report.line(&format!("running: {seed}"));
    let mut command = shell(seed, arguments);
    command.current_dir(&project.root).envs(&ctx.env);
    let status = program::run(&ctx.signals, &mut command).await;
    if let Some(database) = database {
        database.close().await?;
    }
    let status = status.context("the shell for the seed command cannot be started")?;
    Ok(program::exit(status))
}

/// The shell takes quotes, variables and `&&`; further arguments are passed on untouched.
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
