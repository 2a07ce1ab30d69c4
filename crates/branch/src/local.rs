//! Branches on this machine: copies of a private server's data, each with a server of its own.

mod records;
mod rows;

use std::fs::File;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use jiff::Timestamp;
use nicol_local::restore::{Request, Target, restore};
use nicol_local::{Lease, Options, Status};
use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use sha2::{Digest as _, Sha256};

use crate::backend::{Backend, NewBranch, Opened, Origin, Urls};
use crate::branch::Branch;
use crate::branches::Branches;
use crate::error::Error;
use crate::point::Point;
use records::{Pending, Records};

/// The id and the first name of the server's own data, which are the root of all branches.
const MAIN: &str = "main";

/// The branches of a project's private server.
///
/// The id of a branch is its name for [`nicol_local::branch`]. Names, parents and expirations are in `branches.json` in the
/// server's state folder. The history of a branch is that of its backups ([`nicol_local::backup`]); without any, only its
/// current state can be copied.
#[derive(Debug)]
pub struct Local {
    options: Options,
    database: Option<String>,
}

impl Local {
    /// Returns the branches of a project. URLs lead to `database`, otherwise to the one in the options, otherwise to the first
    /// one that exists.
    pub fn new(options: Options, database: Option<String>) -> Self {
        Self { options, database }
    }

    /// Whether the time of a branch is over.
    ///
    /// # Errors
    ///
    /// [`Error::File`] or [`Error::Local`]
    pub fn has_expired(&self, now: Timestamp) -> Result<bool, Error> {
        Ok(Records::read(&self.options)?.branches.iter().any(|branch| branch.is_expired(now)))
    }

    /// Deletes the branches that have expired, and returns their names. Those with children, or whose servers have
    /// connections, are left for the next call, and so is the one with the id `kept`.
    ///
    /// # Errors
    ///
    /// [`Error`]
    pub async fn delete_expired(&self, now: Timestamp, kept: Option<&str>) -> Result<Vec<String>, Error> {
        let mut deleted = Vec::new();
        if !self.has_expired(now)? {
            return Ok(deleted);
        }
        let branches = Branches::of(self.list().await?);
        for branch in branches.all().iter().filter(|branch| branch.is_expired(now)) {
            if kept != Some(&branch.id)
                && branches.check_delete(branch).is_ok()
                && !self.is_used(branch).await?
            {
                self.delete(branch).await?;
                deleted.push(branch.name.clone());
            }
        }
        Ok(deleted)
    }

    /// Stops the servers of all branches except the main one, even if they are in use. Returns the names of those that ran.
    ///
    /// # Errors
    ///
    /// [`Error::Local`]
    pub async fn stop_all(&self) -> Result<Vec<String>, Error> {
        let mut stopped = Vec::new();
        for folder in nicol_local::branch::list(&self.options).await? {
            if nicol_local::stop(&self.options.on_branch(&folder.name)).await? {
                let records = Records::read(&self.options)?;
                let record = records.branches.into_iter().find(|it| it.id == folder.name);
                stopped.push(record.map_or(folder.name, |it| it.name));
            }
        }
        Ok(stopped)
    }

    /// Starts the server of the branch that a URL leads to, unless it runs, and returns a lease on it; `None` if the URL leads
    /// elsewhere, or to the server's own data.
    ///
    /// # Errors
    ///
    /// [`Error::Local`]
    pub async fn acquire_at(&self, url: &ConnectionUrl) -> Result<Option<Lease>, Error> {
        let Some(id) = self.branch_at(url).await?.filter(|id| id != MAIN) else { return Ok(None) };
        let mut options = self.options.on_branch(id);
        "postgres".clone_into(&mut options.database);
        Ok(Some(nicol_local::acquire(&options, |_| {}).await?))
    }

    /// Returns how to find the server of a branch.
    pub fn options(&self, branch: &Branch) -> Options {
        // A server always has this database, so none is created by connecting.
        let mut options = self.options.clone();
        "postgres".clone_into(&mut options.database);
        if branch.id == MAIN { options } else { options.on_branch(&branch.id) }
    }

    /// Whether an application holds a lease on the server of a branch, or is connected to it.
    async fn is_used(&self, branch: &Branch) -> Result<bool, Error> {
        match nicol_local::status(&self.options(branch)).await? {
            Status::Running { in_use: true, .. } | Status::Asleep { in_use: true, .. } => Ok(true),
            // What cannot be known counts as used.
            Status::Running { url, .. } => Ok(rows::connections(&url).await.is_none_or(|count| count > 0)),
            _ => Ok(false),
        }
    }

    /// Returns the URL of the database to use on a server that is running.
    async fn database_of(&self, url: &ConnectionUrl) -> Result<ConnectionUrl, Error> {
        let names = nicol_local::databases(url).await?;
        let usual = &self.options.database;
        let chosen = match &self.database {
            Some(name) => name,
            None if names.contains(usual) => usual,
            None => names.first().unwrap_or(usual),
        };
        Ok(url.with_database(chosen))
    }

    /// Returns the branch of an id, which another process may have changed.
    fn fresh(records: &Records, id: &str, name: &str) -> Result<Branch, Error> {
        let found = records.branches.iter().find(|branch| branch.id == id);
        found.cloned().ok_or_else(|| Error::Missing { name: name.to_owned(), names: records.names() })
    }

    /// Reads the records and completes them from the folders of the branches.
    async fn current(&self, lock: &File) -> Result<Records, Error> {
        if nicol_local::status(&self.options).await? == Status::Missing {
            return Err(Error::NoServer);
        }
        let mut records = Records::read(&self.options)?;
        records.finish_pending(&self.options, lock).await?;
        let folders = nicol_local::branch::list(&self.options).await?;
        let is_there = |id: &str| id == MAIN || folders.iter().any(|folder| folder.name == id);
        records.branches.retain(|branch| is_there(&branch.id));
        if !records.branches.iter().any(|branch| branch.id == MAIN) {
            let created = records::created(&self.options);
            records.branches.insert(0, found(MAIN.to_owned(), None, created));
        }
        for folder in folders {
            if !records.branches.iter().any(|branch| branch.id == folder.name) {
                let parent = folder.parent.unwrap_or_else(|| MAIN.to_owned());
                records.branches.push(found(folder.name, Some(parent), folder.created));
            }
        }
        let ids: Vec<String> = records.branches.iter().map(|branch| branch.id.clone()).collect();
        for branch in &mut records.branches {
            "ready".clone_into(&mut branch.current_state);
            branch.default = branch.id == MAIN;
            branch.parent_id = branch.parent_id.take().filter(|parent| ids.contains(parent));
        }
        records
            .branches
            .sort_by(|a, b| (!a.default, a.created_at, &a.id).cmp(&(!b.default, b.created_at, &b.id)));
        Ok(records)
    }

    /// Copies the data of a branch to a new id: from its server, or for a point in time from its backups.
    async fn copy(&self, origin: &Origin, id: &str) -> Result<(), Error> {
        let options = match origin.branch_id.as_deref() {
            None | Some(MAIN) => self.options.clone(),
            Some(parent) => self.options.on_branch(parent),
        };
        let mut request = Request::default();
        request.target = match &origin.point {
            Point::Head => {
                nicol_local::branch::create(&options, id, |_| {}).await?;
                return Ok(());
            }
            Point::Time(time) => Target::Time(system_time(*time)),
            Point::Lsn(text) => {
                Target::parse_lsn(text).ok_or_else(|| Error::Reference { text: text.clone() })?
            }
        };
        request.branch = Some(id.to_owned());
        match restore(&options, &request, |_| {}).await {
            Err(nicol_local::Error::NoBackup) => Err(no_history()),
            restored => restored.map(drop).map_err(Error::from),
        }
    }
}

#[async_trait]
impl Backend for Local {
    async fn list(&self) -> Result<Vec<Branch>, Error> {
        let lock = records::lock(&self.options).await?;
        Ok(self.current(&lock).await?.branches)
    }

    async fn create(&self, new: &NewBranch) -> Result<Branch, Error> {
        let lock = records::lock(&self.options).await?;
        let mut records = self.current(&lock).await?;
        let compute = new.compute.ok_or(Error::Unsupported {
            what: "a local branch always has a server",
            help: "leave out --no-compute",
        })?;
        if compute.units.is_some() || compute.suspend_timeout != 0 {
            return Err(Error::Unsupported {
                what: "a local branch has no compute with a size or a timeout",
                help: "leave out --cu and --suspend-timeout",
            });
        }
        let id = new_id(&records);
        let name = new.name.clone().unwrap_or_else(|| id.clone());
        if new.name.is_some() {
            Branches::of(records.branches.clone()).check_new_name(&name)?;
        }
        self.copy(&new.origin, &id).await?;
        let parent = new.origin.branch_id.clone().unwrap_or_else(|| MAIN.to_owned());
        let mut branch = found(id, Some(parent).filter(|_| !new.schema_only), SystemTime::now());
        branch.name = name;
        branch.expires_at = new.expires_at;
        if new.schema_only {
            let opened = self.open(&branch, &Point::Head).await?;
            let removed = rows::remove(&opened.url).await;
            opened.close().await?;
            if let Err(error) = removed {
                nicol_local::branch::remove(&self.options, &branch.id).await?;
                return Err(error);
            }
        }
        records.branches.push(branch.clone());
        records.write(&self.options)?;
        Ok(branch)
    }

    async fn rename(&self, branch: &Branch, name: &str) -> Result<Branch, Error> {
        let lock = records::lock(&self.options).await?;
        let mut records = self.current(&lock).await?;
        Branches::of(records.branches.clone()).check_new_name(name)?;
        records.change(branch, |branch| name.clone_into(&mut branch.name))?;
        records.write(&self.options)?;
        Self::fresh(&records, &branch.id, name)
    }

    async fn restore(
        &self,
        branch: &Branch,
        origin: &Origin,
        preserve_under_name: Option<&str>,
    ) -> Result<Branch, Error> {
        let lock = records::lock(&self.options).await?;
        let before = self.current(&lock).await?;
        if branch.id == MAIN {
            return Err(Error::Unsupported {
                what: "the main branch of the local server cannot be restored from a branch",
                help: "switch to that branch, or go back in time with `nicol local restore`",
            });
        }
        let status = nicol_local::status(&self.options(branch)).await?;
        let was_running = matches!(status, Status::Running { .. } | Status::Asleep { .. });
        if matches!(status, Status::Running { in_use: true, .. } | Status::Asleep { in_use: true, .. }) {
            // Otherwise the data would be copied first.
            return Err(nicol_local::Error::InUse { branch: Some(branch.name.clone()) }.into());
        }
        let mut records = before.clone();
        let old = new_id(&records);
        let new = format!("{old}-new");
        self.copy(origin, &new).await?;
        let parent = origin.branch_id.clone().unwrap_or_else(|| MAIN.to_owned());
        if let Some(name) = preserve_under_name {
            Branches::of(records.branches.clone()).check_new_name(name)?;
            let mut kept = found(old.clone(), branch.parent_id.clone(), SystemTime::now());
            name.clone_into(&mut kept.name);
            for child in &mut records.branches {
                if child.parent_id.as_deref() == Some(&branch.id) {
                    child.parent_id = Some(old.clone());
                }
            }
            records.branches.push(kept);
        }
        records.change(branch, |branch| {
            branch.parent_id = Some(parent);
            branch.last_reset_at = Some(Timestamp::now());
        })?;
        let is_kept = preserve_under_name.is_some();
        records.pending = Some(Pending { branch: branch.id.clone(), new: new.clone(), old, is_kept });
        records.write(&self.options)?;
        if let Err(error) = records.finish_pending(&self.options, &lock).await {
            // An application uses the branch. If its data have not been moved yet, they stay.
            if matches!(error, Error::Local(nicol_local::Error::InUse { .. })) {
                before.write(&self.options)?;
                nicol_local::branch::remove(&self.options, &new).await?;
            }
            return Err(error);
        }
        if was_running {
            nicol_local::start(&self.options(branch), |_| {}).await?;
        }
        Self::fresh(&records, &branch.id, &branch.name)
    }

    async fn set_expiration(&self, branch: &Branch, at: Option<Timestamp>) -> Result<Branch, Error> {
        let lock = records::lock(&self.options).await?;
        let mut records = self.current(&lock).await?;
        records.change(branch, |branch| branch.expires_at = at)?;
        records.write(&self.options)?;
        Self::fresh(&records, &branch.id, &branch.name)
    }

    async fn delete(&self, branch: &Branch) -> Result<(), Error> {
        let lock = records::lock(&self.options).await?;
        let mut records = self.current(&lock).await?;
        nicol_local::branch::remove(&self.options, &branch.id).await?;
        records.branches.retain(|it| it.id != branch.id);
        records.write(&self.options)
    }

    async fn urls(&self, branch: &Branch) -> Result<Urls, Error> {
        let url = nicol_local::start(&self.options(branch), |_| {}).await?;
        let url = self.database_of(&url).await?;
        Ok(Urls { pooled: url.clone(), direct: url })
    }

    async fn leave(&self, branch: &Branch) -> Result<(), Error> {
        // The main server belongs to the project, whatever branch is used.
        if branch.id != MAIN && !self.is_used(branch).await? {
            nicol_local::stop(&self.options(branch)).await?;
        }
        Ok(())
    }

    async fn open(&self, branch: &Branch, point: &Point) -> Result<Opened, Error> {
        if *point != Point::Head {
            return Err(Error::Unsupported {
                what: "a local branch can only be opened in its current state",
                help: "create a branch at that time first: `nicol branch create NAME --parent BRANCH@TIME`",
            });
        }
        let lease = nicol_local::acquire(&self.options(branch), |_| {}).await?;
        let url = self.database_of(lease.url()).await?;
        Ok(Opened { url, lease: Some(lease) })
    }

    async fn branch_at(&self, url: &ConnectionUrl) -> Result<Option<String>, Error> {
        if !matches!(url.hosts()[0].address, Address::Socket(_)) {
            return Ok(None);
        }
        let mut ids = vec![MAIN.to_owned()];
        ids.extend(nicol_local::branch::list(&self.options).await?.into_iter().map(|folder| folder.name));
        for id in ids {
            let options = if id == MAIN { self.options.clone() } else { self.options.on_branch(&id) };
            if nicol_local::connection_url(&options).await?.hosts()[0] == url.hosts()[0] {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// Returns a branch that has no record yet.
fn found(id: String, parent_id: Option<String>, created: SystemTime) -> Branch {
    let time = created.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let created_at = i64::try_from(time).ok().and_then(|it| Timestamp::from_millisecond(it).ok());
    Branch {
        name: id.clone(),
        default: id == MAIN,
        id,
        parent_id,
        protected: false,
        current_state: "ready".to_owned(),
        created_at: created_at.unwrap_or_default(),
        expires_at: None,
        last_reset_at: None,
    }
}

/// A time before 1970 counts as 1970: no backup is older.
fn system_time(time: Timestamp) -> SystemTime {
    let nanoseconds = u64::try_from(time.as_nanosecond()).unwrap_or(0);
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

/// Returns an id that no branch has, in the form of Neon's: `br-local-` and 12 digits. It need not be unpredictable.
fn new_id(records: &Records) -> String {
    let mut number = 0_u32;
    loop {
        let seed = format!("{} {} {number}", Timestamp::now().as_nanosecond(), std::process::id());
        let digest = Sha256::digest(seed.as_bytes());
        let mut digits = [0; 8];
        digits.copy_from_slice(&digest[..8]);
        let id = format!("br-local-{:012x}", u64::from_be_bytes(digits) >> 16);
        if records.branches.iter().all(|branch| branch.id != id) {
            return id;
        }
        number += 1;
    }
}

fn no_history() -> Error {
    Error::Unsupported {
        what: "the branch has no backups, so its state at a point in time is not known",
        help: "leave the time out to use the current state; `nicol local backup` keeps the history of the main branch from now on",
    }
}
