//! Branches: copies of a project's data that have a server, and thus a URL, of their own.
//!
//! ```no_run
//! # async fn run() -> Result<(), nicol_local::Error> {
//! use nicol_local::branch;
//!
//! let main = nicol_local::Options::new(".");
//! branch::create(&main, "feature/login", |step| eprintln!("{step}")).await?;
//! let lease = nicol_local::acquire(&main.on_branch("feature/login"), |_| {}).await?;
//! // … work with the copy …
//! lease.release().await?;
//! branch::remove(&main, "feature/login").await?;
//! # Ok(()) }
//! ```
//!
//! All functions of this crate work with a branch if [`Options::branch`] names it. A branch is a whole data directory, which
//! does not depend on its parent. On btrfs, xfs and APFS, it shares blocks with the parent until one of them
//! changes; elsewhere, it is a full copy.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cluster;
use crate::copy::copy;
use crate::error::{Error, file};
use crate::files;
use crate::layout::{Layout, branch_name};
use crate::lease::{blocking, is_last, lock, lock_for_work, stop_server};
use crate::options::Options;
use crate::postmaster;
use crate::progress::Progress;

/// A branch of a project's data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Branch {
    /// The name.
    pub name: String,
    /// The branch that it was copied from; `None` is the main data. It may have been removed since.
    pub parent: Option<String>,
    /// When it was created or last reset.
    pub created: SystemTime,
}

/// The size of the copy that [`create`] or [`reset`] has made, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Size {
    /// The size of all files.
    pub total: u64,
    /// How much of it shares its blocks with the parent. On macOS, this is always 0, even if blocks are shared.
    pub shared: u64,
}

/// Creates a branch from the data of `parent`: the main data, or those of the branch that [`Options::branch`] names. The
/// parent may be in use, or stopped. An interrupted call leaves no branch.
///
/// # Errors
///
/// [`Error::BranchExists`], [`Error::BranchName`]; [`Error::NoData`] if the parent has never been started,
/// [`Error::DiskFull`], or another [`Error`] of the files or the parent's server.
pub async fn create(parent: &Options, name: &str, mut progress: impl FnMut(Progress)) -> Result<Size, Error> {
    let main = Layout::prepare_main(parent)?;
    let source = Layout::prepare(parent)?;
    let lock = lock_branches(&main, "creation of a branch", &mut progress).await?;
    let (new, branch) = prepare(&main, name)?;
    let copied = copy(parent, &new.data, &lock, &mut progress).await?;
    complete(&source, &new, &branch, parent.branch.as_deref())?;
    Ok(Size { total: copied.total, shared: copied.shared })
}

/// Returns the branches of a project, sorted by name. [`Options::branch`] is ignored.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Foreign`].
pub async fn list(options: &Options) -> Result<Vec<Branch>, Error> {
    let options = options.clone();
    blocking(move || {
        let main = Layout::prepare_main(&options)?;
        let folder = main.branches();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(file("list", &folder))?,
        };
        let mut branches = Vec::new();
        for entry in entries {
            let entry = entry.map_err(file("list", &folder))?;
            if let Some(name) = entry.file_name().to_str().and_then(branch_name) {
                let (parent, created) = read_origin(&entry.path())?;
                branches.push(Branch { name, parent, created });
            }
        }
        branches.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(branches)
    })
    .await
}

/// Stops the server of a branch and permanently removes its data. Branches that were copied from it remain.
/// [`Options::branch`] is ignored.
///
/// # Errors
///
/// [`Error::BranchMissing`]; [`Error::InUse`] if an application holds a lease on it.
pub async fn remove(options: &Options, name: &str) -> Result<(), Error> {
    let main = Layout::prepare_main(options)?;
    let branch = existing(&main, name)?;
    let _lock = lock_branches(&main, "removal of a branch", &mut |_| {}).await?;
    let name = name.to_owned();
    blocking(move || {
        let lock = stop_unused(&branch, &name)?;
        // Renamed first, so that an interruption does not leave half a branch.
        let old = main.branches().join(".removed");
        files::rename(&branch.home, &old)?;
        drop(lock);
        files::remove_dir(&old)
    })
    .await
}

/// Renames a branch, which gets another URL. Stops its server. [`Options::branch`] is ignored.
///
/// # Errors
///
/// [`Error::BranchMissing`], [`Error::BranchExists`], [`Error::BranchName`]; [`Error::InUse`] if an application
/// holds a lease on it.
pub async fn rename(options: &Options, from: &str, to: &str) -> Result<(), Error> {
    let main = Layout::prepare_main(options)?;
    let branch = existing(&main, from)?;
    let renamed = main.branch(to)?;
    let _lock = lock_branches(&main, "renaming of a branch", &mut |_| {}).await?;
    if renamed.home.exists() {
        return Err(Error::BranchExists { name: to.to_owned() });
    }
    {
        let from = from.to_owned();
        blocking(move || {
            let _lock = stop_unused(&branch, &from)?;
            files::rename(&branch.home, &renamed.home)
        })
        .await?;
    }
    for child in list(options).await?.into_iter().filter(|child| child.parent.as_deref() == Some(from)) {
        write_origin(&main.branch(&child.name)?, Some(to), child.created)?;
    }
    Ok(())
}

/// Replaces the data of a branch with a new copy of its parent's. The branch keeps its name and URL; its server is
/// stopped. An interrupted call leaves the branch as it was. [`Options::branch`] is ignored.
///
/// # Errors
///
/// [`Error::BranchMissing`] for the branch or its parent; [`Error::InUse`] if an application holds a lease on the
/// branch; otherwise those of [`create`].
pub async fn reset(options: &Options, name: &str, mut progress: impl FnMut(Progress)) -> Result<Size, Error> {
    let main = Layout::prepare_main(options)?;
    let branch = existing(&main, name)?;
    let lock = lock_branches(&main, "reset of a branch", &mut progress).await?;
    let (parent, _) = read_origin(&branch.home)?;
    let source = Options { branch: parent.clone(), ..options.clone() };
    if !is_last(&branch)? {
        return Err(Error::InUse { branch: Some(name.to_owned()) });
    }
    let password = cluster::password(&Layout::prepare(&source)?)?;
    cluster::remove_leftovers(&branch)?;
    let new = cluster::new_folder(&branch);
    let copied = copy(&source, &new, &lock, &mut progress).await?;
    let name = name.to_owned();
    blocking(move || {
        let _lock = stop_unused(&branch, &name)?;
        files::exchange(&new, &branch.data)?;
        if let Some(password) = password {
            cluster::set_password(&branch, &password)?;
        }
        write_origin(&branch, parent.as_deref(), SystemTime::now())?;
        files::remove_dir(&new)
    })
    .await?;
    Ok(Size { total: copied.total, shared: copied.shared })
}

/// Prepares a new branch under a name that no branch has. The caller holds the lock. Returns it, and its final place.
pub(crate) fn prepare(main: &Layout, name: &str) -> Result<(Layout, Layout), Error> {
    let branch = main.branch(name)?;
    if branch.home.exists() {
        return Err(Error::BranchExists { name: name.to_owned() });
    }
    let new = unfinished(main)?;
    new.make_branch()?;
    Ok((new, branch))
}

fn unfinished(main: &Layout) -> Result<Layout, Error> {
    let home = main.branches().join(".new");
    let mut new = main.restoring(main, home.join("data"), home.join("state"))?;
    new.home = home;
    Ok(new)
}

/// Gives a new branch its name, when its data are complete.
pub(crate) fn complete(
    source: &Layout,
    new: &Layout,
    branch: &Layout,
    parent: Option<&str>,
) -> Result<(), Error> {
    if let Some(password) = cluster::password(source)? {
        cluster::set_password(new, &password)?;
    }
    write_origin(new, parent, SystemTime::now())?;
    files::sync(&new.home)?;
    files::rename(&new.home, &branch.home)
}

fn existing(main: &Layout, name: &str) -> Result<Layout, Error> {
    let branch = main.branch(name)?;
    if branch.home.exists() { Ok(branch) } else { Err(Error::BranchMissing { name: name.to_owned() }) }
}

/// Locks the set of branches, and removes what interrupted calls left behind.
pub(crate) async fn lock_branches(
    main: &Layout,
    work: &str,
    progress: &mut impl FnMut(Progress),
) -> Result<Arc<fs::File>, Error> {
    let lock = lock_for_work(&main.state.join("branches.lock"), work, progress).await?;
    let main = main.clone();
    blocking(move || {
        // The server of an interrupted restore.
        postmaster::stop(&unfinished(&main)?)?;
        for leftover in [".new", ".removed"] {
            files::remove_dir(&main.branches().join(leftover))?;
        }
        Ok(lock)
    })
    .await
}

/// Stops the server of a branch and returns its lock, unless an application holds a lease.
fn stop_unused(branch: &Layout, name: &str) -> Result<fs::File, Error> {
    let lock = lock(branch, &|_| {})?;
    if !is_last(branch)? {
        return Err(Error::InUse { branch: Some(name.to_owned()) });
    }
    stop_server(branch)?;
    Ok(lock)
}

fn write_origin(branch: &Layout, parent: Option<&str>, created: SystemTime) -> Result<(), Error> {
    let seconds = created.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let parent = parent.map_or_else(String::new, |parent| format!("parent={parent}\n"));
    let (path, new) = (branch.home.join("origin"), branch.home.join("origin.new"));
    fs::write(&new, format!("created={seconds}\n{parent}")).map_err(file("write", &new))?;
    files::sync(&new)?;
    files::rename(&new, &path)
}

fn read_origin(home: &Path) -> Result<(Option<String>, SystemTime), Error> {
    let path = home.join("origin");
    let text = match fs::read_to_string(&path) {
        // Lost; the data are what counts.
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text.map_err(file("read", &path))?,
    };
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let seconds = value("created").and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    Ok((value("parent").map(str::to_owned), UNIX_EPOCH + Duration::from_secs(seconds)))
}
