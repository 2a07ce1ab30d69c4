//! What a command knows of the process it runs in. No other file asks the process for anything.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::{env, io};

use anyhow::Context as _;

use crate::report::Report;

/// Variables by which services of continuous integration are known.
const AUTOMATIC: [&str; 5] = ["CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "TEAMCITY_VERSION", "TF_BUILD"];

/// The process, as commands see it.
pub(crate) struct Context {
    /// Where it was started.
    pub(crate) cwd: PathBuf,
    /// Its environment; files are added to it by [`Project::open`](crate::project::Project::open).
    pub(crate) env: BTreeMap<String, String>,
    /// Whether the settings name the database, so that the schema need not.
    pub(crate) knows_url: bool,
    /// Whether a person can be asked: there is a terminal, and no continuous integration around it.
    pub(crate) is_interactive: bool,
    /// What it says.
    pub(crate) report: Report,
}

impl Context {
    pub(crate) fn from_process() -> anyhow::Result<Self> {
        // What is not text can be no URL and no setting.
        let env: BTreeMap<_, _> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let is_plain = env.get("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env.get("TERM").is_some_and(|term| term == "dumb");
        let report = Report::to_terminal(!is_plain && io::stderr().is_terminal());
        let is_automatic = AUTOMATIC.iter().any(|name| {
            env.get(*name).is_some_and(|value| !["", "0", "false"].contains(&value.to_lowercase().as_str()))
        });
        let is_dumb = env.get("TERM").is_some_and(|term| term == "dumb");
        let is_interactive = io::stdin().is_terminal() && !is_dumb && !is_automatic;
        let cwd = env::current_dir().context("the current folder cannot be told")?;
        Ok(Self { cwd, env, knows_url: false, is_interactive, report })
    }

    /// All of standard input.
    pub(crate) fn read_input() -> io::Result<String> {
        io::read_to_string(io::stdin())
    }

    /// Gives a future that ends with Ctrl-C. From now on, and not only when somebody waits, Ctrl-C does not end the
    /// process by itself.
    pub(crate) fn interrupt() -> impl Future<Output = ()> + Send {
        let signals = signal();
        async move {
            match signals {
                Ok(mut signals) => drop(signals.recv().await),
                // Where Ctrl-C cannot be heard, it ends the process as ever.
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

#[cfg(unix)]
fn signal() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn signal() -> io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}
