//! The secret for development: generated once, kept in a file beside the local data that only its owner can read.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use nicol_auth::{AuthSecret, Random as _, SystemRandom};

/// The name of the file.
const NAME: &str = "auth-secret";

/// Reads the secret in a folder, or generates it.
pub(crate) fn read_or_make(folder: &Path) -> anyhow::Result<AuthSecret> {
    let path = folder.join(NAME);
    let context = || format!("cannot keep the development secret in `{}`", path.display());
    if !path.try_exists().with_context(context)? {
        make(&path).with_context(context)?;
    }
    // Copying the folder may have changed the mode.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).with_context(context)?;
    let text = fs::read_to_string(&path).with_context(context)?;
    ensure!(
        text.trim().len() >= super::SECRET_MIN,
        "`{}` is damaged\nhelp: delete it; all users will have to sign in again",
        path.display()
    );
    Ok(AuthSecret::new(text.trim())?)
}

/// Writes the file under another name first, so that two processes that start at once read the same complete secret.
fn make(path: &Path) -> std::io::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{:032x}{:032x}", random(), random())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn random() -> u128 {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_generated_once_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let text = || {
            read_or_make(folder.path()).unwrap();
            fs::read_to_string(folder.path().join(NAME)).unwrap()
        };
        let first = text();
        assert_eq!(first.trim().len(), 64);
        assert_eq!(text(), first);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join(NAME)), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "short").unwrap();
        assert!(read_or_make(folder.path()).unwrap_err().to_string().contains("help: delete it"));
    }
}
