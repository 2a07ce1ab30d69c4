//! Restores a backup, with the archived log up to a point in time.
//!
//! A restore is complete before it takes any effect: the backup is copied, verified, recovered by a server of its own, and
//! read. Then it takes the place of the current data, which are kept beside it, or becomes a branch.

mod previous;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use tokio::sync::mpsc;

use crate::archive::{self, Archive, Backup};
use crate::backup::{backup_lock, lock_backups, verify};
use crate::binaries::{self, Installation};
use crate::branch;
use crate::cluster::{self, SUPERUSER};
use crate::copy::copy_folder;
use crate::error::{Error, file};
use crate::files::{self, Take};
use crate::front::{self, SERVER_PORT};
use crate::keep::Keep;
use crate::layout::{Layout, remove_if_there};
use crate::lease::{self, blocking, is_last, lock, pause_server};
use crate::options::Options;
use crate::postmaster;
use crate::progress::Progress;

pub use previous::{Previous, previous, remove_previous};

/// The time limit for replaying the log.
const REPLAY: Duration = Duration::from_hours(24);

/// How long connections may take to disappear after their clients have gone.
const GONE: Duration = Duration::from_secs(1);

/// The connections of applications, apart from this one.
const APPLICATIONS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// The tables, with their TOAST tables.
const TABLES: &str = "SELECT oid::regclass::text FROM pg_class \
     WHERE relkind IN ('r', 'm', 't') AND relispopulated AND relpersistence <> 't'";

/// A point in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The last change.
    #[default]
    Latest,
    /// Everything that was committed at this time.
    Time(SystemTime),
    /// A place in the log, as a number.
    Lsn(u64),
}

/// What to restore, and to where. The default is the latest state, in place of the current data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The folder of the backups; by default, the one to which the server's log is archived.
    pub folder: Option<PathBuf>,
    /// The base backup to start from; by default, the newest one before the target.
    pub backup: Option<String>,
    /// The point in time.
    pub target: Target,
    /// The name of a branch to create, instead of replacing the current data.
    pub branch: Option<String>,
}

/// The result of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// The base backup.
    pub backup: Backup,
    /// The time of the last change, in RFC 3339; `None` if there is none in the log that was replayed.
    pub last_change: Option<String>,
    /// Where the previous data are now.
    pub replaced: Option<PathBuf>,
    /// Whether the server runs again, because it did before.
    pub running: bool,
}

impl Target {
    /// Parses a place in the log, such as `0/16B3748`.
    pub fn parse_lsn(text: &str) -> Option<Self> {
        archive::parse_lsn(text).map(Self::Lsn)
    }
}

/// Restores a backup. The server is stopped while the data are replaced, and afterwards it is as before: running, asleep or
/// stopped. An application that uses it prevents that. A failed or interrupted call changes nothing, and a dropped future is
/// an interrupted call until it has reported [`Progress::Replacing`]: from then on, the restore takes effect.
///
/// # Errors
///
/// [`Error::InUse`]; [`Error::NoBackup`], [`Error::BackupMissing`] or [`Error::NotBackups`]; [`Error::OutOfRange`] or
/// [`Error::Gap`] if the backups do not reach the target; [`Error::OtherVersion`] if they need a version that is not
/// installed; [`Error::Restore`] or [`Error::Backup`] if they are damaged; or another [`Error`] of the files.
pub async fn restore(
    options: &Options,
    request: &Request,
    mut progress: impl FnMut(Progress),
) -> Result<Restored, Error> {
    let Prepared { layout, main, branches: lock, backups, source } =
        prepare(options, request, "restore", &mut progress).await?;
    if let Some(name) = &request.branch {
        let (new, place) = branch::prepare(&main, name)?;
        let last_change =
            source.rebuild(options, &new, request.target, &lock, &backups, &mut progress).await?;
        branch::complete(&layout, &new, &place, options.branch.as_deref())?;
        return Ok(Restored { backup: source.backup, last_change, replaced: None, running: false });
    }

    let server = stop_unused(options, &layout).await?;
    let new = in_place(&main, &layout)?;
    let last_change = source.rebuild(options, &new, request.target, &lock, &backups, &mut progress).await?;
    let (data, backup) = (layout.data.clone(), source.backup.clone());
    progress(Progress::Replacing);
    // The thread goes on if this future is dropped, and so it holds the locks: nothing starts the server meanwhile.
    let (replaced, server) = blocking(move || {
        let _locks = (lock, backups);
        announce_timeline(&new)?;
        let other = Archive::configured(&layout)
            .ok()
            .flatten()
            .is_some_and(|own| own.system != source.archive.system);
        if other {
            archive::detach(&layout)?;
        }
        if !data.exists() {
            files::rename(&new.data, &data)?;
            return Ok((None, server));
        }
        // If the process is killed here, this is the restored copy, which nothing refers to.
        let replaced = files::free_name(&layout.home.join(format!(
            "{}{}",
            previous::PREFIX,
            files::stamp(SystemTime::now())
        )));
        files::rename(&new.data, &replaced)?;
        files::exchange(&replaced, &data)?;
        Ok((Some(replaced), server))
    })
    .await?;
    // If the restored data cannot be started, the next start says why.
    let running = server.resume().await.unwrap_or(false);
    Ok(Restored { backup, last_change, replaced, running })
}

/// Restores a backup to a temporary place and reads all of it. With the current data unchanged and in use, this proves
/// that the backup can be restored.
///
/// # Errors
///
/// Those of [`restore`].
pub async fn check(
    options: &Options,
    request: &Request,
    mut progress: impl FnMut(Progress),
) -> Result<Restored, Error> {
    let Prepared { layout, main, branches: lock, backups, source } =
        prepare(options, request, "check of a backup", &mut progress).await?;
    let new = in_place(&main, &layout)?;
    let last_change = source.rebuild(options, &new, request.target, &lock, &backups, &mut progress).await?;
    blocking(move || files::remove_dir(&new.data)).await?;
    Ok(Restored { backup: source.backup, last_change, replaced: None, running: false })
}

/// Removes what a killed [`restore`] or [`check`] has left behind, and stops its server. Returns whether there was something.
/// Does nothing while one is running. [`restore`] and [`check`] do this by themselves.
///
/// # Errors
///
/// [`Error::Stop`] or [`Error::File`].
pub async fn clean_up(options: &Options) -> Result<bool, Error> {
    let layout = Layout::prepare(options)?;
    let new = in_place(&Layout::prepare_main(options)?, &layout)?;
    blocking(move || {
        if !new.data.exists() {
            return Ok(false);
        }
        let Some(_lock) = lease::try_lock_at(&backup_lock(&layout))? else { return Ok(false) };
        clear(&new).map(|()| true)
    })
    .await
}

/// A request whose source is found. Nobody else changes backups or branches meanwhile.
struct Prepared {
    layout: Layout,
    main: Layout,
    branches: Arc<File>,
    backups: Arc<File>,
    source: Source,
}

async fn prepare(
    options: &Options,
    request: &Request,
    work: &str,
    progress: &mut impl FnMut(Progress),
) -> Result<Prepared, Error> {
    let layout = Layout::prepare(options)?;
    let main = Layout::prepare_main(options)?;
    let branches = branch::lock_branches(&main, work, progress).await?;
    let backups = lock_backups(&layout, work, progress).await?;
    let source = Source::find(&layout, request)?;
    Ok(Prepared { layout, main, branches, backups, source })
}

/// A stopped server, which is as before when this is dropped: running, asleep or stopped. Until then, nothing starts it.
struct Paused {
    /// How to start it; `None` if it was stopped before.
    options: Option<Options>,
    lock: Option<File>,
}

impl Paused {
    /// Starts the server with its new data. Returns whether it was running before.
    async fn resume(mut self) -> Result<bool, Error> {
        self.lock = None;
        let Some(options) = self.options.take() else { return Ok(false) };
        lease::start(&options, |_| {}).await.map(|_| true)
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        self.lock = None;
        if let Some(options) = self.options.take() {
            // An error cannot be returned from here. The next start says it.
            let _ = lease::bring_up_blocking(options, true, &|_| {});
        }
    }
}

/// Stops the server, unless it is in use, and archives the rest of its log.
async fn stop_unused(options: &Options, layout: &Layout) -> Result<Paused, Error> {
    let in_use = || Error::InUse { branch: options.branch.clone() };
    if !is_last(layout)? {
        return Err(in_use());
    }
    // A server that does not answer is not in use.
    if postmaster::running(layout).is_some()
        && let Ok((client, connection)) =
            nicol_pg::connect(&lease::url(layout, SERVER_PORT, "postgres")?).await
    {
        let count = async {
            let deadline = tokio::time::Instant::now() + GONE;
            let is_used = loop {
                let count = client.query_one(APPLICATIONS, &[]).await;
                let is_used = count.is_ok_and(|row| row.get::<_, i64>(0) > 0);
                if !is_used || tokio::time::Instant::now() > deadline {
                    break is_used;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            drop(client);
            is_used
        };
        let (is_used, _) = tokio::join!(count, connection);
        if is_used {
            return Err(in_use());
        }
    }
    let (layout, in_use) = (layout.clone(), in_use());
    let mut options = options.clone();
    "postgres".clone_into(&mut options.database);
    blocking(move || {
        let lock = lock(&layout, &|_| {})?;
        if !is_last(&layout)? {
            return Err(in_use);
        }
        let keep = Keep::read(&layout)?;
        options.idle_timeout = match keep {
            Keep::WhileUsed(time) => Some(time),
            Keep::Always | Keep::No => None,
        };
        let has_run = pause_server(&layout)?;
        let paused = Paused { options: (has_run && keep != Keep::No).then_some(options), lock: Some(lock) };
        // The restored data take the segments for archived. After a crash, they need not be.
        archive::catch_up(&layout)?;
        Ok(paused)
    })
    .await
}

/// Where a restore for these data is prepared.
fn in_place(main: &Layout, layout: &Layout) -> Result<Layout, Error> {
    layout.restoring(main, layout.home.join("data.new.restore"), layout.state.join("restore"))
}

/// A base backup and the log that follows it.
struct Source {
    archive: Archive,
    backup: Backup,
    /// The name of the timeline to follow, as `recovery_target_timeline` has it.
    timeline: &'static str,
    /// The earliest time that can be restored.
    earliest: SystemTime,
    /// The log of the current data, if it continues the archived one: then the present can be restored.
    live: Option<PathBuf>,
}

impl Source {
    /// Chooses the base backup, and checks that the log reaches from it to the target.
    fn find(layout: &Layout, request: &Request) -> Result<Self, Error> {
        let archive = match &request.folder {
            Some(folder) => Archive::open(&std::path::absolute(folder).map_err(file("find", folder))?)?,
            None => Archive::configured(layout)?.ok_or(Error::NoBackup)?,
        };
        // If the log of the current data was not archived here all the time, the rest of it leads nowhere.
        let own = Archive::configured(layout).ok().flatten();
        let is_own = own.is_some_and(|own| own.folder == archive.folder) && archive::is_attached(layout);
        let has_data = layout.data.join("global/pg_control").exists();
        let live = is_own && has_data && archive::system(&layout.data)? == archive.system;
        let live = live.then(|| layout.data.join("pg_wal"));
        let history = History::read(&archive, live.as_deref())?;
        let all = archive.backups()?;
        let Some(oldest) = all.first() else { return Err(Error::NoBackup) };
        let candidates: Vec<&Backup> = match &request.backup {
            Some(name) => {
                let missing = Error::BackupMissing { name: name.clone(), folder: archive.folder.clone() };
                vec![all.iter().find(|backup| backup.name == *name).ok_or(missing)?]
            }
            None => all.iter().filter(|backup| history.contains(backup)).collect(),
        };
        let earliest = candidates.first().unwrap_or(&oldest).finished;
        let latest = candidates.into_iter().rev().find(|backup| match request.target {
            Target::Latest => true,
            Target::Time(time) => backup.finished <= time,
            Target::Lsn(place) => backup.end <= place,
        });
        let timeline =
            if latest.is_some_and(|backup| history.contains(backup)) { "latest" } else { "current" };
        let newest = all.last().unwrap_or(oldest).clone();
        let source = Self { backup: latest.cloned().unwrap_or(newest), timeline, earliest, live, archive };
        if latest.is_none() {
            return Err(source.out_of_range(request.target, "it is before the backup was complete", None));
        }
        if matches!(request.target, Target::Time(time) if time > SystemTime::now()) {
            return Err(source.out_of_range(request.target, "it is in the future", None));
        }
        source.check_gap(request.target)?;
        Ok(source)
    }

    fn out_of_range(&self, target: Target, reason: &'static str, last: Option<String>) -> Error {
        let wanted = match target {
            Target::Latest => "the latest state".to_owned(),
            Target::Time(time) => rfc3339(time),
            Target::Lsn(place) => format!("{:X}/{:X}", place >> 32, place & 0xffff_ffff),
        };
        let to = match (&self.live, last) {
            (Some(_), _) => "now".to_owned(),
            (None, Some(last)) => last,
            (None, None) => {
                let newest = self.archive.segments().ok().and_then(|segments| segments.last().cloned());
                let archived = newest.and_then(|newest| self.archive.archived(&newest));
                rfc3339(archived.unwrap_or(self.backup.finished).max(self.earliest))
            }
        };
        Error::OutOfRange { wanted, reason, from: rfc3339(self.earliest), to }
    }

    /// Checks that no segment is missing between the base backup and the target: the server would take the gap for the
    /// end of the log.
    fn check_gap(&self, target: Target) -> Result<(), Error> {
        let own = self.archive.base(&self.backup.name).join("data/pg_wal");
        let mut segments = self.archive.segments()?;
        let archived = segments.clone();
        segments.extend(archive::names(&own)?);
        segments.extend(self.live.iter().flat_map(|live| archive::names(live).unwrap_or_default()));
        let mut numbers: Vec<u64> =
            segments.iter().filter_map(|name| archive::segment_number(name)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let first = archive::segment_number(&self.backup.segment).unwrap_or_default();
        let later: Vec<u64> = numbers.into_iter().filter(|number| *number >= first).collect();
        let Some(gap) = later.windows(2).find(|pair| pair[0] + 1 != pair[1]) else { return Ok(()) };
        let before = archived.iter().rfind(|name| archive::segment_number(name) == Some(gap[0]));
        let until = before.and_then(|name| self.archive.archived(name)).unwrap_or(self.backup.finished);
        let unreached = match target {
            Target::Latest => true,
            Target::Time(time) => time >= until,
            Target::Lsn(place) => place >> 24 > gap[0],
        };
        if !unreached {
            return Ok(());
        }
        let missing = gap[0] + 1;
        let segment = format!("{:08X}{:08X}{:08X}", self.backup.timeline, missing >> 8, missing & 0xff);
        Err(Error::Gap { segment, until: rfc3339(until) })
    }

    /// Builds the restored data in the folder of `new`, with a server of its own, which has ended afterwards. Returns the time
    /// of the last change.
    async fn rebuild(
        &self,
        options: &Options,
        new: &Layout,
        target: Target,
        lock: &Arc<File>,
        backups: &File,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Option<String>, Error> {
        let new = new.clone();
        let base = self.archive.base(&self.backup.name).join("data");
        let installation =
            binaries::find(options, new.account.as_ref(), Some((self.archive.version, base.as_path())))?;
        progress(Progress::Found {
            version: installation.version.clone(),
            folder: installation.folder.clone(),
        });
        {
            let new = new.clone();
            blocking(move || clear(&new)).await?;
        }
        let result = async {
            copy_folder(&new, &base, &new.data, |_| Take::Yes, lock, progress).await?;
            let guard = ClearOnDrop::new(&new);
            verify(options, &new, &new.data, backups, progress).await?;
            remove_if_there(&new.data.join("backup_manifest"))?;
            let last_change = match self.replay(options, &guard, &installation, target, progress).await {
                // Nothing was committed between the target and now.
                Err(Error::OutOfRange { .. }) if self.live.is_some() && matches!(target, Target::Time(_)) => {
                    self.replay(options, &guard, &installation, Target::Latest, progress).await?
                }
                result => result?,
            };
            progress(Progress::Reading);
            read_all(&new).await?;
            let stopping = new.clone();
            blocking(move || {
                postmaster::stop(&stopping)?;
                front::remove(&stopping);
                Ok(())
            })
            .await?;
            guard.keep();
            Ok(last_change)
        };
        let result = result.await;
        if result.is_err() {
            blocking(move || clear(&new)).await?;
        }
        result
    }

    /// Starts a server that replays the log up to the target.
    async fn replay(
        &self,
        options: &Options,
        guard: &ClearOnDrop,
        installation: &Installation,
        target: Target,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Option<String>, Error> {
        let new = &guard.new;
        cluster::write_file(new, &new.data.join("recovery.signal"), "")?;
        // Only its user can reach the socket, and the password at that time may have been another.
        let access = new.data.join("restore-hba.conf");
        cluster::write_file(new, &access, "local all all trust\n")?;
        let mut settings = vec![
            ("restore_command", archive::restore_command(&self.archive.log(), self.live.as_deref())?),
            ("recovery_target_timeline", self.timeline.to_owned()),
            ("recovery_target_action", "promote".to_owned()),
            ("hba_file", access.display().to_string()),
            // The archive learns of the new timeline when it is used.
            ("archive_mode", "off".to_owned()),
            ("hot_standby", "off".to_owned()),
        ];
        match target {
            Target::Latest => {}
            Target::Time(time) => {
                let time = DateTime::<Utc>::from(time).format("%Y-%m-%d %H:%M:%S%.6f+00").to_string();
                settings.push(("recovery_target_time", time));
            }
            Target::Lsn(place) => {
                settings
                    .push(("recovery_target_lsn", format!("{:X}/{:X}", place >> 32, place & 0xffff_ffff)));
            }
        }
        let mut options = options.clone();
        options.settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        options.start_timeout = REPLAY;
        progress(Progress::Replaying);
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let (layout, installation) = (new.clone(), installation.clone());
        let starting = Arc::clone(&guard.starting);
        let started = blocking(move || {
            let find = || Ok(installation.clone());
            let started = postmaster::ensure(&layout, &options, &find, &|step| drop(sender.send(step)));
            drop(starting);
            started
        });
        let (started, ()) = tokio::join!(started, async { while receiver.recv().await.is_some() {} });
        match started {
            Ok(_) => {
                remove_if_there(&access)?;
                Ok(last_change(&fs::read_to_string(new.log()).unwrap_or_default()))
            }
            Err(Error::Start { output, log }) => Err(self.failure(target, output, log)),
            Err(error) => Err(error),
        }
    }

    /// Explains why the server did not reach the target.
    fn failure(&self, target: Target, output: String, log: PathBuf) -> Error {
        let last = last_change(&output);
        if output.contains("recovery ended before configured recovery target was reached") {
            return self.out_of_range(target, "the archived log ends before", last);
        }
        if output.contains("requested recovery stop point is before consistent recovery point") {
            return self.out_of_range(target, "it is before the backup was complete", last);
        }
        Error::Restore { output, log }
    }
}

/// The newest timeline, and where it left its predecessors.
#[derive(Debug, Default, PartialEq, Eq)]
struct History {
    timeline: u32,
    predecessors: Vec<(u32, u64)>,
}

impl History {
    fn read(archive: &Archive, live: Option<&Path>) -> Result<Self, Error> {
        let mut newest: Option<(u32, PathBuf)> = None;
        for folder in [Some(archive.log().as_path()), live].into_iter().flatten() {
            for name in archive::names(folder)? {
                let timeline = name
                    .strip_suffix(".gz")
                    .unwrap_or(&name)
                    .strip_suffix(".history")
                    .and_then(|timeline| u32::from_str_radix(timeline, 16).ok());
                if let Some(timeline) = timeline
                    && newest.as_ref().is_none_or(|(other, _)| timeline > *other)
                {
                    newest = Some((timeline, folder.join(name)));
                }
            }
        }
        let Some((timeline, path)) = newest else {
            return Ok(Self { timeline: 1, predecessors: Vec::new() });
        };
        let text = if path.extension().is_some_and(|extension| extension == "gz") {
            let unpacked = Command::new("gzip").arg("-dc").arg(&path).output();
            let unpacked = unpacked.map_err(|source| Error::Run { program: "gzip".into(), source })?;
            String::from_utf8_lossy(&unpacked.stdout).into_owned()
        } else {
            fs::read_to_string(&path).map_err(file("read", &path))?
        };
        Ok(Self { timeline, predecessors: Self::parse(&text) })
    }

    /// Parses lines of timeline, place and reason.
    fn parse(text: &str) -> Vec<(u32, u64)> {
        let line = |line: &str| {
            let mut fields = line.split_whitespace();
            Some((fields.next()?.parse().ok()?, archive::parse_lsn(fields.next()?)?))
        };
        text.lines().filter_map(line).collect()
    }

    /// Whether the newest timeline leads through a backup. Those that were made after the time to which an earlier
    /// restore went back are beside it.
    fn contains(&self, backup: &Backup) -> bool {
        backup.timeline == self.timeline
            || self
                .predecessors
                .iter()
                .any(|(timeline, end)| *timeline == backup.timeline && backup.end <= *end)
    }
}

/// The data that are being restored. Unless they are kept, dropping this stops their server, waits for its end, and removes
/// them.
struct ClearOnDrop {
    new: Layout,
    /// Shared with the thread that starts the server, for as long as it runs.
    starting: Arc<()>,
    is_kept: bool,
}

impl ClearOnDrop {
    fn new(new: &Layout) -> Self {
        Self { new: new.clone(), starting: Arc::default(), is_kept: false }
    }

    fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for ClearOnDrop {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // The server may be just about to appear. When it ends, so does the thread that waits for it.
        while Arc::strong_count(&self.starting) > 1 && postmaster::stop(&self.new).is_ok() {
            std::thread::sleep(Duration::from_millis(2));
        }
        // An error cannot be returned from here. The next restore or status tries again.
        let _ = clear(&self.new);
    }
}

/// Removes what an interrupted restore has left behind.
fn clear(new: &Layout) -> Result<(), Error> {
    postmaster::stop(new)?;
    front::remove(new);
    files::remove_dir(&new.data)?;
    match fs::create_dir(&new.state) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(file("create", &new.state)(error));
        }
        _ => {}
    }
    remove_if_there(&new.log())
}

/// Reads every table, which checks every page of it.
async fn read_all(new: &Layout) -> Result<(), Error> {
    let url = ConnectionUrl::new(Address::Socket(new.run.clone()), SERVER_PORT, "postgres")
        .with_user(SUPERUSER, None);
    let mut databases = vec!["postgres".to_owned()];
    databases.extend(lease::databases(&url).await?);
    for database in databases {
        let (client, connection) =
            nicol_pg::connect(&url.with_database(&database)).await.map_err(Error::Connect)?;
        let read = async {
            for row in client.query(TABLES, &[]).await? {
                client.batch_execute(&format!("SELECT count(*) FROM ONLY {}", row.get::<_, &str>(0))).await?;
            }
            drop(client);
            Ok(())
        };
        let (read, _) = tokio::join!(read, connection);
        read.map_err(Error::Copy)?;
    }
    Ok(())
}

/// Has the server archive the history of the new timeline, which it wrote while archiving was off.
fn announce_timeline(new: &Layout) -> Result<(), Error> {
    let log = new.data.join("pg_wal");
    for name in archive::names(&log)? {
        let status = log.join("archive_status");
        if name.ends_with(".history") && !status.join(format!("{name}.done")).exists() {
            cluster::write_file(new, &status.join(format!("{name}.ready")), "")?;
        }
    }
    Ok(())
}

fn last_change(log: &str) -> Option<String> {
    let (_, rest) = log.rsplit_once("last completed transaction was at log time ")?;
    // "2026-11-28 18:40:00.1+00", because the server's log is in UTC.
    let time = rest.lines().next()?.trim().replacen(' ', "T", 1);
    Some(time.strip_suffix("+00").map_or(time.clone(), |time| format!("{time}Z")))
}

fn rfc3339(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_beside_the_newest_timeline_is_told_apart() {
        let text = "1\t0/3000000\tno recovery target specified\n\n2\t0/5000000\tbefore 2026\n";
        let history = History { timeline: 3, predecessors: History::parse(text) };
        assert_eq!(history.predecessors, [(1, 0x300_0000), (2, 0x500_0000)]);
        let backup = |timeline, end| Backup {
            name: String::new(),
            finished: SystemTime::now(),
            size: 0,
            timeline,
            segment: String::new(),
            end,
        };
        assert!(history.contains(&backup(3, 0x600_0000)) && history.contains(&backup(1, 0x300_0000)));
        assert!(!history.contains(&backup(1, 0x300_0001)) && !history.contains(&backup(4, 0)));
    }

    #[test]
    fn the_last_change_is_read_from_the_log() {
        let log = "redo done at 0/5\nlast completed transaction was at log time 2026-11-28 18:40:00.1+00\nFATAL: x\n";
        assert_eq!(last_change(log).as_deref(), Some("2026-11-28T18:40:00.1Z"));
        assert_eq!(last_change("redo done"), None);
    }
}
