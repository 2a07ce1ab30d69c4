//! The command as a person meets it: output, errors and exit codes.

mod database;
mod diff;
mod project;
mod schema;
mod support;
