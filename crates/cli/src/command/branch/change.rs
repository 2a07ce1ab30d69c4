//! Changes of one branch: its name, contents, expiration and end.

use anyhow::bail;
use nicol_branch::{Branch, Origin, Point, Reference, Timestamp, expires_at, expires_in};

use super::session::Session;
use crate::args::{BranchExpire, BranchReset, BranchRestore};
use crate::context::Context;
use crate::exit::Exit;
use crate::prompt::{Answer, confirm};

pub(super) async fn rename(
    ctx: &mut Context,
    session: &Session,
    name: &str,
    new_name: &str,
) -> anyhow::Result<Exit> {
    let branch = session.branches.find(name)?;
    session.branches.check_new_name(new_name)?;
    session.backend.rename(branch, new_name).await?;
    ctx.report.success(&format!("renamed branch `{}` to `{new_name}`", branch.name));
    Ok(Exit::Success)
}

pub(super) async fn reset(ctx: &mut Context, session: &Session, args: &BranchReset) -> anyhow::Result<Exit> {
    let branch = session.branches.find(&args.name)?;
    let parent = session.branches.parent(branch)?;
    let preserve = args.preserve_under_name.as_deref();
    replace(ctx, session, branch, (parent, Point::Head), preserve, args.force).await
}

pub(super) async fn restore(
    ctx: &mut Context,
    session: &Session,
    args: &BranchRestore,
) -> anyhow::Result<Exit> {
    let branch = session.branches.find(&args.name)?;
    let source = match session.branches.find(&args.source) {
        Ok(source) => (source, Point::Head),
        Err(_) => session.branches.resolve(branch, &Reference::parse(&args.source, Timestamp::now())?)?,
    };
    let preserve = args.preserve_under_name.as_deref();
    replace(ctx, session, branch, source, preserve, args.force).await
}

/// Replaces the contents of a branch, after confirmation.
async fn replace(
    ctx: &mut Context,
    session: &Session,
    branch: &Branch,
    (source, point): (&Branch, Point),
    preserve: Option<&str>,
    is_forced: bool,
) -> anyhow::Result<Exit> {
    session.branches.check_restore(branch, source, &point, preserve)?;
    let name = &branch.name;
    if preserve.is_none() {
        let question = format!("All changes on branch `{name}` will be lost. Replace its data?");
        let loss = format!("all changes on branch `{name}` would be lost");
        if !agrees(ctx, is_forced, &loss, &question).await? {
            return Ok(Exit::Interrupted);
        }
    }
    let of = match &point {
        Point::Head => "the current state".to_owned(),
        Point::Time(time) => format!("the state at {time}"),
        Point::Lsn(lsn) => format!("the state at {lsn}"),
    };
    let restored = session.backend.restore(branch, &Origin::at(source, point), preserve).await?;
    let kept = preserve.map(|kept| format!("; its former state is branch `{kept}`")).unwrap_or_default();
    ctx.report.success(&format!("restored branch `{name}` to {of} of `{}`{kept}", source.name));
    if restored.parent_id != branch.parent_id
        && let Ok(parent) = session.branches.parent(&restored)
    {
        ctx.report.note(&format!("the parent of branch `{name}` is now `{}`", parent.name));
    }
    Ok(Exit::Success)
}

pub(super) async fn expire(
    ctx: &mut Context,
    session: &Session,
    args: &BranchExpire,
) -> anyhow::Result<Exit> {
    let branch = session.branches.find(&args.name)?;
    let now = Timestamp::now();
    let at = match (&args.at, &args.after) {
        (Some(text), _) => Some(expires_at(text, now)?),
        (None, Some(text)) => Some(expires_in(text, now)?),
        (None, None) => None,
    };
    if at.is_some() {
        session.branches.check_expiration(branch)?;
    }
    session.backend.set_expiration(branch, at).await?;
    let name = &branch.name;
    ctx.report.success(&match at {
        Some(at) => format!("branch `{name}` expires at {at}"),
        None => format!("branch `{name}` does not expire"),
    });
    Ok(Exit::Success)
}

pub(super) async fn delete(
    ctx: &mut Context,
    session: &Session,
    name: &str,
    is_forced: bool,
) -> anyhow::Result<Exit> {
    let branch = session.branches.find(name)?;
    session.branches.check_delete(branch)?;
    let name = &branch.name;
    if session.current.as_deref() == Some(&branch.id) {
        let default = &session.branches.default_branch()?.name;
        bail!(
            "branch `{name}` is the current one\n\
             help: switch to another branch first: `nicol branch switch {default}`"
        );
    }
    let question = format!("Branch `{name}` and its data will be lost. Delete it?");
    if !agrees(ctx, is_forced, &format!("branch `{name}` and its data would be lost"), &question).await? {
        return Ok(Exit::Interrupted);
    }
    session.backend.delete(branch).await?;
    ctx.report.success(&format!("deleted branch `{name}`"));
    Ok(Exit::Success)
}

/// Asks before data are lost, unless it is forced.
async fn agrees(ctx: &mut Context, is_forced: bool, loss: &str, question: &str) -> anyhow::Result<bool> {
    if is_forced {
        return Ok(true);
    }
    if !ctx.is_interactive {
        bail!(
            "{loss}, and confirming that needs an interactive terminal\n\
             help: run it in a terminal, or pass --force"
        );
    }
    if confirm(ctx, question).await? == Answer::Given(true) {
        return Ok(true);
    }
    ctx.report.line("nothing was changed");
    Ok(false)
}
