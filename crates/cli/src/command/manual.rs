//! Completions for shells, and manual pages.

use std::fs;
use std::io;

use anyhow::Context as _;
use clap_complete::Shell;

use crate::args::{Args, Man};
use crate::context::Context;
use crate::exit::Exit;

/// Prints the script that completes commands in a shell.
pub(super) fn completions(ctx: &mut Context, shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::full_command(), "nicol", &mut script);
    ctx.report.output(&String::from_utf8_lossy(&script));
    Exit::Success
}

/// Writes a manual page for each command: `nicol.1`, `nicol-migrate-dev.1`.
pub(super) fn pages(ctx: &mut Context, args: &Man) -> anyhow::Result<Exit> {
    let folder = ctx.cwd.join(&args.folder);
    let written = fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(Args::full_command(), &folder))
        .and_then(|()| fs::read_dir(&folder)?.collect::<io::Result<Vec<_>>>());
    let pages =
        written.with_context(|| format!("cannot write manual pages to `{}`", args.folder.display()))?;
    let count = pages.iter().filter(|page| page.path().extension().is_some_and(|it| it == "1")).count();
    ctx.report
        .success(&format!("{count} manual pages in {}; read them with `man -l FILE`", args.folder.display()));
    Ok(Exit::Success)
}
