//! A project for a database that exists: its schema, and a migration that counts as applied.

use std::path::Path;

use anyhow::{Context as _, bail};
use nicol_migrate::catalog::Catalog;
use nicol_migrate::history::{LOCK_FILE, LOCK_FILE_CONTENTS, SCRIPT_FILE};
use nicol_migrate::pull::{self, SchemaFile};
use nicol_migrate::{Migrations, Resolution};
use nicol_pg::ConnectionUrl;
use nicol_schema::{DatasourceUrl, Sources};

use super::files::Files;
use crate::command::db_pull;
use crate::context::Context;
use crate::report::counted;

/// The name of the migration, as in Prisma's documentation. It sorts before those with a timestamp.
const BASELINE: &str = "0_init";

/// What has been read from a database.
pub(super) struct Origin {
    url: ConnectionUrl,
    /// The schema file.
    pub(super) schema: String,
    /// The script of the first migration; none if the database has a history already.
    baseline: Option<String>,
}

impl Origin {
    /// Reads a database, and changes nothing.
    pub(super) async fn read(ctx: &mut Context, url: &str, start: &str) -> anyhow::Result<Self> {
        let url = ConnectionUrl::parse(url)?;
        let signals = ctx.signals.clone();
        let read = async {
            let catalog = nicol_migrate::live(&url, &[], None).await?;
            Ok((catalog, nicol_migrate::status(&url, &Migrations::embedded(&[])).await?))
        };
        let (catalog, status) = signals.guard(read).await?;
        let file = SchemaFile { name: "schema.prisma".to_owned(), text: start.to_owned() };
        let sources = Sources::new([(file.name.as_str(), start)]);
        let Some(schema) = nicol_schema::validate_files_with(&sources, DatasourceUrl::Optional).schema else {
            bail!("the datasource cannot be used");
        };
        let pulled = pull::pull(&catalog, &[file], &schema, &pull::Pull::default());
        if pulled.counts.is_empty() {
            bail!(
                "{url} has no tables\n\
                 help: for a new schema in this database, use `--url` instead of `--from`"
            );
        }
        db_pull::check(&pulled)?;
        db_pull::remark(ctx, &pulled.remarks, false);
        ctx.report.line(&format!("found {} in {url}", db_pull::found(pulled.counts)));
        let empty = Catalog::default();
        let baseline = if status.has_history {
            let count = counted(status.unknown.len(), "applied migration");
            ctx.report.note(&format!(
                "the database has {count}: copy the migrations folder of its project to prisma/migrations"
            ));
            None
        } else {
            Some(nicol_migrate::plan(&empty, &catalog).script())
        };
        let schema = pulled.files.into_iter().next().map(|file| file.text).unwrap_or_default();
        Ok(Self { url, schema, baseline })
    }

    /// Writes the first migration, and marks it as applied.
    pub(super) async fn record(&self, ctx: &mut Context, files: &mut Files<'_>) -> anyhow::Result<()> {
        let Some(script) = &self.baseline else { return Ok(()) };
        let folder = Path::new("prisma/migrations");
        let file = folder.join(BASELINE).join(SCRIPT_FILE);
        files.create(&mut ctx.report, &file.to_string_lossy(), script)?;
        files.create(&mut ctx.report, &folder.join(LOCK_FILE).to_string_lossy(), LOCK_FILE_CONTENTS)?;
        let migrations = Migrations::from_folder(&files.root.join(folder))?;
        let signals = ctx.signals.clone();
        let resolve = async {
            Ok(nicol_migrate::resolve(&self.url, &migrations, BASELINE, Resolution::Applied).await?)
        };
        signals.guard(resolve).await.with_context(|| {
            format!(
                "migration {BASELINE} was not marked as applied\n\
                 help: run `nicol migrate resolve --applied {BASELINE}` as a user who can create tables"
            )
        })?;
        ctx.report.line(&format!("marked migration {BASELINE} as applied"));
        Ok(())
    }
}
