//! The migrations of a project: a folder of folders, or embedded in a binary.
//!
//! ```text
//! prisma/migrations/
//! ├── migration_lock.toml              provider = "postgresql"
//! └── 20261123000000_init/
//!     └── migration.sql
//! ```

mod checksum;
mod create;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{fs, io};

pub use checksum::{checksum, matches_checksum};
pub use create::{LONGEST_NAME, create, folder_name, next_name};

use crate::error::Error;
use crate::script;

/// The file with the SQL of a migration.
pub const SCRIPT_FILE: &str = "migration.sql";
/// The file beside the migrations that names the database provider.
pub const LOCK_FILE: &str = "migration_lock.toml";
/// The contents of a new lock file.
pub const LOCK_FILE_CONTENTS: &str = "# Written by nicol: these migrations are for one kind of database.\n\
    # Keep it under version control, and leave it as it is.\n\
    provider = \"postgresql\"\n";

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    name: Cow<'static, str>,
    script: Script,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Script {
    /// Its bytes, and the file they were read from.
    Bytes(Cow<'static, [u8]>, Option<PathBuf>),
    /// The folder exists, but the file does not.
    Missing(PathBuf),
}

impl Migration {
    /// Returns its name, which is that of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its SQL, without a byte order mark.
    ///
    /// # Errors
    ///
    /// As [`Migration::bytes`], and [`Error::ScriptNotText`]: such a migration can be compared with the history, but not
    /// run.
    pub fn script(&self) -> Result<&str, Error> {
        script::text(self.bytes()?).map_err(|place| {
            let path = match &self.script {
                Script::Bytes(_, Some(path)) | Script::Missing(path) => path.clone(),
                Script::Bytes(_, None) => PathBuf::from(self.name.as_ref()),
            };
            Error::ScriptNotText { path, place }
        })
    }

    /// Returns the exact bytes of its file, which the checksum covers.
    ///
    /// # Errors
    ///
    /// [`Error::ScriptMissing`]: such a migration can only be compared with the history by name.
    pub fn bytes(&self) -> Result<&[u8], Error> {
        match &self.script {
            Script::Bytes(bytes, _) => Ok(bytes),
            Script::Missing(path) => {
                Err(Error::ScriptMissing { migration: self.name.to_string(), path: path.clone() })
            }
        }
    }
}

/// The migrations of a project, sorted by name, which is the order in which they are applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrations {
    migrations: Vec<Migration>,
}

impl Migrations {
    /// Reads a folder. A missing folder has no migrations.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] if something cannot be read, [`Error::LockFile`] and [`Error::ProviderSwitched`].
    pub fn from_folder(folder: &Path) -> Result<Self, Error> {
        let unreadable = |path: &Path, source| Error::Folder { path: path.to_owned(), source };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(folder, error)),
        };
        check_lock_file(&folder.join(LOCK_FILE))?;
        let mut migrations = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if !path.is_dir() {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = path.join(SCRIPT_FILE);
            let script = match fs::read(&file) {
                Ok(bytes) => Script::Bytes(bytes.into(), Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Script::Missing(file),
                Err(error) => return Err(unreadable(&file, error)),
            };
            migrations.push(Migration { name: name.into(), script });
        }
        Ok(Self::sorted(migrations))
    }

    /// Returns migrations from names and scripts that are embedded in the binary. A build script can list the folder and
    /// write the pairs, with `include_str!` for the scripts.
    pub fn embedded(migrations: &[(&'static str, &'static str)]) -> Self {
        let migrations = migrations.iter().map(|(name, script)| Migration {
            name: Cow::Borrowed(name),
            script: Script::Bytes(Cow::Borrowed(script.as_bytes()), None),
        });
        Self::sorted(migrations.collect())
    }

    fn sorted(mut migrations: Vec<Migration>) -> Self {
        migrations.sort_by(|a, b| a.name.cmp(&b.name));
        Self { migrations }
    }

    /// Returns the migrations, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Migration> {
        self.migrations.iter()
    }

    /// Returns the number of migrations.
    pub fn len(&self) -> usize {
        self.migrations.len()
    }

    /// Whether there are no migrations.
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty()
    }

    /// Returns the migration with this name.
    pub fn get(&self, name: &str) -> Option<&Migration> {
        self.migrations.iter().find(|migration| migration.name == name)
    }
}

fn check_lock_file(path: &Path) -> Result<(), Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(Error::Folder { path: path.to_owned(), source }),
    };
    let lock: toml::Table = text.parse().map_err(|source: toml::de::Error| Error::LockFile {
        path: path.to_owned(),
        reason: source.message().to_owned(),
    })?;
    match lock.get("provider").and_then(toml::Value::as_str) {
        None | Some("postgresql" | "postgres") => Ok(()),
        Some(provider) => {
            Err(Error::ProviderSwitched { path: path.to_owned(), provider: provider.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_sorted_and_files_are_ignored() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        for name in ["20250102000000_b", "20250101000000_a"] {
            fs::create_dir(folder.path().join(name))?;
            fs::write(folder.path().join(name).join(SCRIPT_FILE), name)?;
        }
        fs::write(folder.path().join("20240101000000_file"), "")?;
        fs::write(folder.path().join(LOCK_FILE), LOCK_FILE_CONTENTS)?;
        let migrations = Migrations::from_folder(folder.path())?;
        let names: Vec<_> = migrations.iter().map(Migration::name).collect();
        assert_eq!(names, ["20250101000000_a", "20250102000000_b"]);
        let embedded = Migrations::embedded(&[
            ("20250102000000_b", "20250102000000_b"),
            ("20250101000000_a", "20250101000000_a"),
        ]);
        let scripts = |migrations: &Migrations| -> Vec<String> {
            migrations.iter().map(|it| it.script().unwrap().to_owned()).collect()
        };
        assert_eq!(scripts(&migrations), scripts(&embedded));
        Ok(())
    }

    #[test]
    fn a_missing_folder_has_no_migrations() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        assert!(Migrations::from_folder(&folder.path().join("none"))?.is_empty());
        Ok(())
    }

    #[test]
    fn a_missing_script_is_an_error_when_it_is_read() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("20250101000000_a"))?;
        let migrations = Migrations::from_folder(folder.path())?;
        let error = migrations.iter().next().unwrap().script().unwrap_err();
        assert_eq!(error.code(), Some("P3015"));
        assert!(error.to_string().contains("20250101000000_a"));
        Ok(())
    }

    #[test]
    fn a_byte_order_mark_is_ignored() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("20250101000000_a"))?;
        fs::write(folder.path().join("20250101000000_a").join(SCRIPT_FILE), "\u{feff}select 1")?;
        let migrations = Migrations::from_folder(folder.path())?;
        let migration = migrations.iter().next().unwrap();
        assert_eq!(migration.script()?, "select 1");
        assert_eq!(checksum(migration.bytes()?), checksum("\u{feff}select 1"));
        Ok(())
    }

    #[test]
    fn a_script_that_is_not_utf8_is_refused_with_the_position() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("20250101000000_a"))?;
        fs::write(folder.path().join("20250101000000_a").join(SCRIPT_FILE), b"select 1;\nselect 'caf\xe9'")?;
        let migrations = Migrations::from_folder(folder.path())?;
        let migration = migrations.iter().next().unwrap();
        let error = migration.script().unwrap_err().to_string();
        assert!(error.contains("byte 0xE9 at offset 21 (line 2)") && error.contains(SCRIPT_FILE), "{error}");
        assert!(matches_checksum(migration.bytes()?, &checksum(b"select 1;\r\nselect 'caf\xe9'")));
        assert!(!matches_checksum(migration.bytes()?, &checksum(b"select 1;\nselect 'caf\xe8'")));
        Ok(())
    }

    #[test]
    fn another_provider_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join(LOCK_FILE), "provider = \"mysql\"")?;
        let error = Migrations::from_folder(folder.path()).unwrap_err();
        assert_eq!(error.code(), Some("P3019"));
        fs::write(folder.path().join(LOCK_FILE), "provider = ")?;
        assert_eq!(Migrations::from_folder(folder.path()).unwrap_err().code(), None);
        Ok(())
    }
}
