//! Finds the database that a command works on.

use std::path::Path;

use anyhow::{Context as _, bail};
use nicol_branch::Local;
use nicol_local::Lease;
use nicol_migrate::Shadow;
use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use nicol_schema::Schema;
use nicol_schema::model::{Datasource, StringOrEnv};

use crate::context::Context;
use crate::project::{Project, load_schema};

/// A database URL, with a lease on the local server if it is that server's.
pub(crate) struct Database {
    pub(crate) url: ConnectionUrl,
    lease: Option<Lease>,
}

impl Database {
    /// Opens the schema's database for what needs the server itself: `directUrl`, otherwise the variable of `url` with `_UNPOOLED`
    /// at its end, such as `DATABASE_URL_UNPOOLED`, otherwise `url`. If their variables are not set, uses the project's
    /// local server, if it has ever been started.
    pub(crate) async fn open(ctx: &mut Context, project: &Project) -> anyhow::Result<Self> {
        let datasource = datasource(ctx, project)?;
        Self::of(ctx, project, &datasource).await
    }

    /// Same as [`Database::open`], for a datasource that is already loaded.
    pub(crate) async fn of(
        ctx: &mut Context,
        project: &Project,
        datasource: &Datasource,
    ) -> anyhow::Result<Self> {
        let setting = configured(ctx, datasource);
        Self::of_setting(ctx, project, datasource, setting).await
    }

    async fn of_setting(
        ctx: &mut Context,
        project: &Project,
        datasource: &Datasource,
        setting: Option<Setting>,
    ) -> anyhow::Result<Self> {
        if let Some(setting) = setting {
            let url = setting.parse(ctx)?;
            let lease = Self::on_branch(ctx, project, &url).await?;
            return Ok(Self { url, lease });
        }
        match Self::local(ctx, project, datasource).await? {
            Some(database) => Ok(database),
            None => bail!(
                "{} not set\n\
                 help: set it in .env, or start a private server for this project with `nicol local start`",
                listed(&variables(datasource))
            ),
        }
    }

    /// Opens the schema's database for queries: `url`, which may lead through a pooler. If its variable is not set, uses
    /// the project's local server, if it has ever been started.
    pub(crate) async fn for_queries(
        ctx: &mut Context,
        project: &Project,
        datasource: &Datasource,
    ) -> anyhow::Result<Self> {
        let datasource = Datasource { direct_url: None, ..datasource.clone() };
        let setting =
            datasource.url.as_ref().and_then(|url| Setting::read(ctx, url, "`url` of the datasource"));
        Self::of_setting(ctx, project, &datasource, setting).await
    }

    /// Uses the database at a URL of the command line. `origin` is where.
    pub(crate) fn at(ctx: &mut Context, url: &str, origin: &str) -> anyhow::Result<Self> {
        let setting = Setting { text: url.to_owned(), origin: origin.to_owned() };
        Ok(Self { url: setting.parse(ctx)?, lease: None })
    }

    /// Prepares the environment for a program that reads the variables itself: if they are not set, starts the local
    /// server, if it has ever been started, and sets them to its URL.
    pub(crate) async fn lend(ctx: &mut Context, project: &Project) -> anyhow::Result<Option<Self>> {
        let datasource = datasource(ctx, project)?;
        let names: Vec<_> = variables(&datasource).into_iter().map(str::to_owned).collect();
        if names.is_empty() || names.iter().any(|name| ctx.variable(name).is_some()) {
            return Ok(None);
        }
        let database = Self::local(ctx, project, &datasource).await?;
        if let Some(database) = &database {
            let url = database.url.to_url_with_password();
            ctx.env.extend(names.into_iter().map(|name| (name, url.clone())));
        }
        Ok(database)
    }

    async fn local(
        ctx: &mut Context,
        project: &Project,
        datasource: &Datasource,
    ) -> anyhow::Result<Option<Self>> {
        let local = Self::local_server(ctx, project).await?;
        if local.is_some() {
            let names = listed(&variables(datasource));
            ctx.report.note(&format!("{names} not set: using the local server of this project"));
        }
        Ok(local)
    }

    /// Uses the project's local server, if it has ever been started.
    pub(crate) async fn local_server(ctx: &Context, project: &Project) -> anyhow::Result<Option<Self>> {
        let options = local_options(ctx, project);
        if nicol_local::status(&options).await? == nicol_local::Status::Missing {
            return Ok(None);
        }
        let lease = nicol_local::acquire(&options, |_| {}).await?;
        Ok(Some(Self { url: lease.url().clone(), lease: Some(lease) }))
    }

    /// Starts the server of a local branch, if the URL leads to one: it may have ended with the machine.
    async fn on_branch(
        ctx: &Context,
        project: &Project,
        url: &ConnectionUrl,
    ) -> anyhow::Result<Option<Lease>> {
        let Address::Socket(folder) = &url.hosts()[0].address else { return Ok(None) };
        // The sockets of others do not make this a project with a local server.
        if !folder.to_string_lossy().contains("nicol") {
            return Ok(None);
        }
        Ok(Local::new(local_options(ctx, project), None).acquire_at(url).await?)
    }

    /// Releases the lease on the local server.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if let Some(lease) = self.lease {
            lease.release().await?;
        }
        Ok(())
    }
}

fn datasource(ctx: &mut Context, project: &Project) -> anyhow::Result<Datasource> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    datasource_of(project, schema, path)
}

/// Returns the datasource of a schema, with the URLs of the settings if they have any.
pub(crate) fn datasource_of(project: &Project, schema: Schema, path: &Path) -> anyhow::Result<Datasource> {
    let help = "help: add one with `provider` and `url`";
    let datasource = schema.datasource;
    let mut datasource =
        datasource.with_context(|| format!("`{}` has no datasource block\n{help}", path.display()))?;
    if project.url.is_some() {
        datasource.url.clone_from(&project.url);
        datasource.direct_url = None;
    }
    if project.shadow_database_url.is_some() {
        datasource.shadow_database_url.clone_from(&project.shadow_database_url);
    }
    datasource.url.get_or_insert_with(|| StringOrEnv::Env("DATABASE_URL".to_owned()));
    Ok(datasource)
}

/// Returns the shadow database: `shadowDatabaseUrl`, if it is set. If its variable is not set, it counts as absent,
/// so that one schema file serves development and production.
pub(crate) fn shadow(
    ctx: &mut Context,
    project: &Project,
    datasource: &Datasource,
) -> anyhow::Result<Shadow> {
    let setting = datasource
        .shadow_database_url
        .as_ref()
        .and_then(|url| Setting::read(ctx, url, "`shadowDatabaseUrl` of the datasource"));
    let url = setting.map(|setting| setting.parse(ctx)).transpose()?;
    Ok(Shadow { url, init_script: project.init_shadow_db.clone(), never: Vec::new() })
}

/// Returns how to find the project's local server.
pub(crate) fn local_options(ctx: &Context, project: &Project) -> nicol_local::Options {
    let mut options = nicol_local::Options::new(&project.root);
    options.postgres_bin = ctx.variable("NICOL_POSTGRES_BIN").map(Into::into);
    if let Some(database) = &project.local_database {
        options.database.clone_from(database);
    }
    options.search_path = ctx.variable("PATH").map(Into::into);
    if let Some(program) = &ctx.program {
        let command = [program.into(), "local".into(), "keep".into()];
        options.keeper = command.into_iter().chain(project.place.as_arguments()).collect();
    }
    options
}

/// A connection URL as text, and where it comes from, for messages.
pub(crate) struct Setting {
    pub(crate) text: String,
    origin: String,
}

impl Setting {
    /// Reads a setting of the datasource; `None` if its variable is not set.
    fn read(ctx: &Context, source: &StringOrEnv, name: &str) -> Option<Self> {
        match source {
            StringOrEnv::Literal(text) => Some(Self { text: text.clone(), origin: name.to_owned() }),
            StringOrEnv::Env(variable) => Self::of_variable(ctx, variable),
        }
    }

    fn of_variable(ctx: &Context, variable: &str) -> Option<Self> {
        Some(Self { text: ctx.variable(variable)?.to_owned(), origin: format!("`{variable}`") })
    }

    /// Parses the URL, and warns of parameters that have no effect.
    fn parse(&self, ctx: &mut Context) -> anyhow::Result<ConnectionUrl> {
        let url =
            ConnectionUrl::parse(&self.text).with_context(|| format!("{} cannot be used", self.origin))?;
        for unknown in url.unknown_parameters() {
            let warning = format!("{}: {unknown}", self.origin);
            if ctx.warned.insert(warning.clone()) {
                ctx.report.warning(&warning);
            }
        }
        Ok(url)
    }
}

/// Returns the URL for what needs the server itself.
fn configured(ctx: &mut Context, datasource: &Datasource) -> Option<Setting> {
    let url = datasource.url.as_ref().and_then(|url| Setting::read(ctx, url, "`url` of the datasource"));
    let Some(direct) = &datasource.direct_url else { return unpooled(ctx, datasource).or(url) };
    let direct_setting = Setting::read(ctx, direct, "`directUrl` of the datasource");
    if let (None, Some(Setting { origin, .. }), StringOrEnv::Env(name)) = (&direct_setting, &url, direct) {
        ctx.report.note(&format!("`{name}` is not set: using {origin}, which must be a direct connection"));
    }
    direct_setting.or(url)
}

/// Returns the URL in the variable of `url` with `_UNPOOLED` at its end. It does not count if `url` leads to the server itself, such as a local
/// branch. One in `.env` does not count if `url` is set in the environment, where it most likely leads to another database.
pub(crate) fn unpooled(ctx: &mut Context, datasource: &Datasource) -> Option<Setting> {
    let Some(StringOrEnv::Env(pooled)) = &datasource.url else { return None };
    let variable = format!("{pooled}_UNPOOLED");
    let setting = Setting::of_variable(ctx, &variable)?;
    let url = ctx.variable(pooled).and_then(|text| ConnectionUrl::parse(text).ok());
    if url.is_some_and(|url| url.is_direct()) {
        return None;
    }
    if ctx.given.contains(pooled) && ctx.variable(pooled).is_some() && !ctx.given.contains(&variable) {
        ctx.report.note(&format!("`{pooled}` is set in the environment: `{variable}` in .env is not used"));
        return None;
    }
    Some(setting)
}

/// Returns the variables that the datasource refers to.
fn variables(datasource: &Datasource) -> Vec<&str> {
    let sources = [datasource.url.as_ref(), datasource.direct_url.as_ref()];
    let names = sources.into_iter().flatten().filter_map(|source| match source {
        StringOrEnv::Env(name) => Some(name.as_str()),
        StringOrEnv::Literal(_) => None,
    });
    let mut names: Vec<_> = names.collect();
    names.dedup();
    names
}

/// Formats names with their verb: "`A` is", or "`A` and `B` are".
fn listed(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("`{}` {verb}", names.join("` and `"))
}
