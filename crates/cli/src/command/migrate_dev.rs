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

/// The result of a run.
enum Outcome {
    /// The database matches the schema file.
    Done { is_created: bool },
    /// A migration was created for the user to edit.
    Drafted,
    /// The user declined, or a reset is needed.
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
            after::generate(ctx, project, args.skip_generate).await?;
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
                0 => "nothing to do: the database and its migrations match the schema file",
                _ => "the database matches the schema file",
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
        ctx.report.line(&format!("created {}", file.display()));
        if let Some(last) = migrations.iter().last().filter(|last| last.name() > name.as_str()) {
            ctx.report.warning(&format!(
                "`{}` has a later timestamp, so the new migration sorts before it",
                last.name()
            ));
        }
        if self.args.create_only {
            ctx.report.success(
                "not applied yet: review and edit the migration, then run `nicol migrate dev` again",
            );
            return Ok(Outcome::Drafted);
        }
        applying::apply(ctx, url, &Migrations::from_folder(self.folder)?).await?;
        ctx.report.success("the database matches the schema file");
        Ok(Outcome::Done { is_created })
    }

    /// Decides whether the plan becomes a migration, with a prompt if data could be lost.
    async fn agree(&self, ctx: &mut Context, findings: &Findings) -> anyhow::Result<bool> {
        if findings.is_unexecutable() {
            findings.show_unexecutable(ctx);
            if !self.args.create_only {
                bail!(
                    "no migration was created\n\
                     help: {}create one with --create-only, add SQL that handles the data, and run \
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
                "no migration was created: data may be lost, and confirming that needs an interactive terminal\n\
                 help: run it in a terminal; to apply existing migrations, use `nicol migrate deploy`"
            );
        }
        let question =
            if self.args.create_only { "Create this migration?" } else { "Create and apply this migration?" };
        Ok(confirm(ctx, question).await? == Answer::Given(true))
    }

    /// Asks for a name. Without a terminal, the migration is named by its timestamp only, as in Prisma.
    async fn name(&self, ctx: &mut Context) -> anyhow::Result<Option<String>> {
        if let Some(name) = self.args.name.as_deref().filter(|name| !name.is_empty()) {
            return Ok(Some(folder_name(name)));
        }
        if !ctx.is_interactive {
            return Ok(Some(String::new()));
        }
        match ask(ctx, "Name of the migration:").await? {
            Answer::Given(name) => Ok(Some(folder_name(&name))),
            Answer::Cancelled => Ok(None),
        }
    }

    /// Explains why the database cannot be used, and what to do.
    fn explain(&self, ctx: &mut Context, migrations: &Migrations, diagnosis: &Diagnosis) {
        ctx.report.warning("the database has drifted from the migration history");
        let status = &diagnosis.status;
        let reasons = [
            (&status.failed, "failed"),
            (&status.edited, "was changed after it was applied"),
            (&status.unknown, "was applied but is not in this folder"),
        ];
        for (names, reason) in reasons {
            for name in names {
                ctx.report.line(&format!("  {name} {reason}"));
            }
        }
        let drift = diagnosis.drift.plan();
        if !drift.is_empty() {
            ctx.report.line("  in the database but not in any migration:");
            for line in summary(&drift).lines() {
                ctx.report.line(&format!("    {line}"));
            }
        }
        let is_drift_alone = reasons.iter().all(|(names, _)| names.is_empty());
        if !status.has_history {
            ctx.report.help(
                "if the database predates its migrations, create a baseline migration (`nicol migrate diff \
                 --from-empty --to-schema-datasource ... --script`) and record it with `nicol migrate resolve --applied`",
            );
        } else if is_drift_alone {
            self.explain_keeping(ctx, migrations);
        }
        ctx.report.help(&format!(
            "if you can lose the data, `nicol migrate reset` empties {} and reapplies all migrations",
            self.url
        ));
    }

    /// Explains how to turn manual changes into a migration that counts as applied.
    fn explain_keeping(&self, ctx: &mut Context, migrations: &Migrations) {
        let name = history::next_name(migrations, "drift", SystemTime::now());
        let folder = from_cwd(ctx, self.folder);
        let file = folder.join(&name).join(history::SCRIPT_FILE);
        let (folder, file, place) = (shell_word(&folder), shell_word(&file), self.place.arguments());
        ctx.report.help("to keep these changes, record them as a migration and add them to the schema file:");
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
    ctx.report.line("no migration was created");
    Outcome::Declined
}

fn show_leftovers(ctx: &mut Context, leftovers: &[String]) {
    if !leftovers.is_empty() {
        ctx.report.note(&format!(
            "shadow databases of killed runs are still on the server; remove them with `drop database`: {}",
            leftovers.join(", ")
        ));
    }
}
