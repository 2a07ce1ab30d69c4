//! Which folders belong to a project, and that nobody else has a hand in them.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Options;
use crate::account::{self, Account};
use crate::error::{Error, file};

/// A project's folders. Those of the data and of the socket come into being with the server.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Password, locks, log: the application's user alone.
    pub(crate) state: PathBuf,
    /// The data directory: the server's user alone.
    pub(crate) data: PathBuf,
    /// The socket: the server's user alone, and root, if that is the application's user.
    pub(crate) run: PathBuf,
    /// The folder of the data directory.
    pub(crate) home: PathBuf,
    /// The server's user, if it is another one.
    pub(crate) account: Option<Account>,
}

impl Layout {
    pub(crate) fn prepare(options: &Options) -> Result<Self, Error> {
        let project = fs::canonicalize(&options.project_dir)
            .map_err(file("find the project folder", &options.project_dir))?;
        if project.as_os_str().as_bytes().iter().any(u8::is_ascii_control) {
            return Err(Error::ControlCharacter);
        }
        let hash = hash(&project);
        let uid = account::current_uid();
        let Some(mut account) = account::choose(options)? else {
            let home = project.join(".nicol");
            own_folder(&home, 0o700, uid)?;
            // Whatever the project's own rules are: this is nothing to commit.
            let ignore = home.join(".gitignore");
            if !ignore.exists() {
                fs::write(&ignore, "*\n").map_err(file("write", &ignore))?;
            }
            let state = home.join("state");
            own_folder(&state, 0o700, uid)?;
            // A socket's path ends at 107 bytes (103 on macOS), and a project's may be longer.
            let run = PathBuf::from(format!("/tmp/nicol-{uid}-{hash}"));
            return Ok(Self { state, data: home.join("data"), run, home, account: None });
        };

        let base = &options.root_home;
        if let Some(parent) = base.parent() {
            fs::create_dir_all(parent).map_err(file("create", parent))?;
        }
        own_folder(base, 0o755, uid)?;
        let home = base.join(&hash);
        own_folder(&home, 0o755, uid)?;
        // The server names its data directory without links, and is recognised by that name.
        let home = fs::canonicalize(&home).map_err(file("find", &home))?;
        let state = home.join("state");
        own_folder(&state, 0o700, uid)?;
        // For people who wonder whose data this is.
        let note = home.join("project");
        fs::write(&note, project.as_os_str().as_bytes()).map_err(file("write", &note))?;
        let data = home.join("data");
        // Data keeps its user, even if a better one has been installed since.
        if let Ok(meta) = fs::symlink_metadata(&data) {
            if !meta.is_dir() || meta.uid() == 0 {
                return Err(Error::Foreign {
                    path: data,
                    reason: "it should be a folder of an unprivileged user",
                });
            }
            account = Account { uid: meta.uid(), gid: meta.gid() };
        }
        let run = home.join("run");
        Ok(Self { state, data, run, home, account: Some(account) })
    }

    /// Makes the folder of the socket. The caller holds the lock.
    pub(crate) fn make_run(&self) -> Result<(), Error> {
        let uid = account::current_uid();
        let Some(account) = &self.account else { return own_folder(&self.run, 0o700, uid) };
        if own_folder_of(&self.run, 0o700, &[uid, account.uid])? {
            chown(&self.run, Some(account.uid), Some(account.gid))
                .map_err(file("change the owner of", &self.run))?;
        }
        Ok(())
    }

    /// Removes it, for nobody else would: the project's own folder may long be gone. The caller holds the lock, and
    /// no server runs.
    pub(crate) fn remove_run(&self) {
        // What is left in it is looked at when it is needed again.
        let _ = fs::remove_dir(&self.run);
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    pub(crate) fn lease(&self) -> PathBuf {
        self.state.join("lease")
    }

    /// Marks a server that stays until it is told to stop.
    pub(crate) fn keep(&self) -> PathBuf {
        self.state.join("keep")
    }

    pub(crate) fn password(&self) -> PathBuf {
        self.state.join("password")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.state.join("server.log")
    }

    /// The major version of the data, if there is any.
    pub(crate) fn data_version(&self) -> Result<Option<u32>, Error> {
        let path = self.data.join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(version) => Ok(Some(version)),
                Err(_) => Err(Error::Foreign { path, reason: "it should hold the version of the data" }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.data.exists() {
                    let path = self.data.clone();
                    return Err(Error::Foreign { path, reason: "it holds no data of PostgreSQL" });
                }
                Ok(None)
            }
            Err(error) => Err(file("read", &path)(error)),
        }
    }
}

/// 64 bits of SHA-256: short enough for a socket's path, long enough for every folder of a machine.
fn hash(project: &Path) -> String {
    let digest = Sha256::digest(project.as_os_str().as_bytes());
    crate::hex(&digest[..8])
}

fn own_folder(path: &Path, mode: u32, uid: u32) -> Result<(), Error> {
    own_folder_of(path, mode, &[uid]).map(|_| ())
}

/// Makes a folder, or checks the one that is there: a folder and no link, of one of these users, with no right to
/// write for anybody else. In a folder like `/tmp` somebody may have been faster. Gives whether it is new or was never
/// given to its user.
fn own_folder_of(path: &Path, mode: u32, uids: &[u32]) -> Result<bool, Error> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {
            // The umask may have taken too much.
            fs::set_permissions(path, Permissions::from_mode(mode))
                .map_err(file("change the mode of", path))?;
            return Ok(true);
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(file("create", path)(error)),
    }
    let meta = fs::symlink_metadata(path).map_err(file("look at", path))?;
    let foreign = |reason| Err(Error::Foreign { path: path.to_owned(), reason });
    if !meta.is_dir() {
        return foreign("it should be a folder, and no link to one");
    }
    if !uids.contains(&meta.uid()) {
        return foreign("it belongs to another user");
    }
    if meta.mode() & 0o777 & !mode != 0 {
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(file("change the mode of", path))?;
    }
    Ok(uids.len() > 1 && meta.uid() == uids[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let uid = account::current_uid();
        let path = dir.path().join("a");
        assert!(own_folder_of(&path, 0o700, &[uid]).unwrap());
        assert!(!own_folder_of(&path, 0o700, &[uid]).unwrap());
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        own_folder(&path, 0o700, uid).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        assert!(matches!(own_folder(&path, 0o700, uid + 1), Err(Error::Foreign { .. })));

        symlink(&path, dir.path().join("link")).unwrap();
        assert!(matches!(own_folder(&dir.path().join("link"), 0o700, uid), Err(Error::Foreign { .. })));
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(matches!(own_folder(&dir.path().join("file"), 0o700, uid), Err(Error::Foreign { .. })));
    }

    #[test]
    fn each_folder_has_a_hash_of_its_own() {
        assert_eq!(hash(Path::new("/a")).len(), 16);
        assert_ne!(hash(Path::new("/a")), hash(Path::new("/b")));
        let longest = format!("/tmp/nicol-{}-{}/.s.PGSQL.5432.lock", u32::MAX, hash(Path::new("/")));
        assert!(longest.len() <= 103, "{}", longest.len());
    }
}
