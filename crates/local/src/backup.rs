//! Backups: base backups of a server in use, and the archived log, from which [`restore`](crate::restore) brings back any
//! moment since the oldest of them.
//!
//! The first [`create`] also makes the server archive its log: each finished segment of 16 MB, at the latest a minute
//! after a change once the server has been restarted, and all of it when the server stops.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::account::command;
use crate::archive::{self, Archive};
use crate::binaries;
use crate::cluster::{self, SUPERUSER};
use crate::error::{Error, file};
use crate::files;
use crate::front::SERVER_PORT;
use crate::layout::Layout;
use crate::lease::{acquire, blocking, lock_for_work};
use crate::options::Options;
use crate::progress::Progress;

pub use crate::archive::Backup;

/// The backups of a server, and how far they reach.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Overview {
    /// The folder.
    pub folder: PathBuf,
    /// The base backups, oldest first.
    pub backups: Vec<Backup>,
    /// Whether the server archives its log.
    pub archiving: bool,
    /// When the newest segment was archived.
    pub archived: Option<SystemTime>,
    /// The number of segments of the log that wait to be archived. More than one or two mean that archiving fails; the
    /// server's log says why.
    pub waiting: usize,
    /// The size of the archived log in bytes.
    pub log_size: u64,
}

/// Makes a base backup, starting the server if necessary, and makes the server archive its log from then on.
///
/// The default folder is the one of the last backup, otherwise `backups` beside the data. With `keep`, all but that
/// many of the newest base backups are removed afterwards, with the log that only those needed. An interrupted call
/// leaves no backup.
///
/// # Errors
///
/// [`Error::NotBackups`] or [`Error::NoAccess`] if the folder cannot be used, [`Error::Backup`] if `pg_basebackup`
/// or `pg_verifybackup` fails, or another [`Error`] of the files or the server.
pub async fn create(
    options: &Options,
    folder: Option<&Path>,
    keep: Option<usize>,
    mut progress: impl FnMut(Progress),
) -> Result<Backup, Error> {
    for (name, package) in [("gzip", "gzip"), ("cmp", "diffutils")] {
        let folders = options.search_path.iter().flat_map(std::env::split_paths);
        if !folders.chain(["/bin".into(), "/usr/bin".into()]).any(|folder| folder.join(name).is_file()) {
            return Err(Error::ProgramMissing { name, package });
        }
    }
    let layout = Layout::prepare(options)?;
    if layout.data_version()?.is_none() {
        return Err(Error::NoData { branch: options.branch.clone() });
    }
    let folder = match folder {
        Some(folder) => std::path::absolute(folder).map_err(file("find", folder))?,
        None => setting_or_default(&layout)?,
    };
    if real(&folder).starts_with(real(&layout.data)) {
        let reason = "it is inside the data directory, which is what is backed up";
        return Err(Error::NotBackups { folder, reason });
    }
    let lock = lock_backups(&layout, "backup", &mut progress).await?;

    let mut on_postgres = options.clone();
    "postgres".clone_into(&mut on_postgres.database);
    let lease = acquire(&on_postgres, &mut progress).await?;
    let archive = Archive::create(&layout, &folder)?;
    check_access(&layout, &folder)?;
    let previous = Archive::configured(&layout).ok().flatten().filter(|it| it.folder != archive.folder);
    // Before the base backup, so that no segment is missing between the two.
    archive.attach(&layout)?;
    let mut moved = Move { layout: &layout, new: &archive, previous };
    let made = base_backup(options, &layout, &archive, lease.url().password(), &lock, &mut progress).await;
    lease.release().await?;
    let backup = made?;
    if let Some(previous) = moved.previous.take() {
        // The folder may have older backups, whose log went on in the previous folder.
        archive.take_log(&previous, &layout)?;
    }
    if let Some(keep) = keep {
        archive.prune(keep)?;
    }
    Ok(backup)
}

/// Returns the backups of a server; `None` if there never were any.
///
/// # Errors
///
/// [`Error::BackupsGone`] if their folder is missing, [`Error::NotBackups`] if it is damaged, or [`Error::File`].
pub async fn overview(options: &Options) -> Result<Option<Overview>, Error> {
    let layout = Layout::prepare(options)?;
    blocking(move || {
        let Some(archive) = Archive::configured(&layout)? else { return Ok(None) };
        let segments = archive.segments()?;
        let mut log_size = 0;
        for name in archive::names(&archive.log())? {
            log_size += fs::metadata(archive.log().join(name)).map_or(0, |meta| meta.len());
        }
        Ok(Some(Overview {
            backups: archive.backups()?,
            archiving: archive::is_attached(&layout),
            archived: segments.last().and_then(|newest| archive.archived(newest)),
            waiting: archive::waiting(&layout),
            log_size,
            folder: archive.folder,
        }))
    })
    .await
}

/// Ends the archiving of a server's log, also if the folder of the backups is gone. The backups remain, and can be restored with
/// their folder's path. Returns that.
///
/// # Errors
///
/// [`Error::NoBackup`] if there is no archive, or [`Error::File`].
pub async fn stop(options: &Options) -> Result<PathBuf, Error> {
    let layout = Layout::prepare(options)?;
    let _lock = lock_backups(&layout, "end of archiving", &mut |_| {}).await?;
    let folder = archive::configured_folder(&layout)?.ok_or(Error::NoBackup)?;
    archive::detach(&layout)?;
    Ok(folder)
}

fn setting_or_default(layout: &Layout) -> Result<PathBuf, Error> {
    let configured = Archive::configured(layout)?;
    Ok(configured.map_or_else(|| layout.home.join("backups"), |archive| archive.folder))
}

/// Returns to the previous folder of backups, unless one was made in the new one: otherwise a later restore would end where the previous log
/// does.
struct Move<'a> {
    layout: &'a Layout,
    new: &'a Archive,
    previous: Option<Archive>,
}

impl Drop for Move<'_> {
    fn drop(&mut self) {
        let Some(previous) = self.previous.take() else { return };
        // An error cannot be returned from here. The status names the folder, and the next backup tries again.
        drop(previous.attach(self.layout).and_then(|()| previous.take_log(self.new, self.layout)));
    }
}

/// Resolves the links of the part of a path that is there.
fn real(path: &Path) -> PathBuf {
    match (path.canonicalize(), path.parent(), path.file_name()) {
        (Err(_), Some(parent), Some(name)) => real(parent).join(name),
        (Err(_), ..) => path.to_owned(),
        (Ok(path), ..) => path,
    }
}

/// Only one backup or restore at a time.
pub(crate) async fn lock_backups(
    layout: &Layout,
    work: &str,
    progress: &mut impl FnMut(Progress),
) -> Result<Arc<fs::File>, Error> {
    lock_for_work(&backup_lock(layout), work, progress).await
}

pub(crate) fn backup_lock(layout: &Layout) -> PathBuf {
    layout.state.join("backup.lock")
}

/// Checks that the server's user can use the folder.
pub(crate) fn check_access(layout: &Layout, folder: &Path) -> Result<(), Error> {
    let Some(account) = &layout.account else { return Ok(()) };
    let test = "[ -x \"$1\" ] && [ -w \"$1/log\" ]";
    let shell = Path::new("/bin/sh");
    let status = command(shell, Some(account)).args(["-c", test, "sh"]).arg(folder).status();
    if status.map_err(|source| Error::Run { program: shell.to_owned(), source })?.success() {
        return Ok(());
    }
    Err(Error::NoAccess { folder: folder.to_owned(), uid: account.uid })
}

async fn base_backup(
    options: &Options,
    layout: &Layout,
    archive: &Archive,
    password: Option<&str>,
    lock: &fs::File,
    progress: &mut impl FnMut(Progress),
) -> Result<Backup, Error> {
    // What an interrupted backup has left behind.
    let unfinished = archive.base(".new");
    files::remove_dir(&unfinished)?;
    let owner = files::Owner(layout.account.as_ref());
    owner.make_folder(&unfinished)?;
    let data = unfinished.join("data");
    let place = files::free_name(&archive.base(&files::stamp(SystemTime::now())));
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();

    let mut program = program(options, layout, "pg_basebackup", lock)?;
    program.args(["--checkpoint=fast", "--wal-method=stream", "--no-password", "--progress", "--pgdata"]);
    program.arg(&data).arg("--host").arg(&layout.run);
    program.args(["--port", &SERVER_PORT.to_string(), "--username", SUPERUSER]);
    program.envs(password.map(|password| ("PGPASSWORD", password)));
    run("pg_basebackup", program, progress).await?;
    let finished = archive::rounded_up(SystemTime::now());
    verify(options, layout, &data, lock, progress).await?;

    let size = files::size(&data)?;
    let unknown = || Error::Backup { program: "pg_basebackup", output: "its files are unusual".to_owned() };
    let backup = Backup::of(&name, &data, finished, size).ok_or_else(unknown)?;
    cluster::write_file(layout, &unfinished.join("info"), &backup.to_text())?;
    files::sync(&unfinished)?;
    files::rename(&unfinished, &place)?;
    Ok(backup)
}

/// Compares the files of a base backup with the checksums from when it was made.
pub(crate) async fn verify(
    options: &Options,
    layout: &Layout,
    data: &Path,
    lock: &fs::File,
    progress: &mut impl FnMut(Progress),
) -> Result<(), Error> {
    progress(Progress::Verifying);
    let mut program = program(options, layout, "pg_verifybackup", lock)?;
    // It passes the path on to a shell, which would run what stands in the name of a folder.
    program.current_dir(data).args(["--quiet", "."]);
    run("pg_verifybackup", program, progress).await
}

/// Returns a program of PostgreSQL. It holds the lock as its standard input, which it does not read: if this process is
/// killed, the next backup waits until the program has ended, too.
fn program(
    options: &Options,
    layout: &Layout,
    name: &'static str,
    lock: &fs::File,
) -> Result<Command, Error> {
    let package = "the server and client packages of PostgreSQL";
    let wanted = layout.data_version()?.map(|version| (version, layout.data.as_path()));
    // That of another version may be found first.
    let installation = binaries::find(options, layout.account.as_ref(), wanted)?;
    let beside = installation.folder.join(name);
    let path = if beside.is_file() { Some(beside) } else { binaries::program(options, name) };
    let path = path.ok_or(Error::ProgramMissing { name, package })?;
    let mut command = Command::from(command(&path, layout.account.as_ref()));
    let lock = lock.try_clone().map_err(|source| Error::Run { program: name.into(), source })?;
    command.stdin(lock).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

/// Runs a program, reporting the progress that it prints.
async fn run(
    name: &'static str,
    mut program: Command,
    progress: &mut impl FnMut(Progress),
) -> Result<(), Error> {
    let failed = |source| Error::Run { program: name.into(), source };
    let mut child = program.spawn().map_err(failed)?;
    let output = match child.stderr.take() {
        Some(stderr) => read_progress(stderr, progress).await,
        None => String::new(),
    };
    let status = child.wait().await.map_err(failed)?;
    if status.success() { Ok(()) } else { Err(Error::Backup { program: name, output }) }
}

/// Reads lines such as `1024/20480 kB (5%), 0/1 tablespace`, and returns the others.
async fn read_progress(mut output: impl AsyncRead + Unpin, progress: &mut impl FnMut(Progress)) -> String {
    let (mut others, mut line, mut buffer) = (String::new(), Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = output.read(&mut buffer).await {
        for byte in &buffer[..length] {
            if !matches!(byte, b'\n' | b'\r') {
                line.push(*byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line).trim().to_owned();
            match progress_of(&text) {
                Some((done, total)) => progress(Progress::Copying { done: done << 10, total: total << 10 }),
                None if text.is_empty() => {}
                None => others = format!("{others}{text}\n"),
            }
            line.clear();
        }
    }
    others
}

fn progress_of(line: &str) -> Option<(u64, u64)> {
    let (done, total) = line.split_once(" kB (")?.0.split_once('/')?;
    Some((done.trim().parse().ok()?, total.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_the_output() {
        assert_eq!(progress_of(" 1024/20480 kB (5%), 0/1 tablespace"), Some((1024, 20480)));
        assert_eq!(progress_of("waiting for checkpoint"), None);
        assert_eq!(progress_of("pg_basebackup: error: could not write 7/8 kB"), None);
    }
}
