//! The commands, one file each: each calls a library and reports the result.

mod after;
mod applying;
mod branch;
mod db_execute;
mod db_pull;
mod db_push;
mod db_seed;
mod debug;
mod diagram;
mod dmmf;
mod doctor;
mod findings;
mod format;
mod generate;
mod init;
mod local;
mod local_backup;
mod lsp;
mod manual;
mod mcp;
mod migrate_deploy;
mod migrate_dev;
mod migrate_diff;
mod migrate_reset;
mod migrate_resolve;
mod migrate_status;
mod program;
mod query;
mod query_engine;
mod renames;
mod risk;
mod studio;
mod validate;
mod version;

use crate::args::{Args, Command, Db, Migrate};
use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;

pub(crate) async fn run(ctx: &mut Context, args: Args) -> anyhow::Result<Exit> {
    if let Command::Migrate(Migrate::Diff(diff)) = &args.command {
        // If both sides are given in full, no project is needed.
        return Box::pin(migrate_diff::run(ctx, &args.place, diff)).await;
    }
    if let Command::QueryEngine(query_engine) = &args.command {
        // Schema and database come from Prisma Client, not from a project.
        return Ok(Box::pin(query_engine::run(ctx, query_engine)).await);
    }
    if let Command::Init(init) = &args.command {
        // There is no project yet.
        return Box::pin(init::run(ctx, &args.place, init)).await;
    }
    if let Command::Lsp { .. } = &args.command {
        // Each document has a project of its own.
        return lsp::run(ctx, &args.place);
    }
    if let Command::Mcp { allow_remote } = &args.command {
        // The project is read for each call, because it changes while the assistant works.
        return Box::pin(mcp::run(ctx, &args.place, *allow_remote)).await;
    }
    match &args.command {
        Command::Version(version) => return Ok(version::run(ctx, version).await),
        Command::Completions { shell } => return Ok(manual::completions(ctx, *shell)),
        Command::Man(man) => return manual::pages(ctx, man),
        _ => {}
    }
    let project = Project::open(ctx, &args.place)?;
    match args.command {
        Command::Validate { format } => validate::run(ctx, &project, format),
        Command::Format { check } => format::run(ctx, &project, check),
        Command::Dmmf { full } => dmmf::run(ctx, &project, full),
        Command::Lsp { .. } => lsp::run(ctx, &args.place),
        Command::Generate(args) => generate::run(ctx, &project, &args).await,
        Command::Migrate(Migrate::Diff(diff)) => Box::pin(migrate_diff::run(ctx, &args.place, &diff)).await,
        Command::Migrate(Migrate::Dev(dev)) => Box::pin(migrate_dev::run(ctx, &project, &dev)).await,
        Command::Migrate(Migrate::Deploy(deploy)) => migrate_deploy::run(ctx, &project, &deploy).await,
        Command::Migrate(Migrate::Status { format }) => migrate_status::run(ctx, &project, format).await,
        Command::Migrate(Migrate::Resolve(resolve)) => migrate_resolve::run(ctx, &project, &resolve).await,
        Command::Migrate(Migrate::Reset(reset)) => migrate_reset::run(ctx, &project, &reset).await,
        Command::Db(Db::Pull(pull)) => Box::pin(db_pull::run(ctx, &project, &pull)).await,
        Command::Db(Db::Push(push)) => db_push::run(ctx, &project, &push).await,
        Command::Db(Db::Execute(execute)) => db_execute::run(ctx, &project, &execute).await,
        Command::Db(Db::Seed { arguments }) => db_seed::run(ctx, &project, &arguments).await,
        Command::Init(init) => Box::pin(init::run(ctx, &args.place, &init)).await,
        Command::Query(query) => Box::pin(query::run(ctx, &project, &query)).await,
        Command::QueryEngine(query_engine) => Ok(Box::pin(query_engine::run(ctx, &query_engine)).await),
        Command::Studio(studio) => Box::pin(studio::run(ctx, &project, &studio)).await,
        Command::Doctor(doctor) => Box::pin(doctor::run(ctx, &project, &doctor)).await,
        Command::Local(command) => local::run(ctx, &project, &command).await,
        Command::Diagram(args) => diagram::run(ctx, &project, &args),
        Command::Mcp { allow_remote } => Box::pin(mcp::run(ctx, &args.place, allow_remote)).await,
        Command::Debug { format } => Ok(debug::run(ctx, &project, format)),
        Command::Version(version) => Ok(version::run(ctx, &version).await),
        Command::Completions { shell } => Ok(manual::completions(ctx, shell)),
        Command::Man(man) => manual::pages(ctx, &man),
        Command::Branch(command) => Box::pin(branch::run(ctx, &project, &command)).await,
    }
}
