use std::fs;

use anyhow::Context as _;
use nicol_pg::ConnectionUrl;

use crate::args::Execute;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::{Project, from_cwd};

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Execute) -> anyhow::Result<Exit> {
    let script = match &args.file {
        Some(path) => {
            let path = from_cwd(ctx, path);
            fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?
        }
        None => Context::read_input().context("cannot read the script from standard input")?,
    };
    if let Some(url) = &args.url {
        let url = ConnectionUrl::parse(url).context("the value of --url cannot be used")?;
        nicol_migrate::execute(&url, &script, Context::interrupt()).await?;
    } else {
        let database = Database::open(ctx, project).await?;
        let result = nicol_migrate::execute(&database.url, &script, Context::interrupt()).await;
        database.close().await?;
        result?;
    }
    ctx.report.success("the script is executed");
    Ok(Exit::Success)
}
