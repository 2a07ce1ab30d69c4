use std::fs;

use anyhow::{Context as _, anyhow};
use nicol_migrate::script;

use super::applying::say;
use crate::args::Execute;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::{Project, from_cwd};

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Execute) -> anyhow::Result<Exit> {
    let (name, bytes) = match &args.file {
        Some(path) => {
            let path = from_cwd(ctx, path);
            let bytes = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            (format!("`{}`", path.display()), bytes)
        }
        None => {
            let bytes = Context::read_input().context("cannot read the script from standard input")?;
            ("the script".to_owned(), bytes)
        }
    };
    let script = script::text(&bytes)
        .map_err(|place| anyhow!("{name} cannot be run: {place}\nhelp: save it as UTF-8"))?;
    let database = match &args.url {
        Some(url) => Database::at(ctx, url, "the value of --url")?,
        None => Database::open(ctx, project).await?,
    };
    let interrupt = ctx.signals.attend();
    let report = &mut ctx.report;
    let result = nicol_migrate::execute(&database.url, script, |it| say(report, &it), interrupt).await;
    database.close().await?;
    result?;
    ctx.report.success("the script is executed");
    Ok(Exit::Success)
}
