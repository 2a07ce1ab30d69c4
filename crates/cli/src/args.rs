//! Command-line arguments. The doc comments are the help texts.

mod appearance;
mod branch;
mod diagram;
mod examples;
mod init;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::idle_timeout::IdleTimeout;
pub(crate) use appearance::{Appearance, Man, OutputFormat, Version, When};
pub(crate) use branch::{
    Branch, BranchBackend, BranchCommand, BranchCreate, BranchDiff, BranchExpire, BranchHook,
    BranchListFormat, BranchReset, BranchRestore,
};
pub(crate) use diagram::{Diagram, DiagramFormat};
pub(crate) use init::{Init, Template};

/// Prisma-compatible schemas, migrations and a typed Rust client for PostgreSQL
///
/// The schema is the file or folder given by --schema; otherwise `schema` in nicol.toml, the path in package.json,
/// schema.prisma, or prisma/schema.prisma, in this order.
///
/// Environment variables are also read from .env in the project folder and next to the schema file. Variables that
/// are already set take precedence.
#[derive(Debug, Parser)]
#[command(name = "nicol", version, propagate_version = true, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 success, 1 failure, 2 differences (`--exit-code`), 130 interrupted or declined"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) appearance: Appearance,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Parses the arguments of the process.
    ///
    /// Prisma Client starts the program that `PRISMA_QUERY_ENGINE_BINARY` names with options only, of which this is the first.
    pub(crate) fn of_process() -> Result<Self, clap::Error> {
        let mut arguments: Vec<OsString> = std::env::args_os().collect();
        if arguments.get(1).is_some_and(|first| first == "--enable-raw-queries") {
            arguments.insert(1, "query-engine".into());
        }
        let matches = Self::full_command().try_get_matches_from(arguments)?;
        Self::from_arg_matches(&matches)
    }

    /// Returns the command with the examples in its help.
    pub(crate) fn full_command() -> clap::Command {
        examples::add(Self::command())
    }

    /// Whether results are asked for as JSON, so that errors are JSON, too.
    pub(crate) fn is_json(&self) -> bool {
        match &self.command {
            Command::Validate { format } => *format == FindingsFormat::Json,
            Command::Doctor(doctor) => doctor.format == DoctorFormat::Json,
            Command::Migrate(Migrate::Status { format } | Migrate::Diff(Diff { format, .. }))
            | Command::Debug { format } => *format == OutputFormat::Json,
            Command::Version(version) => version.json || version.format == OutputFormat::Json,
            _ => false,
        }
    }
}

/// Options that locate the project.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Place {
    /// Schema file, or a folder of schema files
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) schema: Option<PathBuf>,
    /// Settings file, instead of the nearest nicol.toml in this folder or its parents
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl Place {
    /// Formats the options for another command line, each with a leading space.
    pub(crate) fn arguments(&self) -> String {
        let given = [("--schema", &self.schema), ("--config", &self.config)];
        given
            .into_iter()
            .filter_map(|(flag, path)| Some(format!(" {flag} {}", shell_word(path.as_ref()?))))
            .collect()
    }

    /// Returns the options as arguments of a program in the same folder.
    pub(crate) fn as_arguments(&self) -> impl Iterator<Item = OsString> {
        let given = [("--schema", &self.schema), ("--config", &self.config)];
        given.into_iter().filter_map(|(flag, path)| Some([flag.into(), path.clone()?.into()])).flatten()
    }
}

/// Quotes a path for the shell if necessary.
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
    /// Start a project, or add nicol to a Cargo package or a Prisma project
    ///
    /// In an empty folder, creates a Cargo package with a schema, a build script that generates the client, and a program that
    /// writes and reads rows. In a Cargo package, adds the dependencies and an example. In a Prisma project, adds a package
    /// that reads the rows of its models; its schema, migrations and prisma.config.ts are used as they are. Files that exist
    /// are not changed, except that lines are added to Cargo.toml, .gitignore and .env.
    ///
    /// The database is the one in `DATABASE_URL`, in the environment or in .env. If it is not set, the command starts a private
    /// PostgreSQL server for this project, from the PostgreSQL that is installed, and writes its URL to .env. The server sleeps
    /// when it is not used.
    Init(Init),
    /// Check the schema
    ///
    /// The variables that `env("…")` refers to need not be set.
    Validate {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: FindingsFormat,
    },
    /// Format the schema
    Format {
        /// Write nothing; fail if a file is not formatted
        #[arg(long)]
        check: bool,
    },
    /// Print the data model as JSON (the DMMF that Prisma generators read)
    Dmmf {
        /// Print the whole document, with the types of arguments and answers
        #[arg(long)]
        full: bool,
    },
    /// Help an editor with schema files (Language Server Protocol)
    ///
    /// Editors start this command and talk to it on standard input and output: diagnostics, completion, hover, definitions,
    /// references, rename, formatting, outlines and code actions. The schema of a document is the one that --schema,
    /// nicol.toml, package.json or prisma.config.ts names, or the files beside it. docs/guide/editor.md has the settings of
    /// editors.
    Lsp {
        /// Talk on standard input and output; accepted because many editors pass it
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Run the schema's generators
    ///
    /// Generates the Rust client of each generator with provider `nicol`, and runs all other generators: programs that
    /// speak Prisma's generator protocol, found in `node_modules/.bin`, in PATH or by their path. `prisma-client-js` and
    /// `prisma-client` are left to Prisma. docs/guide/generators.md has more.
    Generate(Generate),
    /// Draw the models and relations of the schema, as SVG or Mermaid
    Diagram(Diagram),
    /// Create, apply and inspect migrations
    #[command(subcommand)]
    Migrate(Migrate),
    /// Push, pull, query and seed the database
    #[command(subcommand)]
    Db(Db),
    /// Answer requests in Prisma's JSON protocol, one a line
    ///
    /// Reads requests from standard input and writes one answer a line to standard output, in the same order, until the
    /// input ends. Requests are those of Prisma Client to its engine: {"modelName", "action", "query"}, or
    /// {"batch": [...]}. {"transaction": "start"}, "commit" and "rollback" control interactive transactions.
    /// docs/engine.md has all forms of requests and answers. An example:
    ///
    /// {"modelName": "User", "action": "findMany", "query": {"arguments": {}, "selection": {"id": true}}}
    Query(Query),
    /// Answer Prisma Client in place of its query engine, over HTTP
    ///
    /// Set `PRISMA_QUERY_ENGINE_BINARY` to the path of `nicol`, and `engineType = "binary"` in the generator block: then
    /// Prisma Client starts this command by itself, with these options. The database is the datasource's `url`, unless
    /// Prisma Client names another in `OVERWRITE_DATASOURCES`.
    ///
    /// Requests are not authenticated: keep the port on 127.0.0.1. It stops on SIGTERM and SIGINT, after requests in
    /// flight, and when the process that started it is gone. docs/engine.md has more.
    QueryEngine(QueryEngine),
    /// Browse and edit the data in the browser
    ///
    /// Prints a URL and opens it in the browser. The URL contains a token: only a browser that was given it can use the
    /// studio, which listens on this machine only unless --hostname says otherwise. Changes are collected in the page, shown
    /// before they are applied, and applied in one transaction.
    ///
    /// Rows of a database on another machine, or whose name looks like production, can only be read unless --write is
    /// given. Ctrl-C stops the studio.
    Studio(Studio),
    /// Examine the databases of this project and say what to change
    ///
    /// Looks at the URL of the schema file, its directUrl, the replicas in `DATABASE_REPLICA_URL` and the shadow
    /// database, or only at the given URL: whether they can be reached and are encrypted, poolers, versions, extensions,
    /// rights, collations, clocks, the distance, settings, connections and migrations. Nothing is changed.
    ///
    /// The exit code is 1 if there are errors; with --strict, also if there are warnings. docs/doctor.md lists all
    /// findings.
    Doctor(Doctor),
    /// Run a private PostgreSQL server for this project
    #[command(subcommand)]
    Local(Local),
    /// Create, switch, compare and delete branches of the database
    ///
    /// A branch is a copy of a database that is changed on its own. Branches are kept in Neon, if a project is configured
    /// there (`NEON_API_KEY`, and `NEON_PROJECT_ID` or `neon_project` in nicol.toml), otherwise on the local server of
    /// this project.
    Branch(Branch),
    /// Let an assistant read the schema and the database (Model Context Protocol)
    ///
    /// Assistants that write code start this command and talk to it on standard input and output. Its tools read the schema
    /// files, check and format schemas, show the state of migrations and the SQL that is missing, and read rows. Nothing is
    /// changed: statements run in a read-only transaction that is rolled back, for at most 10 s.
    ///
    /// What the tools read is sent to the assistant. A database on another machine, or whose name looks like production, is
    /// refused unless --allow-remote is given. docs/guide/mcp.md has the settings of assistants.
    Mcp {
        /// Allow a database that is on another machine or looks like production
        #[arg(long)]
        allow_remote: bool,
    },
    /// Show the versions of nicol, PostgreSQL and Rust, and the platform
    Version(Version),
    /// Show which files and variables commands use; secrets are not shown
    Debug {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Print the script that completes commands in a shell
    ///
    /// bash: nicol completions bash > ~/.local/share/bash-completion/completions/nicol
    ///
    /// zsh: nicol completions zsh > ~/.zfunc/_nicol, with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
    ///
    /// fish: nicol completions fish > ~/.config/fish/completions/nicol.fish
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages to a folder
    Man(Man),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// Human-readable, on standard error
    #[default]
    Text,
    /// JSON on standard output: {"valid", "errors", "warnings", "further"}, with byte offsets
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Compare two schemas
    ///
    /// Each side is empty, a schema file, a database or a migrations folder. Nothing is changed.
    ///
    /// Prints a summary, or the SQL with --script. With --exit-code, the exit code is 0 if there are no differences,
    /// 2 if there are, and 1 on errors.
    Diff(Diff),
    /// Create a migration from schema changes and apply it (development)
    ///
    /// Runs the existing migrations in a shadow database and compares the result with the database. If they differ,
    /// or a migration was edited after it was applied, the command stops with exit code 130: the database needs a
    /// reset. Otherwise it applies pending migrations, then creates the next one and applies it, and asks first if
    /// data would be lost. A missing database is created, and seeded at the end.
    Dev(Dev),
    /// Apply pending migrations
    ///
    /// Creates the database if it does not exist. Needs a direct connection: directUrl of the schema, otherwise url.
    Deploy(Deploy),
    /// Show which migrations have been applied
    ///
    /// Fails if migrations are pending, failed, or missing from the folder.
    Status {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Drop all data, reapply all migrations and run the seed
    ///
    /// Asks for confirmation; without a terminal, --force is required. Drops the `schemas` of the datasource, or the
    /// schema of its URL. Creates the database if it does not exist.
    Reset(Reset),
    /// Mark a migration as applied, rolled back or ready to resume, without running it
    Resolve(Resolve),
}

#[derive(Debug, Default, clap::Args)]
#[command(group = ArgGroup::new("from").required(true), group = ArgGroup::new("to").required(true))]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Diff {
    /// From an empty schema
    #[arg(long, group = "from")]
    pub(crate) from_empty: bool,
    /// From a schema file
    #[arg(long, group = "from", value_name = "FILE", visible_alias = "from-schema-datamodel")]
    pub(crate) from_schema: Option<PathBuf>,
    /// From the database of a schema file's datasource
    #[arg(long, group = "from", value_name = "FILE")]
    pub(crate) from_schema_datasource: Option<PathBuf>,
    /// From this project's database
    #[arg(long, group = "from")]
    pub(crate) from_config_datasource: bool,
    /// From a database
    #[arg(long, group = "from", value_name = "URL")]
    pub(crate) from_url: Option<String>,
    /// From the end state of a migrations folder
    #[arg(long, group = "from", value_name = "FOLDER")]
    pub(crate) from_migrations: Option<PathBuf>,
    /// To an empty schema
    #[arg(long, group = "to")]
    pub(crate) to_empty: bool,
    /// To a schema file
    #[arg(long, group = "to", value_name = "FILE", visible_alias = "to-schema-datamodel")]
    pub(crate) to_schema: Option<PathBuf>,
    /// To the database of a schema file's datasource
    #[arg(long, group = "to", value_name = "FILE")]
    pub(crate) to_schema_datasource: Option<PathBuf>,
    /// To this project's database
    #[arg(long, group = "to")]
    pub(crate) to_config_datasource: bool,
    /// To a database
    #[arg(long, group = "to", value_name = "URL")]
    pub(crate) to_url: Option<String>,
    /// To the end state of a migrations folder
    #[arg(long, group = "to", value_name = "FOLDER")]
    pub(crate) to_migrations: Option<PathBuf>,
    /// Shadow database for --from-migrations and --to-migrations; ALL ITS DATA ARE LOST
    ///
    /// By default, a temporary one is created on the server of the other side's database, or of the project's
    /// database.
    #[arg(long, value_name = "URL")]
    pub(crate) shadow_database_url: Option<String>,
    /// Print the SQL script
    #[arg(long)]
    pub(crate) script: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t, conflicts_with = "script")]
    pub(crate) format: OutputFormat,
    /// Write the output to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 2 if there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Deploy {
    /// Change nothing; print the statements, their transactions, and what they would block
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Seconds to wait for another migration [default: `NICOL_LOCK_TIMEOUT`, or 10]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lock_timeout: Option<u64>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("resolution").required(true))]
pub(crate) struct Resolve {
    /// Mark the migration as fully applied
    #[arg(long, group = "resolution", value_name = "NAME")]
    pub(crate) applied: Option<String>,
    /// Mark the migration as not applied at all
    #[arg(long, group = "resolution", value_name = "NAME")]
    pub(crate) rolled_back: Option<String>,
    /// Mark the cause as fixed; the next deploy resumes after the last applied statement
    #[arg(long, group = "resolution", value_name = "NAME")]
    pub(crate) resume: Option<String>,
    /// Seconds to wait for another migration [default: `NICOL_LOCK_TIMEOUT`, or 10]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lock_timeout: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Dev {
    /// Name of the migration; prompted for if omitted
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// Treat as a rename instead of drop and create (repeatable)
    ///
    /// `Model.old=new` renames a field or an enum value, `Old=New` a model or an enum. You can also write `///
    /// @renamedFrom(old)` above the new name in the schema file.
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<String>,
    /// Create the migration without applying it, even if there are no changes
    #[arg(long)]
    pub(crate) create_only: bool,
    /// Do not run generators
    #[arg(long)]
    pub(crate) skip_generate: bool,
    /// Do not run the seed command
    #[arg(long)]
    pub(crate) skip_seed: bool,
}

#[derive(Debug, Default, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Generate {
    /// Run only this generator (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) generator: Vec<String>,
    /// Print no notes
    #[arg(long)]
    pub(crate) no_hints: bool,
    /// Tell generators to generate for a client without an engine
    #[arg(long)]
    pub(crate) no_engine: bool,
    /// Fail if the schema has no models
    #[arg(long)]
    pub(crate) require_models: bool,
    /// Accept a schema without models (default)
    #[arg(long, conflicts_with = "require_models")]
    pub(crate) allow_no_models: bool,
    /// Read the types of the statements in `prisma/sql` (TypedSQL) from the database
    ///
    /// Writes them to `nicol.lock` in that folder, so that builds need no database. The statements are prepared, not
    /// run.
    #[arg(long)]
    pub(crate) sql: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Reset {
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Do not run generators
    #[arg(long)]
    pub(crate) skip_generate: bool,
    /// Do not run the seed command
    #[arg(long)]
    pub(crate) skip_seed: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Apply the schema file to the database without a migration (prototyping)
    ///
    /// Asks before data would be lost; without a terminal, --accept-data-loss is required. Creates the database if it
    /// does not exist.
    Push(Push),
    /// Update the schema file from the database
    ///
    /// Keeps what only the schema file contains: names, `///` comments and client-side attributes. Warns about
    /// database objects that a schema file cannot express: one line for each kind, with the names if there are few or
    /// with --verbose. Anything that the schema language rejects is commented out, so the file stays valid.
    Pull(Pull),
    /// Run an SQL script on the database
    ///
    /// The script is sent as one command, so it is atomic unless it manages transactions itself. Rows are not shown.
    /// Runs on the datasource's database unless --url is given.
    Execute(Execute),
    /// Run the project's seed command
    ///
    /// The command is `seed` in the `[migrations]` section of nicol.toml, or `prisma.seed` in package.json. Its exit
    /// code is passed on.
    Seed {
        /// Arguments for the seed command
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Push {
    /// Treat as a rename instead of drop and create (repeatable)
    ///
    /// `Model.old=new` renames a field or an enum value, `Old=New` a model or an enum. You can also write `///
    /// @renamedFrom(old)` above the new name in the schema file.
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<String>,
    /// Do not ask before data is lost
    #[arg(long)]
    pub(crate) accept_data_loss: bool,
    /// Drop all data first
    #[arg(long)]
    pub(crate) force_reset: bool,
    /// Do not run generators
    #[arg(long)]
    pub(crate) skip_generate: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Pull {
    /// Print the schema instead of writing it
    #[arg(long)]
    pub(crate) print: bool,
    /// Discard the schema file's models and enums; keep only datasource and generators
    #[arg(long)]
    pub(crate) force: bool,
    /// Database schemas to read, instead of the datasource's `schemas`
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) schemas: Option<Vec<String>>,
    /// Name every object that a schema file cannot express
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: PullFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PullFormat {
    /// Human-readable, on standard error
    #[default]
    Text,
    /// JSON on standard output: {"written", "models", "views", "enums", "warnings"}, and {"files"} with --print
    Json,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("script").required(true))]
pub(crate) struct Execute {
    /// Script file
    #[arg(long, group = "script", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Read the script from standard input
    #[arg(long, group = "script")]
    pub(crate) stdin: bool,
    /// Database URL
    #[arg(long, value_name = "URL", conflicts_with = "schema")]
    pub(crate) url: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Query {
    /// Database URL, instead of the datasource's
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Serve the schema and database of the last {"open": {"schema": PATH, "url": URL}} line instead of those of the
    /// options; open transactions of the one before are rolled back
    #[arg(long)]
    pub(crate) persistent: bool,
}

/// The options of Prisma's engine that matter here. The others are accepted and have no effect.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct QueryEngine {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(short = 'H', long, value_name = "ADDRESS")]
    pub(crate) host: Option<String>,
    /// Port to listen on; 0 for any free one
    #[arg(short, long, default_value_t = 4466)]
    pub(crate) port: u16,
    /// Schema file [default: `PRISMA_DML_PATH`]
    #[arg(long, value_name = "FILE")]
    pub(crate) datamodel_path: Option<PathBuf>,
    /// Text of the schema, in base64 [default: `PRISMA_DML`]
    #[arg(long, value_name = "BASE64")]
    pub(crate) datamodel: Option<String>,
    /// Print each statement with its parameters, as a line of JSON [default: whether `LOG_QUERIES` is set]
    #[arg(long)]
    pub(crate) log_queries: bool,
    /// Protocol of requests; only json is supported
    #[arg(long, value_name = "NAME")]
    pub(crate) engine_protocol: Option<String>,
    #[arg(short = 'r', long, hide = true)]
    enable_raw_queries: bool,
    #[arg(short = 'm', long, hide = true)]
    enable_metrics: bool,
    #[arg(long, hide = true)]
    enable_open_telemetry: bool,
    #[arg(short = 't', long, hide = true)]
    enable_telemetry_in_response: bool,
    #[arg(short = 'd', long, hide = true)]
    debug: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Studio {
    /// Port to listen on; 0 for any free one [default: the first free one from 5555]
    #[arg(short, long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Browser to open, or `none` [default: `BROWSER`, or that of the system]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) browser: Option<String>,
    /// Name or address of this machine to listen on [default: localhost]
    #[arg(short = 'n', long, value_name = "HOST")]
    pub(crate) hostname: Option<String>,
    /// Do not change rows
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Allow changes even if the database is on another machine or looks like production
    #[arg(long, conflicts_with = "read_only")]
    pub(crate) write: bool,
    /// Database URL, instead of the datasource's
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// Examine only this database
    pub(crate) url: Option<String>,
    /// How many processes of the application use the database, each with a pool of `connection_limit`
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) processes: u32,
    /// Fail if there are warnings
    #[arg(long)]
    pub(crate) strict: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DoctorFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// Human-readable
    #[default]
    Text,
    /// JSON: {"version", "databases", "summary"}
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Local {
    /// Start the server; it keeps running until it is stopped
    Start {
        /// Let the server sleep when no client has been connected for this time, such as `5min`; the next connection
        /// starts it again [default: `[local] idle_timeout` in nicol.toml, or `never`]
        #[arg(long, value_name = "TIME")]
        idle_timeout: Option<IdleTimeout>,
    },
    /// Stop the server
    Stop,
    /// Show whether the server is running
    Status,
    /// Print the connection URL, including the password
    Url,
    /// Let the server sleep and wake; `start` runs it in the background
    #[command(hide = true)]
    Keep {
        /// The branch, if it is not the main data
        #[arg(long)]
        branch: Option<String>,
    },
    /// Make a backup, and archive all later changes
    ///
    /// Makes a base backup of the server, which may be in use, and verifies it. From then on, the server archives its
    /// log in the same folder, so that `nicol local restore` can bring back any moment since the oldest backup.
    Backup(Backup),
    /// Restore a backup, up to any time since it was made
    ///
    /// Asks before it replaces the current data; without a terminal, --force is required. Stops the server, unless it is in
    /// use, and starts it again. The restored data are recovered and read before they take the place of the current ones,
    /// which are kept in a folder beside them until `nicol local clean`.
    Restore(Restore),
    /// Remove the data that restores have replaced
    Clean {
        /// Do not ask for confirmation
        #[arg(short, long)]
        force: bool,
    },
    /// Open psql on the server's database
    Psql {
        /// Arguments for psql
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Backup {
    #[command(subcommand)]
    pub(crate) command: Option<BackupCommand>,
    /// The folder of the backups [default: that of the last backup, or `backups` beside the data]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: Option<PathBuf>,
    /// Afterwards, remove all but the newest N backups, and the log that only those needed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) keep: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// List the backups, and how far the archived log reaches
    List,
    /// Restore a backup to a temporary place, read all of it, and remove it
    Check(CheckBackup),
    /// Stop archiving; the backups remain
    Stop,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckBackup {
    /// The backup to start from [default: the newest]
    pub(crate) backup: Option<String>,
    /// The folder of the backups [default: that of the last backup]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) from: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) source: CheckBackup,
    /// Restore to this time, such as `2026-11-28T18:30:00Z` [default: the last change]
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "to_lsn")]
    pub(crate) to_time: Option<std::time::SystemTime>,
    /// Restore to this place in the log, such as `0/16B3748`
    #[arg(long, value_name = "LSN", value_parser = lsn)]
    pub(crate) to_lsn: Option<nicol_local::restore::Target>,
    /// Create this branch instead of replacing the current data, which may be in use
    #[arg(long, value_name = "NAME")]
    pub(crate) as_branch: Option<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) force: bool,
}

fn time(text: &str) -> Result<std::time::SystemTime, String> {
    let time = chrono::DateTime::parse_from_rfc3339(text);
    time.map(Into::into)
        .map_err(|_| "it must have a date, a time and an offset: `2026-11-28T18:30:00Z`".to_owned())
}

fn lsn(text: &str) -> Result<nicol_local::restore::Target, String> {
    let place = nicol_local::restore::Target::parse_lsn(text);
    place.ok_or_else(|| "it must be two hexadecimal numbers: `0/16B3748`".to_owned())
}
