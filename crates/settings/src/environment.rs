use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{Problems, Setting, SettingsError, Source, read_dotenv};

/// The variables that are set, and where each comes from.
///
/// The first of these counts: a variable of the process, a credential file, the file `.env`. An empty variable counts as
/// not set, but still hides those of later sources.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, (String, Source)>);

impl fmt::Debug for Environment {
    /// Shows names and sources, no values: a value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, (_, source))| (name, source))).finish()
    }
}

impl Environment {
    /// Reads the environment of the process, credential files and `.env` in a folder.
    ///
    /// `credentials` are the names of variables that may also be files: each holds one value, in the folder that the
    /// variable `CREDENTIALS_DIRECTORY` names (systemd sets it for `LoadCredential=`; containers mount `/run/secrets`).
    /// Unlike a variable, other processes cannot see such a value and child processes do not inherit it.
    ///
    /// # Errors
    /// A file cannot be read, or a line of `.env` is no assignment. No message contains a line, which may be a secret.
    pub fn read<'a>(
        folder: &Path,
        credentials: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, SettingsError> {
        // A variable that is not Unicode is none of ours.
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let (mut env, mut problems) = (Self::of(process), Problems::default());
        if let Some(directory) = env.value("CREDENTIALS_DIRECTORY") {
            problems.take(env.add_credentials(Path::new(&directory), credentials));
        }
        problems.take(env.add_dotenv(&folder.join(".env")));
        problems.finish(Some(env))
    }

    /// Returns an environment with these variables.
    pub fn of(variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        let variable = |(name, value): (_, _)| (name, (value, Source::Environment));
        Self(variables.into_iter().map(|(name, value)| variable((name.into(), value.into()))).collect())
    }

    /// Returns a variable that is set and not empty, and its source.
    pub fn get(&self, name: &str) -> Option<(&str, &Source)> {
        self.0
            .get(name)
            .map(|(value, source)| (value.as_str(), source))
            .filter(|(value, _)| !value.is_empty())
    }

    /// Returns a variable that is set and not empty.
    pub fn value(&self, name: &str) -> Option<String> {
        self.get(name).map(|(value, _)| value.to_owned())
    }

    /// Parses a variable; `None` if it is not set. The message shows the value, so this is not for secrets.
    ///
    /// # Errors
    /// "`NAME` is `value`, which is not `expected`", with `help`.
    pub fn parse<T: FromStr>(
        &self,
        name: &str,
        expected: &str,
        help: &str,
    ) -> Result<Option<T>, SettingsError> {
        let Some((text, _)) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            SettingsError::new(format!("`{name}` is `{text}`, which is not {expected}\nhelp: {help}"))
        })
    }

    /// Returns a setting to show: its value, and the source of its variable, or `otherwise` if that is not set.
    pub fn setting(&self, name: &'static str, value: String, otherwise: Source) -> Setting {
        let source = self.get(name).map_or(otherwise, |(_, source)| source.clone());
        Setting { name, value, source }
    }

    fn add_credentials<'a>(
        &mut self,
        folder: &Path,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), SettingsError> {
        if !folder.is_dir() {
            return Err(SettingsError::new(format!(
                "`CREDENTIALS_DIRECTORY` is `{}`, which is not a folder\nhelp: unset it, or set it to the folder with the \
                 secrets",
                folder.display()
            )));
        }
        let mut problems = Problems::default();
        for name in names {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let value = text.trim_end_matches(['\r', '\n']).to_owned();
                    self.0.entry(name.to_owned()).or_insert((value, Source::File(path)));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => problems.add(format!("cannot read `{}`: {error}", path.display())),
            }
        }
        problems.finish(Some(()))
    }

    fn add_dotenv(&mut self, path: &Path) -> Result<(), SettingsError> {
        for (name, value) in read_dotenv(path)?.unwrap_or_default() {
            self.0.entry(name).or_insert_with(|| (value, Source::File(PathBuf::from(".env"))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: [&str; 3] = ["AUTH_SECRET", "DATABASE_URL", "EMAIL_SERVER"];

    #[test]
    fn the_environment_takes_precedence_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, "PORT=5000\nHOST=127.0.0.1\nEMPTY=\n").unwrap();
        let mut env = Environment::of([("PORT", "4000")]);
        env.add_dotenv(&path).unwrap();
        assert_eq!(env.get("PORT"), Some(("4000", &Source::Environment)));
        assert_eq!(env.get("HOST"), Some(("127.0.0.1", &Source::File(".env".into()))));
        assert_eq!(env.get("EMPTY"), None);
    }

    #[test]
    fn credentials_come_between_the_environment_and_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("AUTH_SECRET", "hush\n");
        write("EMAIL_SERVER", "smtps://mail.example.com\r\n");
        write("PORT", "5000");
        write(".env", "AUTH_SECRET=other\n");
        let mut env = Environment::of([("EMAIL_SERVER", "smtps://other.example.com")]);
        env.add_credentials(folder.path(), CREDENTIALS).unwrap();
        env.add_dotenv(&folder.path().join(".env")).unwrap();
        let file = Source::File(folder.path().join("AUTH_SECRET"));
        assert_eq!(env.get("AUTH_SECRET"), Some(("hush", &file)));
        assert_eq!(env.value("EMAIL_SERVER").unwrap(), "smtps://other.example.com");
        assert_eq!(env.get("PORT"), None, "it is not one of the credentials");
        assert_eq!(env.get("DATABASE_URL"), None);
        assert!(!format!("{env:?}").contains("hush"), "Debug shows no value");
    }

    #[test]
    fn a_missing_credentials_folder_is_named() {
        let mut env = Environment::default();
        let error = env.add_credentials(Path::new("/nowhere/at/all"), CREDENTIALS).unwrap_err().to_string();
        assert!(error.contains("`/nowhere/at/all`") && error.contains("help: "), "{error}");
    }

    #[test]
    fn every_credential_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["AUTH_SECRET", "DATABASE_URL"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let error = Environment::default().add_credentials(folder.path(), CREDENTIALS).unwrap_err();
        assert_eq!(error.problems().len(), 2, "{error}");
    }
}
