//! Copies folders, sharing their blocks where the file system can (btrfs, xfs, APFS).

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::account::Account;
use crate::error::{Error, file};

/// Free space to leave on the disk: a full disk would stop the server whose data are copied.
const RESERVE: u64 = 64 << 20;

/// What to do with a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    Yes,
    /// Creates the folder, without its files and folders.
    Empty,
    No,
}

/// The size of a copy, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) total: u64,
    /// How much of it shares its blocks with the original.
    pub(crate) shared: u64,
}

/// How to copy a folder.
pub(crate) struct Copy<'a> {
    pub(crate) owner: Owner<'a>,
    /// What to copy, by the path relative to the folder.
    pub(crate) take: &'a dyn Fn(&Path) -> Take,
    /// Called with the bytes copied so far, and their sum.
    pub(crate) report: &'a dyn Fn(u64, u64),
    /// Set to give up.
    pub(crate) cancelled: &'a AtomicBool,
}

impl Copy<'_> {
    /// Copies the contents of a folder into an existing, empty one, and writes them to the disk. Files that vanish
    /// meanwhile are left out. The files for which `last` is true are copied after all others.
    pub(crate) fn run(&self, from: &Path, to: &Path, last: &dyn Fn(&Path) -> bool) -> Result<Copied, Error> {
        let mut list = Listing::default();
        self.list(from, Path::new(""), &mut list)?;
        list.files.sort_by_key(|(path, _)| last(path));
        let total = list.files.iter().map(|(_, size)| size).sum();
        for folder in &list.folders {
            self.owner.make_folder(&to.join(folder))?;
        }

        let mut copied = Copied { total, shared: 0 };
        let mut done = 0;
        let mut sharing = true;
        for (path, size) in &list.files {
            if self.cancelled.load(Ordering::Relaxed) {
                let interrupted = io::Error::from(io::ErrorKind::Interrupted);
                return Err(file("copy", from.join(path))(interrupted));
            }
            let (original, copy) = (from.join(path), to.join(path));
            if sharing && *size > 0 {
                sharing = share(&original, &copy)?;
                if sharing {
                    copied.shared += size;
                } else {
                    check_space(to, total - done)?;
                }
            }
            if !sharing || *size == 0 {
                match fs::copy(&original, &copy) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    result => result.map(drop).map_err(file("copy", &original))?,
                }
            }
            self.owner.own(&copy)?;
            done += size;
            (self.report)(done, total);
        }
        list.sync(to)?;
        Ok(copied)
    }

    fn list(&self, root: &Path, folder: &Path, list: &mut Listing) -> Result<(), Error> {
        let path = root.join(folder);
        let entries = match fs::read_dir(&path) {
            // The folder of a database that has just been dropped.
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder != Path::new("") => return Ok(()),
            entries => entries.map_err(file("list", &path))?,
        };
        for entry in entries {
            let relative = folder.join(entry.map_err(file("list", &path))?.file_name());
            let take = (self.take)(&relative);
            if take == Take::No {
                continue;
            }
            let meta = match fs::metadata(root.join(&relative)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                meta => meta.map_err(file("look at", root.join(&relative)))?,
            };
            if meta.is_dir() {
                list.folders.push(relative.clone());
                if take == Take::Yes {
                    self.list(root, &relative, list)?;
                }
            } else if meta.is_file() && take == Take::Yes {
                list.files.push((relative, meta.len()));
            }
        }
        Ok(())
    }
}

/// The owner of what is created, if it is not the current user.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a>(pub(crate) Option<&'a Account>);

impl Owner<'_> {
    pub(crate) fn make_folder(self, path: &Path) -> Result<(), Error> {
        fs::create_dir(path).map_err(file("create", path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(file("change the mode of", path))?;
        self.own(path)
    }

    pub(crate) fn own(self, path: &Path) -> Result<(), Error> {
        let Some(account) = self.0 else { return Ok(()) };
        match chown(path, Some(account.uid), Some(account.gid)) {
            // It vanished before it was copied.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.map_err(file("change the owner of", path)),
        }
    }
}

#[derive(Default)]
struct Listing {
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, u64)>,
}

impl Listing {
    /// Writes all copies to the disk. On Linux, this is one call, because a data directory has a thousand files, and
    /// waiting for each takes longer than copying them.
    #[cfg(target_os = "linux")]
    #[expect(clippy::unused_self, reason = "elsewhere, the files are written one by one")]
    fn sync(&self, to: &Path) -> Result<(), Error> {
        let folder = File::open(to).map_err(file("open", to))?;
        rustix::fs::syncfs(folder).map_err(|error| file("write", to)(error.into()))
    }

    #[cfg(not(target_os = "linux"))]
    fn sync(&self, to: &Path) -> Result<(), Error> {
        let files = self.files.iter().map(|(path, _)| path);
        files.chain(&self.folders).try_for_each(|path| sync(&to.join(path)))?;
        sync(to)
    }
}

/// Copies a file by sharing its blocks. Returns whether that was possible; if the original has vanished, it is.
#[cfg(target_os = "linux")]
fn share(from: &Path, to: &Path) -> Result<bool, Error> {
    let original = match File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        original => original.map_err(file("open", from))?,
    };
    let copy = File::create(to).map_err(file("create", to))?;
    let mode = original.metadata().map_err(file("look at", from))?.mode() & 0o777;
    copy.set_permissions(fs::Permissions::from_mode(mode)).map_err(file("change the mode of", to))?;
    match rustix::fs::ioctl_ficlone(&copy, &original) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::NOSPC) => Err(file("copy", from)(io::Error::from(rustix::io::Errno::NOSPC))),
        // Another file system, or one that cannot share blocks; each says so differently.
        Err(_) => Ok(false),
    }
}

/// Elsewhere, `fs::copy` shares the blocks where it can, without telling.
#[cfg(not(target_os = "linux"))]
fn share(_from: &Path, _to: &Path) -> Result<bool, Error> {
    Ok(false)
}

/// Checks that a file system has room for `needed` bytes.
pub(crate) fn check_space(folder: &Path, needed: u64) -> Result<(), Error> {
    let Ok(stat) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free < needed + RESERVE {
        return Err(Error::DiskFull { needed: needed + RESERVE, free, folder: folder.to_owned() });
    }
    Ok(())
}

/// Writes a file or the entries of a folder to the disk.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        opened => opened.and_then(|file| file.sync_all()).map_err(file("write", path)),
    }
}

/// Renames a file or folder, durably.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(file("rename", from))?;
    to.parent().map_or(Ok(()), sync)
}

/// Removes a folder and what it contains, if it exists.
pub(crate) fn remove_dir(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Puts a folder in the place of another one, and the old one in its place. Where the system can, there is no moment
/// without either.
pub(crate) fn exchange(new: &Path, old: &Path) -> Result<(), Error> {
    let flags = rustix::fs::RenameFlags::EXCHANGE;
    if rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, old, flags).is_err() {
        let between = new.with_extension("exchange");
        fs::rename(old, &between).map_err(file("rename", old))?;
        fs::rename(new, old).map_err(file("rename", new))?;
        fs::rename(&between, new).map_err(file("rename", &between))?;
    }
    old.parent().map_or(Ok(()), sync)
}

/// Returns the size of all files in a folder, in bytes.
pub(crate) fn size(folder: &Path) -> Result<u64, Error> {
    let mut list = Listing::default();
    let all = Copy {
        owner: Owner(None),
        take: &|_| Take::Yes,
        report: &|_, _| {},
        cancelled: &AtomicBool::new(false),
    };
    all.list(folder, Path::new(""), &mut list)?;
    Ok(list.files.iter().map(|(_, size)| size).sum())
}

/// Formats a time for file names, with the resolution of a second.
pub(crate) fn stamp(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).format("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// Appends a number if there is such a file.
pub(crate) fn free_name(path: &Path) -> PathBuf {
    let numbered = (2..).map(|number| PathBuf::from(format!("{}-{number}", path.display())));
    std::iter::once(path.to_owned())
        .chain(numbered)
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(
        take: &dyn Fn(&Path) -> Take,
        cancelled: &AtomicBool,
    ) -> (tempfile::TempDir, Result<Copied, Error>) {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("from");
        fs::create_dir_all(from.join("a/b")).unwrap();
        for (name, text) in [("a/b/1", "one"), ("a/2", ""), ("3", "three")] {
            fs::write(from.join(name), text).unwrap();
        }
        fs::create_dir(dir.path().join("to")).unwrap();
        let copy = Copy { owner: Owner(None), take, report: &|_, _| {}, cancelled };
        let result = copy.run(&from, &dir.path().join("to"), &|_| false);
        (dir, result)
    }

    #[test]
    fn what_is_left_out_is_not_copied() {
        let (dir, copied) = copy(&|_| Take::Yes, &AtomicBool::new(false));
        assert_eq!(copied.unwrap().total, 8);
        assert_eq!(fs::read_to_string(dir.path().join("to/a/b/1")).unwrap(), "one");
        assert_eq!(fs::read_to_string(dir.path().join("to/a/2")).unwrap(), "");

        let take = |path: &Path| match path.to_str().unwrap() {
            "a/b" => Take::Empty,
            "3" => Take::No,
            _ => Take::Yes,
        };
        let (dir, copied) = copy(&take, &AtomicBool::new(false));
        assert_eq!(copied.unwrap().total, 0);
        assert!(dir.path().join("to/a/b").is_dir() && dir.path().join("to/a/2").exists());
        assert!(!dir.path().join("to/a/b/1").exists() && !dir.path().join("to/3").exists());
    }

    #[test]
    fn a_copy_can_be_given_up() {
        let (_dir, copied) = copy(&|_| Take::Yes, &AtomicBool::new(true));
        assert!(matches!(copied, Err(Error::File { action: "copy", .. })));
    }

    #[test]
    fn a_full_disk_is_noticed_before_it_is_full() {
        let dir = tempfile::tempdir().unwrap();
        check_space(dir.path(), 1).unwrap();
        assert!(matches!(check_space(dir.path(), 1 << 60), Err(Error::DiskFull { .. })));
    }

    #[test]
    fn folders_are_exchanged() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        for (folder, text) in [(&one, "1"), (&two, "2")] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), text).unwrap();
        }
        exchange(&one, &two).unwrap();
        assert_eq!(fs::read_to_string(one.join("file")).unwrap(), "2");
        assert_eq!(fs::read_to_string(two.join("file")).unwrap(), "1");
    }
}
