//! The project's own tasks: `cargo xtask`.
//!
//! `cargo xtask test` is all that a fresh clone needs: it installs missing tools and runs every check. It is compiled
//! before everything else, so it depends on `anyhow` alone.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command that reports on the terminal")]

mod book;
mod check;
mod conformance;
mod layers;
mod publish;
mod record;
mod run;
mod setup;
mod workspace;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::check::{CHECKS, When};
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match publish::rustdoc() {
        Some(outcome) => outcome.map(|()| ExitCode::SUCCESS),
        None => dispatch(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let mut words = Vec::new();
    let mut all = false;
    for argument in arguments {
        match argument.as_str() {
            "-h" | "--help" | "help" => {
                print!("{}", help());
                return Ok(ExitCode::SUCCESS);
            }
            "--all" => all = true,
            option if option.starts_with('-') => bail!("unknown option `{option}`\n{HELP_ADVICE}"),
            word => words.push(word),
        }
    }
    let Some((command, parts)) = words.split_first() else {
        eprint!("{}", help());
        return Ok(ExitCode::from(2));
    };
    if *command == "conformance" && !all && parts.len() < 2 {
        return conformance::task(&Workspace::find()?, parts.first().map(Path::new));
    }
    if *command == "layers" && !all && parts.len() < 2 {
        print!("{}", layers::list(&Workspace::find()?, parts.first().copied())?);
        return Ok(ExitCode::SUCCESS);
    }
    if *command != "test" && (all || !parts.is_empty()) {
        bail!("`{command}` takes no arguments\n{HELP_ADVICE}");
    }
    let workspace = Workspace::find()?;
    match *command {
        "test" => check::run(&workspace, &check::choose(parts, all)?),
        "setup" => setup::everything(&workspace).map(|()| ExitCode::SUCCESS),
        "bench" => bench(&workspace),
        "record" => record::rewrite(&workspace).map(|()| ExitCode::SUCCESS),
        other => bail!("unknown task `{other}`\n{HELP_ADVICE}"),
    }
}

/// Compares how fast People and the original read a session.
fn bench(workspace: &Workspace) -> Result<ExitCode> {
    setup::everything(workspace)?;
    let mut command = run::cargo(workspace, "bench --package people --bench session");
    run::run(command.env("NICOL_NEXTJS_DIR", setup::nextjs(workspace)?))?;
    Ok(ExitCode::SUCCESS)
}

const HELP_ADVICE: &str = "help: run `cargo xtask --help` for the list of tasks";

fn help() -> String {
    let list = |is_longer: bool| {
        let lines = CHECKS.iter().filter(|check| (check.when == When::All) == is_longer);
        lines.map(|check| format!("    {:13} {}", check.name, check.about)).collect::<Vec<_>>().join("\n")
    };
    format!(
        "Run the project's own tasks\n\n\
         Usage: cargo xtask <TASK>\n\n\
         Tasks:\n\
         \x20   test [CHECK]…         Install missing tools, then run the usual checks, or only those named\n\
         \x20   test --all            Run the longer checks, too\n\
         \x20   setup                 Install missing tools only\n\
         \x20   layers [CRATE]        List module imports, circles, and the floors that the imports allow\n\
         \x20   conformance [FOLDER]  Compare whole schemas and requests with Prisma's answers, counted by origin\n\
         \x20   record                Record the answers of Auth.js anew\n\
         \x20   bench                 Compare how fast People and Next.js with Auth.js read a session\n\n\
         Checks:\n{}\n\n\
         Longer checks:\n{}\n\n\
         Variables:\n\
         \x20   NICOL_POSTGRES_BIN    Folder of PostgreSQL's programs (default: search the usual places)\n\
         \x20   NICOL_CONFORMANCE     Folder of conformance cases, which are not part of the project\n\
         \x20                         (default: ../shared/conformance, if it exists)\n\
         \x20   NICOL_CASE            Run only the cases whose name contains this\n\
         \x20   NICOL_FUZZ_SECONDS    Time for the fuzzers (default: 15)\n\
         \x20   NEXTEST_TEST_THREADS  Tests that run at the same time (default: two more than cores)\n\
         \x20   UPDATE_EXPECT=1       Rewrite golden files instead of comparing\n",
        list(false),
        list(true),
    )
}
