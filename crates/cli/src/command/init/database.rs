//! The database of a project.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::bail;

use super::found::Found;
use crate::args::Place;
use crate::context::Context;
use crate::database::local_options;
use crate::git::Git;
use crate::idle_timeout::IdleTimeout;
use crate::project::Project;

/// When the local server sleeps, unless the settings say otherwise.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

/// Checks that a URL can be written to .env, which may have another one.
pub(super) fn check(ctx: &Context, found: &Found, given: Option<&str>) -> anyhow::Result<()> {
    let Some(given) = given else { return Ok(()) };
    let Some(variable) = &found.variable else {
        bail!("the schema file contains a URL\nhelp: write env(\"DATABASE_URL\") there instead");
    };
    if found.url.as_ref().is_none_or(|present| present == given) {
        return Ok(());
    }
    let place =
        if ctx.is_given(variable) { "the environment" } else { found.env_file.as_deref().unwrap_or(".env") };
    bail!("`{variable}` has a different value in {place}\nhelp: change it there, and leave out the URL")
}

/// Makes sure that the variable of the datasource is set: to the given URL, or to that of the local server. Returns whether
/// anything has changed.
pub(super) async fn prepare(
    ctx: &mut Context,
    place: &Place,
    found: &Found,
    given: Option<&str>,
) -> anyhow::Result<bool> {
    let Some(variable) = &found.variable else { return Ok(false) };
    if found.url.is_some() {
        if ctx.is_given(variable) {
            ctx.report.note(&format!("using the database in `{variable}`, which is set in the environment"));
        }
        return Ok(false);
    }
    let url = match given {
        Some(given) => given.to_owned(),
        None => start(ctx, place).await?,
    };
    let path = ctx.cwd.join(".env");
    let is_changed = nicol_settings::write_dotenv(&path, &[(variable, Some(&url))])?;
    ctx.report.line(&format!("added `{variable}` to .env"));
    if Git(&ctx.cwd).is_tracked(&path) {
        ctx.report.warning("Git tracks .env, so the next commit would contain the password");
        ctx.report.help("run `git rm --cached .env`");
    }
    Ok(is_changed)
}

/// Starts the local server and returns its URL.
async fn start(ctx: &mut Context, place: &Place) -> anyhow::Result<String> {
    let project = Project::open(ctx, place)?;
    let mut options = local_options(ctx, &project);
    options.idle_timeout = project.idle_timeout.unwrap_or(IdleTimeout(Some(IDLE_TIMEOUT))).0;
    let (signals, report) = (ctx.signals.clone(), &mut ctx.report);
    // A new server is looked for twice.
    let mut told = BTreeSet::new();
    let mut tell = |step: String| {
        if !told.contains(&step) {
            report.line(&step);
            told.insert(step);
        }
    };
    let start = async { Ok(nicol_local::start(&options, |step| tell(step.to_string())).await?) };
    Ok(signals.guard(start).await?.to_url_with_password())
}
