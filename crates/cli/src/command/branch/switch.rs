use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nicol_branch::Branch;
use nicol_local::state_dir;

use super::dotenv::Kept;
use super::session::Session;
use crate::context::Context;
use crate::database::local_options;
use crate::exit::Exit;
use crate::project::Project;

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
    let files = if is_main {
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
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    ctx.report.success(&if files.is_empty() {
        format!("on branch `{name}`: .env is unchanged")
    } else {
        format!("on branch `{name}`: changed {variables} in {}", files.join(" and "))
    });
    Ok(())
}

/// Puts back the lines from before the first switch away from the default branch. Returns the files that have changed.
fn put_back(
    ctx: &mut Context,
    project: &Project,
    session: &Session,
    previous: Option<&Branch>,
) -> anyhow::Result<Vec<PathBuf>> {
    let path = before(ctx, project)?;
    let Some(kept) = read_before(&path)? else {
        return match previous {
            Some(previous) if previous.default => Ok(Vec::new()),
            Some(_) => session.variables.write(ctx, project, None, None),
            None => bail!(
                "`{name}` leads to a server that is not the local one\n\
                 help: remove `{name}` from .env and from the environment to use the local server",
                name = session.variables.url
            ),
        };
    };
    let files = session.variables.put_back(ctx, project, &kept)?;
    fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    Ok(files)
}

/// Keeps the lines of the variables before the first switch away from the default branch.
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
    let kept = serde_json::to_vec(&session.variables.keep(project)?)?;
    // The folder is private.
    fs::write(&path, kept).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Returns these lines, if there are any.
fn read_before(path: &Path) -> anyhow::Result<Option<Vec<Kept>>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).with_context(|| {
            format!(
                "cannot parse `{path}`, which has the lines of .env from before the first switch\n\
                 help: remove the file, then switch again, and change .env by hand if needed",
                path = path.display()
            )
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

fn before(ctx: &Context, project: &Project) -> anyhow::Result<PathBuf> {
    Ok(state_dir(&local_options(ctx, project))?.join("before-switch.json"))
}
