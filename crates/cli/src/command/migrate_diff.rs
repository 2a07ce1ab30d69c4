use std::fs;
use std::path::Path;

use anyhow::Context as _;
use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Migrations, Shadow, from_model};
use nicol_pg::ConnectionUrl;
use nicol_schema::Schema;
use serde_json::json;

use crate::args::{Diff, OutputFormat, Place};
use crate::context::Context;
use crate::database::{Database, datasource_of, shadow};
use crate::exit::Exit;
use crate::project::{Project, from_cwd, load_schema};
use crate::signals::Signals;
use crate::summary::summary;

/// One side, as given on the command line.
enum Source<'a> {
    Empty,
    Schema(&'a Path),
    Datasource(&'a Path),
    Project,
    Url(&'a str),
    Migrations(&'a Path),
}

/// One side, with what is needed to read its catalog.
enum Side {
    Known(Box<Catalog>),
    Live(Box<Database>),
    Migrations(Migrations),
}

pub(super) async fn run(ctx: &mut Context, place: &Place, args: &Diff) -> anyhow::Result<Exit> {
    let (from, to) = sources(args);
    let mut opener = Opener {
        place: place.clone(),
        schemas: Vec::new(),
        shadow: Shadow::default(),
        signals: ctx.signals.clone(),
    };
    let previous = opener.open(ctx, &from).await?;
    let next = opener.open(ctx, &to).await?;
    if let Some(url) = &args.shadow_database_url {
        opener.shadow.url = Some(Database::at(ctx, url, "the value of --shadow-database-url")?.url);
    }
    let has_migrations = [&previous, &next].iter().any(|side| matches!(side, Side::Migrations(_)));
    let server = if has_migrations { opener.server(ctx).await } else { None };
    if let Some(database) = &server {
        opener.shadow.never.push(database.url.clone());
    }
    let url = server.as_ref().map(|database| &database.url);
    let catalogs = ctx.signals.guard(opener.catalogs(&previous, &next, url)).await;
    for database in [previous, next].into_iter().filter_map(Side::into_database).chain(server) {
        database.close().await?;
    }
    let (previous, next) = catalogs?;
    let plan = nicol_migrate::plan(&previous, &next);
    let text = if args.format == OutputFormat::Json {
        let all = json!({ "empty": plan.is_empty(), "summary": summary(&plan), "script": plan.script() });
        format!("{all}\n")
    } else if args.script {
        plan.script()
    } else {
        summary(&plan)
    };
    match &args.output {
        Some(path) => {
            let path = from_cwd(ctx, path);
            // The folder of a new migration is created with its script.
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("cannot create `{}`", folder.display()))?;
            }
            fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        None => ctx.report.output(&text),
    }
    Ok(if args.exit_code && !plan.is_empty() { Exit::Differences } else { Exit::Success })
}

/// Returns both sides; clap guarantees that each is given once.
fn sources(args: &Diff) -> (Source<'_>, Source<'_>) {
    let from = source(
        args.from_schema.as_deref(),
        args.from_schema_datasource.as_deref(),
        args.from_config_datasource,
        args.from_url.as_deref(),
        args.from_migrations.as_deref(),
    );
    let to = source(
        args.to_schema.as_deref(),
        args.to_schema_datasource.as_deref(),
        args.to_config_datasource,
        args.to_url.as_deref(),
        args.to_migrations.as_deref(),
    );
    (from, to)
}

fn source<'a>(
    schema: Option<&'a Path>,
    datasource: Option<&'a Path>,
    is_project: bool,
    url: Option<&'a str>,
    migrations: Option<&'a Path>,
) -> Source<'a> {
    let named = schema.map(Source::Schema).or(datasource.map(Source::Datasource));
    let named = named.or(url.map(Source::Url)).or(migrations.map(Source::Migrations));
    named.unwrap_or(if is_project { Source::Project } else { Source::Empty })
}

/// State shared while the two sides are opened.
struct Opener {
    place: Place,
    /// The schemas that any of the schema files name. All of them are read from each database.
    schemas: Vec<String>,
    shadow: Shadow,
    signals: Signals,
}

impl Opener {
    async fn open(&mut self, ctx: &mut Context, source: &Source<'_>) -> anyhow::Result<Side> {
        match source {
            Source::Empty => Ok(Side::Known(Box::default())),
            Source::Schema(path) => {
                let schema = load_schema(ctx, &from_cwd(ctx, path))?;
                self.take_schemas(&schema);
                Ok(Side::Known(Box::new(from_model(&schema))))
            }
            Source::Datasource(path) => self.open_datasource(ctx, Some(path)).await,
            Source::Project => self.open_datasource(ctx, None).await,
            Source::Url(url) => Ok(Side::Live(Box::new(Database::at(ctx, url, "the URL of a side")?))),
            Source::Migrations(folder) => {
                let folder = from_cwd(ctx, folder);
                // A missing folder is a typo here, not an empty history.
                fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
                Ok(Side::Migrations(Migrations::from_folder(&folder)?))
            }
        }
    }

    async fn open_datasource(&mut self, ctx: &mut Context, path: Option<&Path>) -> anyhow::Result<Side> {
        let mut place = self.place.clone();
        if let Some(path) = path {
            place.schema = Some(path.to_owned());
        }
        let project = Project::open(ctx, &place)?;
        let path = project.schema()?;
        let schema = load_schema(ctx, path)?;
        self.take_schemas(&schema);
        let datasource = datasource_of(&project, schema, path)?;
        self.shadow = shadow(ctx, &project, &datasource)?;
        Ok(Side::Live(Box::new(Database::of(ctx, &project, &datasource).await?)))
    }

    fn take_schemas(&mut self, schema: &Schema) {
        for name in schema.datasource.iter().flat_map(|datasource| &datasource.schemas) {
            if !self.schemas.contains(name) {
                self.schemas.push(name.clone());
            }
        }
    }

    /// Opens the project's database, to create a shadow database on its server or to know which database must not be
    /// emptied.
    async fn server(&mut self, ctx: &mut Context) -> Option<Database> {
        let given = self.shadow.url.clone();
        let opened = self.open_datasource(ctx, None).await;
        self.shadow.url = given.or(self.shadow.url.take());
        opened.ok().and_then(Side::into_database)
    }

    async fn catalogs(
        &self,
        previous: &Side,
        next: &Side,
        server: Option<&ConnectionUrl>,
    ) -> anyhow::Result<(Catalog, Catalog)> {
        let previous_catalog = self.catalog(previous, next, server).await?;
        let next_catalog = self.catalog(next, previous, server).await?;
        Ok((previous_catalog, next_catalog))
    }

    async fn catalog(
        &self,
        side: &Side,
        other: &Side,
        server: Option<&ConnectionUrl>,
    ) -> anyhow::Result<Catalog> {
        let words = match other {
            Side::Known(catalog) => Some(&**catalog),
            _ => None,
        };
        match side {
            Side::Known(catalog) => Ok(Catalog::clone(catalog)),
            Side::Live(database) => Ok(nicol_migrate::live(&database.url, &self.schemas, words).await?),
            Side::Migrations(migrations) => {
                let main = other.url().or(server);
                let (shadow, schemas) = (&self.shadow, &self.schemas);
                let interrupt = self.signals.attend();
                Ok(nicol_migrate::end_of(main, migrations, shadow, schemas, words, interrupt).await?)
            }
        }
    }
}

impl Side {
    fn url(&self) -> Option<&ConnectionUrl> {
        match self {
            Self::Live(database) => Some(&database.url),
            _ => None,
        }
    }

    fn into_database(self) -> Option<Database> {
        match self {
            Self::Live(database) => Some(*database),
            _ => None,
        }
    }
}
