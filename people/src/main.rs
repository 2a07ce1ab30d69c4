//! The People application; see [`people::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    people::cli::run()
}
