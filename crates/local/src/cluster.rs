//! Creates the data directory and the superuser's password.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nicol_pg::push_literal;

use crate::account::command;
use crate::binaries::Installation;
use crate::error::{Error, file};
use crate::files::remove_dir;
use crate::layout::{Layout, hex};

/// The only role of the server.
pub(crate) const SUPERUSER: &str = "postgres";

/// Locales with Unicode character classification, if the system has one, so that `ILIKE` ignores case for all
/// letters. Sorting is by code point, which no upgrade of the system's C library changes.
const CTYPES: &[&str] = &["C.UTF-8", "en_US.UTF-8", "UTF-8", "C"];

/// Creates the data directory. Removes the leftovers of an interrupted attempt first; the directory gets its final
/// name only when it is complete.
pub(crate) fn initialise(layout: &Layout, installation: &Installation) -> Result<(), Error> {
    remove_leftovers(layout)?;
    layout.make_run()?;
    let new = new_folder(layout);
    let password = password(layout)?.map_or_else(|| new_password(layout), Ok)?;
    // initdb runs as the server's user, which has no access to the state folder.
    let password_file = layout.run.join("password");
    write_private(&password_file, &password)?;
    own(layout, &password_file)?;

    let mut output = String::new();
    let mut made = false;
    for ctype in CTYPES {
        remove_dir(&new)?;
        make_data_folder(layout, &new)?;
        let initdb = installation.folder.join("initdb");
        let result = command(&initdb, layout.account.as_ref())
            .args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8"])
            .args(["--locale", "C", "--lc-ctype", ctype, "--data-checksums", "--no-instructions"])
            .arg("--pwfile")
            .arg(&password_file)
            .arg("--pgdata")
            .arg(&new)
            .output()
            .map_err(|source| Error::Run { program: initdb, source })?;
        if result.status.success() {
            made = true;
            break;
        }
        output = String::from_utf8_lossy(&result.stderr).into_owned();
        // Only a missing locale is worth another attempt.
        if !output.contains("locale") {
            break;
        }
    }
    fs::remove_file(&password_file).map_err(file("remove", &password_file))?;
    if !made {
        remove_dir(&new)?;
        return Err(Error::Init { output });
    }
    fs::rename(&new, &layout.data).map_err(file("name", &layout.data))
}

/// Returns the folder in which new data are prepared, until they are complete. A unique name, because an initdb that
/// outlives its application cleans up under its own name.
pub(crate) fn new_folder(layout: &Layout) -> PathBuf {
    layout.home.join(format!("data.new.{}", std::process::id()))
}

/// Creates an empty data directory.
pub(crate) fn make_data_folder(layout: &Layout, path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new().mode(0o700).create(path).map_err(file("create", path))?;
    own(layout, path)
}

/// Removes the data directory. The server must not be running.
pub(crate) fn remove(layout: &Layout) -> Result<(), Error> {
    // Renamed first, so that an interruption does not leave half a data directory.
    let old = new_folder(layout);
    match fs::rename(&layout.data, &old) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(file("rename", &layout.data)(error));
        }
        _ => {}
    }
    remove_leftovers(layout)
}

/// Returns the password; `None` if there is none yet.
pub(crate) fn password(layout: &Layout) -> Result<Option<String>, Error> {
    let path = layout.password();
    match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file("read", path)(error)),
    }
}

/// Sets a new password for data whose password was lost, in single-user mode. The server must not be running.
pub(crate) fn reset_password(layout: &Layout, installation: &Installation) -> Result<(), Error> {
    let password = password(layout)?.map_or_else(|| new_password(layout), Ok)?;
    let mut sql = format!("ALTER ROLE {SUPERUSER} PASSWORD ");
    push_literal(&mut sql, &password);
    sql.push('\n');

    let postgres = installation.folder.join("postgres");
    let run_error = |source| Error::Run { program: postgres.clone(), source };
    let mut child = command(&postgres, layout.account.as_ref())
        .args(["--single", "-j", "-c", "log_statement=none", "-D"])
        .arg(&layout.data)
        .arg(SUPERUSER)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(run_error)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(sql.as_bytes()).map_err(run_error)?;
    }
    child.wait().map_err(run_error)?;
    Ok(())
}

fn new_password(layout: &Layout) -> Result<String, Error> {
    let source = "/dev/urandom";
    let mut bytes = [0; 24];
    fs::File::open(source).and_then(|mut file| file.read_exact(&mut bytes)).map_err(file("read", source))?;
    let password = hex(&bytes);
    set_password(layout, &password)?;
    Ok(password)
}

/// Stores the password of the data, for example that of the data they were copied from.
pub(crate) fn set_password(layout: &Layout, password: &str) -> Result<(), Error> {
    // Written under a different name first: half a password would be worse than none.
    let new = layout.state.join("password.new");
    write_private(&new, password)?;
    fs::rename(&new, layout.password()).map_err(file("name", layout.password()))
}

/// Writes a file of the data directory.
pub(crate) fn write_file(layout: &Layout, path: &Path, text: &str) -> Result<(), Error> {
    write_private(path, text)?;
    own(layout, path)
}

fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    // A leftover may belong to the server's user, and a symbolic link must not be followed.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file("remove", path)(error)),
        _ => {}
    }
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(file("write", path))
}

fn own(layout: &Layout, path: &Path) -> Result<(), Error> {
    match &layout.account {
        None => Ok(()),
        Some(account) => {
            chown(path, Some(account.uid), Some(account.gid)).map_err(file("change the owner of", path))
        }
    }
}

/// Removes unfinished data directories.
pub(crate) fn remove_leftovers(layout: &Layout) -> Result<(), Error> {
    for entry in fs::read_dir(&layout.home).map_err(file("list", &layout.home))? {
        let entry = entry.map_err(file("list", &layout.home))?;
        if entry.file_name().to_string_lossy().starts_with("data.new.") {
            remove_dir(&entry.path())?;
        }
    }
    Ok(())
}
