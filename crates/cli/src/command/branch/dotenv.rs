//! The variables that hold the URLs of a branch, and the `.env` file they are in.

use std::path::PathBuf;

use anyhow::bail;
use nicol_schema::model::StringOrEnv;

use crate::context::Context;
use crate::git::Git;
use crate::project::{Project, from_cwd, load_schema};
use crate::report::Report;

/// The names of the variables for a branch's URLs.
pub(super) struct Variables {
    /// For queries.
    pub(super) url: String,
    /// For migrations.
    pub(super) direct: Option<String>,
    /// Why they have no effect, if a file has the URL itself.
    literal: Option<&'static str>,
}

impl Variables {
    /// Returns the variables that the datasource refers to, otherwise the usual ones.
    pub(super) fn of(ctx: &mut Context, project: &Project, is_local: bool) -> anyhow::Result<Self> {
        let usual = if is_local { None } else { Some("DATABASE_URL_UNPOOLED".to_owned()) };
        let mut variables = Self { url: "DATABASE_URL".to_owned(), direct: usual, literal: None };
        let mut urls = (project.url.clone(), None);
        if urls.0.is_none()
            && let Ok(path) = project.schema()
            && path.exists()
            && let Some(datasource) = load_schema(ctx, path)?.datasource
        {
            urls = (datasource.url, datasource.direct_url);
        }
        match urls.0 {
            Some(StringOrEnv::Env(name)) => variables.url = name,
            Some(StringOrEnv::Literal(_)) => {
                variables.literal = Some(if project.url.is_some() { "nicol.toml" } else { "the schema" });
            }
            None => {}
        }
        if let Some(StringOrEnv::Env(name)) = urls.1 {
            variables.direct = Some(name);
        }
        variables.direct = variables.direct.filter(|name| *name != variables.url);
        Ok(variables)
    }

    /// Sets the variables, or removes those without a value. Returns the file, if it has changed.
    pub(super) fn write(
        &self,
        ctx: &mut Context,
        project: &Project,
        url: Option<&str>,
        direct: Option<&str>,
    ) -> anyhow::Result<Option<PathBuf>> {
        if let Some(place) = self.literal {
            bail!(
                "{place} contains the URL of the database, so a variable in .env has no effect\n\
                 help: write env(\"DATABASE_URL\") there instead"
            );
        }
        let path = self.file(project)?;
        let mut changes = vec![(self.url.as_str(), url)];
        changes.extend(self.direct.as_deref().map(|name| (name, direct)));
        let is_changed = nicol_settings::write_dotenv(&path, &changes)?;
        warn(&mut ctx.report, project, &path);
        for (name, value) in changes {
            if ctx.is_given(name) {
                ctx.report.warning(&format!(
                    "`{name}` is also set in the environment, which takes precedence over .env"
                ));
            } else if let Some(value) = value {
                ctx.env.insert(name.to_owned(), value.to_owned());
            } else {
                ctx.env.remove(name);
            }
        }
        Ok(is_changed.then(|| from_cwd(ctx, &path)))
    }

    /// Returns the values in the file.
    pub(super) fn read(&self, project: &Project) -> anyhow::Result<(Option<String>, Option<String>)> {
        let assignments = nicol_settings::read_dotenv(&self.file(project)?)?.unwrap_or_default();
        let value =
            |name: &str| assignments.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
        Ok((value(&self.url), self.direct.as_deref().and_then(value)))
    }

    /// Returns the file that sets the variable for the URL, otherwise the one in the project folder.
    fn file(&self, project: &Project) -> anyhow::Result<PathBuf> {
        for file in project.env_files() {
            let assignments = nicol_settings::read_dotenv(file)?.unwrap_or_default();
            if assignments.iter().any(|(name, _)| *name == self.url) {
                return Ok(file.clone());
            }
        }
        Ok(project.root.join(".env"))
    }
}

fn warn(report: &mut Report, project: &Project, path: &std::path::Path) {
    if Git(&project.root).is_tracked(path) {
        report.warning(
            ".env is tracked by Git, so the next commit would contain the password\n\
             help: run `git rm --cached .env`, and add it to .gitignore",
        );
    }
}
