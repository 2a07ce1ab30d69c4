use nicol_migrate::{Migrations, PlannedMigration, Preview, TableLock};

use super::applying;
use crate::args::Deploy;
use crate::context::Context;
use crate::database::Database;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::counted;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Deploy) -> anyhow::Result<Exit> {
    let migrations = Migrations::from_folder(&project.migrations()?)?;
    let database = Database::open(ctx, project).await?;
    if args.dry_run {
        let looked = async { Ok(nicol_migrate::preview(&database.url, &migrations).await?) };
        let preview = ctx.signals.guard(looked).await;
        ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), database.url));
        database.close().await?;
        let preview = preview?;
        ctx.report.output(&drawn(&preview));
        ctx.report.note(if preview.migrations.is_empty() {
            "nothing to do: the database is up to date"
        } else {
            "dry run: nothing was changed"
        });
        return Ok(Exit::Success);
    }
    let options = applying::options(ctx, args.lock_timeout);
    ctx.report.line(&format!("{} for {}", counted(migrations.len(), "migration"), database.url));
    let result = applying::apply_with(ctx, &database.url, &migrations, &options).await;
    database.close().await?;
    match result {
        Ok(applied) if applied.is_empty() => {
            ctx.report.success("nothing to do: the database is up to date");
        }
        Ok(applied) => {
            ctx.report.success(&format!("applied {}", counted(applied.len(), "migration")));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Success)
}

/// Formats the preview: migrations, their transactions and statements.
fn drawn(preview: &Preview) -> String {
    let mut lines = Vec::new();
    if preview.creates_database {
        lines.push("create the database".to_owned());
    }
    for migration in &preview.migrations {
        let PlannedMigration { name, done, pieces } = migration;
        let behind = match done {
            0 => String::new(),
            done => format!(", after {} already applied", counted(*done, "statement")),
        };
        lines.push(format!("{name}{behind}"));
        for piece in pieces {
            let manner = if piece.is_transaction { "in a transaction" } else { "outside a transaction" };
            lines.push(format!("  {manner}"));
            for statement in &piece.statements {
                let wait = match statement.lock {
                    Some(TableLock::Writes) => "  (blocks writes to the table)",
                    Some(_) => "  (blocks reads and writes of the table)",
                    None => "",
                };
                lines.push(format!("    line {}: {}{wait}", statement.line, shortened(&statement.sql)));
            }
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Puts the statement on one line and shortens it to fit.
fn shortened(sql: &str) -> String {
    const LENGTH: usize = 80;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LENGTH {
        return line;
    }
    let start: String = line.chars().take(LENGTH - 1).collect();
    format!("{start}…")
}
