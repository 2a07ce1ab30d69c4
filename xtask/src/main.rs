//! The project's own tasks: `cargo xtask`.
//!
//! `cargo xtask test` is the one command that a fresh clone needs: it installs what is missing on the machine, says
//! what it does, and runs every check. It is compiled before anything else, so it depends on `anyhow` alone.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command that reports on the terminal")]

mod check;
mod conformance;
mod layers;
mod record;
mod run;
mod setup;
mod workspace;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::check::CHECKS;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
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

/// How fast People says who is signed in, beside the original.
fn bench(workspace: &Workspace) -> Result<ExitCode> {
    setup::everything(workspace)?;
    let mut command = run::cargo(workspace, "bench --package people --bench session");
    run::run(command.env("NICOL_NEXTJS_DIR", setup::nextjs(workspace)?))?;
    Ok(ExitCode::SUCCESS)
}

const HELP_ADVICE: &str = "help: `cargo xtask --help` lists what there is";

fn help() -> String {
    let list = |usual: bool| {
        let lines = CHECKS.iter().filter(|check| check.usual == usual);
        lines.map(|check| format!("    {:13} {}", check.name, check.about)).collect::<Vec<_>>().join("\n")
    };
    format!(
        "The project's own tasks\n\n\
         Usage: cargo xtask <TASK>\n\n\
         Tasks:\n\
         \x20 test [CHECK]…   installs what is missing, then runs all usual checks, or those named\n\
         \x20 test --all      runs the longer checks, too\n\
         \x20 setup           only installs what is missing\n\
         \x20 bench           how fast People says who is signed in, beside Auth.js on Next.js\n\
         \x20 conformance [FOLDER]  compares whole schemas with Prisma's answers and counts by category and origin\n\
         \x20 layers [CRATE]  lists what modules import from one another, circles, and the floors that follow\n\
         \x20 record          writes the recorded answers of the reference anew\n\n\
         Checks:\n{}\n\n\
         Longer checks:\n{}\n\n\
         Variables:\n\
         \x20   NICOL_POSTGRES_BIN    the folder of PostgreSQL's programs, if not the one that is found\n\
         \x20   NICOL_CONFORMANCE     the folder of conformance cases, which are not part of the project;\n\
         \x20                         without it ../shared/conformance, if it is there\n\
         \x20   NICOL_CASE            runs only the cases whose name contains this\n\
         \x20   UPDATE_EXPECT=1       writes golden files anew instead of comparing\n",
        list(true),
        list(false),
    )
}
