//! A plan in words.

use std::fmt::Write as _;

use nicol_migrate::Plan;
use nicol_migrate::change::{AlterEnum, AlterTable, Change, TableAction};

/// One line for each change, and one for each change within a table.
pub(crate) fn summary(plan: &Plan<'_>) -> String {
    if plan.is_empty() {
        return "no difference\n".to_owned();
    }
    let mut text = String::new();
    for change in plan.changes() {
        write_change(&mut text, change).expect("writing into a String cannot fail");
    }
    text
}

fn write_change(text: &mut String, change: &Change<'_>) -> std::fmt::Result {
    match change {
        Change::CreateSchema(name) => writeln!(text, "create schema {name}"),
        Change::DropExtension(it) => writeln!(text, "drop extension {}", it.name),
        Change::CreateExtension(it) => writeln!(text, "create extension {}", it.name),
        Change::Rename(it) => writeln!(text, "rename {it}"),
        Change::RenameSequence { previous, next } => writeln!(text, "rename sequence {previous} to {next}"),
        Change::CreateEnum(it) => writeln!(text, "create enum {} ({})", it.name, it.values.join(", ")),
        Change::AlterEnum(it) => write_enum(text, it),
        Change::DropForeignKey(table, key) => {
            writeln!(text, "drop foreign key {} of {}", key.name, table.name)
        }
        Change::DropIndex(table, index) => writeln!(text, "drop index {} of {}", index.name, table.name),
        Change::AlterTable(it) => write_table(text, it),
        Change::DropTable(it) => writeln!(text, "drop table {}", it.name),
        Change::DropEnum(it) => writeln!(text, "drop enum {}", it.name),
        Change::CreateTable(it) => writeln!(text, "create table {} ({} columns)", it.name, it.columns.len()),
        Change::CreateIndex(table, index) => {
            let kind = if index.is_unique { "unique index" } else { "index" };
            writeln!(text, "create {kind} {} on {}", index.name, table.name)
        }
        Change::RenameForeignKey(table, sides) => {
            writeln!(
                text,
                "rename foreign key {} of {} to {}",
                sides.previous.name, table.name, sides.next.name
            )
        }
        Change::AddForeignKey(table, key) => {
            writeln!(text, "add foreign key {} from {} to {}", key.name, table.name, key.referenced_table)
        }
        Change::RenameIndex(table, sides) => {
            writeln!(text, "rename index {} of {} to {}", sides.previous.name, table.name, sides.next.name)
        }
    }
}

fn write_enum(text: &mut String, change: &AlterEnum<'_>) -> std::fmt::Result {
    writeln!(text, "alter enum {}", change.sides.next.name)?;
    change.added.iter().try_for_each(|value| writeln!(text, "  add value {value}"))?;
    change.removed.iter().try_for_each(|value| writeln!(text, "  remove value {value}"))
}

fn write_table(text: &mut String, change: &AlterTable<'_>) -> std::fmt::Result {
    writeln!(text, "alter table {}", change.sides.next.name)?;
    for action in &change.actions {
        match action {
            TableAction::DropPrimaryKey(_) => writeln!(text, "  drop the primary key")?,
            TableAction::RenamePrimaryKey(sides) => {
                writeln!(text, "  rename the primary key {} to {}", sides.previous.name, sides.next.name)?;
            }
            TableAction::DropColumn(column) => writeln!(text, "  drop column {}", column.name)?,
            TableAction::AddColumn(column) => writeln!(text, "  add column {}", column.name)?,
            TableAction::AlterColumn(change) => {
                let what = [(change.ty, "type"), (change.arity, "nullability"), (change.default, "default")];
                let what: Vec<_> = what.into_iter().filter_map(|(is, word)| is.then_some(word)).collect();
                writeln!(text, "  change column {}: {}", change.sides.next.name, what.join(", "))?;
            }
            TableAction::RecreateColumn(sides) => {
                writeln!(text, "  drop column {} and add it anew: its data are lost", sides.next.name)?;
            }
            TableAction::AddPrimaryKey(key) => {
                writeln!(text, "  add a primary key on {}", key.columns.join(", "))?;
            }
        }
    }
    Ok(())
}
