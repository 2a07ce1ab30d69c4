//! Answers the requests of a corpus of cases, and compares the answers with those of Prisma 6.19.0.
//!
//! `cargo run -p nicol-engine --example conformance -- FOLDER` runs what is in `FOLDER/queries`; `NICOL_CASE` selects the
//! cases whose name contains it. Each case is a line, with tabs between its parts: category, check, name, outcome, detail.
//! `cargo xtask conformance` adds them up.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

mod case;
mod equal;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::{env, fs, io};

use testkit::TestDatabase;

use crate::case::{Case, Outcome};

fn main() -> ExitCode {
    let Some(corpus) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("help: give the folder of cases");
        return ExitCode::FAILURE;
    };
    let mut files = Vec::new();
    if let Err(error) = collect(&corpus.join("queries"), &mut files) {
        eprintln!("cannot read `{}`: {error}", corpus.display());
        return ExitCode::FAILURE;
    }
    files.sort();
    let files = Mutex::new(files.into_iter());
    let part = env::var("NICOL_CASE").unwrap_or_default();
    let thread = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let database = TestDatabase::create_sorted_by_bytes().await;
            loop {
                let Some(file) = files.lock().expect("nobody has panicked").next() else { break };
                let text = fs::read_to_string(&file).expect("the case can be read");
                let case: Case =
                    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                if case.name.contains(&part) {
                    print(&case.name, &case.run(&database).await);
                }
            }
        });
    };
    // The server does half of the work.
    let threads = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(thread);
        }
    });
    ExitCode::SUCCESS
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    // A corpus without queries is one, too.
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

fn print(name: &str, outcome: &Outcome) {
    let (outcome, detail) = match outcome {
        Outcome::Equal => ("equal".to_owned(), ""),
        Outcome::OtherMeta(detail) => {
            ("deviates: the same error with another `meta`".to_owned(), detail.as_str())
        }
        Outcome::NotSupported(what) => (format!("deviates: not supported yet: {what}"), ""),
        Outcome::Different(detail) => ("different".to_owned(), detail.as_str()),
    };
    let detail = detail.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    println!("queries\tanswers\t{name}\t{outcome}\t{detail}");
}
