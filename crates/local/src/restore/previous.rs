//! The data that restores have replaced, which stay beside the current ones until they are removed.

use std::path::PathBuf;

use crate::archive;
use crate::backup::lock_backups;
use crate::cluster;
use crate::error::Error;
use crate::files;
use crate::layout::Layout;
use crate::lease::blocking;
use crate::options::Options;

/// The name of such a folder begins with this.
pub(super) const PREFIX: &str = "data.before-";

/// Data that a restore has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Previous {
    /// The data directory.
    pub folder: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// Returns the data that restores have replaced, oldest first.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Foreign`].
pub async fn previous(options: &Options) -> Result<Vec<Previous>, Error> {
    let layout = Layout::prepare(options)?;
    blocking(move || list(&layout)).await
}

/// Permanently removes the data that restores have replaced. Returns what it has removed.
///
/// # Errors
///
/// [`Error::File`] or [`Error::Foreign`].
pub async fn remove_previous(options: &Options) -> Result<Vec<Previous>, Error> {
    let layout = Layout::prepare(options)?;
    let lock = lock_backups(&layout, "removal of previous data", &mut |_| {}).await?;
    blocking(move || {
        let _lock = lock;
        let all = list(&layout)?;
        for data in &all {
            // Renamed first, so that an interruption does not leave half of it under this name.
            let old = cluster::new_folder(&layout);
            files::remove_dir(&old)?;
            files::rename(&data.folder, &old)?;
            files::remove_dir(&old)?;
        }
        Ok(all)
    })
    .await
}

fn list(layout: &Layout) -> Result<Vec<Previous>, Error> {
    let mut names = archive::names(&layout.home)?;
    names.retain(|name| name.starts_with(PREFIX));
    names.sort();
    let data = |name| {
        let folder = layout.home.join(name);
        files::size(&folder).map(|size| Previous { folder, size })
    };
    names.into_iter().map(data).collect()
}
