//! What a command knows of the process it runs in. No other file but `signals` asks the process for anything.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read as _};
use std::path::PathBuf;
use std::{env, io};

use anyhow::Context as _;

use crate::report::Report;
use crate::signals::Signals;

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
    /// What asks it to end.
    pub(crate) signals: Signals,
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
        Ok(Self { cwd, env, knows_url: false, is_interactive, report, signals: Signals::new() })
    }

    /// All of standard input.
    pub(crate) fn read_input() -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
