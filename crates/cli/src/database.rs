//! Which database a command works on.

use anyhow::{Context as _, bail};
use nicol_local::Lease;
use nicol_pg::ConnectionUrl;
use nicol_schema::model::{Datasource, StringOrEnv};

use crate::context::Context;
use crate::project::{Project, load_schema};

/// A database, and a share in the local server where it is that one's.
pub(crate) struct Database {
    pub(crate) url: ConnectionUrl,
    lease: Option<Lease>,
}

impl Database {
    /// The one that the schema file names for migrations: `directUrl`, else `url`. Where the variables they name are not
    /// set, it is the project's local server, if there has been one.
    pub(crate) async fn open(ctx: &mut Context, project: &Project) -> anyhow::Result<Self> {
        let path = project.schema()?.to_owned();
        let schema = load_schema(ctx, &path)?;
        let Some(datasource) = &schema.datasource else {
            bail!("`{}` has no datasource block\nhelp: add one with provider and url", path.display());
        };
        if let Some((text, origin)) = configured(ctx, datasource) {
            let url = ConnectionUrl::parse(&text).with_context(|| format!("{origin} cannot be used"))?;
            return Ok(Self { url, lease: None });
        }
        let options = local_options(ctx, project);
        if nicol_local::status(&options).await? == nicol_local::Status::Missing {
            let names = variables(datasource).join(" and ");
            bail!(
                "{names} not set\n\
                 help: put it into .env, or start a private server for this project: `nicol local start`"
            );
        }
        let lease = nicol_local::acquire(&options, |_| {}).await?;
        ctx.report.note(&format!(
            "{} not set: using the local server of this project",
            variables(datasource).join(" and ")
        ));
        Ok(Self { url: lease.url().clone(), lease: Some(lease) })
    }

    /// Gives the share in the local server back.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if let Some(lease) = self.lease {
            lease.release().await?;
        }
        Ok(())
    }
}

/// How the project's local server is found.
pub(crate) fn local_options(ctx: &Context, project: &Project) -> nicol_local::Options {
    let mut options = nicol_local::Options::new(&project.root);
    options.postgres_bin = ctx.variable("NICOL_POSTGRES_BIN").map(Into::into);
    options.search_path = ctx.variable("PATH").map(Into::into);
    options
}

/// The connection URL and where it comes from.
fn configured(ctx: &mut Context, datasource: &Datasource) -> Option<(String, String)> {
    let value = |source: &StringOrEnv, setting: &str| match source {
        StringOrEnv::Literal(text) => Some((text.clone(), format!("`{setting}` of the datasource"))),
        StringOrEnv::Env(name) => Some((ctx.variable(name)?.to_owned(), format!("`{name}`"))),
    };
    let url = value(&datasource.url, "url");
    let Some(direct_url) = &datasource.direct_url else { return url };
    if let Some(direct) = value(direct_url, "directUrl") {
        return Some(direct);
    }
    if let (Some((_, origin)), StringOrEnv::Env(name)) = (&url, direct_url) {
        ctx.report.note(&format!("`{name}` is not set: using {origin}, which has to be a direct connection"));
    }
    url
}

fn variables(datasource: &Datasource) -> Vec<String> {
    let sources = [Some(&datasource.url), datasource.direct_url.as_ref()];
    let names = sources.into_iter().flatten().filter_map(|source| match source {
        StringOrEnv::Env(name) => Some(format!("`{name}`")),
        StringOrEnv::Literal(_) => None,
    });
    let mut names: Vec<_> = names.collect();
    names.dedup();
    let verb = if names.len() == 1 { "is" } else { "are" };
    if let Some(last) = names.last_mut() {
        *last = format!("{last} {verb}");
    }
    names
}
