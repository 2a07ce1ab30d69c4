//! Several applications, one server: who uses it, and who stops it.
//!
//! Two lock files. `lock` is held, alone, by whoever starts or stops the server, for as long as that takes. `lease` is
//! held, shared, by every application for as long as it lives; who can hold it alone knows to be the last. Both are
//! `flock` locks, which end with their process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nicol_pg::url::Address;
use nicol_pg::{ConnectError, ConnectionUrl, quote_ident};
use tokio::sync::mpsc;

use crate::binaries::{self, Installation};
use crate::cluster::{self, SUPERUSER};
use crate::error::{Error, file};
use crate::layout::Layout;
use crate::postmaster::{self, PORT, Phase};
use crate::{Options, Progress};

/// A share in the project's server. While one is held the server is not stopped by another application.
///
/// Give it back with [`Lease::release`]. A lease that is dropped asks the server to stop, if it was the last, but does
/// not wait for its end; a process that is killed leaves the server to the next start.
#[derive(Debug)]
pub struct Lease {
    layout: Layout,
    options: Options,
    url: ConnectionUrl,
    pid: AtomicU32,
    /// `None` once it has been given back.
    file: Option<File>,
}

/// What is there of a project's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// No data directory yet.
    Missing,
    /// Data, but no server.
    Stopped {
        /// The major version of the data.
        version: u32,
    },
    /// A server that starts, stops, or takes connections.
    Running {
        /// Its major version.
        version: u32,
        /// Its process.
        pid: u32,
        /// Whether it takes connections.
        ready: bool,
        /// Whether an application holds a lease.
        in_use: bool,
        /// Where it is.
        url: Box<ConnectionUrl>,
    },
}

/// Finds, initialises and starts the project's server, or joins the one that runs.
///
/// # Errors
///
/// [`Error`].
pub async fn acquire(options: &Options, progress: impl FnMut(Progress)) -> Result<Lease, Error> {
    bring_up(options, progress, false).await
}

/// Starts the project's server so that it stays until [`stop`], whatever leases come and go.
///
/// # Errors
///
/// [`Error`].
pub async fn start(options: &Options, progress: impl FnMut(Progress)) -> Result<ConnectionUrl, Error> {
    let lease = bring_up(options, progress, true).await?;
    let url = lease.url.clone();
    lease.release().await?;
    Ok(url)
}

/// Stops the project's server, whoever uses it. Gives whether one ran.
///
/// # Errors
///
/// [`Error::Stop`] if it does not end.
pub async fn stop(options: &Options) -> Result<bool, Error> {
    let options = options.clone();
    blocking(move || {
        let layout = Layout::prepare(&options)?;
        let _lock = lock(&layout, &|_| {})?;
        remove_if_there(&layout.keep())?;
        let ran = postmaster::running(&layout).is_some();
        postmaster::stop(&layout)?;
        Ok(ran)
    })
    .await
}

/// Stops the project's server, whoever uses it, and removes its data for good. What [`crate::state_dir`] holds for the
/// application stays.
///
/// # Errors
///
/// [`Error::Stop`] if the server does not end, [`Error::File`] if something cannot be removed.
pub async fn remove(options: &Options) -> Result<(), Error> {
    let options = options.clone();
    blocking(move || {
        let layout = Layout::prepare(&options)?;
        let _lock = lock(&layout, &|_| {})?;
        remove_if_there(&layout.keep())?;
        postmaster::stop(&layout)?;
        cluster::remove(&layout)
    })
    .await
}

/// Says what is there, and changes nothing but to make the project's folders.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Foreign`].
pub async fn status(options: &Options) -> Result<Status, Error> {
    let options = options.clone();
    blocking(move || {
        let layout = Layout::prepare(&options)?;
        let Some(version) = layout.data_version()? else { return Ok(Status::Missing) };
        let Some(running) = postmaster::running(&layout) else { return Ok(Status::Stopped { version }) };
        Ok(Status::Running {
            version,
            pid: running.pid,
            ready: running.phase == Phase::Ready,
            in_use: !is_last(&layout)?,
            url: Box::new(url(&layout, &options)?),
        })
    })
    .await
}

impl Lease {
    /// The server's URL, with the password, for [`Options::database`].
    pub fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    /// As [`crate::state_dir`].
    pub fn state_dir(&self) -> &Path {
        &self.layout.state
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.layout.data
    }

    /// The server's log. It holds no values, but statements that have failed.
    pub fn log_file(&self) -> PathBuf {
        self.layout.log()
    }

    /// Gives the lease back and, if it was the last, stops the server and waits for its end.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] if it does not end.
    pub async fn release(mut self) -> Result<(), Error> {
        let Some(lease) = self.file.take() else { return Ok(()) };
        let layout = self.layout.clone();
        blocking(move || {
            let _lock = lock(&layout, &|_| {})?;
            drop(lease);
            if is_last(&layout)? && !layout.keep().exists() {
                postmaster::stop(&layout)?;
            }
            Ok(())
        })
        .await
    }

    /// Brings the server back whenever it has crashed, for as long as the future is polled; it never resolves. A
    /// server that was stopped in order stays stopped.
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
        // Whoever holds the lock is about to take a lease or has just given one back: the server is theirs then.
        let Ok(lock) = open(&self.layout.lock()) else { return };
        if lock.try_lock().is_ok() {
            drop(lease);
            if is_last(&self.layout).unwrap_or(false) && !self.layout.keep().exists() {
                postmaster::ask_to_stop(&self.layout);
            }
        }
    }
}

/// A server that runs, and the lock under which that was seen to.
struct Up {
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
        // The password file and the data do not belong together: one of them was lost or put back.
        let turned_away = matches!(error, Error::Connect(ConnectError::Authentication { .. }));
        // The server that was found has crashed in this moment.
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
        lease.url = url(&lease.layout, &lease.options)?;
    }
    drop(lock);
    progress(Progress::Ready { elapsed: began.elapsed() });
    Ok(lease)
}

fn bring_up_blocking(options: Options, keep: bool, report: &dyn Fn(Progress)) -> Result<Up, Error> {
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
        let found = find()?;
        report(Progress::Initialising { data: layout.data.clone() });
        cluster::initialise(&layout, &found)?;
    }
    let pid = postmaster::ensure(&layout, &options, &find, report)?;
    if keep {
        open(&layout.keep())?;
    }
    let url = url(&layout, &options)?;
    Ok(Up { lease: Lease { layout, options, url, pid: AtomicU32::new(pid), file: Some(lease) }, lock })
}

/// The programs for the data that is there, or for new data.
fn installation(layout: &Layout, options: &Options) -> Result<Installation, Error> {
    let wanted = layout.data_version()?.map(|version| (version, layout.data.as_path()));
    binaries::find(options, layout.account.as_ref(), wanted)
}

fn url(layout: &Layout, options: &Options) -> Result<ConnectionUrl, Error> {
    // Data without a password gets one when the server first turns us away.
    let password = cluster::password(layout)?.unwrap_or_else(|| "lost".to_owned());
    Ok(ConnectionUrl::new(Address::Socket(layout.run.clone()), PORT, &options.database)
        .with_user(SUPERUSER, Some(&password)))
}

/// The databases of a running server by their names, without those that every server has.
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

fn lock(layout: &Layout, report: &dyn Fn(Progress)) -> Result<File, Error> {
    let path = layout.lock();
    let lock = open(&path)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            report(Progress::Waiting);
            lock_with(&path, || lock.lock())?;
            Ok(lock)
        }
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
    }
}

/// Whether nobody holds a lease. The caller holds the lock, or may be told too early.
fn is_last(layout: &Layout) -> Result<bool, Error> {
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

/// Lock files are never removed: a lock on a file that has lost its name protects nothing.
fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(file("open", path))
}

fn remove_if_there(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Runs what waits for files and processes apart from the runtime's threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
