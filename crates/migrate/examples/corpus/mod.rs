//! Runs comparisons over the cases of a folder concurrently, and prints a line for each.
//!
//! `NICOL_CASE` selects the cases whose name contains it; `NICOL_SAMPLE=10` selects every tenth.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::{env, io};

/// One line on standard output, with tabs between its parts; `cargo xtask conformance` adds them up.
pub(crate) struct Line<'a> {
    pub(crate) category: &'a str,
    pub(crate) check: &'a str,
    pub(crate) name: &'a str,
    /// `equal`, `different`, or `deviates: ` with the reason.
    pub(crate) outcome: &'a str,
    pub(crate) detail: &'a str,
}

impl Line<'_> {
    pub(crate) fn print(&self) {
        let detail = self.detail.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
        println!("{}\t{}\t{}\t{}\t{detail}", self.category, self.check, self.name, self.outcome);
    }
}

/// Runs over the folder that is the first argument.
pub(crate) fn run(over: impl Fn(&Path) -> io::Result<()>) -> ExitCode {
    let Some(corpus) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("help: give the folder of cases");
        return ExitCode::FAILURE;
    };
    match over(&corpus) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot read `{}`: {error}", corpus.display());
            ExitCode::FAILURE
        }
    }
}

/// Does the work for each case that is wanted, in their order, several at once.
pub(crate) fn for_each<C: Send>(mut cases: Vec<C>, name: impl Fn(&C) -> &str, work: impl AsyncFn(C) + Sync) {
    if let Ok(part) = env::var("NICOL_CASE") {
        cases.retain(|case| name(case).contains(&part));
    }
    if let Some(step) = env::var("NICOL_SAMPLE").ok().and_then(|it| it.parse().ok()) {
        cases = cases.into_iter().step_by(step).collect();
    }
    let cases = Mutex::new(cases.into_iter());
    let thread = || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it can be made");
        loop {
            let next = cases.lock().expect("nobody has panicked").next();
            let Some(case) = next else { break };
            runtime.block_on(work(case));
        }
    };
    // The server does the work; twice as many questions as processors keep it busy.
    let threads = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(thread);
        }
    });
}
