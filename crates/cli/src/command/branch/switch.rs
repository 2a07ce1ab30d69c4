use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use nicol_branch::Branch;
use nicol_local::state_dir;

use super::session::Session;
use crate::context::Context;
use crate::database::local_options;
use crate::exit::Exit;
use crate::project::Project;

/// The values of the variables, if they are set.
type Values = (Option<String>, Option<String>);

pub(super) async fn run(
    ctx: &mut Context,
    project: &Project,
    session: &mut Session,
    name: &str,
) -> anyhow::Result<Exit> {
    let branch = session.branches.find(name)?.clone();
    switch(ctx, project, session, &branch).await?;
    Ok(Exit::Success)
}

/// Makes the project use a branch, and reports it.
pub(super) async fn switch(
    ctx: &mut Context,
    project: &Project,
    session: &mut Session,
    branch: &Branch,
) -> anyhow::Result<()> {
    let previous = session.current().cloned();
    let is_main = session.is_local && branch.default;
    let file = if is_main {
        put_back(ctx, project, session, previous.as_ref())?
    } else {
        let urls = session.backend.urls(branch).await?;
        if session.is_local {
            keep_before(ctx, project, session, previous.as_ref())?;
        }
        let (url, direct) = (urls.pooled.to_url_with_password(), urls.direct.to_url_with_password());
        session.variables.write(ctx, project, Some(&url), Some(&direct))?
    };
    session.current = Some(branch.id.clone());
    if let Some(previous) = previous.filter(|previous| previous.id != branch.id) {
        session.backend.leave(&previous).await?;
    }
    let name = &branch.name;
    let variables = match &session.variables.direct {
        Some(direct) => format!("`{}` and `{direct}`", session.variables.url),
        None => format!("`{}`", session.variables.url),
    };
    ctx.report.success(&match file {
        Some(file) => format!("on branch `{name}`: changed {variables} in {}", file.display()),
        None => format!("on branch `{name}`: .env is unchanged"),
    });
    Ok(())
}

/// Puts back the values from before the first switch away from the default branch. Returns the file, if it has changed.
fn put_back(
    ctx: &mut Context,
    project: &Project,
    session: &Session,
    previous: Option<&Branch>,
) -> anyhow::Result<Option<PathBuf>> {
    let (url, direct) = match take_before(ctx, project)? {
        Some(values) => values,
        None if previous.is_some_and(|previous| previous.default) => return Ok(None),
        None if previous.is_some() => (None, None),
        None => bail!(
            "`{name}` leads to a server that is not the local one\n\
             help: remove `{name}` from .env and from the environment to use the local server",
            name = session.variables.url
        ),
    };
    session.variables.write(ctx, project, url.as_deref(), direct.as_deref())
}

/// Keeps the values of the variables before the first switch away from the default branch.
fn keep_before(
    ctx: &Context,
    project: &Project,
    session: &Session,
    previous: Option<&Branch>,
) -> anyhow::Result<()> {
    if previous.is_some_and(|previous| !previous.default) {
        return Ok(());
    }
    let path = before(ctx, project)?;
    let values = serde_json::to_vec(&session.variables.read(project)?)?;
    // The folder is private.
    fs::write(&path, values).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Returns and forgets these values, if there are any.
fn take_before(ctx: &Context, project: &Project) -> anyhow::Result<Option<Values>> {
    let path = before(ctx, project)?;
    match fs::read(&path) {
        Ok(bytes) => {
            let values = serde_json::from_slice(&bytes)
                .with_context(|| format!("cannot parse `{}`", path.display()))?;
            fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
            Ok(Some(values))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

fn before(ctx: &Context, project: &Project) -> anyhow::Result<PathBuf> {
    Ok(state_dir(&local_options(ctx, project))?.join("before-switch.json"))
}
