//! What a command knows of the process it runs in. No other file asks the process for anything.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::{env, io};

use anyhow::Context as _;

use crate::report::Report;

/// The process, as commands see it.
pub(crate) struct Context {
    /// Where it was started.
    pub(crate) cwd: PathBuf,
    /// Its environment; files are added to it by [`Project::open`](crate::project::Project::open).
    pub(crate) env: BTreeMap<String, String>,
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
        let cwd = env::current_dir().context("the current folder cannot be told")?;
        Ok(Self { cwd, env, report })
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
