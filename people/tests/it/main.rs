//! People as a whole: over HTTP, as a process, and in a browser.

#![allow(clippy::unwrap_used, reason = "helpers of tests may stop at the first surprise, too")]

mod accessibility;
mod account;
mod api;
mod bad_days;
mod browser;
mod conflict;
mod export;
mod faults;
mod guest;
mod headers;
mod http_client;
mod import;
mod import_browser;
mod live;
mod mailbox;
mod malformed;
mod operation;
mod patroni;
mod people;
mod process;
mod replica;
mod running;
mod search;
mod seed;
mod sign_in;
mod site;
mod smtp;
mod smtp_server;
mod test_app;
#[cfg(feature = "otel")]
mod traces;
mod undo;
