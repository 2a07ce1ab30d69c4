//! The options of a server.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The project of a server, and how to run it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The project folder, which identifies the server.
    pub project_dir: PathBuf,
    /// The branch of the project's data, created with [`branch::create`](crate::branch::create); `None` is the main
    /// data. Each branch has a server of its own.
    pub branch: Option<String>,
    /// The folder with `postgres` and `initdb`. By default, [`Options::search_path`] and the usual folders are
    /// searched.
    pub postgres_bin: Option<PathBuf>,
    /// The value of `PATH`, to search it for PostgreSQL.
    pub search_path: Option<OsString>,
    /// As root: the user to run the server as.
    pub account: Option<String>,
    /// As root: the folder below which the data are stored (default: `/var/lib/nicol`).
    pub root_home: PathBuf,
    /// The database of [`Lease::url`](crate::Lease::url), created if it does not exist (default: `app`).
    pub database: String,
    /// Server settings, such as `("max_connections", "300")`. They apply from the next start of the server.
    pub settings: Vec<(String, String)>,
    /// For [`start`](crate::start()): the server sleeps when no client has been connected for this time, and the next connection
    /// starts it again. `None` (default): it keeps running. It needs [`Options::keeper`].
    pub idle_timeout: Option<Duration>,
    /// The program that calls [`keep`](crate::keep()) with the same options, and its arguments; those for a branch are followed by
    /// `--branch NAME`. It is started in the background for [`Options::idle_timeout`]. Empty (default): the server does
    /// not sleep.
    pub keeper: Vec<OsString>,
    /// The time limit for a start, including crash recovery (default: 2 min).
    pub start_timeout: Duration,
}

impl Options {
    /// Returns the default options for a project.
    pub fn new(project_dir: impl Into<PathBuf>) -> Self {
        Self {
            project_dir: project_dir.into(),
            branch: None,
            postgres_bin: None,
            search_path: None,
            account: None,
            root_home: PathBuf::from("/var/lib/nicol"),
            database: "app".to_owned(),
            settings: Vec::new(),
            idle_timeout: None,
            keeper: Vec::new(),
            start_timeout: Duration::from_mins(2),
        }
    }

    /// Returns the same options for a branch of the project's data.
    #[must_use]
    pub fn on_branch(&self, name: impl Into<String>) -> Self {
        Self { branch: Some(name.into()), ..self.clone() }
    }
}
