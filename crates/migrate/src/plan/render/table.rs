//! Statements for tables.

use super::column::push_column;
use crate::catalog::sql::{push_default, push_ident, push_idents, push_name, push_type};
use crate::catalog::{
    Arity, Column, ColumnDetails, ColumnType, Default, Details, NativeType as N, ObjectName, Table,
};
use crate::plan::change::{AlterColumn, AlterTable, Sides, TableAction};

/// Appends the statement. `details` are those of the next catalog, if that was read from a server.
pub(super) fn create(sql: &mut String, table: &Table, details: &Details) {
    sql.push_str("CREATE TABLE ");
    push_name(sql, &table.name);
    sql.push_str(" (\n");
    for (position, column) in table.columns.iter().enumerate() {
        if position > 0 {
            sql.push_str(",\n");
        }
        sql.push_str("    ");
        push_column(sql, column, details.column(&table.name, &column.name));
    }
    if let Some(key) = &table.primary_key {
        sql.push_str(",\n\n    CONSTRAINT ");
        push_ident(sql, &key.name);
        sql.push_str(" PRIMARY KEY (");
        push_idents(sql, &key.columns, ",");
        sql.push(')');
    }
    sql.push_str("\n)");
}

/// The parts of one `ALTER TABLE`, and the statements around it.
#[derive(Debug, std::default::Default)]
struct Alteration {
    before: Vec<String>,
    renames: Vec<String>,
    parts: Vec<String>,
    after: Vec<String>,
}

/// Appends statements, the last one without its semicolon.
pub(super) fn alter(sql: &mut String, change: &AlterTable<'_>, details: Sides<&Details>) {
    let table = change.sides.next;
    let mut alteration = Alteration::default();
    for action in &change.actions {
        push_action(&mut alteration, change.sides, action, details);
    }
    let Alteration { mut before, renames, parts, after } = alteration;
    before.extend(renames);
    if !parts.is_empty() {
        before.push(alter_table(table, &parts.join(",\n")));
    }
    before.extend(after);
    sql.push_str(&before.join(";\n"));
}

fn alter_table(table: &Table, action: &str) -> String {
    let mut sql = "ALTER TABLE ".to_owned();
    push_name(&mut sql, &table.name);
    sql.push(' ');
    sql.push_str(action);
    sql
}

fn push_action(
    alteration: &mut Alteration,
    tables: Sides<&Table>,
    action: &TableAction<'_>,
    details: Sides<&Details>,
) {
    let table = tables.next;
    let of_next = |column: &Column| details.next.column(&tables.next.name, &column.name);
    let mut part = String::new();
    match action {
        TableAction::DropPrimaryKey(key) => {
            part.push_str("DROP CONSTRAINT ");
            push_ident(&mut part, &key.name);
        }
        TableAction::RenamePrimaryKey(keys) => {
            part.push_str("RENAME CONSTRAINT ");
            push_ident(&mut part, &keys.previous.name);
            part.push_str(" TO ");
            push_ident(&mut part, &keys.next.name);
            // PostgreSQL allows no other action in a statement that renames.
            alteration.renames.push(alter_table(table, &part));
            return;
        }
        TableAction::DropColumn(column) => push_drop_column(&mut part, column),
        TableAction::AddColumn(column) => push_add_column(&mut part, column, of_next(column)),
        TableAction::RecreateColumn(sides) => {
            push_drop_column(&mut part, sides.previous);
            part.push_str(",\n");
            push_add_column(&mut part, sides.next, of_next(sides.next));
        }
        TableAction::AlterColumn(change) => {
            let details = details.previous.column(&tables.previous.name, &change.sides.previous.name);
            return alter_column(alteration, table, change, details);
        }
        TableAction::AddPrimaryKey(key) => {
            part.push_str("ADD CONSTRAINT ");
            push_ident(&mut part, &key.name);
            part.push_str(" PRIMARY KEY (");
            push_idents(&mut part, &key.columns, ", ");
            part.push(')');
        }
    }
    alteration.parts.push(part);
}

fn push_drop_column(part: &mut String, column: &Column) {
    part.push_str("DROP COLUMN ");
    push_ident(part, &column.name);
}

/// Appends `ADD COLUMN`, with five spaces as in Prisma.
fn push_add_column(part: &mut String, column: &Column, details: Option<&ColumnDetails>) {
    part.push_str("ADD COLUMN     ");
    push_column(part, column, details);
}

/// Returns the action that drops the default.
///
/// Source: PostgreSQL manual, `ALTER TABLE`: `DROP DEFAULT` is refused for identity and generated columns.
fn drop_default(details: Option<&ColumnDetails>) -> &'static str {
    match details {
        Some(details) if details.identity.is_some() => "DROP IDENTITY",
        Some(details) if details.is_generated => "DROP EXPRESSION",
        _ => "DROP DEFAULT",
    }
}

fn alter_column(
    alteration: &mut Alteration,
    table: &Table,
    change: &AlterColumn<'_>,
    details: Option<&ColumnDetails>,
) {
    let (previous, next) = (change.sides.previous, change.sides.next);
    let mut push = |write: &dyn Fn(&mut String)| {
        let mut part = "ALTER COLUMN ".to_owned();
        push_ident(&mut part, &next.name);
        part.push(' ');
        write(&mut part);
        alteration.parts.push(part);
    };
    if change.arity {
        match (previous.arity, next.arity) {
            (_, Arity::Required) if previous.arity != Arity::Required => {
                push(&|it| it.push_str("SET NOT NULL"));
            }
            (_, Arity::Optional) => push(&|it| it.push_str("DROP NOT NULL")),
            _ => {}
        }
    }
    let mut sequence = None;
    if change.default {
        match drop_default(details) {
            // A separate statement before the others: an identity column can be neither nullable nor of a type without sequences.
            drop @ "DROP IDENTITY" => {
                let mut part = "ALTER COLUMN ".to_owned();
                push_ident(&mut part, &next.name);
                alteration.before.push(alter_table(table, &format!("{part} {drop}")));
            }
            "DROP DEFAULT" if next.default.is_some() => {}
            drop => push(&|it| it.push_str(drop)),
        }
        match &next.default {
            None => {}
            Some(Default::Sequence) => {
                let name = sequence_name(table, next);
                push(&|it| {
                    it.push_str("SET DEFAULT nextval(");
                    nicol_pg::push_literal(it, &name);
                    it.push(')');
                });
                sequence = Some(name);
            }
            Some(default) => {
                if *default != Default::Unstated {
                    push(&|it| {
                        it.push_str("SET DEFAULT ");
                        push_default(it, next, default);
                    });
                }
                // PostgreSQL drops the default before it sets the new one, whatever the order.
                if previous.default == Some(Default::Sequence) {
                    push(&|it| it.push_str("DROP DEFAULT"));
                }
            }
        }
    }
    if change.ty {
        push(&|it| {
            it.push_str("SET DATA TYPE ");
            push_type(it, next);
            // Otherwise the column gets the default collation of the type.
            if let Some(collation) =
                details.and_then(|it| it.collation.as_ref()).filter(|_| has_collation(next))
            {
                it.push_str(" COLLATE ");
                it.push_str(collation);
            }
        });
    }
    if let Some(name) = sequence {
        alteration.before.push(format!("CREATE SEQUENCE {name}"));
        let mut owner = format!("ALTER SEQUENCE {name} OWNED BY ");
        push_name(&mut owner, &table.name);
        owner.push('.');
        push_ident(&mut owner, &next.name);
        alteration.after.push(owner);
    }
}

fn has_collation(column: &Column) -> bool {
    matches!(column.ty, ColumnType::Native(N::Text | N::VarChar(_) | N::Char(_) | N::Citext))
}

/// Returns `table_column_seq` in lower case as SQL: quoted if necessary, and qualified like the table.
fn sequence_name(table: &Table, column: &Column) -> String {
    let ObjectName { schema, name } = &table.name;
    let name = format!("{name}_{}_seq", column.name).to_lowercase();
    let is_plain = name.bytes().enumerate().all(|(position, byte)| {
        byte.is_ascii_lowercase() || byte == b'_' || position > 0 && byte.is_ascii_digit()
    });
    let mut sql = String::new();
    if let Some(schema) = schema {
        push_ident(&mut sql, schema);
        sql.push('.');
    }
    if is_plain {
        sql.push_str(&name);
    } else {
        push_ident(&mut sql, &name);
    }
    sql
}
