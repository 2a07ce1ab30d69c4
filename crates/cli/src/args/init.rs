use std::path::PathBuf;

use clap::ValueEnum;

/// The options of `nicol init`. Those at the end are options of `prisma init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// Folder of the project; created if it does not exist [default: this folder]
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Name of the package [default: the name of the folder]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Database URL, written to .env
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Start from this database: read its schema, and create a first migration that counts as applied
    ///
    /// The URL is written to .env.
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    pub(crate) from: Option<String>,
    /// Start with this program instead of a small one
    #[arg(long, value_enum, value_name = "PROGRAM", conflicts_with = "from")]
    pub(crate) with: Option<Template>,
    /// Use nicol's crates from this checkout of its repository
    #[arg(long, value_name = "PATH", hide = true)]
    pub(crate) nicol_path: Option<PathBuf>,
    #[arg(long, hide = true)]
    pub(crate) datasource_provider: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) generator_provider: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, hide = true)]
    pub(crate) preview_feature: Vec<String>,
    #[arg(long, hide = true)]
    pub(crate) with_model: bool,
    #[arg(long, hide = true)]
    pub(crate) db: bool,
}

/// A program to start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// Sign-in by e-mail link with Auth.js's five models, and a JSON API on axum
    Auth,
    /// A directory: a table of people, with a program that lists, finds and adds them
    People,
}
