//! The People application; see [`people::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Gives memory back. The C library of Linux keeps what each thread has freed: after some imports several hundred
/// megabytes, for good.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    people::cli::run()
}
