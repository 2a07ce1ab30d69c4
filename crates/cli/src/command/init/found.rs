//! What a folder contains before anything is written.

use std::path::Path;

use anyhow::{Context as _, bail};
use nicol_migrate::Migrations;
use nicol_schema::model::StringOrEnv;
use nicol_schema::{DatasourceUrl, Schema, Sources};

use super::manifest::Manifest;
use super::prisma_config::PrismaConfig;
use super::{SCHEMA_FILE, rows};
use crate::context::Context;
use crate::files::read_text;
use crate::project::load_schema;
use crate::report::Report;
use crate::settings::{self, Settings};

/// A folder, and what belongs to a project in it.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact about the folder")]
pub(super) struct Found {
    pub(super) manifest: Option<Manifest>,
    /// The path of the schema file, or the folder of schema files, relative to the project; also if it does not exist yet.
    pub(super) schema_path: String,
    /// The schema, if there is one.
    pub(super) schema: Option<Schema>,
    /// Whether the project has been one of Prisma's.
    pub(super) is_prisma: bool,
    /// The variable with the URL of the database; none if the schema has the URL itself.
    pub(super) variable: Option<String>,
    /// The file that sets the variable, relative to the project.
    pub(super) env_file: Option<String>,
    /// The value of the variable, in the environment or the file.
    pub(super) url: Option<String>,
    /// Whether the schema has been read from the database.
    is_pulled: bool,
    has_migrations: bool,
    has_settings: bool,
    config: Option<PrismaConfig>,
}

/// What the database needs before the program can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The first migration.
    New,
    /// The migrations that are there.
    Migrated,
    /// The tables; there are no migrations.
    Pushed,
    /// Nothing: it was used before.
    InUse,
}

impl Found {
    /// Looks at a folder, which need not exist.
    pub(super) fn look(ctx: &mut Context, root: &Path) -> anyhow::Result<Self> {
        let manifest = Some(root.join("Cargo.toml")).filter(|path| path.is_file());
        let manifest = manifest.map(|path| Manifest::parse(&read_text(&path)?)).transpose()?;
        let settings_file = root.join(settings::FILE);
        let has_settings = settings_file.is_file();
        let settings =
            if has_settings { Settings::find(root, Some(&settings_file))? } else { Settings::default() };
        let config = if has_settings { None } else { PrismaConfig::find(root)? };
        let of_settings =
            settings.schema.map(|path| path.strip_prefix(root).map(Path::to_owned).unwrap_or(path));
        let of_config = config.as_ref().and_then(|config| config.schema.clone());
        let of_package = of_package(root)?;
        let is_prisma_package = of_package.is_some();
        let of_settings = of_settings.map(|path| path.to_string_lossy().into_owned());
        // The file that nicol.toml names may be one to create.
        let is_new = of_settings.as_ref().is_some_and(|path| !root.join(path).exists());
        let named =
            of_settings.or(of_config).or(of_package).map(|path| path.trim_start_matches("./").to_owned());
        if let Some(named) = named.as_ref().filter(|named| !is_new && !root.join(named).exists()) {
            bail!("the schema `{named}` does not exist\nhelp: correct its path in the settings");
        }
        let usual = ["schema.prisma", SCHEMA_FILE].into_iter().find(|path| root.join(path).is_file());
        let path = named.or(usual.map(str::to_owned));
        // Prisma 7 has the URL elsewhere.
        ctx.knows_url |=
            settings.url.is_some() || config.as_ref().is_some_and(|config| config.variable.is_some());
        let schema = match &path {
            Some(_) if is_new => None,
            Some(path) => Some(load_schema(ctx, &root.join(path))?),
            None => None,
        };
        let is_prisma = !has_settings && (config.is_some() || is_prisma_package || schema.is_some());
        let schema_path = path.unwrap_or_else(|| SCHEMA_FILE.to_owned());
        let mut found = Self {
            manifest,
            schema_path,
            schema: None,
            is_prisma,
            variable: None,
            env_file: None,
            url: None,
            is_pulled: false,
            has_migrations: false,
            has_settings,
            config,
        };
        let of_config = found.config.as_ref().and_then(|config| config.variable.clone());
        let of_settings = settings.url.clone();
        found.variable =
            match of_settings.or(schema.as_ref().and_then(|it| it.datasource.as_ref()?.url.clone())) {
                Some(StringOrEnv::Env(name)) => Some(name),
                Some(StringOrEnv::Literal(url)) => {
                    found.url = Some(url);
                    None
                }
                None => Some(of_config.unwrap_or_else(|| "DATABASE_URL".to_owned())),
            };
        found.schema = schema;
        found.read_env(ctx, root)?;
        let migrations = found.config.as_ref().and_then(|config| config.migrations.clone());
        let migrations = settings.migrations.or(migrations.map(|path| root.join(path)));
        let beside = root.join(&found.schema_path);
        let beside =
            if beside.is_dir() { beside.join("migrations") } else { beside.with_file_name("migrations") };
        let migrations = Some(migrations.unwrap_or(beside)).filter(|folder| folder.is_dir());
        let migrations = migrations.map(|folder| Migrations::from_folder(&folder)).transpose()?;
        found.has_migrations = migrations.is_some_and(|migrations| !migrations.is_empty());
        Ok(found)
    }

    /// Looks for the variable in the environment, and in the files that commands read.
    fn read_env(&mut self, ctx: &Context, root: &Path) -> anyhow::Result<()> {
        let Some(variable) = &self.variable else { return Ok(()) };
        if let Some(value) = ctx.variable(variable).filter(|_| ctx.is_given(variable)) {
            self.url = Some(value.to_owned());
            return Ok(());
        }
        let schema = Path::new(&self.schema_path);
        let folder = if root.join(schema).is_dir() { Some(schema) } else { schema.parent() };
        for file in [Some(Path::new(".env").to_owned()), folder.map(|folder| folder.join(".env"))]
            .into_iter()
            .flatten()
        {
            let assignments =
                if root.is_dir() { nicol_settings::read_dotenv(&root.join(&file))? } else { None }
                    .unwrap_or_default();
            if let Some((_, value)) =
                assignments.into_iter().find(|(name, value)| name == variable && !value.is_empty())
            {
                self.env_file = Some(file.to_string_lossy().into_owned());
                self.url = Some(value);
                break;
            }
        }
        Ok(())
    }

    /// Forgets the schema, if its text is this one.
    pub(super) fn forget_schema_if(&mut self, root: &Path, text: &str) -> anyhow::Result<()> {
        let path = root.join(&self.schema_path);
        if path.is_file() && read_text(&path)? == text {
            (self.schema, self.is_prisma) = (None, false);
        }
        Ok(())
    }

    /// Takes the schema that has been read from a database.
    pub(super) fn take_schema(&mut self, text: &str) -> anyhow::Result<()> {
        let sources = Sources::new([("schema.prisma", text)]);
        let schema = nicol_schema::validate_files_with(&sources, DatasourceUrl::Optional).schema;
        self.schema = Some(schema.context("the schema of the database is not valid")?);
        self.is_pulled = true;
        Ok(())
    }

    /// Whether the package uses nicol already.
    pub(super) fn has_nicol(&self) -> bool {
        self.manifest.as_ref().is_some_and(Manifest::has_nicol)
    }

    /// Returns the program: the one for a new schema, or one that reads the rows of an existing one.
    pub(super) fn program(&self, new: &str) -> anyhow::Result<String> {
        let Some(schema) = &self.schema else { return Ok(new.to_owned()) };
        let variable = self.variable.as_deref().unwrap_or("DATABASE_URL");
        rows::program(schema, variable, self.env_file.as_deref().unwrap_or(".env"))
    }

    pub(super) fn state(&self) -> State {
        match (&self.schema, &self.url) {
            (None, _) => State::New,
            (Some(_), Some(_)) => State::InUse,
            _ if self.is_pulled => State::InUse,
            (Some(_), None) if self.has_migrations => State::Migrated,
            (Some(_), None) => State::Pushed,
        }
    }

    /// Returns the text of nicol.toml. `is_local` is whether a database that is not set yet will be that of the local server.
    pub(super) fn settings(&self, is_local: bool) -> Option<String> {
        if self.has_settings {
            return None;
        }
        let text = |text: &str| toml::Value::from(text).to_string();
        let mut lines = match &self.config {
            Some(config) => format!("# The settings of {}, for the commands of nicol.\n", config.file),
            None => "# Where commands in this folder and below find the project.\n".to_owned(),
        };
        lines.extend(["schema = ", &text(&self.schema_path), "\n"]);
        if let Some(config) = &self.config {
            let settings = [("path", &config.migrations), ("seed", &config.seed)];
            let mut settings =
                settings.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).peekable();
            if settings.peek().is_some() {
                lines.push_str("\n[migrations]\n");
            }
            for (name, value) in settings {
                lines.extend([name, " = ", &text(value), "\n"]);
            }
            // Prisma 7 has the URL only there.
            let has_url = self
                .schema
                .as_ref()
                .is_some_and(|it| it.datasource.as_ref().is_some_and(|it| it.url.is_some()));
            if let Some(variable) = config.variable.as_ref().filter(|_| !has_url) {
                lines.extend(["\n[datasource]\nurl = { env = ", &text(variable), " }\n"]);
            }
        }
        if is_local && self.url.is_none() {
            lines.push_str(
                "\n[local]\nidle_timeout = \"5min\"   # the local server sleeps when it is not used\n",
            );
        }
        Some(lines)
    }

    /// Prints what could not be read of prisma.config.ts.
    pub(super) fn report_unread(&self, report: &mut Report) {
        let Some(config) = &self.config else { return };
        for setting in &config.unread {
            report.warning(&format!(
                "`{setting}` in {} is an expression, which nicol cannot read: set it in {}",
                config.file,
                settings::FILE
            ));
        }
    }
}

/// Returns the path of the schema in package.json.
fn of_package(root: &Path) -> anyhow::Result<Option<String>> {
    let path = root.join("package.json");
    if !path.is_file() {
        return Ok(None);
    }
    let json: serde_json::Value = serde_json::from_str(&read_text(&path)?)
        .with_context(|| format!("cannot parse `{}`", path.display()))?;
    Ok(json.pointer("/prisma/schema").and_then(|schema| schema.as_str()).map(str::to_owned))
}
