//! The command as a person meets it: output, errors and exit codes.

mod database;
mod diff;
mod execute;
mod project;
mod reset;
mod schema;
mod support;
