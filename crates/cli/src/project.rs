//! Where a project lies and how it is set up: `nicol.toml`, `package.json`, the schema file, `.env`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nicol_schema::Schema;

use crate::context::Context;
use crate::report::RefusedSchema;

const SETTINGS: &str = "nicol.toml";

/// A project.
pub(crate) struct Project {
    /// The folder of `nicol.toml`, else of `package.json`, else the current one.
    pub(crate) root: PathBuf,
    /// The database on the local server, where its name is set.
    pub(crate) local_database: Option<String>,
    schema: Option<PathBuf>,
    seed: Option<String>,
}

impl Project {
    /// Finds the project and its schema file, and adds its `.env` files to the environment.
    pub(crate) fn open(ctx: &mut Context, schema: Option<&Path>) -> anyhow::Result<Self> {
        let settings = Settings::find(&ctx.cwd)?;
        let root = settings.as_ref().map_or_else(|| ctx.cwd.clone(), |settings| settings.folder.clone());
        let package = package(&root)?;
        let of_package = |name: &str| package.as_ref()?.get("prisma")?.get(name)?.as_str().map(str::to_owned);
        let exists = |path: PathBuf| path.is_file().then_some(path);
        let schema = schema
            .map(|path| ctx.cwd.join(path))
            .or_else(|| settings.as_ref().and_then(|it| Some(root.join(it.schema.as_ref()?))))
            .or_else(|| exists(ctx.cwd.join("schema.prisma")))
            .or_else(|| exists(ctx.cwd.join("prisma/schema.prisma")))
            .or_else(|| of_package("schema").map(|path| root.join(path)))
            .map(|path| from_cwd(ctx, &path));
        let (seed, local_database) = settings.map_or((None, None), |it| (it.seed, it.local_database));
        let seed = seed.or_else(|| of_package("seed"));
        let project = Self { root, local_database, schema, seed };
        project.load_env(ctx)?;
        Ok(project)
    }

    /// The schema file.
    pub(crate) fn schema(&self) -> anyhow::Result<&Path> {
        let Some(schema) = &self.schema else {
            bail!(
                "there is no schema file here\n\
                 help: give it with --schema, or name it in nicol.toml: schema = \"prisma/schema.prisma\""
            );
        };
        Ok(schema)
    }

    /// The folder of migrations, beside the schema file.
    pub(crate) fn migrations(&self) -> anyhow::Result<PathBuf> {
        Ok(self.schema()?.with_file_name("migrations"))
    }

    /// The command that fills the database.
    pub(crate) fn seed(&self) -> anyhow::Result<&str> {
        let Some(seed) = &self.seed else {
            bail!(
                "no seed command is configured\n\
                 help: put it into {}:\n[migrations]\nseed = \"cargo run -- seed\"",
                self.root.join(SETTINGS).display()
            );
        };
        Ok(seed)
    }

    /// Adds `.env` of the project's folder and of the schema file's. A variable that is set already stays; one to which
    /// the two files give different values is a mistake.
    fn load_env(&self, ctx: &mut Context) -> anyhow::Result<()> {
        let mut files = vec![self.root.join(".env")];
        if let Some(folder) = self.schema.as_deref().and_then(Path::parent) {
            files.push(folder.join(".env"));
        }
        files.dedup();
        let given: Vec<String> = ctx.env.keys().cloned().collect();
        for file in &files {
            let variables = match dotenvy::from_path_iter(file) {
                Ok(variables) => variables,
                Err(error) if error.not_found() => continue,
                Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
            };
            for variable in variables {
                let Ok((name, value)) = variable else {
                    // The error holds the line, and the line may hold a password.
                    bail!("`{}` has a line that is not of the form NAME=value", file.display());
                };
                if given.binary_search(&name).is_ok() {
                    continue;
                }
                if ctx.env.get(&name).is_some_and(|other| *other != value) {
                    bail!(
                        "`{name}` has different values in {}\nhelp: keep it in one of the two files",
                        files
                            .iter()
                            .map(|file| format!("`{}`", file.display()))
                            .collect::<Vec<_>>()
                            .join(" and ")
                    );
                }
                ctx.env.insert(name, value);
            }
        }
        Ok(())
    }
}

/// A path as a person here would write it: relative where it lies below the current folder.
pub(crate) fn from_cwd(ctx: &Context, path: &Path) -> PathBuf {
    let path = ctx.cwd.join(path);
    path.strip_prefix(&ctx.cwd).map(Path::to_owned).unwrap_or(path)
}

/// Reads and checks a schema file; warnings are reported.
pub(crate) fn load_schema(ctx: &mut Context, path: &Path) -> anyhow::Result<Schema> {
    let text = read_schema(path)?;
    let validated = nicol_schema::validate(&text);
    let Some(schema) = validated.schema else {
        return Err(RefusedSchema { path: path.to_owned(), text, diagnostics: validated.diagnostics }.into());
    };
    ctx.report.diagnostics(path, &text, &validated.diagnostics);
    Ok(schema)
}

/// The text of a schema file.
pub(crate) fn read_schema(path: &Path) -> anyhow::Result<String> {
    if path.is_dir() {
        bail!(
            "`{}` is a folder\nhelp: give the schema file itself; a schema in several files is not supported yet",
            path.display()
        );
    }
    fs::read_to_string(path).with_context(|| format!("cannot read the schema file `{}`", path.display()))
}

struct Settings {
    folder: PathBuf,
    schema: Option<String>,
    seed: Option<String>,
    local_database: Option<String>,
}

impl Settings {
    /// The `nicol.toml` of this folder or of the nearest one above.
    fn find(cwd: &Path) -> anyhow::Result<Option<Self>> {
        for folder in cwd.ancestors() {
            let path = folder.join(SETTINGS);
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
            };
            let table: toml::Table =
                text.parse().with_context(|| format!("cannot understand `{}`", path.display()))?;
            return Ok(Some(Self {
                folder: folder.to_owned(),
                schema: text_setting(&path, &table, None, "schema")?,
                seed: text_setting(&path, &table, Some("migrations"), "seed")?,
                local_database: text_setting(&path, &table, Some("local"), "database")?,
            }));
        }
        Ok(None)
    }
}

fn text_setting(
    path: &Path,
    table: &toml::Table,
    section: Option<&str>,
    name: &str,
) -> anyhow::Result<Option<String>> {
    let table = match section.map(|section| table.get(section)) {
        None => table,
        Some(None) => return Ok(None),
        Some(Some(toml::Value::Table(table))) => table,
        Some(Some(_)) => {
            bail!("`{}` in `{}` has to be a section", section.unwrap_or_default(), path.display())
        }
    };
    match table.get(name) {
        None => Ok(None),
        Some(toml::Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => bail!("`{name}` in `{}` has to be a text in quotes", path.display()),
    }
}

fn package(root: &Path) -> anyhow::Result<Option<serde_json::Value>> {
    let path = root.join("package.json");
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("cannot understand `{}`", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}
