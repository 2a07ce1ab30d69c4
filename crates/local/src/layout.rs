//! The folders of a project, and the checks that no other user can interfere with them.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::account::{self, Account};
use crate::error::{Error, file};
use crate::options::Options;

/// The folders of a project's main data or of one of its branches. Those for data and socket are created with the
/// server.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Password, locks and log; only for the application's user.
    pub(crate) state: PathBuf,
    /// The data directory; only for the server's user.
    pub(crate) data: PathBuf,
    /// The sockets; only for the server's user (and root, if the application runs as root).
    pub(crate) run: PathBuf,
    /// The parent of the data directory.
    pub(crate) home: PathBuf,
    /// The server's user, if it is a different one.
    pub(crate) account: Option<Account>,
    /// The project folder, without symbolic links.
    project: PathBuf,
}

impl Layout {
    /// Prepares the folders of the main data, or finds those of the branch.
    pub(crate) fn prepare(options: &Options) -> Result<Self, Error> {
        let main = Self::prepare_main(options)?;
        let Some(name) = &options.branch else { return Ok(main) };
        let branch = main.branch(name)?;
        if !branch.home.exists() {
            return Err(Error::BranchMissing { name: name.clone() });
        }
        branch.with_owner_of_data()
    }

    /// Prepares the folders of the main data.
    pub(crate) fn prepare_main(options: &Options) -> Result<Self, Error> {
        let project = fs::canonicalize(&options.project_dir)
            .map_err(file("find the project folder", &options.project_dir))?;
        if project.as_os_str().as_bytes().iter().any(u8::is_ascii_control) {
            return Err(Error::ControlCharacter);
        }
        let hash = hash(&project);
        let uid = account::current_uid();
        let Some(account) = account::choose(options)? else {
            let home = project.join(".nicol");
            own_folder(&home, 0o700, uid)?;
            // Must not be committed, whatever the project ignores.
            let ignore = home.join(".gitignore");
            if !ignore.exists() {
                fs::write(&ignore, "*\n").map_err(file("write", &ignore))?;
            }
            let state = home.join("state");
            own_folder(&state, 0o700, uid)?;
            // A socket's path is limited to 107 bytes (103 on macOS); a project's path may be longer.
            let run = PathBuf::from(format!("/tmp/nicol-{uid}-{hash}"));
            return Ok(Self { state, data: home.join("data"), run, home, account: None, project });
        };

        let base = &options.root_home;
        if let Some(parent) = base.parent() {
            fs::create_dir_all(parent).map_err(file("create", parent))?;
        }
        own_folder(base, 0o755, uid)?;
        let home = base.join(&hash);
        own_folder(&home, 0o755, uid)?;
        // The server knows its data directory by its path without symbolic links, and is recognized by it.
        let home = fs::canonicalize(&home).map_err(file("find", &home))?;
        let state = home.join("state");
        own_folder(&state, 0o700, uid)?;
        // Tells the administrator which project the data belong to.
        let note = home.join("project");
        fs::write(&note, project.as_os_str().as_bytes()).map_err(file("write", &note))?;
        let (data, run) = (home.join("data"), home.join("run"));
        Self { state, data, run, home, account: Some(account), project }.with_owner_of_data()
    }

    /// Returns the folders of data whose project folder is gone, if data do not lie in the project folder.
    pub(crate) fn unclaimed(&self) -> Result<Vec<PathBuf>, Error> {
        use std::os::unix::ffi::OsStringExt as _;
        let Some(base) = self.home.parent().filter(|_| self.account.is_some()) else { return Ok(Vec::new()) };
        let mut folders = Vec::new();
        for entry in fs::read_dir(base).map_err(file("list", base))? {
            let folder = entry.map_err(file("list", base))?.path();
            let project = fs::read(folder.join("project")).map(std::ffi::OsString::from_vec);
            if project.is_ok_and(|project| !Path::new(&project).exists()) && folder.join("data").exists() {
                folders.push(folder);
            }
        }
        folders.sort();
        Ok(folders)
    }

    /// Returns the folders of a branch, whether or not it exists. Creates nothing.
    pub(crate) fn branch(&self, name: &str) -> Result<Self, Error> {
        let folder = branch_folder(name)?;
        // Of fixed length, because a socket's path is limited, too.
        let id = hash(&self.project.join("\n").join(&folder));
        let run = match self.account {
            None => PathBuf::from(format!("/tmp/nicol-{}-{id}", account::current_uid())),
            Some(_) => self.home.join(format!("run-{}", &id[..8])),
        };
        let home = self.branches().join(folder);
        Ok(Self { state: home.join("state"), data: home.join("data"), run, home, ..self.clone() })
    }

    /// Creates the folders of a branch, except those for data and socket.
    pub(crate) fn make_branch(&self) -> Result<(), Error> {
        let uid = account::current_uid();
        // As root, the server's user needs to reach its data.
        let mode = if self.account.is_some() { 0o755 } else { 0o700 };
        for folder in self.home.parent().into_iter().chain([self.home.as_path()]) {
            own_folder(folder, mode, uid)?;
        }
        own_folder(&self.state, 0o700, uid)
    }

    /// Returns the same folders with other data, which are being restored. Their server has a socket of its own, because
    /// that of the current data may be running.
    pub(crate) fn restoring(&self, main: &Self, data: PathBuf, state: PathBuf) -> Result<Self, Error> {
        Ok(Self { data, state, run: main.branch(".restoring")?.run, ..self.clone() })
    }

    /// Returns the folder of the branches. Only meaningful for the layout of the main data.
    pub(crate) fn branches(&self) -> PathBuf {
        self.home.join("branches")
    }

    /// The data keep their user, even if a preferred one has been created since.
    fn with_owner_of_data(mut self) -> Result<Self, Error> {
        if self.account.is_some()
            && let Ok(meta) = fs::symlink_metadata(&self.data)
        {
            if !meta.is_dir() || meta.uid() == 0 {
                let reason = "it must belong to an unprivileged user";
                return Err(Error::Foreign { path: self.data, reason });
            }
            self.account = Some(Account { uid: meta.uid(), gid: meta.gid() });
        }
        Ok(self)
    }

    /// Creates the folder of the sockets. The caller holds the lock.
    pub(crate) fn make_run(&self) -> Result<(), Error> {
        let uid = account::current_uid();
        let Some(account) = &self.account else { return own_folder(&self.run, 0o700, uid) };
        if own_folder_of(&self.run, 0o700, &[uid, account.uid])? {
            chown(&self.run, Some(account.uid), Some(account.gid))
                .map_err(file("change the owner of", &self.run))?;
        }
        Ok(())
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    pub(crate) fn lease(&self) -> PathBuf {
        self.state.join("lease")
    }

    /// Returns the file that says whether the server keeps running without a lease; see `keep`.
    pub(crate) fn keep(&self) -> PathBuf {
        self.state.join("keep")
    }

    /// Returns the file that the keeper locks.
    pub(crate) fn keeper(&self) -> PathBuf {
        self.state.join("keeper")
    }

    pub(crate) fn keeper_log(&self) -> PathBuf {
        self.state.join("keeper.log")
    }

    pub(crate) fn password(&self) -> PathBuf {
        self.state.join("password")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.state.join("server.log")
    }

    /// Returns the major version of the data, if there are any.
    pub(crate) fn data_version(&self) -> Result<Option<u32>, Error> {
        let path = self.data.join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(version) => Ok(Some(version)),
                Err(_) => Err(Error::Foreign { path, reason: "it must contain the version of the data" }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.data.exists() {
                    let path = self.data.clone();
                    return Err(Error::Foreign { path, reason: "it contains no PostgreSQL data" });
                }
                Ok(None)
            }
            Err(error) => Err(file("read", &path)(error)),
        }
    }
}

/// 64 bits of SHA-256: short enough for a socket's path, and unique enough for all folders of a machine.
fn hash(project: &Path) -> String {
    let digest = Sha256::digest(project.as_os_str().as_bytes());
    hex(&digest[..8])
}

/// Returns the folder name of a branch: its name, in which all but letters, digits, `-` and `_` are percent-encoded, so that
/// `feature/login` is one folder, and no branch has the name of another file.
fn branch_folder(name: &str) -> Result<String, Error> {
    let invalid = |reason| Err(Error::BranchName { name: name.to_owned(), reason });
    if name.is_empty() {
        return invalid("it is empty");
    }
    if name.chars().any(char::is_control) {
        return invalid("it contains a control character");
    }
    let mut folder = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            folder.push(char::from(byte));
        } else {
            folder.push('%');
            folder.push_str(&hex(&[byte]));
        }
    }
    if folder.len() > 200 {
        return invalid("it is too long");
    }
    Ok(folder)
}

/// Returns the branch of a folder name; `None` for other files.
pub(crate) fn branch_name(folder: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = folder.split('%');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.bytes());
    }
    let name = String::from_utf8(bytes).ok()?;
    (branch_folder(&name).ok()? == folder).then_some(name)
}

fn own_folder(path: &Path, mode: u32, uid: u32) -> Result<(), Error> {
    own_folder_of(path, mode, &[uid]).map(|_| ())
}

/// Creates a folder, or checks the existing one: a folder, not a symbolic link, owned by one of these users and
/// writable by no other. In a folder like `/tmp`, another user may have been faster. Returns whether it is new or was
/// never handed over to its user.
fn own_folder_of(path: &Path, mode: u32, uids: &[u32]) -> Result<bool, Error> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {
            // The umask may have removed too much.
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
        return foreign("it must be a folder, not a symbolic link");
    }
    if !uids.contains(&meta.uid()) {
        return foreign("it belongs to another user");
    }
    if meta.mode() & 0o777 & !mode != 0 {
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(file("change the mode of", path))?;
    }
    Ok(uids.len() > 1 && meta.uid() == uids[0])
}

/// Returns the folder for other files of this project and user on this machine, such as a development secret. It is
/// created if it is missing, owned by the current user, with mode 0700.
///
/// # Errors
///
/// [`Error::File`], or [`Error::Foreign`] if it belongs to another user.
pub fn state_dir(options: &Options) -> Result<PathBuf, Error> {
    Ok(Layout::prepare(options)?.state)
}

/// Removes a file, if it exists.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path)(error)),
        _ => Ok(()),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
        text
    })
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
    fn a_branch_has_one_folder_and_a_folder_one_branch() {
        for name in ["a", "feature/login", "..", ".hidden", "it's 100 %", "ünï", "A-b_c9"] {
            let folder = branch_folder(name).unwrap();
            assert!(!folder.contains(['/', '.']), "{folder}");
            assert_eq!(branch_name(&folder).as_deref(), Some(name));
        }
        assert_eq!(branch_folder("feature/login").unwrap(), "feature%2flogin");
        for other in [".removed.7", "%2F", "%", "%zz", "", "a b", "%ü"] {
            assert_eq!(branch_name(other), None, "{other}");
        }
        for invalid in ["", "a\nb", &"x".repeat(201), &"/".repeat(67)] {
            assert!(matches!(branch_folder(invalid), Err(Error::BranchName { .. })), "{invalid}");
        }
    }

    #[test]
    fn each_folder_has_a_hash_of_its_own() {
        assert_eq!(hash(Path::new("/a")).len(), 16);
        assert_ne!(hash(Path::new("/a")), hash(Path::new("/b")));
        let longest = format!("/tmp/nicol-{}-{}/.s.PGSQL.5433.lock", u32::MAX, hash(Path::new("/")));
        assert!(longest.len() <= 103, "{}", longest.len());
    }
}
