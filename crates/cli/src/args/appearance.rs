//! How results are printed, and commands about the command itself.

use std::path::PathBuf;

use clap::ValueEnum;

/// Options of all commands that say how results are printed.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct Appearance {
    /// Color the output [default: auto, if it is a terminal; `NO_COLOR` and `CLICOLOR_FORCE` are respected]
    #[arg(long, global = true, value_enum, value_name = "WHEN", hide_default_value = true)]
    pub(crate) color: Option<When>,
    /// Print only results, warnings, questions and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Human-readable
    #[default]
    Text,
    /// JSON on standard output, also of errors; docs/guide/cli.md describes it
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Version {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    /// Same as --format json, as in Prisma
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Folder to write the pages to; it is created if necessary
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}
