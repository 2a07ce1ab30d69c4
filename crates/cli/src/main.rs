//! The `nicol` command.
//!
//! ```text
//! args ─► Context ─► command::… ─► library calls
//!                       └───────► Report ─► terminal
//! ```
//!
//! Commands call the libraries and report the result; the work itself is documented in the libraries. Only `report`
//! prints, and only `context` and `signals` touch the process.

mod args;
mod command;
mod context;
mod database;
mod exit;
mod files;
mod git;
mod idle_timeout;
mod platform;
mod project;
mod prompt;
mod report;
mod settings;
mod signals;
mod summary;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::Args::of_process() {
        Ok(args) => args,
        Err(error) => return report::usage(&error).into(),
    };
    let is_json = args.is_json();
    let mut ctx = match context::Context::from_process(args.appearance) {
        Ok(ctx) => ctx,
        Err(error) => return report::Report::to_terminal(false, false).fail(&error).into(),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ctx.report.fail(&error.into()).into(),
    };
    let exit = match runtime.block_on(command::run(&mut ctx, args)) {
        Ok(exit) => exit,
        Err(error) if is_json => ctx.report.fail_as_json(&error),
        Err(error) => ctx.report.fail(&error),
    };
    let exit = ctx.report.finish(exit);
    match exit {
        exit::Exit::Interrupted => exit::Exit::Program(ctx.signals.exit_code()).into(),
        exit => exit.into(),
    }
}
