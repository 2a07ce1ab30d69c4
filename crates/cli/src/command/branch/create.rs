use std::time::Instant;

use anyhow::bail;
use nicol_branch::{Branch, NewBranch, Origin, Point, Reference, Timestamp, expires_at, expires_in};

use super::session::Session;
use super::switch::switch;
use crate::args::BranchCreate;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;

pub(super) async fn run(
    ctx: &mut Context,
    project: &Project,
    session: &mut Session,
    args: &BranchCreate,
) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let mut new = NewBranch::new("", origin(session, args.parent.as_deref(), now)?);
    new.name.clone_from(&args.name);
    if let Some(name) = &args.name {
        session.branches.check_new_name(name)?;
    }
    new.schema_only = args.schema_only;
    new.expires_at = match (&args.expires_at, &args.expires_in) {
        (Some(text), _) => Some(expires_at(text, now)?),
        (None, Some(text)) => Some(expires_in(text, now)?),
        (None, None) => None,
    };
    if args.no_compute {
        new.compute = None;
    } else if let Some(compute) = &mut new.compute {
        compute.suspend_timeout = args.suspend_timeout;
        compute.units = args.cu.as_deref().map(units).transpose()?;
    }
    create(ctx, project, session, &new, args.switch).await?;
    Ok(Exit::Success)
}

/// Creates a branch, reports it, and switches to it if `is_used`.
pub(super) async fn create(
    ctx: &mut Context,
    project: &Project,
    session: &mut Session,
    new: &NewBranch,
    is_used: bool,
) -> anyhow::Result<Branch> {
    let began = Instant::now();
    let branch = session.backend.create(new).await?;
    let parent = match &new.origin.branch_id {
        Some(id) => session.branches.by_id(id),
        None => session.branches.default_branch().ok(),
    };
    let parent = parent.map(|parent| format!(" from `{}`", parent.name)).unwrap_or_default();
    let time = began.elapsed().as_millis();
    let until = branch.expires_at.map(|at| format!("; it expires at {at}")).unwrap_or_default();
    ctx.report.success(&format!("created branch `{}`{parent} in {time} ms{until}", branch.name));
    if is_used {
        switch(ctx, project, session, &branch).await?;
    }
    Ok(branch)
}

/// Returns where the data come from: a branch, a time or an LSN of the default branch, or `BRANCH@TIME`.
fn origin(session: &Session, parent: Option<&str>, now: Timestamp) -> anyhow::Result<Origin> {
    let branches = &session.branches;
    let Some(text) = parent else { return Ok(Origin::head(branches.default_branch()?)) };
    if let Ok(branch) = branches.find(text) {
        return Ok(Origin::head(branch));
    }
    if let Some(point) = Point::parse(text, now)? {
        return Ok(Origin::of_default(point));
    }
    let reference = Reference::parse(text, now)?;
    let (branch, point) = branches.resolve(session.current_or_default()?, &reference)?;
    Ok(Origin::at(branch, point))
}

/// Parses compute units: a number, or the smallest and the largest.
fn units(text: &str) -> anyhow::Result<(f64, f64)> {
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite() && *it > 0.0);
    match (number(min), number(max)) {
        (Some(min), Some(max)) if min <= max => Ok((min, max)),
        _ => bail!(
            "`{text}` is not a size of a compute\nhelp: give a number, such as 2, or a range, such as 0.5-3"
        ),
    }
}
