//! The server process: found by its pid file, started, stopped.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::account::command;
use crate::binaries::Installation;
use crate::error::{Error, file};
use crate::layout::Layout;
use crate::{Options, Progress, tail};

/// Sockets are named after a port; each has a folder of its own, so all take the usual one.
pub(crate) const PORT: u16 = 5432;

/// How often a file is looked at while waiting. A look costs microseconds.
const LOOK: Duration = Duration::from_millis(5);

/// A log beyond this size is put aside at the next start.
const LOG_LIMIT: u64 = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Ready,
    Stopping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) phase: Phase,
}

/// Looks for the server of this data directory. A pid file whose process is gone, or another one by now, does not
/// count.
pub(crate) fn running(layout: &Layout) -> Option<Running> {
    let text = fs::read_to_string(pid_file(layout)).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let pid = lines.first()?.trim().parse().ok()?;
    // A copied folder has the pid file of the original, whose server works elsewhere.
    if !is_server(pid, &layout.data) {
        return None;
    }
    // Line 8 is written last; see pidfile.h of PostgreSQL.
    let phase = match lines.get(7).map(|status| status.trim()) {
        Some("ready") => Phase::Ready,
        Some("stopping") => Phase::Stopping,
        _ => Phase::Starting,
    };
    Some(Running { pid, phase })
}

/// Whether a pid file tells of a server that ended without taking it along.
pub(crate) fn has_crashed(layout: &Layout) -> bool {
    pid_file(layout).exists() && running(layout).is_none()
}

/// Sees to it that the server runs and takes connections; gives its process. The caller holds the lock.
pub(crate) fn ensure(
    layout: &Layout,
    options: &Options,
    installation: &dyn Fn() -> Result<Installation, Error>,
    report: &dyn Fn(Progress),
) -> Result<u32, Error> {
    let deadline = Instant::now() + options.start_timeout;
    let mut told = false;
    while let Some(Running { pid, phase }) = running(layout) {
        match phase {
            Phase::Ready if is_socket(&layout.run.join(format!(".s.PGSQL.{PORT}"))) => {
                report(Progress::Adopted);
                return Ok(pid);
            }
            // Somebody has tidied up in /tmp: nobody can reach it any more.
            Phase::Ready => stop(layout)?,
            Phase::Starting | Phase::Stopping => {
                if !told {
                    report(Progress::Waiting);
                    told = true;
                }
                wait(deadline, options, layout)?;
            }
        }
    }
    start(layout, options, &installation()?, deadline, report)
}

fn start(
    layout: &Layout,
    options: &Options,
    installation: &Installation,
    deadline: Instant,
    report: &dyn Fn(Progress),
) -> Result<u32, Error> {
    let recovers = pid_file(layout).exists();
    layout.make_run()?;
    clear_away(layout)?;
    report(Progress::Starting);
    if recovers {
        report(Progress::Recovering);
    }
    loop {
        let (log, from) = open_log(layout)?;
        let mut child = server_command(layout, options, installation)
            .stdout(log.try_clone().map_err(file("open", layout.log()))?)
            .stderr(log)
            .spawn()
            .map_err(|source| Error::Run { program: installation.folder.join("postgres"), source })?;
        loop {
            if running(layout) == Some(Running { pid: child.id(), phase: Phase::Ready }) {
                let pid = child.id();
                // Whoever stops it: it must not stay a zombie for as long as this process lives.
                thread::spawn(move || child.wait());
                return Ok(pid);
            }
            if let Some(_status) =
                child.try_wait().map_err(file("wait for", installation.folder.join("postgres")))?
            {
                break;
            }
            wait(deadline, options, layout)?;
        }
        let output = tail(&layout.log(), from);
        // Processes of a killed server take a moment to notice; PostgreSQL waits for them by refusing to start.
        if output.contains("shared memory block") && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        return Err(Error::Start { output, log: layout.log() });
    }
}

fn server_command(layout: &Layout, options: &Options, installation: &Installation) -> Command {
    let mut command = command(&installation.folder.join("postgres"), layout.account.as_ref());
    command.arg("-D").arg(&layout.data);
    let run = layout.run.display();
    let own = [
        ("listen_addresses", String::new()),
        ("unix_socket_directories", run.to_string()),
        ("unix_socket_permissions", "0700".to_owned()),
        ("port", PORT.to_string()),
        ("external_pid_file", String::new()),
        ("logging_collector", "off".to_owned()),
        ("log_destination", "stderr".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        // The detail of an error holds values, and values are personal data.
        ("log_error_verbosity", "terse".to_owned()),
    ];
    for (name, value) in &options.settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    for (name, value) in own {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    // Ctrl-C goes to the process group in the foreground: to the application, which then stops the server in order.
    command.process_group(0);
    command
}

/// Stops the server and waits for its end. The caller holds the lock.
pub(crate) fn stop(layout: &Layout) -> Result<(), Error> {
    let Some(Running { pid, .. }) = running(layout) else { return Ok(()) };
    // Fast, then immediate: the second leaves the data to be recovered at the next start.
    for (signal, limit) in [(Signal::INT, 30), (Signal::QUIT, 10)] {
        send(pid, signal);
        let deadline = Instant::now() + Duration::from_secs(limit);
        while Instant::now() < deadline {
            // The pid file goes a little earlier than the process.
            if !is_server(pid, &layout.data) {
                layout.remove_run();
                return Ok(());
            }
            thread::sleep(LOOK);
        }
    }
    Err(Error::Stop { pid, log: layout.log() })
}

/// Asks the server to stop, and does not wait for its end, but until it says that it stops: a start that comes right
/// after must not take it for a server to use.
pub(crate) fn ask_to_stop(layout: &Layout) {
    let Some(Running { pid, .. }) = running(layout) else { return };
    send(pid, Signal::INT);
    let deadline = Instant::now() + Duration::from_millis(500);
    while running(layout) == Some(Running { pid, phase: Phase::Ready }) && Instant::now() < deadline {
        thread::sleep(LOOK);
    }
}

/// No server of this data runs. What one has left behind is removed where PostgreSQL itself would stumble over it.
fn clear_away(layout: &Layout) -> Result<(), Error> {
    // PostgreSQL sees through a stale pid file by asking whether the process lives. It cannot see that the process is
    // another one by now (after a restart of a container the numbers begin anew), or the original's of a copied folder.
    // If the process is gone the file stays, for it also names the shared memory that orphans may still use.
    let pid_file = pid_file(layout);
    if let Ok(text) = fs::read_to_string(&pid_file) {
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        if pid.is_none_or(is_alive) {
            fs::remove_file(&pid_file).map_err(file("remove", &pid_file))?;
        }
    }
    // The folder of the socket is this project's alone. A server that still holds it has lost its data directory
    // (removed along with the project, say) and would end by itself within a minute.
    let socket = layout.run.join(format!(".s.PGSQL.{PORT}"));
    let lock = layout.run.join(format!(".s.PGSQL.{PORT}.lock"));
    let holder = fs::read_to_string(&lock).ok().and_then(|text| text.lines().next()?.trim().parse().ok());
    if let Some(pid) = holder.filter(|pid| is_server(*pid, &layout.data)) {
        send(pid, Signal::QUIT);
        let deadline = Instant::now() + Duration::from_secs(10);
        while is_server(pid, &layout.data) && Instant::now() < deadline {
            thread::sleep(LOOK);
        }
    }
    for path in [lock, socket] {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file("remove", path)(error)),
            _ => {}
        }
    }
    Ok(())
}

fn wait(deadline: Instant, options: &Options, layout: &Layout) -> Result<(), Error> {
    if Instant::now() >= deadline {
        return Err(Error::StartTimeout { limit: options.start_timeout, log: layout.log() });
    }
    thread::sleep(LOOK);
    Ok(())
}

fn pid_file(layout: &Layout) -> std::path::PathBuf {
    layout.data.join("postmaster.pid")
}

fn is_socket(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket())
}

fn open_log(layout: &Layout) -> Result<(fs::File, u64), Error> {
    let path = layout.log();
    if fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
        fs::rename(&path, layout.state.join("server.log.old")).map_err(file("put aside", &path))?;
    }
    let log =
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(file("open", &path))?;
    let from = log.metadata().map_err(file("look at", &path))?.size();
    Ok((log, from))
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = to_pid(pid) {
        // The only failure that can arise is that it has gone in the meantime.
        let _ = kill_process(pid, signal);
    }
}

fn to_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

fn is_alive(pid: u32) -> bool {
    let Some(raw) = to_pid(pid) else { return false };
    // A process of another user counts.
    let exists = !matches!(test_kill_process(raw), Err(rustix::io::Errno::SRCH));
    exists && !is_zombie(pid)
}

fn is_zombie(pid: u32) -> bool {
    // The state follows the name, which is in parentheses and may hold anything.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

/// Whether `pid` is a PostgreSQL server on this data directory, as far as the system tells. A server works in its data
/// directory, wherever that has been moved to since; who may not look there sees it on its command line.
fn is_server(pid: u32, data: &Path) -> bool {
    if !is_alive(pid) {
        return false;
    }
    if let Ok(folder) = fs::read_link(format!("/proc/{pid}/cwd")) {
        let folder = folder.to_string_lossy();
        return Path::new(folder.strip_suffix(" (deleted)").unwrap_or(&folder)) == data;
    }
    if let Ok(arguments) = fs::read(format!("/proc/{pid}/cmdline")) {
        return arguments.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_bytes());
    }
    let output = Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .stderr(Stdio::null())
        .output();
    let wanted = format!(" -D {} ", data.display());
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&wanted))
}
