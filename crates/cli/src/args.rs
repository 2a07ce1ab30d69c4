//! The arguments. The doc comments are the help texts.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};

/// From schema.prisma to PostgreSQL tables, migrations and a typed Rust client
///
/// The schema is the file or folder given by --schema, else the one that `schema` in nicol.toml names, else the one that
/// package.json names, else schema.prisma or prisma/schema.prisma.
///
/// Variables are also read from .env in the project's folder and beside the schema file; those of the environment win.
#[derive(Debug, Parser)]
#[command(name = "nicol", version, propagate_version = true, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 success, 1 failure, 2 differences (`migrate diff --exit-code`), 130 interrupted or declined"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the project lies.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Place {
    /// The schema file, or a folder of schema files
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) schema: Option<PathBuf>,
    /// The settings, instead of the nicol.toml of this folder or the nearest one above
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl Place {
    /// The same arguments for another command, each with a blank before it.
    pub(crate) fn arguments(&self) -> String {
        let given = [("--schema", &self.schema), ("--config", &self.config)];
        given
            .into_iter()
            .filter_map(|(flag, path)| Some(format!(" {flag} {}", shell_word(path.as_ref()?))))
            .collect()
    }
}

/// A path as a shell takes it for one word.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |it: char| it.is_alphanumeric() || "/._-+:@%,=".contains(it);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the schema
    ///
    /// Variables that `env("…")` names need not be set.
    Validate {
        /// How findings are written
        #[arg(long, value_enum, default_value_t)]
        format: FindingsFormat,
    },
    /// Write the schema in its canonical form
    Format {
        /// Change nothing; fail if a file is not in its canonical form
        #[arg(long)]
        check: bool,
    },
    /// Show the data model as JSON, as the generators of the Prisma ecosystem read it
    Dmmf,
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

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// For people, on standard error
    #[default]
    Text,
    /// For tools, on standard output: {"valid", "errors", "warnings", "further"}, places in bytes
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Show what leads from one schema to another
    ///
    /// Each side is nothing, a schema file, a database, or a folder of migrations. Nothing is changed anywhere.
    ///
    /// Without --script it is a summary. With --exit-code the exit code is 0 when there is no difference, 1 for an
    /// error, and 2 when there are differences.
    Diff(Diff),
    /// Make a migration of what has changed in the schema file, and apply it: for development
    ///
    /// First the migrations at hand are tried out in a shadow database and compared with the database: where somebody has
    /// changed the database without a migration, or a migration after it was applied, this ends with exit code 130, and a
    /// reset is needed. Pending migrations are applied. Then the next one is made, and applied after a question where data
    /// would be lost. A missing database is created, and seeded at the end.
    Dev(Dev),
    /// Apply the migrations that the database has not seen
    ///
    /// A missing database is created. Needs a direct connection: the schema's directUrl, else its url.
    Deploy(Deploy),
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
    #[arg(long, group = "from", value_name = "FILE", visible_alias = "from-schema-datamodel")]
    pub(crate) from_schema: Option<PathBuf>,
    /// Begin with what the database of this schema file's datasource holds
    #[arg(long, group = "from", value_name = "FILE")]
    pub(crate) from_schema_datasource: Option<PathBuf>,
    /// Begin with what the database of this project holds
    #[arg(long, group = "from")]
    pub(crate) from_config_datasource: bool,
    /// Begin with what this database holds
    #[arg(long, group = "from", value_name = "URL")]
    pub(crate) from_url: Option<String>,
    /// Begin with what the migrations of this folder lead to
    #[arg(long, group = "from", value_name = "FOLDER")]
    pub(crate) from_migrations: Option<PathBuf>,
    /// End with nothing
    #[arg(long, group = "to")]
    pub(crate) to_empty: bool,
    /// End with what this schema file describes
    #[arg(long, group = "to", value_name = "FILE", visible_alias = "to-schema-datamodel")]
    pub(crate) to_schema: Option<PathBuf>,
    /// End with what the database of this schema file's datasource holds
    #[arg(long, group = "to", value_name = "FILE")]
    pub(crate) to_schema_datasource: Option<PathBuf>,
    /// End with what the database of this project holds
    #[arg(long, group = "to")]
    pub(crate) to_config_datasource: bool,
    /// End with what this database holds
    #[arg(long, group = "to", value_name = "URL")]
    pub(crate) to_url: Option<String>,
    /// End with what the migrations of this folder lead to
    #[arg(long, group = "to", value_name = "FOLDER")]
    pub(crate) to_migrations: Option<PathBuf>,
    /// The database in which migrations are tried out: it is emptied; without it, one is created for a moment beside the
    /// database of the other side, else beside the project's
    #[arg(long, value_name = "URL")]
    pub(crate) shadow_database_url: Option<String>,
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
pub(crate) struct Deploy {
    /// Change nothing; show what would be applied, in how many transactions, and what others would have to wait for
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How long to wait while another migration runs; otherwise `NICOL_LOCK_TIMEOUT`, or 10
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lock_timeout: Option<u64>,
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
    /// What was in the way of this migration is put right: the next deployment goes on behind what is in the database
    #[arg(long, group = "resolution", value_name = "NAME")]
    pub(crate) resume: Option<String>,
    /// How long to wait while another migration runs; otherwise `NICOL_LOCK_TIMEOUT`, or 10
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lock_timeout: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Dev {
    /// The name of the migration; without it, a person at the terminal is asked
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// What has got another name, instead of being dropped and added: Model.old=new for a field or an enum's value,
    /// Old=New for a model or an enum; may be given several times. The same can stand in the schema file, above what has
    /// the new name: `/// @renamedFrom(old)`
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<String>,
    /// Make the migration without applying it; it is empty if there is no change
    #[arg(long)]
    pub(crate) create_only: bool,
    /// Do not run the generators afterwards
    #[arg(long)]
    pub(crate) skip_generate: bool,
    /// Do not run the seed command afterwards
    #[arg(long)]
    pub(crate) skip_seed: bool,
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
    /// Bring the database to what the schema file says, without a migration: for first drafts
    ///
    /// Where data would be lost it asks; without a terminal it refuses, unless --accept-data-loss is given. A missing
    /// database is created.
    Push(Push),
    /// Write the schema file anew, after the database
    ///
    /// What only the schema file says stays: names, `///` comments, and what the client fills in. What the database has
    /// and a schema file cannot say is told: a line for each kind of object with their number, and their names where they
    /// are few, or with --verbose. What the schema language refuses is commented out, so that the file is valid.
    Pull(Pull),
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
pub(crate) struct Push {
    /// What has got another name, instead of being dropped and added: Model.old=new for a field or an enum's value,
    /// Old=New for a model or an enum; may be given several times. The same can stand in the schema file, above what has
    /// the new name: `/// @renamedFrom(old)`
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<String>,
    /// Do not ask whether data may be lost
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
    /// Empty the database before: ALL DATA ARE LOST
    #[arg(long)]
    pub(crate) force_reset: bool,
    /// Do not run the generators afterwards
    #[arg(long)]
    pub(crate) skip_generate: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Pull {
    /// Show it, and write nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// Keep nothing of the schema file but its datasource and generators
    #[arg(long)]
    pub(crate) force: bool,
    /// The schemas of the database to read, in place of those of the datasource
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) schemas: Option<Vec<String>>,
    /// Name each object that the schema file cannot say
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// How the result is told
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: PullFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PullFormat {
    /// For people, on standard error
    #[default]
    Text,
    /// For tools, on standard output: {"written", "models", "views", "enums", "warnings"}; with --print also {"files"}
    Json,
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
