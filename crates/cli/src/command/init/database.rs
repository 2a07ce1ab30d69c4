//! The database of a new project.

use std::time::Duration;

use anyhow::{Context as _, bail};
use nicol_pg::ConnectionUrl;
use nicol_schema::model::StringOrEnv;

use crate::args::Place;
use crate::context::Context;
use crate::database::{datasource_of, local_options};
use crate::idle_timeout::IdleTimeout;
use crate::project::{Project, from_cwd, load_schema};

/// When the local server sleeps, unless the settings say otherwise.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

/// Makes sure that the variable of the datasource is set: to the given URL, or to that of the local server. Returns whether
/// anything has changed.
pub(super) async fn prepare(ctx: &mut Context, place: &Place, given: Option<&str>) -> anyhow::Result<bool> {
    let project = Project::open(ctx, place)?;
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let Some(StringOrEnv::Env(variable)) = datasource_of(&project, schema, path)?.url else {
        return Ok(false);
    };
    if let Some(given) = given {
        return write(ctx, &project, &variable, given);
    }
    if ctx.variable(&variable).is_some() {
        if ctx.is_given(&variable) {
            ctx.report.note(&format!("using the database in `{variable}`, which is set in the environment"));
        }
        return Ok(false);
    }
    let mut options = local_options(ctx, &project);
    options.idle_timeout = project.idle_timeout.unwrap_or(IdleTimeout(Some(IDLE_TIMEOUT))).0;
    let (signals, report) = (ctx.signals.clone(), &mut ctx.report);
    let start = async { Ok(nicol_local::start(&options, |step| report.line(&step.to_string())).await?) };
    let url = signals.guard(start).await?;
    write(ctx, &project, &variable, &url.to_url_with_password())
}

/// Checks that a URL can be used and written to .env.
pub(super) fn check(ctx: &Context, project: &Project, variable: &str, url: &str) -> anyhow::Result<()> {
    ConnectionUrl::parse(url).context("the URL of the database cannot be used")?;
    if ctx.variable(variable).is_some_and(|present| present != url) {
        let place =
            if ctx.is_given(variable) { "the environment".to_owned() } else { env_file(ctx, project) };
        bail!("`{variable}` has a different value in {place}\nhelp: change it there, and leave out the URL");
    }
    Ok(())
}

fn write(ctx: &mut Context, project: &Project, variable: &str, url: &str) -> anyhow::Result<bool> {
    check(ctx, project, variable, url)?;
    let path = project.root.join(".env");
    if ctx.variable(variable).is_some() || !nicol_settings::write_dotenv(&path, &[(variable, Some(url))])? {
        return Ok(false);
    }
    ctx.env.insert(variable.to_owned(), url.to_owned());
    ctx.report.line(&format!("added `{variable}` to .env"));
    Ok(true)
}

fn env_file(ctx: &Context, project: &Project) -> String {
    let files = project.env_files().iter().filter(|file| file.is_file());
    files.map(|file| from_cwd(ctx, file).display().to_string()).collect::<Vec<_>>().join(" or ")
}
