//! The server process: find it by its pid file, start it, stop it.

use std::fs::{self, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::account::command;
use crate::archive;
use crate::binaries::Installation;
use crate::error::{Error, file};
use crate::front;
use crate::layout::{Layout, remove_if_there};
use crate::options::Options;
use crate::progress::Progress;

/// The polling interval while waiting. A poll costs microseconds.
const LOOK: Duration = Duration::from_millis(2);

/// A log larger than this is rotated when it is opened.
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

/// Finds the server of this data directory. A pid file of an ended process, or of one that is not the server, does
/// not count.
pub(crate) fn running(layout: &Layout) -> Option<Running> {
    let text = fs::read_to_string(pid_file(layout)).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let pid = lines.first()?.trim().parse().ok()?;
    // A copied folder contains the pid file of the original, whose server uses a different folder.
    if !is_server(pid, &layout.data) {
        return None;
    }
    // Line 8 is written last; see PostgreSQL's pidfile.h.
    let phase = match lines.get(7).map(|status| status.trim()) {
        Some("ready") => Phase::Ready,
        Some("stopping") => Phase::Stopping,
        _ => Phase::Starting,
    };
    Some(Running { pid, phase })
}

/// Whether a server left its pid file behind, that is, crashed.
pub(crate) fn has_crashed(layout: &Layout) -> bool {
    pid_file(layout).exists() && running(layout).is_none()
}

/// Ensures that the server is running and accepts connections; returns its process id. The caller holds the lock.
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
            Phase::Ready if is_socket(&front::server_socket(layout)) => {
                front::lead_to_server(layout)?;
                report(Progress::Adopted);
                return Ok(pid);
            }
            // The socket was removed, for example by a cleanup of /tmp: nothing can connect any more. Or an older
            // version of this program has started the server, with its socket at the front.
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
        let (log, from) = open_log(&layout.log())?;
        let mut child = server_command(layout, options, installation)
            .stdout(log.try_clone().map_err(file("open", layout.log()))?)
            .stderr(log)
            .spawn()
            .map_err(|source| Error::Run { program: installation.folder.join("postgres"), source })?;
        loop {
            if running(layout) == Some(Running { pid: child.id(), phase: Phase::Ready }) {
                front::lead_to_server(layout)?;
                let pid = child.id();
                // Whichever process stops it, it must not remain a zombie for the lifetime of this one.
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
        // Processes of a killed server take a moment to exit, and PostgreSQL refuses to start until then.
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
        ("port", front::SERVER_PORT.to_string()),
        ("logging_collector", "off".to_owned()),
        ("log_destination", "stderr".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        // The details of errors contain values, which may be personal data.
        ("log_error_verbosity", "terse".to_owned()),
    ];
    // Only with `wal_level=minimal`, the server refuses to start with archiving.
    let minimal = options.settings.iter().any(|(name, value)| name == "wal_level" && value == "minimal");
    for (name, value) in archive::SETTINGS.iter().filter(|_| !minimal) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    if archive::is_attached(layout) {
        command.arg("-c").arg(format!("archive_timeout={}", archive::TIMEOUT));
    }
    // After a crash, and at the first start of a copy, the server writes all its files to the disk: in one call.
    if cfg!(target_os = "linux") {
        command.arg("-c").arg("recovery_init_sync_method=syncfs");
    }
    for (name, value) in &options.settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    for (name, value) in own {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    // Ctrl-C is sent to the foreground process group: to the application, which then stops the server cleanly.
    command.process_group(0);
    command
}

/// Stops the server, even if it is in use, and waits for its end. The caller holds the lock.
pub(crate) fn stop(layout: &Layout) -> Result<(), Error> {
    // Fast shutdown, then immediate, after which the data are recovered at the next start.
    end(layout, &[(Signal::INT, 30), (Signal::QUIT, 10)])
}

/// Stops the server as soon as no client is connected, but after 5 s in any case, and waits for its end. The caller
/// holds the lock.
pub(crate) fn stop_when_unused(layout: &Layout) -> Result<(), Error> {
    end(layout, &[(Signal::TERM, 5), (Signal::INT, 30), (Signal::QUIT, 10)])
}

/// Sends the signals one after the other, each with a time limit in seconds, until the server has ended.
fn end(layout: &Layout, signals: &[(Signal, u64)]) -> Result<(), Error> {
    let Some(Running { pid, .. }) = running(layout) else { return Ok(()) };
    for (signal, limit) in signals {
        send(pid, *signal);
        let deadline = Instant::now() + Duration::from_secs(*limit);
        while Instant::now() < deadline {
            // The pid file disappears shortly before the process.
            if !is_server(pid, &layout.data) {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
    }
    Err(Error::Stop { pid, log: layout.log() })
}

/// Asks the server to stop and waits until it confirms, not until it has ended: a start that follows immediately must
/// not mistake it for a running server.
pub(crate) fn ask_to_stop(layout: &Layout) {
    let Some(Running { pid, .. }) = running(layout) else { return };
    send(pid, Signal::INT);
    let deadline = Instant::now() + Duration::from_millis(500);
    while running(layout) == Some(Running { pid, phase: Phase::Ready }) && Instant::now() < deadline {
        thread::sleep(LOOK);
    }
}

/// Removes leftovers of an ended server that would prevent PostgreSQL from starting. The server must not be running.
fn clear_away(layout: &Layout) -> Result<(), Error> {
    // PostgreSQL detects a stale pid file by checking whether the process exists. It cannot detect that it is a
    // different process (container restarts reuse process ids), the original's of a copied folder, or one that has
    // ended but that its parent has not waited for. If the process is gone, the file is kept, because it also
    // identifies the shared memory that orphans may still use.
    let pid_file = pid_file(layout);
    if let Ok(text) = fs::read_to_string(&pid_file) {
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        if pid.is_none_or(exists) {
            fs::remove_file(&pid_file).map_err(file("remove", &pid_file))?;
        }
    }
    // The socket's folder is private to this project. A server that still uses it has lost its data directory
    // (removed with the project, for example) and would exit within a minute.
    let socket = front::server_socket(layout);
    let lock = socket.with_added_extension("lock");
    let holder = fs::read_to_string(&lock).ok().and_then(|text| text.lines().next()?.trim().parse().ok());
    if let Some(pid) = holder.filter(|pid| is_server(*pid, &layout.data)) {
        send(pid, Signal::QUIT);
        let deadline = Instant::now() + Duration::from_secs(10);
        while is_server(pid, &layout.data) && Instant::now() < deadline {
            thread::sleep(LOOK);
        }
    }
    remove_if_there(&lock)?;
    remove_if_there(&socket)
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

/// Opens a log for appending, and returns its size.
pub(crate) fn open_log(path: &Path) -> Result<(fs::File, u64), Error> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
        fs::rename(path, path.with_added_extension("old")).map_err(file("put aside", path))?;
    }
    let log =
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(file("open", path))?;
    let from = log.metadata().map_err(file("look at", path))?.size();
    Ok((log, from))
}

pub(crate) fn send(pid: u32, signal: Signal) {
    if let Some(pid) = to_pid(pid) {
        // The only possible failure is that the process has ended in the meantime.
        let _ = kill_process(pid, signal);
    }
}

fn to_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

fn is_alive(pid: u32) -> bool {
    exists(pid) && !is_zombie(pid)
}

/// Whether there is such a process, alive or not. That of another user counts, too.
fn exists(pid: u32) -> bool {
    to_pid(pid).is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

fn is_zombie(pid: u32) -> bool {
    // The state follows the name, which is in parentheses and may contain anything.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

/// Whether `pid` is a PostgreSQL server of this data directory, as far as can be determined. A server's working
/// directory is its data directory, wherever that has been moved to; without permission to read it, the command line
/// decides.
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

/// Returns the last lines of a log.
pub(crate) fn tail(path: &Path, from: u64) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let mut bytes = Vec::new();
    // Without a log, the message is just shorter.
    if let Ok(mut file) = std::fs::File::open(path) {
        let _ = file.seek(SeekFrom::Start(from));
        let _ = file.take(1 << 20).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
