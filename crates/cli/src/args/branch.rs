//! The arguments of `nicol branch`. The words are those of Neon's command line.

use clap::{ArgGroup, Subcommand, ValueEnum};

#[derive(Debug, clap::Args)]
pub(crate) struct Branch {
    #[command(flatten)]
    pub(crate) backend: BranchBackend,
    #[command(subcommand)]
    pub(crate) command: BranchCommand,
}

/// Options that choose where branches are kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BranchBackend {
    /// Use the local server, even if a Neon project is configured
    #[arg(long, global = true, conflicts_with_all = ["neon", "project_id", "role"])]
    pub(crate) local: bool,
    /// Use Neon; fail if no Neon project is configured
    #[arg(long, global = true)]
    pub(crate) neon: bool,
    /// Id of the Neon project [default: `NEON_PROJECT_ID`, or `neon_project` in nicol.toml]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) project_id: Option<String>,
    /// Database of the URLs, if a branch has several
    #[arg(long, global = true, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) database: Option<String>,
    /// Role of the URLs, in Neon [default: the owner of the database]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) role: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BranchCommand {
    /// Create a branch
    ///
    /// It has the data of its parent at that moment; later changes of one do not show on the other. The parent can be in
    /// use.
    Create(BranchCreate),
    /// List the branches
    List {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: BranchListFormat,
    },
    /// Write the URL of a branch to .env, so that everything that reads it uses the branch
    ///
    /// Sets the variables of the schema's `url` and `directUrl` (otherwise `DATABASE_URL`, and in Neon
    /// `DATABASE_URL_UNPOOLED`). All other lines stay as they are. With the local server, switching to the default branch
    /// puts back what was there before.
    #[command(visible_alias = "checkout")]
    Switch {
        /// Name or id of the branch
        name: String,
    },
    /// Rename a branch
    Rename {
        /// Name or id of the branch
        name: String,
        /// New name
        new_name: String,
    },
    /// Reset a branch to the current state of its parent
    ///
    /// What was changed on the branch is lost, unless --preserve-under-name is given. Its id and URLs stay the same. Asks for
    /// confirmation; without a terminal, --force is required.
    Reset(BranchReset),
    /// Restore a branch from another branch, or from a point in time
    ///
    /// What was changed on the branch is lost, unless --preserve-under-name is given, which is required for a branch with
    /// children and for ^self. Its id and URLs stay the same. Asks for confirmation; without a terminal, --force is required.
    Restore(BranchRestore),
    /// Show the schema difference between two branches as SQL
    ///
    /// Prints the statements that turn the schema of BASE into that of COMPARE. If only one is given, it is COMPARE, and BASE
    /// is the current branch. If none is given, or COMPARE is `^parent`, the statements turn the schema of the parent into
    /// that of the branch.
    #[command(visible_alias = "schema-diff")]
    Diff(BranchDiff),
    /// Set when a branch is deleted
    ///
    /// Neon deletes expired branches itself. Those of the local server are deleted by the next `nicol branch` or `nicol
    /// local` command that finds them unused.
    #[command(visible_alias = "set-expiration")]
    Expire(BranchExpire),
    /// Delete a branch and its data
    ///
    /// Asks for confirmation; without a terminal, --force is required. The default branch, the current one, and those with
    /// children cannot be deleted.
    Delete {
        /// Name or id of the branch
        name: String,
        /// Do not ask for confirmation
        #[arg(short, long)]
        force: bool,
    },
    /// Print the connection URL of a branch, including the password
    ///
    /// The URL can be used at once: the server of a local branch is started if it does not run, and runs until you switch to
    /// and away from the branch, or stop it with `nicol local stop`.
    Url {
        /// Name or id of the branch [default: the current one]
        name: Option<String>,
        /// Print the URL for migrations, without a pooler
        #[arg(long)]
        direct: bool,
    },
    /// Switch branches together with Git
    ///
    /// After the hook is installed, `git switch` also switches to the database branch of the same name, and creates it if
    /// it does not exist.
    #[command(subcommand)]
    Hook(BranchHook),
}

#[derive(Debug, clap::Args)]
pub(crate) struct BranchCreate {
    /// Name of the branch [default: its id]
    pub(crate) name: Option<String>,
    /// Parent: a name or id, a time (RFC 3339), an LSN, or BRANCH@TIME [default: the default branch]
    #[arg(long, value_name = "PARENT")]
    pub(crate) parent: Option<String>,
    /// When to delete it, such as 2030-12-31T23:59:59Z
    #[arg(long, value_name = "TIME")]
    pub(crate) expires_at: Option<String>,
    /// How long to keep it: a number of minutes, hours, days or weeks, such as 30m, 36h, 7d or 2w
    #[arg(long, value_name = "DURATION", conflicts_with = "expires_at", allow_hyphen_values = true)]
    pub(crate) expires_in: Option<String>,
    /// Leave out the rows (on the local server, all but those of the migrations table)
    #[arg(long, conflicts_with = "no_compute")]
    pub(crate) schema_only: bool,
    /// Switch to it
    #[arg(long, conflicts_with = "no_compute")]
    pub(crate) switch: bool,
    /// Create no compute (Neon)
    #[arg(long)]
    pub(crate) no_compute: bool,
    /// Compute units, such as 2 or 0.5-3 (Neon)
    #[arg(long, value_name = "SIZE", conflicts_with = "no_compute")]
    pub(crate) cu: Option<String>,
    /// Seconds without a connection until the compute is suspended; 0 for the default, -1 for never (Neon)
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true,
        conflicts_with = "no_compute"
    )]
    #[arg(value_parser = clap::value_parser!(i64).range(-1..=604_800))]
    pub(crate) suspend_timeout: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum BranchListFormat {
    /// A line for each branch
    #[default]
    Table,
    /// A list of objects
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BranchReset {
    /// Name or id of the branch
    pub(crate) name: String,
    /// Reset to the parent (the only possibility, as in Neon's command line)
    #[arg(long, required = true)]
    pub(crate) parent: bool,
    /// Keep the former state as a branch of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) preserve_under_name: Option<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BranchRestore {
    /// Name or id of the branch
    pub(crate) name: String,
    /// ^self, ^parent or a branch; @TIME or @LSN may follow
    #[arg(value_name = "SOURCE[@TIME]")]
    pub(crate) source: String,
    /// Keep the former state as a branch of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) preserve_under_name: Option<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BranchDiff {
    /// Name or id of a branch [default: the current one]
    pub(crate) base: Option<String>,
    /// ^self, ^parent or a branch; @TIME or @LSN may follow [default: ^parent]
    #[arg(value_name = "COMPARE[@TIME]")]
    pub(crate) compare: Option<String>,
    /// Exit with 2 if there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("expiration").required(true))]
pub(crate) struct BranchExpire {
    /// Name or id of the branch
    pub(crate) name: String,
    /// A time, such as 2030-12-31T23:59:59Z
    #[arg(long, group = "expiration", value_name = "TIME", visible_alias = "expires-at")]
    pub(crate) at: Option<String>,
    /// A duration from now: a number of minutes, hours, days or weeks, such as 30m, 36h, 7d or 2w
    #[arg(long = "in", group = "expiration", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) after: Option<String>,
    /// Do not delete it
    #[arg(long, group = "expiration")]
    pub(crate) never: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BranchHook {
    /// Add a `post-checkout` hook to this Git repository, or extend the one that is there
    Install,
    /// Remove what `install` added
    Uninstall,
    /// Do what the hook does
    #[command(hide = true)]
    Run {
        /// The former commit
        from: String,
        /// The new commit
        to: String,
    },
}
