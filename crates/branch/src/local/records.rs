//! The file with the names, parents and expirations of local branches.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use nicol_local::Options;
use serde::{Deserialize, Serialize};

use crate::branch::Branch;
use crate::error::Error;

/// What is known about the branches of a project, apart from their data.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Records {
    pub(super) branches: Vec<Branch>,
    #[serde(default)]
    pub(super) pending: Option<Pending>,
}

/// A restore that has not moved all folders yet. The records are those of the time afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pending {
    /// The branch.
    pub(super) branch: String,
    /// Its new data.
    pub(super) new: String,
    /// Where its former data go.
    pub(super) old: String,
    /// Whether they are kept.
    pub(super) is_kept: bool,
}

impl Records {
    pub(super) fn read(options: &Options) -> Result<Self, Error> {
        let path = path(options)?;
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::Damaged { path, reason: error.to_string() }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(Error::File { action: "read", path, source }),
        }
    }

    pub(super) fn write(&self, options: &Options) -> Result<(), Error> {
        let path = path(options)?;
        let new = path.with_extension("json.new");
        let write = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|source| Error::File { action: "write", path: path.clone(), source })
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.branches.iter().map(|branch| branch.name.clone()).collect()
    }

    /// Changes the record of a branch, if it still exists.
    pub(super) fn change(&mut self, branch: &Branch, change: impl FnOnce(&mut Branch)) -> Result<(), Error> {
        let names = self.names();
        let found = self.branches.iter_mut().find(|it| it.id == branch.id);
        change(found.ok_or_else(|| Error::Missing { name: branch.name.clone(), names })?);
        Ok(())
    }

    /// Moves the folders of a restore that was begun, from whatever step on. The caller holds the lock.
    pub(super) async fn finish_pending(&mut self, options: &Options, _lock: &File) -> Result<(), Error> {
        let Some(Pending { branch, new, old, is_kept }) = self.pending.clone() else { return Ok(()) };
        let folders = nicol_local::branch::list(options).await?;
        let is_there = |id: &str| folders.iter().any(|folder| folder.name == id);
        if is_there(&new) {
            if is_there(&branch) {
                nicol_local::branch::rename(options, &branch, &old).await?;
            }
            nicol_local::branch::rename(options, &new, &branch).await?;
        }
        if !is_kept {
            match nicol_local::branch::remove(options, &old).await {
                Err(nicol_local::Error::BranchMissing { .. }) => {}
                result => result?,
            }
        }
        self.pending = None;
        self.write(options)
    }
}

/// Locks the records of a project until the file is dropped.
pub(super) async fn lock(options: &Options) -> Result<File, Error> {
    let path = nicol_local::state_dir(options)?.join("branches.json.lock");
    let task = tokio::task::spawn_blocking(move || {
        let open = || {
            let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(|source| Error::File { action: "lock", path: path.clone(), source })
    });
    match task.await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Returns when the project got its server, as far as the file system tells.
pub(super) fn created(options: &Options) -> SystemTime {
    let meta = nicol_local::state_dir(options).ok().and_then(|folder| fs::metadata(folder).ok());
    meta.and_then(|meta| meta.created().or_else(|_| meta.modified()).ok()).unwrap_or(UNIX_EPOCH)
}

fn path(options: &Options) -> Result<PathBuf, Error> {
    Ok(nicol_local::state_dir(options)?.join("branches.json"))
}
