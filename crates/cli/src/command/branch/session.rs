//! Finds the branches that a command works on.

use anyhow::bail;
use nicol_branch::{Backend, Branch, Branches, Local, Neon, NeonOptions, Timestamp};
use nicol_pg::ConnectionUrl;

use super::dotenv::Variables;
use crate::args::BranchBackend;
use crate::context::Context;
use crate::database::local_options;
use crate::project::Project;
use crate::settings::FILE;

/// The branches of a project, and where they are kept.
pub(super) struct Session {
    pub(super) backend: Box<dyn Backend>,
    pub(super) is_local: bool,
    pub(super) branches: Branches,
    pub(super) variables: Variables,
    /// The id of the branch that the project uses, as far as its variables tell.
    pub(super) current: Option<String>,
}

impl Session {
    pub(super) async fn open(
        ctx: &mut Context,
        project: &Project,
        args: &BranchBackend,
    ) -> anyhow::Result<Self> {
        let neon = neon_options(ctx, project, args)?;
        let is_local = neon.is_none();
        let variables = Variables::of(ctx, project, is_local)?;
        let backend: Box<dyn Backend> = match neon {
            Some(options) => Box::new(Neon::new(options)?),
            None => {
                delete_expired(ctx, project).await?;
                Box::new(local(ctx, project, args.database.clone()))
            }
        };
        let branches = Branches::of(backend.list().await?);
        let current = match ctx.variable(&variables.url) {
            // A URL that cannot be used leads to no branch. Switching replaces it.
            Some(text) => match ConnectionUrl::parse(text) {
                Ok(url) => backend.branch_at(&url).await?,
                Err(_) => None,
            },
            // Without a URL, programs use the server's own data.
            None if is_local => Some(branches.default_branch()?.id.clone()),
            None => None,
        };
        Ok(Self { backend, is_local, branches, variables, current })
    }

    /// Returns the branch that the project uses.
    pub(super) fn current(&self) -> Option<&Branch> {
        self.branches.by_id(self.current.as_deref()?)
    }

    /// Returns the branch that the project uses, otherwise the default one.
    pub(super) fn current_or_default(&self) -> anyhow::Result<&Branch> {
        match self.current() {
            Some(branch) => Ok(branch),
            None => Ok(self.branches.default_branch()?),
        }
    }
}

/// Deletes the expired branches of the local server, except the one that is in use, and reports them.
pub(crate) async fn delete_expired(ctx: &mut Context, project: &Project) -> anyhow::Result<()> {
    let local = local(ctx, project, None);
    if !local.has_expired(Timestamp::now())? {
        return Ok(());
    }
    let variables = Variables::of(ctx, project, true)?;
    let url = ctx.variable(&variables.url).and_then(|text| ConnectionUrl::parse(text).ok());
    let kept = match url {
        Some(url) => local.branch_at(&url).await?,
        None => None,
    };
    for name in local.delete_expired(Timestamp::now(), kept.as_deref()).await? {
        ctx.report.note(&format!("deleted branch `{name}`, which had expired"));
    }
    Ok(())
}

/// Stops the servers of all local branches, and returns the names of those that ran.
pub(crate) async fn stop_all(ctx: &Context, project: &Project) -> anyhow::Result<Vec<String>> {
    Ok(local(ctx, project, None).stop_all().await?)
}

/// Returns the branches of the local server.
pub(super) fn local(ctx: &Context, project: &Project, database: Option<String>) -> Local {
    let mut options = local_options(ctx, project);
    // A branch sleeps when the main server would.
    options.idle_timeout = project.idle_timeout.and_then(|timeout| timeout.0);
    Local::new(options, database.or_else(|| project.local_database.clone()))
}

/// Returns how to reach the Neon project, if one is to be used.
fn neon_options(
    ctx: &Context,
    project: &Project,
    args: &BranchBackend,
) -> anyhow::Result<Option<NeonOptions>> {
    let id = args.project_id.clone().or_else(|| ctx.variable("NEON_PROJECT_ID").map(str::to_owned));
    let Some(id) = id.or_else(|| project.neon_id.clone()).filter(|_| !args.local) else {
        if args.neon {
            bail!(
                "no Neon project is configured\n\
                 help: pass --project-id, set `NEON_PROJECT_ID`, or set it in {FILE}:\n[branch]\nneon_project = \"shiny-wind-028834\""
            );
        }
        return Ok(None);
    };
    let Some(key) = ctx.variable("NEON_API_KEY") else {
        bail!(
            "`NEON_API_KEY` is not set, and the branches are in the Neon project `{id}`\n\
             help: set it in the environment or in .env, or pass --local to use the local server"
        );
    };
    let mut options = NeonOptions::new(key, &id);
    options.api_host = ctx.variable("NEON_API_HOST").map(str::to_owned);
    options.database.clone_from(&args.database);
    options.role.clone_from(&args.role);
    Ok(Some(options))
}
