//! Other programs, run where a person can watch them.

use std::cell::RefCell;
use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

thread_local! {
    /// What this thread would have shown, while [`captured`] runs.
    static CAPTURED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `action` without showing anything, and returns with its result what it would have shown.
pub(crate) fn captured<T>(action: impl FnOnce() -> T) -> (T, String) {
    let before = CAPTURED.replace(Some(String::new()));
    let result = action();
    (result, CAPTURED.replace(before).unwrap_or_default())
}

/// Shows a line.
pub(crate) fn tell(text: &str) {
    CAPTURED.with_borrow_mut(|captured| match captured {
        Some(captured) => captured.extend([text, "\n"]),
        None => println!("{text}"),
    });
}

/// Announces a step.
pub(crate) fn say(text: &str) {
    if io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none() {
        tell(&format!("\x1b[1m==> {text}\x1b[0m"));
    } else {
        tell(&format!("==> {text}"));
    }
}

/// A cargo command in the workspace's folder, from the toolchain that runs this task.
pub(crate) fn cargo(workspace: &Workspace, arguments: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace()).current_dir(&workspace.root);
    command
}

/// Runs a command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    if CAPTURED.with_borrow(Option::is_some) {
        return run_quietly(command);
    }
    let line = line(command);
    tell(&format!("    {line}"));
    let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command and shows its output only if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let line = line(command);
    tell(&format!("    {line}"));
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{line}`"))?;
    if !output.status.success() {
        for stream in [output.stdout, output.stderr] {
            tell(String::from_utf8_lossy(&stream).trim_end());
        }
        bail!("`{line}` failed ({})", output.status);
    }
    Ok(())
}

/// Whether a command runs and succeeds, without a word.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Finds a program in the search path.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}
