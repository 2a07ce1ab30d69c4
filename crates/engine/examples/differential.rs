//! Runs `reference/queries/run.mjs`, which compares nicol with Prisma Client, against the server of the tests.
//!
//! `cargo build -p nicol-cli && cargo run -p nicol-engine --example differential -- --requests 2000` passes its arguments on;
//! `NICOL_REFERENCE_DIR` is the folder of the reference.

#![allow(clippy::print_stderr, reason = "what it is for")]

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use testkit::TestDatabase;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // The server runs as long as somebody has a database there. The script makes its own ones.
    let database = TestDatabase::create().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/queries/run.mjs");
    let mut node = Command::new("node");
    node.arg(script).args(["--server", &database.url_text()]).args(env::args_os().skip(1));
    match node.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cannot start `node`: {error}");
            ExitCode::FAILURE
        }
    }
}
