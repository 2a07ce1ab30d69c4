//! The variables that hold the URLs of a branch, and the `.env` files they are in.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use nicol_schema::model::StringOrEnv;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::git::Git;
use crate::project::{Project, from_cwd, load_schema};

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

    /// Sets the variables, or removes those without a value. Returns the files that have changed.
    pub(super) fn write(
        &self,
        ctx: &mut Context,
        project: &Project,
        url: Option<&str>,
        direct: Option<&str>,
    ) -> anyhow::Result<Vec<PathBuf>> {
        self.check()?;
        let mut changed = Vec::new();
        for (file, names) in self.places(project)? {
            let value = |name: &str| if name == self.url { url } else { direct };
            let changes: Vec<_> = names.into_iter().map(|name| (name, value(name))).collect();
            if nicol_settings::write_dotenv(&file, &changes)? {
                changed.push(from_cwd(ctx, &file));
            }
        }
        self.warn(ctx, project, &changed);
        Ok(changed)
    }

    /// Returns the lines of the variables, to put them back later.
    pub(super) fn keep(&self, project: &Project) -> anyhow::Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for (file, names) in self.places(project)? {
            let found = nicol_settings::dotenv_lines(&file, &names)?;
            let is_new = found.is_none();
            let lines = found.unwrap_or_else(|| vec![None; names.len()]);
            let lines = names.into_iter().map(str::to_owned).zip(lines).collect();
            kept.push(Kept { file, is_new, lines });
        }
        Ok(kept)
    }

    /// Puts lines back. Returns the files that have changed.
    pub(super) fn put_back(
        &self,
        ctx: &mut Context,
        project: &Project,
        kept: &[Kept],
    ) -> anyhow::Result<Vec<PathBuf>> {
        self.check()?;
        let mut changed = Vec::new();
        for Kept { file, is_new, lines } in kept {
            let lines: Vec<_> = lines.iter().map(|(name, line)| (name.as_str(), line.as_deref())).collect();
            if nicol_settings::restore_dotenv(file, &lines)? {
                changed.push(from_cwd(ctx, file));
            }
            // A file that only switching made goes with its last line.
            if *is_new && fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.len() == 0) {
                fs::remove_file(file).with_context(|| format!("cannot remove `{}`", file.display()))?;
            }
        }
        self.warn(ctx, project, &changed);
        Ok(changed)
    }

    /// Checks that the variables have an effect.
    fn check(&self) -> anyhow::Result<()> {
        if let Some(place) = self.literal {
            bail!(
                "{place} contains the URL of the database, so a variable in .env has no effect\n\
                 help: write env(\"DATABASE_URL\") there instead"
            );
        }
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        [self.url.as_str()].into_iter().chain(self.direct.as_deref())
    }

    /// Returns the files that set the variables, each with those it sets. A variable that no file sets belongs to the file
    /// with the other one, otherwise to the one in the project folder.
    fn places(&self, project: &Project) -> anyhow::Result<Vec<(PathBuf, Vec<&str>)>> {
        let mut places: Vec<(PathBuf, Vec<&str>)> = Vec::new();
        for file in project.env_files() {
            let set = nicol_settings::read_dotenv(file)?.unwrap_or_default();
            let here = self.names().filter(|name| set.iter().any(|(it, _)| it == name));
            let here: Vec<_> = here.collect();
            if !here.is_empty() {
                places.push((file.clone(), here));
            }
        }
        for name in self.names() {
            if places.iter().any(|(_, names)| names.contains(&name)) {
                continue;
            }
            match places.first_mut() {
                Some((_, names)) => names.push(name),
                None => places.push((project.root.join(".env"), vec![name])),
            }
        }
        Ok(places)
    }

    fn warn(&self, ctx: &mut Context, project: &Project, changed: &[PathBuf]) {
        for file in changed {
            if Git(&project.root).is_tracked(&ctx.cwd.join(file)) {
                ctx.report.warning(
                    ".env is tracked by Git, so the next commit would contain the password\n\
                     help: run `git rm --cached .env`, and add it to .gitignore",
                );
            }
        }
        for name in self.names().filter(|name| ctx.is_given(name)).collect::<Vec<_>>() {
            ctx.report.warning(&format!(
                "`{name}` is also set in the environment, which takes precedence over .env"
            ));
        }
    }
}

/// The lines of variables in a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    file: PathBuf,
    /// Whether there was no such file.
    is_new: bool,
    /// The variables with their lines.
    lines: Vec<(String, Option<String>)>,
}
