use std::path::Path;
use std::time::SystemTime;

use anyhow::bail;
use nicol_migrate::catalog::Catalog;
use nicol_migrate::history::{self, folder_name};
use nicol_migrate::{Diagnosis, Hints, Migrations, Shadow};
use nicol_pg::ConnectionUrl;

use super::findings::Findings;
use super::renames::ask_for_renames;
use super::{after, applying};
use crate::args::{Dev, Place, shell_word};
use crate::context::Context;
use crate::database::{Database, datasource_of, shadow};
use crate::exit::Exit;
use crate::project::{Project, from_cwd, load_schema};
use crate::prompt::{Answer, ask, confirm};
use crate::report::counted;
use crate::summary::summary;

/// A project and its database.
struct Workbench<'a> {
    url: &'a ConnectionUrl,
    schemas: &'a [String],
    shadow: &'a Shadow,
    folder: &'a Path,
    next: &'a Catalog,
    args: &'a Dev,
    place: &'a Place,
}

/// How far it came.
enum Outcome {
    /// The database is what the schema file says.
    Done { is_created: bool },
    /// There is a migration for a person to look at.
    Drafted,
    /// Somebody has said no, or a reset is needed.
    Declined,
}

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Dev) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let next = nicol_migrate::from_model(&schema);
    let hints = Hints::new(&schema, &args.rename)?;
    let datasource = datasource_of(project, schema, path)?;
    let shadow = shadow(ctx, project, &datasource)?;
    let folder = project.migrations()?;
    let database = Database::of(ctx, project, &datasource).await?;
    let workbench = Workbench {
        url: &database.url,
        schemas: &datasource.schemas,
        shadow: &shadow,
        folder: &folder,
        next: &next,
        args,
        place: &project.place,
    };
    let signals = ctx.signals.clone();
    let outcome = signals.guard(workbench.run(ctx, hints)).await;
    database.close().await?;
    match outcome? {
        Outcome::Declined => Ok(Exit::Interrupted),
        Outcome::Drafted => Ok(Exit::Success),
        Outcome::Done { is_created } => {
            after::generate(ctx, project, args.skip_generate)?;
            after::seed(ctx, project, args.skip_seed || !is_created).await
        }
    }
}

impl Workbench<'_> {
    async fn run(&self, ctx: &mut Context, hints: Hints) -> anyhow::Result<Outcome> {
        let migrations = Migrations::from_folder(self.folder)?;
        ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), self.url));
        let interrupt = ctx.signals.attend();
        let (url, shadow) = (self.url, self.shadow);
        let diagnosis =
            nicol_migrate::diagnose(url, &migrations, shadow, self.schemas, Some(self.next), interrupt)
                .await?;
        if diagnosis.is_created {
            ctx.report.line(&format!("created database {}", url.database()));
        }
        show_leftovers(ctx, &diagnosis.leftovers);
        if diagnosis.needs_reset() {
            self.explain(ctx, &migrations, &diagnosis);
            return Ok(Outcome::Declined);
        }
        let is_created = diagnosis.is_created;
        let applied = applying::apply(ctx, url, &migrations).await?;

        let renames = ask_for_renames(ctx, &diagnosis.end, self.next, hints).await?;
        let Answer::Given(renames) = renames else { return Ok(declined(ctx)) };
        let plan = nicol_migrate::plan_with(&renames, self.next);
        if plan.is_empty() && !self.args.create_only {
            ctx.report.success(match applied.len() {
                0 => "nothing to do: the database and its migrations are what the schema file says",
                _ => "the database is what the schema file says",
            });
            return Ok(Outcome::Done { is_created });
        }
        let findings = Findings::look(ctx, self.url, &plan).await?;
        findings.show_plan(ctx, &plan);
        if !self.agree(ctx, &findings).await? {
            return Ok(declined(ctx));
        }
        let Some(name) = self.name(ctx).await? else { return Ok(declined(ctx)) };
        let name = history::create(self.folder, &name, SystemTime::now(), &plan.script())?;
        let file = from_cwd(ctx, &self.folder.join(&name).join(history::SCRIPT_FILE));
        ctx.report.line(&format!("written: {}", file.display()));
        if let Some(last) = migrations.iter().last().filter(|last| last.name() > name.as_str()) {
            ctx.report.warning(&format!(
                "`{}` has a later time in its name, so that the new migration comes before it",
                last.name()
            ));
        }
        if self.args.create_only {
            ctx.report.success("it is not applied: look at it, change it, and run `nicol migrate dev` again");
            return Ok(Outcome::Drafted);
        }
        applying::apply(ctx, url, &Migrations::from_folder(self.folder)?).await?;
        ctx.report.success("the database is what the schema file says");
        Ok(Outcome::Done { is_created })
    }

    /// Whether the plan may become a migration.
    async fn agree(&self, ctx: &mut Context, findings: &Findings) -> anyhow::Result<bool> {
        if findings.is_unexecutable() {
            findings.show_unexecutable(ctx);
            if !self.args.create_only {
                bail!(
                    "no migration was made\n\
                     help: {}make one with --create-only, add to its script what takes care of the data, and run \
                     `nicol migrate dev` again",
                    findings.remedy()
                );
            }
        }
        if !findings.has_warnings() {
            return Ok(true);
        }
        findings.show_warnings(ctx);
        if !ctx.is_interactive {
            bail!(
                "no migration was made, since nobody can be asked here whether data may be lost\n\
                 help: run it on a terminal; migrations that are at hand are applied by `nicol migrate deploy`"
            );
        }
        let question =
            if self.args.create_only { "Make this migration?" } else { "Make this migration and apply it?" };
        Ok(confirm(ctx, question).await? == Answer::Given(true))
    }

    /// Where nobody can be asked it has no name but the time, as in Prisma.
    async fn name(&self, ctx: &mut Context) -> anyhow::Result<Option<String>> {
        if let Some(name) = self.args.name.as_deref().filter(|name| !name.is_empty()) {
            return Ok(Some(folder_name(name)));
        }
        if !ctx.is_interactive {
            return Ok(Some(String::new()));
        }
        match ask(ctx, "A name for the migration:").await? {
            Answer::Given(name) => Ok(Some(folder_name(&name))),
            Answer::Cancelled => Ok(None),
        }
    }

    /// Why the database cannot be worked on, and what helps.
    fn explain(&self, ctx: &mut Context, migrations: &Migrations, diagnosis: &Diagnosis) {
        ctx.report.warning("the database has drifted from the migration history");
        let status = &diagnosis.status;
        let reasons = [
            (&status.failed, "failed"),
            (&status.edited, "was changed after it was applied"),
            (&status.unknown, "was applied, and is not in this folder"),
        ];
        for (names, reason) in reasons {
            for name in names {
                ctx.report.line(&format!("  {name} {reason}"));
            }
        }
        let drift = diagnosis.drift.plan();
        if !drift.is_empty() {
            ctx.report.line("  in the database, and in no migration:");
            for line in summary(&drift).lines() {
                ctx.report.line(&format!("    {line}"));
            }
        }
        let is_drift_alone = reasons.iter().all(|(names, _)| names.is_empty());
        if !status.has_history {
            ctx.report.help(
                "if the database is older than its migrations, make one of what is there (`nicol migrate diff \
                 --from-empty --to-schema-datasource ... --script`), and record it with `nicol migrate resolve --applied`",
            );
        } else if is_drift_alone {
            self.explain_keeping(ctx, migrations);
        }
        ctx.report.help(&format!(
            "if its data may be lost: `nicol migrate reset` empties {} and applies all migrations",
            self.url
        ));
    }

    /// How the changes that somebody has made by hand become a migration that counts as applied.
    fn explain_keeping(&self, ctx: &mut Context, migrations: &Migrations) {
        let name = history::next_name(migrations, "drift", SystemTime::now());
        let folder = from_cwd(ctx, self.folder);
        let file = folder.join(&name).join(history::SCRIPT_FILE);
        let (folder, file, place) = (shell_word(&folder), shell_word(&file), self.place.arguments());
        ctx.report
            .help("to keep these changes, record them as a migration, and take them into the schema file:");
        for command in [
            format!(
                "migrate diff{place} --from-migrations {folder} --to-config-datasource --script --output {file}"
            ),
            format!("migrate resolve{place} --applied {name}"),
            format!("db pull{place}"),
        ] {
            ctx.report.line(&format!("  nicol {command}"));
        }
    }
}

fn declined(ctx: &mut Context) -> Outcome {
    ctx.report.line("no migration was made");
    Outcome::Declined
}

fn show_leftovers(ctx: &mut Context, leftovers: &[String]) {
    if !leftovers.is_empty() {
        ctx.report.note(&format!(
            "shadow databases of runs that were killed lie on the server; `drop database` removes them: {}",
            leftovers.join(", ")
        ));
    }
}
