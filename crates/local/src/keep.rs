//! Whether the server keeps running without an application, and the process that lets it sleep.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::error::{Error, file};
use crate::front;
use crate::layout::{Layout, remove_if_there};
use crate::options::Options;
use crate::postmaster::{self, tail};

/// The time limit for the keeper's start, and for its end.
const LIMIT: Duration = Duration::from_secs(10);

/// Whether the server keeps running when no application holds a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It does not.
    No,
    /// Until it is stopped explicitly.
    Always,
    /// Until it is stopped explicitly, but it sleeps when no client has been connected for this time.
    WhileUsed(Duration),
}

impl Keep {
    pub(crate) fn read(layout: &Layout) -> Result<Self, Error> {
        let path = layout.keep();
        match fs::read_to_string(&path) {
            Ok(text) => {
                Ok(text.trim().parse().map_or(Self::Always, |ms| Self::WhileUsed(Duration::from_millis(ms))))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::No),
            Err(error) => Err(file("read", path)(error)),
        }
    }

    /// Writes the file that [`Keep::read`] reads. The caller holds the lock.
    pub(crate) fn write(self, layout: &Layout) -> Result<(), Error> {
        let path = layout.keep();
        let text = match self {
            Self::No => return remove_if_there(&path),
            Self::Always => String::new(),
            Self::WhileUsed(time) => format!("{}\n", time.as_millis()),
        };
        // The keeper reads it at any time.
        let new = path.with_added_extension("new");
        fs::write(&new, text).map_err(file("write", &new))?;
        fs::rename(&new, &path).map_err(file("name", &path))
    }
}

/// Whether the server keeps running without a lease. A server that was to sleep does not without its keeper.
pub(crate) fn is_kept(layout: &Layout) -> Result<bool, Error> {
    Ok(match Keep::read(layout)? {
        Keep::No => false,
        Keep::Always => true,
        Keep::WhileUsed(_) => keeper(layout)?.is_some(),
    })
}

/// Makes this process the keeper, as long as the file is open; `None` if there is another one.
pub(crate) fn become_keeper(layout: &Layout) -> Result<Option<File>, Error> {
    let path = layout.keeper();
    let lock = open(&path)?;
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::Error(error)) => return Err(file("lock", path)(error)),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Ok(None),
            // Another process may only be looking whether there is a keeper.
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Tells others that this keeper is ready, and its process id.
pub(crate) fn announce_keeper(layout: &Layout, mut lock: &File) -> Result<(), Error> {
    let write = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
    write.map_err(file("write", layout.keeper()))
}

/// Returns the keeper's process id, 0 if it is starting, `None` if there is none.
pub(crate) fn keeper(layout: &Layout) -> Result<Option<u32>, Error> {
    let path = layout.keeper();
    match open(&path)?.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
        Err(TryLockError::WouldBlock) => {
            let text = fs::read_to_string(&path).map_err(file("read", &path))?;
            Ok(Some(text.trim().parse().unwrap_or(0)))
        }
    }
}

/// Ensures that there is a keeper. The caller holds the lock, and the server is running.
pub(crate) fn ensure_keeper(layout: &Layout, options: &Options) -> Result<(), Error> {
    let Some((program, arguments)) = options.keeper.split_first() else { return Ok(()) };
    if keeper(layout)?.is_some() {
        return Ok(());
    }
    let log_file = layout.keeper_log();
    let (log, from) = postmaster::open_log(&log_file)?;
    let branch = options.branch.as_ref().map(|name| ["--branch", name]);
    let mut child = Command::new(program)
        .args(arguments)
        .args(branch.into_iter().flatten())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        // As for the server: Ctrl-C is for the application.
        .process_group(0)
        .spawn()
        .map_err(|source| Error::Run { program: program.into(), source })?;
    let deadline = Instant::now() + LIMIT;
    while keeper(layout)?.is_none_or(|pid| pid == 0) {
        let ended = child.try_wait().map_err(file("wait for", program))?;
        if ended.is_some() || Instant::now() > deadline {
            return Err(Error::Keeper { output: tail(&log_file, from), log: log_file });
        }
        thread::sleep(Duration::from_millis(2));
    }
    // It must not remain a zombie for the lifetime of this process.
    thread::spawn(move || child.wait());
    Ok(())
}

/// Stops the keeper and waits for its end. The caller holds the lock. Connections through the keeper are lost.
pub(crate) fn stop_keeper(layout: &Layout) -> Result<(), Error> {
    for signal in [Signal::TERM, Signal::KILL] {
        let deadline = Instant::now() + LIMIT;
        let mut told = 0;
        while let Some(pid) = keeper(layout)? {
            if pid != told {
                postmaster::send(pid, signal);
                told = pid;
            }
            if Instant::now() > deadline {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
    match keeper(layout)? {
        None => remove_if_there(&front::keeper_socket(layout)),
        Some(pid) => Err(Error::Stop { pid, log: layout.keeper_log() }),
    }
}

fn open(path: &Path) -> Result<File, Error> {
    let path: PathBuf = path.into();
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .map_err(file("open", path))
}
