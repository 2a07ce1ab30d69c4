//! Where settings come from: the environment, then files with credentials, then `.env`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nicol_auth::Providers;

/// The variables that were set, and where.
///
/// A variable that is set but empty counts as not set, in both places: an empty one in the environment hides
/// that of `.env`.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, (String, Source)>);

/// What may be a file in the folder of credentials: whatever holds a password.
const CREDENTIALS: [&str; 6] = [
    "AUTH_ENCRYPTION_KEY",
    "AUTH_SECRET",
    "DATABASE_URL",
    "DATABASE_URL_UNPOOLED",
    "EMAIL_SERVER",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A variable of the environment.
    Environment,
    /// A `.env` file, or one that holds a credential.
    File(PathBuf),
    /// Nobody set it.
    Default,
    /// It follows from other settings.
    Derived,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::File(path) => path.display().fmt(f),
            Self::Default => f.write_str("default"),
            Self::Derived => f.write_str("derived"),
        }
    }
}

impl Environment {
    /// Reads the environment of the process, credentials if somebody hands such over, and `.env` in a folder if there
    /// is one.
    ///
    /// # Errors
    /// A file cannot be read or has a line that is no assignment. The message holds no line: it may be a secret.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let process = std::env::vars_os().filter_map(|(name, value)| {
            // What is no Unicode is not for us.
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let mut read = Self::of(process);
        if let Some(credentials) = read.value("CREDENTIALS_DIRECTORY") {
            read.add_credentials(Path::new(&credentials))?;
        }
        let path = folder.join(".env");
        match std::fs::read_to_string(&path) {
            Ok(text) => read.add_file(&path, &text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        }
        Ok(read)
    }

    /// An environment with these variables.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name, (value, Source::Environment))).collect())
    }

    /// A variable that is set and not empty, and where.
    pub fn get(&self, name: &str) -> Option<(&str, &Source)> {
        self.0
            .get(name)
            .map(|(value, source)| (value.as_str(), source))
            .filter(|(value, _)| !value.is_empty())
    }

    /// A variable that is set and not empty.
    pub fn value(&self, name: &str) -> Option<String> {
        self.get(name).map(|(value, _)| value.to_owned())
    }

    /// Each file holds one value. Unlike a variable, other processes cannot see it and children do not inherit it.
    fn add_credentials(&mut self, folder: &Path) -> anyhow::Result<()> {
        if !folder.is_dir() {
            bail!(
                "`CREDENTIALS_DIRECTORY` is `{}`, where there is no folder\nhelp: unset it, or give it the folder with the \
                 secrets",
                folder.display()
            );
        }
        for name in CREDENTIALS.into_iter().chain(Providers::SECRETS) {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let value = text.trim_end_matches(['\r', '\n']).to_owned();
                    self.0.entry(name.to_owned()).or_insert((value, Source::File(path)));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
            }
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path, text: &str) -> anyhow::Result<()> {
        // Editors on Windows begin a file with a byte order mark, which is no part of the first name.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, variable) in dotenvy::from_read_iter(text.as_bytes()).enumerate() {
            let Ok((name, value)) = variable else {
                bail!(
                    "`{}` cannot be read: assignment {} is not of the form NAME=value\nhelp: put quotes around a value with \
                     blanks, `$` or `#` in it",
                    path.display(),
                    index + 1
                );
            };
            self.0.entry(name).or_insert_with(|| (value, Source::File(PathBuf::from(".env"))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(text: &str) -> anyhow::Result<Environment> {
        let mut env = Environment::of([("PORT".to_owned(), "4000".to_owned())]);
        env.add_file(Path::new(".env"), text).map(|()| env)
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let env = env("# a comment\nPORT=5000\nexport HOST='127.0.0.1'\nEMPTY=\nURL=\"a=b c\"\n").unwrap();
        assert_eq!(env.get("PORT"), Some(("4000", &Source::Environment)));
        assert_eq!(env.get("HOST"), Some(("127.0.0.1", &Source::File(".env".into()))));
        assert_eq!(env.value("URL").unwrap(), "a=b c");
        assert_eq!(env.get("EMPTY"), None);
    }

    #[test]
    fn a_folder_of_credentials_that_is_not_there_is_named() {
        let mut env = Environment::of([]);
        let error = env.add_credentials(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(error.contains("/nowhere/at/all") && error.contains("help: "), "{error}");
    }

    #[test]
    fn credentials_go_before_the_file_and_after_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("AUTH_SECRET", "hush\n");
        write("AUTH_KEYCLOAK_SECRET", "of the client\n");
        write("EMAIL_SERVER", "smtps://mail.example.com\r\n");
        write("PORT", "5000");
        let mut env = Environment::of([("EMAIL_SERVER".to_owned(), "smtps://other.example.com".to_owned())]);
        env.add_credentials(folder.path()).unwrap();
        env.add_file(Path::new(".env"), "AUTH_SECRET=other\n").unwrap();
        let file = Source::File(folder.path().join("AUTH_SECRET"));
        assert_eq!(env.get("AUTH_SECRET"), Some(("hush", &file)));
        assert_eq!(env.value("AUTH_KEYCLOAK_SECRET").unwrap(), "of the client");
        assert_eq!(env.value("EMAIL_SERVER").unwrap(), "smtps://other.example.com");
        assert_eq!(env.get("PORT"), None, "only secrets are credentials");
        assert_eq!(env.get("DATABASE_URL"), None);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_name() {
        let env = env("\u{feff}HOST=\"127.0.0.1\"\r\nURL='a'\r\n").unwrap();
        assert_eq!(env.value("HOST").unwrap(), "127.0.0.1");
        assert_eq!(env.value("URL").unwrap(), "a");
    }

    #[test]
    fn a_bad_line_is_named_by_its_number_alone() {
        let error = env("A=1\nAUTH_SECRET=hush hush\n").err().unwrap().to_string();
        assert!(error.contains("assignment 2") && !error.contains("hush"), "{error}");
    }
}
