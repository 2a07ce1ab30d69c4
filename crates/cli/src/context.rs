//! The process environment of a command. Only this file and `signals` access the process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, IsTerminal, Read as _};
use std::path::PathBuf;
use std::{env, io};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Stdin};
use tokio::sync::mpsc;

use crate::args::{Appearance, When};
use crate::report::Report;
use crate::signals::Signals;

/// Variables that identify continuous integration.
const AUTOMATIC: [&str; 5] = ["CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "TEAMCITY_VERSION", "TF_BUILD"];

/// The process as commands see it.
pub(crate) struct Context {
    /// The current folder.
    pub(crate) cwd: PathBuf,
    /// This program, to run it in the background.
    pub(crate) program: Option<PathBuf>,
    /// The environment, with the `.env` files that [`Project::open`](crate::project::Project::open) adds.
    pub(crate) env: BTreeMap<String, String>,
    /// The names of the variables that the process was given, rather than a `.env` file.
    pub(crate) given: BTreeSet<String>,
    /// The warnings about connection URLs so far, because a command may read a URL twice.
    pub(crate) warned: BTreeSet<String>,
    /// Whether the settings name the database, so the schema need not.
    pub(crate) knows_url: bool,
    /// Whether prompts are possible: there is a terminal, and no continuous integration.
    pub(crate) is_interactive: bool,
    /// The output.
    pub(crate) report: Report,
    /// The signals that end the process.
    pub(crate) signals: Signals,
}

impl Context {
    pub(crate) fn from_process(appearance: Appearance) -> anyhow::Result<Self> {
        // Values that are not UTF-8 cannot be URLs or settings.
        let env: BTreeMap<_, _> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let colored = |is_terminal: bool| is_colored(&env, appearance.color, is_terminal);
        let (out, err) = (colored(io::stdout().is_terminal()), colored(io::stderr().is_terminal()));
        let report = Report::to_terminal(out, err).quiet_if(appearance.quiet);
        let is_automatic = AUTOMATIC.iter().any(|name| {
            env.get(*name).is_some_and(|value| !["", "0", "false"].contains(&value.to_lowercase().as_str()))
        });
        let is_dumb = env.get("TERM").is_some_and(|term| term == "dumb");
        let is_interactive = io::stdin().is_terminal() && !is_dumb && !is_automatic;
        let cwd = env::current_dir().context("cannot determine the current folder")?;
        let program = env::current_exe().ok();
        let given = env.keys().cloned().collect();
        let (warned, signals) = (BTreeSet::new(), Signals::new());
        Ok(Self { cwd, program, env, given, warned, knows_url: false, is_interactive, report, signals })
    }

    /// Makes a folder the current one.
    pub(crate) fn enter(&mut self, folder: PathBuf) -> anyhow::Result<()> {
        env::set_current_dir(&folder)
            .with_context(|| format!("cannot enter the folder `{}`", folder.display()))?;
        self.cwd = folder;
        Ok(())
    }

    /// Reads all of standard input.
    pub(crate) fn read_input() -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Returns standard input line by line.
    pub(crate) fn input_lines() -> InputLines {
        InputLines(BufReader::new(tokio::io::stdin()))
    }

    /// Returns standard input line by line, read by a thread: it can be waited for together with other things, and does not
    /// keep the process from ending.
    pub(crate) fn input_from_thread() -> mpsc::Receiver<io::Result<Vec<u8>>> {
        let (lines, received) = mpsc::channel(1);
        std::thread::spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let mut line = Vec::new();
                let read = (&mut input).take(InputLines::LONGEST).read_until(b'\n', &mut line);
                let line = match read {
                    Ok(0) => break,
                    Ok(_) if !line.ends_with(b"\n") && line.len() as u64 >= InputLines::LONGEST => {
                        Err(io::Error::other("a line is too long"))
                    }
                    result => result.map(|_| line),
                };
                let is_last = line.is_err();
                if lines.blocking_send(line).is_err() || is_last {
                    break;
                }
            }
        });
        received
    }

    /// Whether a variable was given to the process, so that `.env` does not count.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Returns a variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Whether an output is colored: the option counts most, then `NO_COLOR`, then `CLICOLOR_FORCE`.
///
/// Source: no-color.org, bixense.com/clicolors.
fn is_colored(env: &BTreeMap<String, String>, option: Option<When>, is_terminal: bool) -> bool {
    let is_set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
    match option {
        Some(When::Always) => true,
        Some(When::Never) => false,
        Some(When::Auto) | None if is_set("NO_COLOR") => false,
        Some(When::Auto) | None if is_set("CLICOLOR_FORCE") && env["CLICOLOR_FORCE"] != "0" => true,
        Some(When::Auto) | None => is_terminal && env.get("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Standard input, line by line.
pub(crate) struct InputLines(BufReader<Stdin>);

impl InputLines {
    /// The longest line, in bytes (128 MiB).
    const LONGEST: u64 = 128 * 1024 * 1024;

    /// Returns the next line that is not empty, or `None` at the end.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            let mut line = String::new();
            let read = (&mut self.0).take(Self::LONGEST).read_line(&mut line).await;
            match read.context("cannot read standard input")? {
                0 => return Ok(None),
                _ if !line.ends_with('\n') && line.len() as u64 >= Self::LONGEST => {
                    bail!("a line of standard input is longer than {} bytes", Self::LONGEST)
                }
                _ if line.trim().is_empty() => {}
                _ => return Ok(Some(line)),
            }
        }
    }
}
