//! Runs programs in the foreground: the seed command, psql.

use std::io;
use std::pin::pin;
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use crate::exit::Exit;
use crate::signals::Signals;

/// Runs the program to its end. It receives Ctrl-C itself and may continue, as psql does; other signals are forwarded
/// to it.
pub(super) async fn run(signals: &Signals, command: &mut Command) -> io::Result<ExitStatus> {
    let mut interrupt = pin!(signals.attend());
    let _guard = signals.leave_to_program();
    let mut child = command.spawn()?;
    tokio::select! {
        biased;
        status = child.wait() => return status,
        () = &mut interrupt => {}
    }
    pass_on(signals, &child);
    child.wait().await
}

#[cfg(unix)]
fn pass_on(signals: &Signals, child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};

    const HANG_UP: u8 = 1;
    let signal = if signals.received() == Some(HANG_UP) { Signal::HUP } else { Signal::TERM };
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(id) = id {
        // The process may have ended in the meantime.
        let _ = kill_process(id, signal);
    }
}

#[cfg(not(unix))]
fn pass_on(_: &Signals, _: &Child) {}

/// Returns the program's exit code as ours.
pub(super) fn exit(status: ExitStatus) -> Exit {
    match status.code().or_else(|| ended_by_signal(status)) {
        Some(0) => Exit::Success,
        Some(code) => Exit::Program(u8::try_from(code).unwrap_or(1)),
        None => Exit::Failure,
    }
}

/// Returns the exit code that a shell reports for a program ended by a signal.
#[cfg(unix)]
fn ended_by_signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status).map(|number| 128 + number)
}

#[cfg(not(unix))]
fn ended_by_signal(_: ExitStatus) -> Option<i32> {
    None
}
