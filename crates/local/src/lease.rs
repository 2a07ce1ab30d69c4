//! Sharing one server between several applications.
//!
//! There are two lock files. `lock` is held exclusively by the process that starts or stops the server, for the
//! duration. `lease` is held shared by every application for as long as it runs; a process that can lock it
//! exclusively is the last one. Both are `flock` locks, which end with their process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nicol_pg::url::Address;
use nicol_pg::{ConnectError, ConnectionUrl, quote_ident};
use tokio::sync::mpsc;

use crate::archive::{self, Archive};
use crate::binaries::{self, Installation};
use crate::cluster::{self, SUPERUSER};
use crate::error::{Error, file};
use crate::front::{self, PORT};
use crate::keep::{self, Keep};
use crate::layout::Layout;
use crate::options::Options;
use crate::postmaster::{self, Phase, Running};
use crate::progress::Progress;

/// A share in the project's server. While it is held, no other application stops the server. It may sleep, though, if it
/// was started with [`Options::idle_timeout`]: only connections keep it awake.
///
/// Return it with [`Lease::release`]. Dropping the last lease asks the server to stop, without waiting. If the
/// process is killed, the next start adopts the server.
#[derive(Debug)]
pub struct Lease {
    layout: Layout,
    options: Options,
    url: ConnectionUrl,
    pid: AtomicU32,
    /// `None` after it has been released.
    file: Option<File>,
}

/// The state of a project's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// There is no data directory yet.
    Missing,
    /// There are data, but no server is running.
    Stopped {
        /// The major version of the data.
        version: u32,
    },
    /// The server sleeps: the next connection starts it.
    Asleep {
        /// The major version of the data.
        version: u32,
        /// Whether an application holds a lease.
        in_use: bool,
        /// The connection URL.
        url: Box<ConnectionUrl>,
    },
    /// The server is starting, stopping or ready.
    Running {
        /// The server's major version.
        version: u32,
        /// The process id.
        pid: u32,
        /// Whether it accepts connections.
        ready: bool,
        /// Whether an application holds a lease.
        in_use: bool,
        /// If it sleeps when no client has been connected for this time.
        idle_timeout: Option<Duration>,
        /// The connection URL.
        url: Box<ConnectionUrl>,
    },
}

/// Finds, initializes and starts the project's server, or joins the running one.
///
/// # Errors
///
/// [`Error`], if any of these steps fails.
pub async fn acquire(options: &Options, progress: impl FnMut(Progress)) -> Result<Lease, Error> {
    bring_up(options, progress, false).await
}

/// Starts the project's server and keeps it running until [`stop`], regardless of leases, or lets it sleep when it is idle
/// ([`Options::idle_timeout`]). A running server takes over the new idle timeout.
///
/// # Errors
///
/// [`Error`], if it cannot be found, initialized or started.
pub async fn start(options: &Options, progress: impl FnMut(Progress)) -> Result<ConnectionUrl, Error> {
    let lease = bring_up(options, progress, true).await?;
    let url = lease.url.clone();
    lease.release().await?;
    Ok(url)
}

/// Stops the project's server, even if it is in use. Returns whether it was running.
///
/// # Errors
///
/// [`Error::Stop`] if it does not stop.
pub async fn stop(options: &Options) -> Result<bool, Error> {
    let options = options.clone();
    blocking(move || {
        let layout = Layout::prepare(&options)?;
        let _lock = lock(&layout, &|_| {})?;
        stop_server(&layout)
    })
    .await
}

/// Stops the project's server, even if it is in use, and permanently removes its data. [`crate::state_dir`] and the
/// application's files in it are kept, and so are backups, which can be restored with their folder's path.
///
/// # Errors
///
/// [`Error::Stop`] if the server does not stop, [`Error::File`] if something cannot be removed.
pub async fn remove(options: &Options) -> Result<(), Error> {
    let options = options.clone();
    blocking(move || {
        let layout = Layout::prepare(&options)?;
        let _lock = lock(&layout, &|_| {})?;
        stop_server(&layout)?;
        archive::detach(&layout)?;
        cluster::remove(&layout)
    })
    .await
}

/// Returns the state of the project's server. Changes nothing except for creating the project's folders.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Foreign`].
pub async fn status(options: &Options) -> Result<Status, Error> {
    let options = options.clone();
    blocking(move || {
        let layout = Layout::prepare(&options)?;
        let Some(version) = layout.data_version()? else { return Ok(Status::Missing) };
        let (in_use, url) = (!is_last(&layout)?, Box::new(url(&layout, PORT, &options.database)?));
        let idle_timeout = match Keep::read(&layout)? {
            Keep::WhileUsed(time) if keep::keeper(&layout)?.is_some() => Some(time),
            _ => None,
        };
        Ok(match postmaster::running(&layout) {
            Some(Running { pid, phase }) => {
                let ready = phase == Phase::Ready;
                Status::Running { version, pid, ready, in_use, idle_timeout, url }
            }
            None if idle_timeout.is_some() => Status::Asleep { version, in_use, url },
            None => Status::Stopped { version },
        })
    })
    .await
}

/// Returns the URL of the project's server, whether or not it is running. Changes nothing except for creating the project's
/// folders.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Foreign`].
pub async fn connection_url(options: &Options) -> Result<ConnectionUrl, Error> {
    let options = options.clone();
    blocking(move || url(&Layout::prepare(&options)?, PORT, &options.database)).await
}

impl Lease {
    /// Returns the server's URL, with the password, for [`Options::database`].
    pub fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    /// Returns the process id of the server at the time of the lease, or after the last restart by [`Lease::watch`].
    pub fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    /// Returns the folder of [`crate::state_dir`].
    pub fn state_dir(&self) -> &Path {
        &self.layout.state
    }

    /// Returns the data directory.
    pub fn data_dir(&self) -> &Path {
        &self.layout.data
    }

    /// Returns the server's log file. It contains failed statements, but no parameter values.
    pub fn log_file(&self) -> PathBuf {
        self.layout.log()
    }

    /// Releases the lease. If it was the last one, stops the server and waits for its end.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] if it does not stop.
    pub async fn release(mut self) -> Result<(), Error> {
        let Some(lease) = self.file.take() else { return Ok(()) };
        let layout = self.layout.clone();
        blocking(move || {
            let _lock = lock(&layout, &|_| {})?;
            drop(lease);
            if is_last(&layout)? && !keep::is_kept(&layout)? {
                postmaster::stop(&layout)?;
                front::remove(&layout);
            }
            Ok(())
        })
        .await
    }

    /// Restarts the server whenever it has crashed, for as long as the future is polled; it never resolves. A server
    /// that was stopped normally stays stopped.
    pub async fn watch(&self, mut report: impl FnMut(Result<Progress, Error>)) {
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let layout = self.layout.clone();
            let crashed = blocking(move || Ok(postmaster::has_crashed(&layout))).await.unwrap_or(false);
            if !crashed {
                continue;
            }
            let (sender, mut receiver) = mpsc::unbounded_channel();
            let (layout, options) = (self.layout.clone(), self.options.clone());
            let task = blocking(move || {
                let tell = |step| drop(sender.send(step));
                let _lock = lock(&layout, &tell)?;
                // Another application of the project may have been faster.
                postmaster::ensure(&layout, &options, &|| installation(&layout, &options), &tell)
            });
            let (result, ()) = tokio::join!(task, async {
                while let Some(step) = receiver.recv().await {
                    report(Ok(step));
                }
            });
            match result {
                Ok(pid) => self.pid.store(pid, Ordering::Relaxed),
                Err(error) => {
                    report(Err(error));
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(lease) = self.file.take() else { return };
        // The holder of the lock is about to take or has just released a lease, and handles the server.
        let Ok(lock) = open(&self.layout.lock()) else { return };
        if lock.try_lock().is_ok() {
            drop(lease);
            let is_unused = is_last(&self.layout).unwrap_or(false);
            if is_unused && !keep::is_kept(&self.layout).unwrap_or(true) {
                postmaster::ask_to_stop(&self.layout);
            }
        }
    }
}

/// A running server, and the lock held while it was started.
pub(crate) struct Up {
    lease: Lease,
    lock: File,
}

async fn bring_up(options: &Options, mut progress: impl FnMut(Progress), keep: bool) -> Result<Lease, Error> {
    let began = Instant::now();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let task = {
        let options = options.clone();
        blocking(move || bring_up_blocking(options, keep, &|step| drop(sender.send(step))))
    };
    let (up, ()) = tokio::join!(task, async {
        while let Some(step) = receiver.recv().await {
            progress(step);
        }
    });
    let Up { mut lease, lock } = up?;

    let mut attempts = 0..3;
    loop {
        let error = match ensure_database(&lease.url).await {
            Ok(()) => break,
            Err(error) if attempts.next().is_none() => return Err(error),
            Err(error) => error,
        };
        // The password file does not match the data: one of them was lost or restored.
        let turned_away = matches!(error, Error::Connect(ConnectError::Authentication { .. }));
        // The server has crashed at this moment.
        let gone = matches!(&error, Error::Connect(error) if error.is_temporary());
        if !turned_away && !gone {
            return Err(error);
        }
        let (layout, options) = (lease.layout.clone(), options.clone());
        let pid = blocking(move || {
            let installation = installation(&layout, &options)?;
            if turned_away {
                postmaster::stop(&layout)?;
                cluster::reset_password(&layout, &installation)?;
            }
            postmaster::ensure(&layout, &options, &|| Ok(installation.clone()), &|_| {})
        })
        .await?;
        lease.pid.store(pid, Ordering::Relaxed);
        lease.url = url(&lease.layout, PORT, &lease.options.database)?;
    }
    drop(lock);
    progress(Progress::Ready { elapsed: began.elapsed() });
    Ok(lease)
}

pub(crate) fn bring_up_blocking(
    options: Options,
    keep: bool,
    report: &dyn Fn(Progress),
) -> Result<Up, Error> {
    let layout = Layout::prepare(&options)?;
    let lock = lock(&layout, report)?;
    let lease = open(&layout.lease())?;
    lock_with(&layout.lease(), || lease.lock_shared())?;

    let find = || {
        let found = installation(&layout, &options)?;
        report(Progress::Found { version: found.version.clone(), folder: found.folder.clone() });
        Ok(found)
    };
    if layout.data_version()?.is_none() {
        if let Some(name) = &options.branch {
            return Err(Error::BranchMissing { name: name.clone() });
        }
        refuse_lost(&layout)?;
        let found = find()?;
        let folders = layout.unclaimed()?;
        if !folders.is_empty() {
            report(Progress::Unclaimed { folders });
        }
        report(Progress::Initialising { data: layout.data.clone() });
        cluster::initialise(&layout, &found)?;
    }
    let pid = postmaster::ensure(&layout, &options, &find, report)?;
    if keep {
        options.idle_timeout.map_or(Keep::Always, Keep::WhileUsed).write(&layout)?;
    }
    // An earlier keeper may have been killed.
    if matches!(Keep::read(&layout)?, Keep::WhileUsed(_)) {
        keep::ensure_keeper(&layout, &options)?;
    }
    let url = url(&layout, PORT, &options.database)?;
    Ok(Up { lease: Lease { layout, options, url, pid: AtomicU32::new(pid), file: Some(lease) }, lock })
}

/// Refuses to begin with an empty server if there are backups of one: its data were removed by something else.
fn refuse_lost(layout: &Layout) -> Result<(), Error> {
    // If the backups are gone as well, there is nothing to restore.
    let Ok(Some(archive)) = Archive::configured(layout) else { return Ok(()) };
    if archive.backups()?.is_empty() {
        return Ok(());
    }
    Err(Error::DataLost { data: layout.data.clone(), folder: archive.folder })
}

/// Returns the programs for the existing data, or for new data.
pub(crate) fn installation(layout: &Layout, options: &Options) -> Result<Installation, Error> {
    let wanted = layout.data_version()?.map(|version| (version, layout.data.as_path()));
    binaries::find(options, layout.account.as_ref(), wanted)
}

/// Returns the URL at which the server listens on this port, for a database.
pub(crate) fn url(layout: &Layout, port: u16, database: &str) -> Result<ConnectionUrl, Error> {
    // Data without a password get one when the server first rejects the connection.
    let password = cluster::password(layout)?.unwrap_or_else(|| "lost".to_owned());
    Ok(ConnectionUrl::new(Address::Socket(layout.run.clone()), port, database)
        .with_user(SUPERUSER, Some(&password)))
}

/// Returns the names of the databases of a running server, without the built-in ones.
///
/// # Errors
///
/// [`Error::Connect`] or [`Error::Databases`].
pub async fn databases(url: &ConnectionUrl) -> Result<Vec<String>, Error> {
    let (client, connection) =
        nicol_pg::connect(&url.with_database("postgres")).await.map_err(Error::Connect)?;
    let list = async {
        let names =
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1";
        let result = client.query(names, &[]).await;
        drop(client);
        result
    };
    let (rows, _) = tokio::join!(list, connection);
    Ok(rows.map_err(Error::Databases)?.iter().map(|row| row.get(0)).collect())
}

async fn ensure_database(url: &ConnectionUrl) -> Result<(), Error> {
    match nicol_pg::connect(url).await {
        Ok(_) => return Ok(()),
        Err(ConnectError::DatabaseMissing { .. }) => {}
        Err(error) => return Err(Error::Connect(error)),
    }
    let (client, connection) =
        nicol_pg::connect(&url.with_database("postgres")).await.map_err(Error::Connect)?;
    let create = async {
        let result = client.batch_execute(&format!("CREATE DATABASE {}", quote_ident(url.database()))).await;
        drop(client);
        result
    };
    let (created, _) = tokio::join!(create, connection);
    created.map_err(|source| Error::CreateDatabase { database: url.database().to_owned(), source })
}

/// Stops the server, even if it is in use, and its keeper. Returns whether it was running or asleep. The caller holds the
/// lock.
pub(crate) fn stop_server(layout: &Layout) -> Result<bool, Error> {
    Keep::No.write(layout)?;
    pause_server(layout)
}

/// As [`stop_server`], but the next start keeps it running again, if it was to keep running.
pub(crate) fn pause_server(layout: &Layout) -> Result<bool, Error> {
    let ran = postmaster::running(layout).is_some() || keep::keeper(layout)?.is_some();
    keep::stop_keeper(layout)?;
    postmaster::stop(layout)?;
    front::remove(layout);
    Ok(ran)
}

pub(crate) fn lock(layout: &Layout, report: &dyn Fn(Progress)) -> Result<File, Error> {
    lock_at(&layout.lock(), report)
}

pub(crate) fn lock_at(path: &Path, report: &dyn Fn(Progress)) -> Result<File, Error> {
    let lock = open(path)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            report(Progress::Waiting);
            lock_with(path, || lock.lock())?;
            Ok(lock)
        }
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
    }
}

/// Takes a lock for work that may take minutes, and reports the work that it waits for.
pub(crate) async fn lock_for_work(
    path: &Path,
    work: &str,
    progress: &mut impl FnMut(Progress),
) -> Result<Arc<File>, Error> {
    let mut lock = open(path)?;
    let mut told = String::new();
    // Polled, so that the caller can be interrupted.
    while let Err(error) = lock.try_lock() {
        if let TryLockError::Error(error) = error {
            return Err(file("lock", path)(error));
        }
        let holder = std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        if !holder.is_empty() && holder != told {
            progress(Progress::WaitingFor { work: holder.clone() });
            told = holder;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let write = lock.set_len(0).and_then(|()| writeln!(lock, "{work} (process {})", std::process::id()));
    write.map_err(file("write", path))?;
    Ok(Arc::new(lock))
}

/// Takes the lock, unless another process holds it.
pub(crate) fn try_lock(layout: &Layout) -> Result<Option<File>, Error> {
    try_lock_at(&layout.lock())
}

pub(crate) fn try_lock_at(path: &Path) -> Result<Option<File>, Error> {
    let lock = open(path)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
    }
}

/// Whether no lease is held. Without the lock, the answer may be outdated.
pub(crate) fn is_last(layout: &Layout) -> Result<bool, Error> {
    let path = layout.lease();
    match open(&path)?.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
    }
}

fn lock_with(path: &Path, lock: impl Fn() -> io::Result<()>) -> Result<(), Error> {
    loop {
        match lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map_err(file("lock", path)),
        }
    }
}

/// Lock files are never removed, because a lock on an unlinked file protects nothing.
fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(file("open", path))
}

/// Runs blocking file and process operations outside of the runtime's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
