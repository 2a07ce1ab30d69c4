use std::path::PathBuf;

use thiserror::Error;

/// Why something could not be done with a branch.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such branch.
    #[error("there is no branch `{}`\nhelp: the branches are {}", name.escape_debug(), listed(names))]
    Missing {
        /// The name or id.
        name: String,
        /// The names of all branches.
        names: Vec<String>,
    },

    /// No branch is the default one.
    #[error("the project has no default branch\nhelp: name a branch")]
    NoDefault,

    /// The branch is a root.
    #[error("branch `{name}` has no parent\nhelp: name another branch instead of its parent")]
    NoParent {
        /// The name of the branch.
        name: String,
    },

    /// The name cannot be the name of a branch.
    #[error("`{}` cannot be the name of a branch: {reason}\nhelp: choose a different name, such as `feature/login`", name.escape_debug())]
    Name {
        /// The name.
        name: String,
        /// Why.
        reason: &'static str,
    },

    /// Another branch has the name.
    #[error(
        "there already is a branch `{name}`\nhelp: choose a different name, or use that branch: `nicol branch switch {name}`"
    )]
    NameTaken {
        /// The name.
        name: String,
    },

    /// The text is not a branch with a point in time.
    #[error("`{}` is not a branch\nhelp: write `^self`, `^parent` or the name of a branch, then nothing, `@TIME` (such as `@2024-12-31T23:59:59Z`) or `@LSN`", text.escape_debug())]
    Reference {
        /// The text.
        text: String,
    },

    /// The file with the branches is damaged.
    #[error("`{}`, which has the names, parents and expirations of the local branches, is damaged: {reason}\nhelp: restore the file from a copy, or move it away: the branches and their data stay, with their ids as names", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The time is in the future.
    #[error("`{text}` is in the future\nhelp: name a time in the history of the branch")]
    Future {
        /// The text.
        text: String,
    },

    /// The text is not when a branch could expire.
    #[error("a branch cannot expire at `{}`: {reason}\nhelp: give a time, such as `2030-12-31T23:59:59Z`, or a duration, such as `36h` or `7d`", text.escape_debug())]
    Expiration {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// The branch cannot be deleted.
    #[error("branch `{name}` cannot be deleted: {reason}\nhelp: only other branches can be deleted")]
    Undeletable {
        /// The name of the branch.
        name: String,
        /// Why.
        reason: &'static str,
    },

    /// The branch cannot be deleted before its children.
    #[error("branch `{name}` cannot be deleted: it has children\nhelp: delete {} first", listed(children))]
    HasChildren {
        /// The name of the branch.
        name: String,
        /// The names of its children.
        children: Vec<String>,
    },

    /// The branch cannot expire.
    #[error("branch `{name}` cannot expire: {reason}\nhelp: only a branch that can be deleted can expire")]
    CannotExpire {
        /// The name of the branch.
        name: String,
        /// Why.
        reason: &'static str,
    },

    /// A name for the former state of a branch is missing.
    #[error(
        "branch `{name}` cannot be restored without preserving it: {reason}\nhelp: give its current state a name with --preserve-under-name"
    )]
    NeedsPreserving {
        /// The name of the branch.
        name: String,
        /// Why.
        reason: &'static str,
    },

    /// The branch would be restored to what it is.
    #[error(
        "branch `{name}` cannot be restored to its current state\nhelp: name a point in its history, such as `^self@2024-12-31T23:59:59Z`"
    )]
    Itself {
        /// The name of the branch.
        name: String,
    },

    /// The back end cannot do this.
    #[error("{what}\nhelp: {help}")]
    Unsupported {
        /// What it cannot do.
        what: &'static str,
        /// What to do instead.
        help: &'static str,
    },

    /// The branch has no data yet.
    #[error(
        "there is no local server yet, so there is nothing to branch\nhelp: create one with `nicol local start`"
    )]
    NoServer,

    /// The URL of the API is not safe to use.
    #[error("the address of Neon's API must start with https://\nhelp: fix or remove `NEON_API_HOST`")]
    InsecureHost,

    /// The id of the project cannot be one.
    #[error("`{}` is not the id of a Neon project\nhelp: copy the id, such as `shiny-wind-028834`, from the project's settings in Neon's console", id.escape_debug())]
    ProjectId {
        /// The id.
        id: String,
    },

    /// The API key is not valid.
    #[error(
        "Neon does not accept the API key\nhelp: create a key in Neon's console, and set `NEON_API_KEY` to it in the environment or in .env"
    )]
    Unauthorized,

    /// Neon refused the request.
    #[error("Neon refused to {action}: {message} (status {status})\nhelp: see Neon's message")]
    Refused {
        /// What was to be done.
        action: &'static str,
        /// The HTTP status.
        status: u16,
        /// Neon's message.
        message: String,
    },

    /// Neon was busy for too long.
    #[error("Neon is busy and did not {action}: {message}\nhelp: try again later; nothing was changed")]
    Busy {
        /// What was to be done.
        action: &'static str,
        /// Neon's message.
        message: String,
    },

    /// There was no connection.
    #[error("cannot reach Neon to {action}: {reason}\nhelp: check the network and https://neonstatus.com")]
    Unreachable {
        /// What was to be done.
        action: &'static str,
        /// The reason.
        reason: String,
    },

    /// The request may have been carried out.
    #[error(
        "Neon was asked to {action}, but the answer is missing: {reason}\nhelp: it may have been done; check with `nicol branch list` before you try again"
    )]
    Uncertain {
        /// What was to be done.
        action: &'static str,
        /// The reason.
        reason: String,
    },

    /// The answer is not as described.
    #[error(
        "Neon's answer to the request to {action} cannot be read: {reason}\nhelp: update nicol if there is a newer version"
    )]
    Answer {
        /// What was to be done.
        action: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// An operation of Neon failed.
    #[error(
        "Neon started to {action}, but its operation `{operation}` ended with `{status}`\nhelp: check the branch in Neon's console, and try again"
    )]
    Operation {
        /// What was to be done.
        action: &'static str,
        /// The operation.
        operation: String,
        /// Its status.
        status: String,
    },

    /// An operation of Neon takes too long.
    #[error(
        "Neon has not finished to {action} after {seconds} s\nhelp: it continues; see its progress with `nicol branch list`"
    )]
    Slow {
        /// What was to be done.
        action: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },

    /// The branch has several databases.
    #[error("branch `{branch}` has several databases: {}\nhelp: choose one with --database", listed(names))]
    SeveralDatabases {
        /// The name of the branch.
        branch: String,
        /// Their names.
        names: Vec<String>,
    },

    /// The branch does not have the database.
    #[error("branch `{branch}` has no database `{}`\nhelp: {}", name.escape_debug(), if names.is_empty() { "create one first".to_owned() } else { format!("it has {}", listed(names)) })]
    NoDatabase {
        /// The name of the branch.
        branch: String,
        /// The name that was looked for.
        name: String,
        /// The names of its databases.
        names: Vec<String>,
    },

    /// The local server failed.
    #[error(transparent)]
    Local(#[from] nicol_local::Error),

    /// A file operation failed.
    #[error("cannot {action} `{}`\nhelp: see the system's message below", path.display())]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
