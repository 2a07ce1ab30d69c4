//! The command from the outside: output, errors and exit codes.

#[cfg(unix)]
mod backup;
mod branch;
mod database;
mod dev;
mod diagram;
mod diff;
mod doctor;
mod execute;
mod faults;
mod files;
#[cfg(unix)]
mod generators;
mod guide;
mod init;
mod interchange;
mod lsp;
mod manners;
mod mcp;
mod neonctl;
mod pooler;
mod project;
mod providers;
mod pull;
mod push;
mod query;
#[cfg(unix)]
mod query_engine;
mod relay;
mod reset;
mod schema;
mod schema_page;
mod settings;
mod shadow;
mod signals;
#[cfg(unix)]
mod sleep;
mod studio;
mod support;
mod two_urls;
mod typed_sql;
