//! `nicol branch`: branches of the database, in Neon or on the local server.

mod change;
mod create;
mod diff;
mod dotenv;
mod hook;
mod list;
mod session;
mod switch;

use nicol_branch::{Timestamp, expires_at, expires_in};

use crate::args::{Branch, BranchCommand, BranchHook};
use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;
use session::Session;

pub(super) use session::{delete_expired, stop_all};

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Branch) -> anyhow::Result<Exit> {
    let signals = ctx.signals.clone();
    match &args.command {
        BranchCommand::Hook(BranchHook::Install) => return hook::install(ctx, project),
        BranchCommand::Hook(BranchHook::Uninstall) => return hook::uninstall(ctx, project),
        BranchCommand::Hook(BranchHook::Run { from, to }) => {
            return Ok(hook::run(ctx, project, args, from == to).await);
        }
        _ => {}
    }
    check_times(&args.command)?;
    let work = async {
        let mut session = Session::open(ctx, project, &args.backend).await?;
        let session = &mut session;
        match &args.command {
            BranchCommand::Create(args) => create::run(ctx, project, session, args).await,
            BranchCommand::List { format } => list::run(ctx, session, *format),
            BranchCommand::Switch { name } => switch::run(ctx, project, session, name).await,
            BranchCommand::Rename { name, new_name } => change::rename(ctx, session, name, new_name).await,
            BranchCommand::Reset(args) => change::reset(ctx, session, args).await,
            BranchCommand::Restore(args) => change::restore(ctx, session, args).await,
            BranchCommand::Diff(args) => diff::run(ctx, project, session, args).await,
            BranchCommand::Expire(args) => change::expire(ctx, session, args).await,
            BranchCommand::Delete { name, force } => change::delete(ctx, session, name, *force).await,
            BranchCommand::Url { name, direct } => list::url(ctx, session, name.as_deref(), *direct).await,
            BranchCommand::Hook(_) => Ok(Exit::Success),
        }
    };
    signals.guard(work).await
}

/// Checks the times of the arguments, before anything is started.
fn check_times(command: &BranchCommand) -> anyhow::Result<()> {
    let (at, after) = match command {
        BranchCommand::Create(args) => (&args.expires_at, &args.expires_in),
        BranchCommand::Expire(args) => (&args.at, &args.after),
        _ => return Ok(()),
    };
    let now = Timestamp::now();
    at.as_deref().map(|text| expires_at(text, now)).transpose()?;
    after.as_deref().map(|text| expires_in(text, now)).transpose()?;
    Ok(())
}
