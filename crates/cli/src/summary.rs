//! Describes a plan in plain text.

use std::fmt::Write as _;

use nicol_migrate::catalog::ObjectName;
use nicol_migrate::change::{AlterEnum, AlterTable, Change, TableAction};
use nicol_migrate::{Plan, Rename};

use crate::report::counted;

/// Describes a plan: one paragraph for each table and each other object, followed by the hazards, marked with `!`.
pub(crate) fn summary(plan: &Plan<'_>) -> String {
    let hazards = plan.hazards();
    summary_with(plan, hazards.iter().map(|hazard| (hazard.change, hazard.to_string())))
}

/// Same as [`summary`], with lines of the caller's, each for the change at an index of the plan.
pub(crate) fn summary_with(plan: &Plan<'_>, hazards: impl Iterator<Item = (usize, String)>) -> String {
    if plan.is_empty() {
        return "no differences\n".to_owned();
    }
    let mut groups = Vec::new();
    let mut group_of_change = Vec::new();
    for change in plan.changes() {
        group_of_change.push(add(&mut groups, change));
    }
    for (change, hazard) in hazards {
        groups[group_of_change[change]].hazards.push(hazard);
    }
    let mut text = String::new();
    for group in &groups {
        write_group(&mut text, group).expect("writing into a String cannot fail");
    }
    text
}

/// The changes to one object.
struct Group {
    /// The table, if the object is one.
    table: Option<ObjectName>,
    heading: String,
    lines: Vec<String>,
    hazards: Vec<String>,
}

fn write_group(text: &mut String, group: &Group) -> std::fmt::Result {
    writeln!(text, "{}", group.heading)?;
    group.lines.iter().try_for_each(|line| writeln!(text, "  {line}"))?;
    group.hazards.iter().try_for_each(|line| writeln!(text, "  ! {line}"))
}

/// Adds a change to its group and returns the index of the group.
fn add(groups: &mut Vec<Group>, change: &Change<'_>) -> usize {
    match change {
        Change::CreateSchema(name) => other(groups, format!("create schema {name}"), Vec::new()),
        Change::DropExtension(it) => other(groups, format!("drop extension {}", it.name), Vec::new()),
        Change::CreateExtension(it) => other(groups, format!("create extension {}", it.name), Vec::new()),
        Change::CreateEnum(it) => {
            other(groups, format!("create enum {} ({})", it.name, it.values.join(", ")), Vec::new())
        }
        Change::AlterEnum(it) => other(groups, format!("alter enum {}", it.sides.next.name), of_enum(it)),
        Change::DropEnum(it) => other(groups, format!("drop enum {}", it.name), Vec::new()),
        Change::RenameSequence { previous, next } => {
            other(groups, format!("rename sequence {previous} to {next}"), Vec::new())
        }
        Change::Rename(Rename::Table { previous, next }) => {
            of_table(groups, next, vec![format!("rename from {previous}")])
        }
        Change::Rename(Rename::Column { table, previous, next }) => {
            of_table(groups, table, vec![format!("rename column {previous} to {next}")])
        }
        Change::Rename(Rename::Enum { previous, next }) => {
            other(groups, format!("rename enum {previous} to {next}"), Vec::new())
        }
        Change::Rename(Rename::EnumValue { enumeration, previous, next }) => {
            other(groups, format!("rename value {previous} of enum {enumeration} to {next}"), Vec::new())
        }
        Change::CreateTable(it) => {
            let position = of_table(groups, &it.name, Vec::new());
            groups[position].heading =
                format!("create table {} ({})", it.name, counted(it.columns.len(), "column"));
            position
        }
        Change::DropTable(it) => {
            let position = of_table(groups, &it.name, Vec::new());
            groups[position].heading = format!("drop table {}", it.name);
            position
        }
        Change::AlterTable(it) => of_table(groups, &it.sides.next.name, of_actions(it)),
        Change::DropForeignKey(table, key) => {
            of_table(groups, &table.name, vec![format!("drop foreign key {}", key.name)])
        }
        Change::DropIndex(table, index) => {
            of_table(groups, &table.name, vec![format!("drop index {}", index.name)])
        }
        Change::CreateIndex(table, index) => {
            let kind = if index.is_unique { "unique index" } else { "index" };
            let columns: Vec<_> = index.columns.iter().map(|column| column.name.as_str()).collect();
            let line = format!("create {kind} {} on {}", index.name, columns.join(", "));
            of_table(groups, &table.name, vec![line])
        }
        Change::RenameForeignKey(table, sides) => {
            let line = format!("rename foreign key {} to {}", sides.previous.name, sides.next.name);
            of_table(groups, &table.name, vec![line])
        }
        Change::AddForeignKey(table, key) => {
            let line = format!("add foreign key {} to {}", key.name, key.referenced_table);
            of_table(groups, &table.name, vec![line])
        }
        Change::RenameIndex(table, sides) => {
            let line = format!("rename index {} to {}", sides.previous.name, sides.next.name);
            of_table(groups, &table.name, vec![line])
        }
    }
}

fn other(groups: &mut Vec<Group>, heading: String, lines: Vec<String>) -> usize {
    groups.push(Group { table: None, heading, lines, hazards: Vec::new() });
    groups.len() - 1
}

fn of_table(groups: &mut Vec<Group>, table: &ObjectName, lines: Vec<String>) -> usize {
    let position = groups.iter().position(|group| group.table.as_ref() == Some(table));
    let position = position.unwrap_or_else(|| {
        let position = other(groups, format!("alter table {table}"), Vec::new());
        groups[position].table = Some(table.clone());
        position
    });
    groups[position].lines.extend(lines);
    position
}

fn of_enum(change: &AlterEnum<'_>) -> Vec<String> {
    let added = change.added.iter().map(|value| format!("add value {value}"));
    added.chain(change.removed.iter().map(|value| format!("remove value {value}"))).collect()
}

fn of_actions(change: &AlterTable<'_>) -> Vec<String> {
    let line = |action: &TableAction<'_>| match action {
        TableAction::DropPrimaryKey(_) => "drop the primary key".to_owned(),
        TableAction::RenamePrimaryKey(sides) => {
            format!("rename the primary key {} to {}", sides.previous.name, sides.next.name)
        }
        TableAction::DropColumn(column) => format!("drop column {}", column.name),
        TableAction::AddColumn(column) => format!("add column {}", column.name),
        TableAction::AlterColumn(change) => {
            let what = [(change.ty, "type"), (change.arity, "nullability"), (change.default, "default")];
            let what: Vec<_> = what.into_iter().filter_map(|(is, word)| is.then_some(word)).collect();
            format!("change column {}: {}", change.sides.next.name, what.join(", "))
        }
        TableAction::RecreateColumn(sides) => format!("drop and recreate column {}", sides.next.name),
        TableAction::AddPrimaryKey(key) => format!("add a primary key on {}", key.columns.join(", ")),
    };
    change.actions.iter().map(line).collect()
}
