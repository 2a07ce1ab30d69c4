//! Finds a project and its settings: `nicol.toml`, `package.json`, the schema file, `.env`.

use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use nicol_schema::ast::{Config, Item};
use nicol_schema::model::StringOrEnv;
use nicol_schema::{DatasourceUrl, Schema, Sources, Validated, rule};

use crate::args::Place;
use crate::context::Context;
use crate::files::read_text;
use crate::idle_timeout::IdleTimeout;
use crate::report::RefusedSchema;
use crate::settings::{self, Settings};

/// A project.
pub(crate) struct Project {
    /// The folder of `nicol.toml`, or the current folder.
    pub(crate) root: PathBuf,
    /// The name of the database on the local server, if it is set.
    pub(crate) local_database: Option<String>,
    /// When the local server sleeps, if it is set.
    pub(crate) idle_timeout: Option<IdleTimeout>,
    /// The id of the Neon project with the branches, if it is set.
    pub(crate) neon_id: Option<String>,
    /// SQL to run in a shadow database before the first migration.
    pub(crate) init_shadow_db: Option<String>,
    /// The database URL from the settings; it takes precedence over the schema's.
    pub(crate) url: Option<StringOrEnv>,
    /// The shadow database URL from the settings.
    pub(crate) shadow_database_url: Option<StringOrEnv>,
    /// The arguments that make another command find this project.
    pub(crate) place: Place,
    schema: Option<PathBuf>,
    migrations: Option<PathBuf>,
    typed_sql: Option<PathBuf>,
    seed: Option<String>,
    /// The paths where a schema was looked for.
    looked_at: Vec<PathBuf>,
    /// The files that variables are read from, whether or not they exist.
    env_files: Vec<PathBuf>,
}

impl Project {
    /// Finds the project and its schema, and adds its `.env` files to the environment.
    ///
    /// The order is that of Prisma 6.19: the argument, the settings, `package.json`, `schema.prisma`,
    /// `prisma/schema.prisma`.
    pub(crate) fn open(ctx: &mut Context, place: &Place) -> anyhow::Result<Self> {
        let settings = Settings::find(&ctx.cwd, place.config.as_deref())?;
        for warning in &settings.warnings {
            ctx.report.warning(warning);
        }
        let root = settings.folder.unwrap_or_else(|| ctx.cwd.clone());
        let package = package(&ctx.cwd)?;
        let of_package = |name: &str| {
            let (folder, json) = package.as_ref()?;
            Some((folder, json.get("prisma")?.get(name)?.as_str()?))
        };
        let usual = ["schema.prisma", "prisma/schema.prisma"].map(PathBuf::from);
        let schema = place
            .schema
            .clone()
            .or(settings.schema)
            .or_else(|| of_package("schema").map(|(folder, path)| folder.join(path)))
            .or_else(|| usual.iter().find(|path| ctx.cwd.join(path).is_file()).cloned())
            .map(|path| from_cwd(ctx, &path));
        let env_files = env_files(ctx, &root, schema.as_deref());
        let project = Self {
            root,
            local_database: settings.local_database,
            idle_timeout: settings.idle_timeout,
            neon_id: settings.neon_project,
            init_shadow_db: settings.init_shadow_db,
            place: place.clone(),
            url: settings.url,
            shadow_database_url: settings.shadow_database_url,
            schema,
            migrations: settings.migrations.map(|path| from_cwd(ctx, &path)),
            typed_sql: settings.typed_sql.map(|path| from_cwd(ctx, &path)),
            seed: settings.seed.or_else(|| of_package("seed").map(|(_, seed)| seed.to_owned())),
            looked_at: usual.to_vec(),
            env_files,
        };
        ctx.knows_url = project.url.is_some();
        project.load_env(ctx)?;
        Ok(project)
    }

    /// Returns the schema file or the folder of schema files.
    pub(crate) fn schema(&self) -> anyhow::Result<&Path> {
        let Some(schema) = &self.schema else {
            let places: Vec<String> =
                self.looked_at.iter().map(|path| format!("`{}`", path.display())).collect();
            bail!(
                "no schema file found: there is no {}, and neither {} nor package.json names one\n\
                 help: pass a file or folder with --schema, or set it in {}: schema = \"prisma/schema\"",
                places.join(" or "),
                settings::FILE,
                settings::FILE,
            );
        };
        Ok(schema)
    }

    /// Returns the migrations folder: the one in the settings, otherwise `migrations` beside the file with the
    /// datasource, beside the schema file, or in the folder of schema files.
    pub(crate) fn migrations(&self) -> anyhow::Result<PathBuf> {
        if let Some(migrations) = &self.migrations {
            return Ok(migrations.clone());
        }
        let schema = self.schema()?;
        if !schema.is_dir() {
            return Ok(schema.with_file_name("migrations"));
        }
        let folder = folder_of(&nicol_codegen::read_schema(schema)?, None);
        Ok(folder.unwrap_or_else(|| schema.to_owned()).join("migrations"))
    }

    /// Returns the folder of TypedSQL: the one in the settings, otherwise `sql` beside the file with the datasource.
    pub(crate) fn typed_sql(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.typed_sql {
            return Ok(folder.clone());
        }
        Ok(nicol_codegen::statement_folder(&nicol_codegen::read_schema(self.schema()?)?))
    }

    /// Returns the seed command.
    pub(crate) fn seed(&self) -> anyhow::Result<&str> {
        let Some(seed) = &self.seed else {
            bail!(
                "no seed command is configured\n\
                 help: add it to {}:\n[migrations]\nseed = \"cargo run -- seed\"",
                self.root.join(settings::FILE).display()
            );
        };
        Ok(seed)
    }

    /// Returns the files that variables are read from, whether or not they exist.
    pub(crate) fn env_files(&self) -> &[PathBuf] {
        &self.env_files
    }

    /// Loads `.env` from the project folder and the schema's folder. Variables that are already set are kept.
    /// Different values for a variable in the two files are an error.
    fn load_env(&self, ctx: &mut Context) -> anyhow::Result<()> {
        let files = &self.env_files;
        for file in files {
            for (name, value) in nicol_settings::read_dotenv(file)?.unwrap_or_default() {
                if ctx.is_given(&name) {
                    continue;
                }
                if ctx.env.get(&name).is_some_and(|other| *other != value) {
                    bail!(
                        "`{name}` has different values in {}\nhelp: keep it in only one of them",
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

/// Returns `.env` of the project folder and of the schema's folder.
fn env_files(ctx: &Context, root: &Path, schema: Option<&Path>) -> Vec<PathBuf> {
    let mut files = vec![root.join(".env")];
    if let Some(schema) = schema {
        let folder = if schema.is_dir() { Some(schema) } else { schema.parent() };
        files.extend(folder.map(|folder| ctx.cwd.join(folder).join(".env")));
    }
    files.dedup();
    files
}

/// Shortens a path for display: relative if it is below the current folder.
pub(crate) fn from_cwd(ctx: &Context, path: &Path) -> PathBuf {
    let path = ctx.cwd.join(path);
    path.strip_prefix(&ctx.cwd).map(Path::to_owned).unwrap_or(path)
}

/// Reads and validates a schema, and prints the warnings.
pub(crate) fn load_schema(ctx: &mut Context, path: &Path) -> anyhow::Result<Schema> {
    let sources = nicol_codegen::read_schema(path)?;
    let validated = validate(ctx, &sources);
    let Some(schema) = validated.schema else {
        return Err(RefusedSchema::new(sources, validated).into());
    };
    ctx.report.diagnostics(&sources, &validated.diagnostics);
    Ok(schema)
}

/// Validates a schema. A missing `url` is a warning only if the settings have no URL either.
pub(crate) fn validate(ctx: &Context, sources: &Sources) -> Validated {
    let mut validated = nicol_schema::validate_files_with(sources, DatasourceUrl::Optional);
    if ctx.knows_url {
        validated.diagnostics.retain(|finding| finding.code() != rule::URL_ELSEWHERE);
    }
    validated
}

/// Returns the folder of the file that contains a generator, or the datasource if no generator is named.
pub(crate) fn folder_of(sources: &Sources, generator: Option<&str>) -> Option<PathBuf> {
    Some(file_of(sources, generator)?.parent().unwrap_or(Path::new("")).to_owned())
}

/// Returns the file that contains a generator, or the datasource if no generator is named.
pub(crate) fn file_of(sources: &Sources, generator: Option<&str>) -> Option<PathBuf> {
    let is_meant = |block: Config<'_>| match generator {
        None => block.is_datasource(),
        Some(generator) => !block.is_datasource() && block.name().is_some_and(|name| name.text == generator),
    };
    let parse = nicol_schema::parse_files(sources);
    let span = parse.tree.file().items().find_map(|item| match item {
        Item::Config(block) if is_meant(block) => Some(block.span()),
        _ => None,
    })?;
    let (file, _) = sources.locate(span)?;
    Some(PathBuf::from(file.name))
}

/// Returns an absolute path without `.` and `..`, as Node's `path.resolve` does.
pub(crate) fn absolute(ctx: &Context, path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in ctx.cwd.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
    }
    resolved
}

/// Returns the nearest `package.json`, in this folder or its parents, and its folder.
fn package(cwd: &Path) -> anyhow::Result<Option<(PathBuf, serde_json::Value)>> {
    for folder in cwd.ancestors() {
        let path = folder.join("package.json");
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        let json =
            serde_json::from_str(&text).with_context(|| format!("cannot parse `{}`", path.display()))?;
        return Ok(Some((folder.to_owned(), json)));
    }
    Ok(None)
}
