//! The URLs that the doctor looks at.

use nicol_migrate::Migrations;
use nicol_schema::model::{Datasource, StringOrEnv};

use super::facts::{Project as ProjectFacts, Role};
use crate::args::Doctor;
use crate::context::Context;
use crate::database::{Database, datasource_of, unpooled};
use crate::project::{Project, load_schema};

/// The variable with the direct URL, unless the schema file names another.
const DIRECT: &str = "DATABASE_URL_UNPOOLED";

/// A URL to look at.
pub(super) struct Target {
    pub(super) role: Role,
    /// Where the URL comes from: the name of a variable or a setting.
    pub(super) origin: String,
    /// `None` if it is not set.
    pub(super) text: Option<String>,
}

/// What the doctor looks at, and what is known about the project.
pub(super) struct Targets {
    pub(super) list: Vec<Target>,
    pub(super) project: ProjectFacts,
    pub(super) migrations: Option<Migrations>,
    /// The project's local server, if it is used: it runs as long as this is not closed.
    pub(super) local: Option<Database>,
}

impl Targets {
    /// Finds the URLs of the project, or takes the one that is given.
    pub(super) async fn find(ctx: &mut Context, project: &Project, args: &Doctor) -> anyhow::Result<Self> {
        let datasource = match project.schema() {
            Err(_) => None,
            Ok(path) => {
                let schema = load_schema(ctx, path)?;
                // A schema file without a datasource says nothing about databases.
                datasource_of(project, schema, path).ok()
            }
        };
        let migrations = match project.migrations() {
            Ok(folder) if datasource.is_some() && ctx.cwd.join(&folder).is_dir() => {
                Some((Migrations::from_folder(&folder)?, folder))
            }
            _ => None,
        };
        let mut facts = ProjectFacts {
            processes: usize::try_from(args.processes).unwrap_or(usize::MAX),
            ..ProjectFacts::default()
        };
        if let Some((migrations, folder)) = &migrations {
            facts.has_migrations = !migrations.is_empty();
            let folder = crate::args::shell_word(folder);
            facts.drift_command = format!(
                "nicol migrate diff --from-migrations {folder} --to-config-datasource{}",
                project.place.arguments()
            );
        }
        if let Some(datasource) = &datasource {
            let names = datasource.extensions.iter();
            facts.extensions =
                names.map(|it| it.database_name.clone().unwrap_or_else(|| it.name.clone())).collect();
            facts.schemas.clone_from(&datasource.schemas);
        }
        let migrations = migrations.map(|(migrations, _)| migrations);
        let mut targets = Self { list: Vec::new(), project: facts, migrations, local: None };
        if let Some(url) = &args.url {
            targets.add(Role::Queries, "the given URL".to_owned(), Some(url.clone()));
            return Ok(targets);
        }
        targets.add_all(ctx, project, datasource.as_ref()).await?;
        Ok(targets)
    }

    async fn add_all(
        &mut self,
        ctx: &mut Context,
        project: &Project,
        datasource: Option<&Datasource>,
    ) -> anyhow::Result<()> {
        let undirected = datasource.filter(|it| it.direct_url.is_none());
        let unpooled = undirected.and_then(|it| unpooled(ctx, it)).map(|it| it.text);
        let named = |setting: Option<&StringOrEnv>, name: &str, usual: &str| match setting {
            Some(StringOrEnv::Literal(text)) => (format!("{name} of the datasource"), Some(text.clone())),
            Some(StringOrEnv::Env(variable)) => (variable.clone(), ctx.variable(variable).map(str::to_owned)),
            None => (usual.to_owned(), ctx.variable(usual).map(str::to_owned)),
        };
        let url = datasource.map_or(project.url.as_ref(), |it| it.url.as_ref());
        let direct = datasource.and_then(|it| it.direct_url.as_ref());
        let variable = match url {
            Some(StringOrEnv::Env(variable)) => variable.clone(),
            _ => "DATABASE_URL".to_owned(),
        };
        let shadow =
            datasource.map_or(project.shadow_database_url.as_ref(), |it| it.shadow_database_url.as_ref());
        let (origin, text) = named(url, "url", "DATABASE_URL");
        let (direct_origin, direct_text) = match (direct, datasource) {
            (Some(_), _) => named(direct, "directUrl", ""),
            (None, Some(_)) => (format!("{variable}_UNPOOLED"), unpooled),
            (None, None) => named(None, "", DIRECT),
        };
        let (shadow_origin, shadow_text) = match shadow {
            Some(_) => named(shadow, "shadowDatabaseUrl", ""),
            None => (String::new(), None),
        };
        let replica = replica_variable(&variable);
        let replicas = ctx.variable(&replica).unwrap_or_default().to_owned();

        if text.is_none() && direct_text.is_none() {
            self.local = Database::local_server(ctx, project).await?;
        }
        if let Some(local) = &self.local {
            let text = local.url.to_url_with_password();
            self.add(Role::Queries, "the local server of this project".to_owned(), Some(text));
        } else {
            self.add(Role::Queries, origin, text);
        }
        self.project.direct_variable = match direct {
            Some(StringOrEnv::Env(variable)) => variable.clone(),
            _ => format!("{variable}_UNPOOLED"),
        };
        // The same URL twice is no direct one.
        if direct_text.is_some() && self.list.iter().all(|it| it.text != direct_text) {
            self.project.has_direct = true;
            self.add(Role::Direct, direct_origin, direct_text);
        }
        for text in replicas.split_whitespace() {
            self.add(Role::Replica, replica.clone(), Some(text.to_owned()));
        }
        if shadow_text.is_some() {
            self.project.has_shadow = true;
            self.add(Role::Shadow, shadow_origin, shadow_text);
        }
        Ok(())
    }

    fn add(&mut self, role: Role, origin: String, text: Option<String>) {
        self.list.push(Target { role, origin, text });
    }
}

/// Returns the variable with the URLs of replicas, as the client reads them.
fn replica_variable(variable: &str) -> String {
    match variable.strip_suffix("_URL") {
        Some(stem) => format!("{stem}_REPLICA_URL"),
        None => format!("{variable}_REPLICA"),
    }
}
