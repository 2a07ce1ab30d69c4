//! Reads `nicol.toml`, the counterpart of `prisma.config.ts`. Documented in `docs/configuration.md`.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use nicol_schema::model::StringOrEnv;

use crate::files::read_text;
use crate::idle_timeout::IdleTimeout;

pub(crate) const FILE: &str = "nicol.toml";

/// The settings of a project. Paths are resolved against the folder of the file.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The folder of the file; `None` without a file.
    pub(crate) folder: Option<PathBuf>,
    /// The schema file, or a folder of schema files.
    pub(crate) schema: Option<PathBuf>,
    /// The migrations folder.
    pub(crate) migrations: Option<PathBuf>,
    /// The folder of TypedSQL.
    pub(crate) typed_sql: Option<PathBuf>,
    /// The seed command.
    pub(crate) seed: Option<String>,
    /// SQL to run in a shadow database before the first migration.
    pub(crate) init_shadow_db: Option<String>,
    /// The database URL.
    pub(crate) url: Option<StringOrEnv>,
    /// The shadow database URL.
    pub(crate) shadow_database_url: Option<StringOrEnv>,
    /// The name of the database on the local server.
    pub(crate) local_database: Option<String>,
    /// When the local server sleeps.
    pub(crate) idle_timeout: Option<IdleTimeout>,
    /// The id of the Neon project with the branches.
    pub(crate) neon_project: Option<String>,
    /// Warnings about the file.
    pub(crate) warnings: Vec<String>,
}

/// The known keys by section; the top level has the empty name.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["schema"]),
    ("datasource", &["url", "shadow_database_url"]),
    ("migrations", &["path", "seed", "init_shadow_db"]),
    ("views", &["path"]),
    ("typed_sql", &["path"]),
    ("tables", &["external"]),
    ("enums", &["external"]),
    ("local", &["database", "idle_timeout"]),
    ("branch", &["neon_project"]),
];

/// Keys that are accepted, so that a project can be migrated, but have no effect yet.
const UNHEEDED: &[(&str, &str)] = &[("views", "path"), ("tables", "external"), ("enums", "external")];

impl Settings {
    /// Reads the given file, or the nearest `nicol.toml` in this folder or its parents.
    pub(crate) fn find(cwd: &Path, given: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(given) = given {
            let path = cwd.join(given);
            let text = read_text(&path)
                .with_context(|| format!("cannot read the settings file `{}`", given.display()))?;
            return Self::read(&path, &text);
        }
        for folder in cwd.ancestors() {
            let path = folder.join(FILE);
            match read_text(&path) {
                Ok(text) => return Self::read(&path, &text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
            }
        }
        Ok(Self::default())
    }

    fn read(path: &Path, text: &str) -> anyhow::Result<Self> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // The full error shows the line, which may contain a password.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            anyhow!("cannot parse `{}`, line {line}: {}", path.display(), error.message())
        })?;
        let file = File { path, table: &table };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let path_setting =
            |section, name| Ok::<_, anyhow::Error>(file.text(section, name)?.map(|it| folder.join(it)));
        let settings = Self {
            schema: path_setting("", "schema")?,
            migrations: path_setting("migrations", "path")?,
            typed_sql: path_setting("typed_sql", "path")?,
            seed: file.text("migrations", "seed")?,
            init_shadow_db: file.text("migrations", "init_shadow_db")?,
            url: file.text_or_env("datasource", "url")?,
            shadow_database_url: file.text_or_env("datasource", "shadow_database_url")?,
            local_database: file.text("local", "database")?,
            idle_timeout: file.idle_timeout()?,
            neon_project: file.text("branch", "neon_project")?,
            warnings: file.warnings(),
            folder: Some(folder),
        };
        for (section, name) in UNHEEDED {
            match *name {
                "external" => file.texts(section, name)?,
                _ => file.text(section, name).map(drop)?,
            }
        }
        Ok(settings)
    }
}

struct File<'a> {
    path: &'a Path,
    table: &'a toml::Table,
}

impl File<'_> {
    fn value(&self, section: &str, name: &str) -> anyhow::Result<Option<&toml::Value>> {
        if section.is_empty() {
            return Ok(self.table.get(name));
        }
        match self.table.get(section) {
            None => Ok(None),
            Some(toml::Value::Table(table)) => Ok(table.get(name)),
            Some(_) => bail!("`{section}` in `{}` must be a section", self.path.display()),
        }
    }

    fn text(&self, section: &str, name: &str) -> anyhow::Result<Option<String>> {
        match self.value(section, name)? {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => bail!("`{name}` in `{}` must be a string", self.path.display()),
        }
    }

    /// Returns the time, as text or as a number of seconds.
    fn idle_timeout(&self) -> anyhow::Result<Option<IdleTimeout>> {
        let name = "idle_timeout";
        let text = match self.value("local", name)? {
            Some(toml::Value::Integer(seconds)) => Some(seconds.to_string()),
            _ => self.text("local", name)?,
        };
        let parse = |text: String| {
            let path = self.path.display();
            text.parse().map_err(|reason| anyhow!("`local.{name}` in `{path}` cannot be `{text}`: {reason}"))
        };
        text.map(parse).transpose()
    }

    /// Returns a string, or the variable that holds it: `{ env = "NAME" }`.
    fn text_or_env(&self, section: &str, name: &str) -> anyhow::Result<Option<StringOrEnv>> {
        match self.value(section, name)? {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(StringOrEnv::Literal(text.clone()))),
            Some(toml::Value::Table(table))
                if table.len() == 1 && table.get("env").is_some_and(toml::Value::is_str) =>
            {
                Ok(table["env"].as_str().map(|variable| StringOrEnv::Env(variable.to_owned())))
            }
            Some(_) => bail!(
                "`{section}.{name}` in `{path}` must be a string or name a variable\n\
                 help: set {name} = {{ env = \"DATABASE_URL\" }}",
                path = self.path.display()
            ),
        }
    }

    fn texts(&self, section: &str, name: &str) -> anyhow::Result<()> {
        match self.value(section, name)? {
            None => Ok(()),
            Some(toml::Value::Array(values)) if values.iter().all(toml::Value::is_str) => Ok(()),
            Some(_) => bail!("`{name}` in `{}` must be a list of strings", self.path.display()),
        }
    }

    /// Returns warnings about unknown keys and keys without effect.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (name, value) in self.table {
            let of_section = KEYS.iter().find(|(section, _)| section == name && !section.is_empty());
            match (of_section, value) {
                (Some((section, keys)), toml::Value::Table(table)) => {
                    for name in table.keys().filter(|name| !keys.contains(&name.as_str())) {
                        warnings.push(self.unknown(&format!("{section}.{name}"), name, keys));
                    }
                }
                _ if KEYS[0].1.contains(&name.as_str()) => {}
                _ => {
                    let names: Vec<&str> = KEYS[1..].iter().map(|(section, _)| *section).collect();
                    warnings.push(self.unknown(name, name, &[KEYS[0].1, &names].concat()));
                }
            }
        }
        for (section, name) in UNHEEDED {
            if self.value(section, name).is_ok_and(|value| value.is_some()) {
                let path = self.path.display();
                warnings.push(format!("`{section}.{name}` in `{path}` has no effect yet"));
            }
        }
        warnings
    }

    fn unknown(&self, full: &str, name: &str, known: &[&str]) -> String {
        let advice = match nicol_schema::suggest::closest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the known keys are `{}`", known.join("`, `")),
        };
        format!("unknown key `{full}` in `{}`: {advice}", self.path.display())
    }
}
