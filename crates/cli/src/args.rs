//! The arguments. The doc comments are the help texts.

use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand};

/// From schema.prisma to PostgreSQL tables, migrations and a typed Rust client
///
/// The schema file is the one given by --schema, else the one that `schema` in nicol.toml names, else
/// schema.prisma or prisma/schema.prisma, else the one that package.json names.
///
/// Variables are also read from .env in the project's folder and beside the schema file; those of the environment win.
#[derive(Debug, Parser)]
#[command(name = "nicol", version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 success, 1 failure, 2 wrong arguments, 130 interrupted or declined")]
pub(crate) struct Args {
    /// The schema file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the schema file
    Validate,
    /// Write the schema file in its canonical form
    Format {
        /// Change nothing; fail if the file is not in its canonical form
        #[arg(long)]
        check: bool,
    },
    /// Write the Rust client to the `output` of the schema's generator
    Generate,
    /// Work with migrations
    #[command(subcommand)]
    Migrate(Migrate),
    /// Work with the data
    #[command(subcommand)]
    Db(Db),
    /// Run a private PostgreSQL server for this project
    #[command(subcommand)]
    Local(Local),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Show what leads from one schema to another
    ///
    /// Without --script it is a summary. With --exit-code the exit code is 0 when there is no difference, 1 for an
    /// error, and 2 when there are differences.
    Diff(Diff),
    /// Apply the migrations that the database has not seen
    ///
    /// A missing database is created. Needs a direct connection: the schema's directUrl, else its url.
    Deploy,
    /// Show which migrations the database has seen
    ///
    /// Fails when some are pending, failed, or missing here.
    Status,
    /// Empty the database, apply all migrations to it, and seed it: ALL DATA ARE LOST
    ///
    /// It asks before. Without a terminal it refuses, unless --force is given. Emptied are the `schemas` of the
    /// datasource, else the schema of its URL. A missing database is created.
    Reset(Reset),
    /// Record by hand what has become of a migration, running nothing
    Resolve(Resolve),
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("from").required(true), group = ArgGroup::new("to").required(true))]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Diff {
    /// Begin with nothing
    #[arg(long, group = "from")]
    pub(crate) from_empty: bool,
    /// Begin with what this schema file describes
    #[arg(long, group = "from", value_name = "FILE")]
    pub(crate) from_schema_datamodel: Option<PathBuf>,
    /// End with nothing
    #[arg(long, group = "to")]
    pub(crate) to_empty: bool,
    /// End with what this schema file describes
    #[arg(long, group = "to", value_name = "FILE")]
    pub(crate) to_schema_datamodel: Option<PathBuf>,
    /// Show the SQL script
    #[arg(long)]
    pub(crate) script: bool,
    /// Write to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Tell by the exit code whether there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("resolution").required(true))]
pub(crate) struct Resolve {
    /// All of this migration is in the database
    #[arg(long, group = "resolution", value_name = "NAME")]
    pub(crate) applied: Option<String>,
    /// Nothing of this migration is in the database
    #[arg(long, group = "resolution", value_name = "NAME")]
    pub(crate) rolled_back: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Reset {
    /// Do not ask
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Do not run the generators afterwards
    #[arg(long)]
    pub(crate) skip_generate: bool,
    /// Do not run the seed command afterwards
    #[arg(long)]
    pub(crate) skip_seed: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Run an SQL script on the database
    ///
    /// It is sent as one command, so that all of it happens or nothing, unless it says otherwise itself. The answer is
    /// whether it worked; rows are not shown. The database is the one given by --url, else the datasource's.
    Execute(Execute),
    /// Run the project's seed command
    ///
    /// It is `seed` in the section `migrations` of nicol.toml, else `prisma.seed` in package.json. Its exit code is
    /// kept.
    Seed {
        /// Further arguments for the seed command
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("script").required(true))]
pub(crate) struct Execute {
    /// The script
    #[arg(long, group = "script", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Read the script from standard input
    #[arg(long, group = "script")]
    pub(crate) stdin: bool,
    /// The database
    #[arg(long, value_name = "URL", conflicts_with = "schema")]
    pub(crate) url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Local {
    /// Start the server; it stays until it is stopped
    Start,
    /// Stop the server
    Stop,
    /// Show whether the server runs
    Status,
    /// Show the server's connection URL, password included, to be used elsewhere
    Url,
    /// Open psql on the server
    Psql {
        /// Further arguments for psql
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}
