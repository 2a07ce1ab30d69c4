//! Ordered → SQL. No comparison and no connection in here.
//!
//! The statements equal those of Prisma 6.19 byte for byte, except where those fail; see `DEVIATIONS.md`.

mod column;
mod enumeration;
mod rename;
mod table;

use super::change::{Change, Sides};
use super::order::Ordered;
use crate::catalog::sql::{push_ident, push_idents, push_name, push_name_outside};
use crate::catalog::{
    Catalog, Extension, ForeignKey, Index, IndexAlgorithm, IndexDetails, ObjectName, ReferentialAction,
    SortOrder, Table,
};

/// Returns the script that makes the changes; only a comment if there are none. Statements that drop something leave out
/// the default schema, as Prisma's do.
pub(crate) fn render(ordered: &Ordered<'_>) -> String {
    if ordered.changes().is_empty() {
        return "-- nothing to change\n".to_owned();
    }
    let mut script = String::new();
    for change in ordered.changes() {
        if !script.is_empty() {
            script.push('\n');
        }
        script.push_str("-- ");
        script.push_str(heading(change));
        script.push('\n');
        script.push_str(&statements(change, ordered.catalogs()));
        script.push('\n');
    }
    script
}

fn heading(change: &Change<'_>) -> &'static str {
    match change {
        Change::CreateSchema(_) => "CreateSchema",
        Change::DropExtension(_) => "DropExtension",
        Change::CreateExtension(_) => "CreateExtension",
        Change::Rename(it) => rename::heading(it),
        Change::RenameSequence { .. } => "RenameSequence",
        Change::CreateEnum(_) => "CreateEnum",
        Change::AlterEnum(_) => "AlterEnum",
        Change::DropForeignKey(..) => "DropForeignKey",
        Change::DropIndex(..) => "DropIndex",
        Change::AlterTable(_) => "AlterTable",
        Change::DropTable(_) => "DropTable",
        Change::DropEnum(_) => "DropEnum",
        Change::CreateTable(_) => "CreateTable",
        Change::CreateIndex(..) => "CreateIndex",
        Change::RenameForeignKey(..) => "RenameForeignKey",
        Change::AddForeignKey(..) => "AddForeignKey",
        Change::RenameIndex(..) => "RenameIndex",
    }
}

/// Returns the statements of one change, each with its semicolon.
fn statements(change: &Change<'_>, catalogs: Sides<&Catalog>) -> String {
    let default_schema = catalogs.next.default_schema.as_deref();
    let mut sql = String::new();
    match change {
        Change::CreateSchema(name) => {
            sql.push_str("CREATE SCHEMA IF NOT EXISTS ");
            push_ident(&mut sql, name);
        }
        Change::DropExtension(extension) => {
            sql.push_str("DROP EXTENSION ");
            push_ident(&mut sql, &extension.name);
        }
        Change::CreateExtension(extension) => create_extension(&mut sql, extension),
        Change::Rename(it) => rename::rename(&mut sql, it),
        Change::RenameSequence { previous, next } => rename::sequence(&mut sql, previous, next),
        Change::CreateEnum(it) => enumeration::create(&mut sql, &it.name, &it.values),
        Change::AlterEnum(it) => enumeration::alter(&mut sql, it, catalogs.previous.schema_if_live()),
        Change::DropForeignKey(table, key) => {
            sql.push_str("ALTER TABLE ");
            push_name_outside(&mut sql, &table.name, default_schema);
            sql.push_str(" DROP CONSTRAINT ");
            push_ident(&mut sql, &key.name);
        }
        Change::DropIndex(table, index)
            if catalogs.previous.details.is_of_constraint(&table.name, &index.name) =>
        {
            sql.push_str("ALTER TABLE ");
            push_name_outside(&mut sql, &table.name, default_schema);
            sql.push_str(" DROP CONSTRAINT ");
            push_ident(&mut sql, &index.name);
        }
        Change::DropIndex(table, index) => {
            sql.push_str("DROP INDEX ");
            push_name_outside(&mut sql, &in_schema_of(table, &index.name), default_schema);
        }
        Change::AlterTable(it) => {
            let details = Sides { previous: &catalogs.previous.details, next: &catalogs.next.details };
            table::alter(&mut sql, it, details);
        }
        Change::DropTable(table) => {
            sql.push_str("DROP TABLE ");
            push_name_outside(&mut sql, &table.name, default_schema);
        }
        Change::DropEnum(it) => {
            sql.push_str("DROP TYPE ");
            push_name_outside(&mut sql, &it.name, default_schema);
        }
        Change::CreateTable(it) => table::create(&mut sql, it, &catalogs.next.details),
        Change::CreateIndex(table, index) => {
            create_index(&mut sql, table, index);
            if let Some(details) = catalogs.previous.details.index(&table.name, &index.name) {
                push_kept(&mut sql, table, details);
            }
        }
        Change::RenameForeignKey(table, keys) => {
            sql.push_str("ALTER TABLE ");
            push_name(&mut sql, &table.name);
            sql.push_str(" RENAME CONSTRAINT ");
            push_ident(&mut sql, &keys.previous.name);
            sql.push_str(" TO ");
            push_ident(&mut sql, &keys.next.name);
        }
        Change::AddForeignKey(table, key) => {
            add_foreign_key(&mut sql, table, key);
            let details = &catalogs.previous.details.foreign_keys;
            if let Some(deferral) = details.get(&(table.name.clone(), key.name.clone())) {
                sql.push_str(if deferral.is_deferrable { " DEFERRABLE" } else { "" });
                sql.push_str(if deferral.is_deferred { " INITIALLY DEFERRED" } else { "" });
            }
        }
        Change::RenameIndex(table, indexes) => {
            sql.push_str("ALTER INDEX ");
            push_name(&mut sql, &in_schema_of(table, &indexes.previous.name));
            sql.push_str(" RENAME TO ");
            push_ident(&mut sql, &indexes.next.name);
        }
    }
    sql.push(';');
    sql
}

fn create_extension(sql: &mut String, extension: &Extension) {
    sql.push_str("CREATE EXTENSION IF NOT EXISTS ");
    push_ident(sql, &extension.name);
    if extension.schema.is_some() || extension.version.is_some() {
        sql.push_str(" WITH");
    }
    if let Some(schema) = &extension.schema {
        sql.push_str(" SCHEMA ");
        push_ident(sql, schema);
    }
    if let Some(version) = &extension.version {
        sql.push_str(" VERSION ");
        push_ident(sql, version);
    }
}

/// Returns the qualified name of an index, which is in the schema of its table.
fn in_schema_of(table: &Table, index: &str) -> ObjectName {
    ObjectName { schema: table.name.schema.clone(), name: index.to_owned() }
}

fn create_index(sql: &mut String, table: &Table, index: &Index) {
    sql.push_str(if index.is_unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    push_ident(sql, &index.name);
    sql.push_str(" ON ");
    push_name(sql, &table.name);
    sql.push_str(match index.algorithm {
        IndexAlgorithm::BTree => "",
        IndexAlgorithm::Hash => " USING HASH ",
        IndexAlgorithm::Gin => " USING GIN ",
        IndexAlgorithm::Gist => " USING GIST ",
        IndexAlgorithm::SpGist => " USING SPGIST ",
        IndexAlgorithm::Brin => " USING BRIN ",
    });
    sql.push('(');
    for (position, column) in index.columns.iter().enumerate() {
        if position > 0 {
            sql.push_str(", ");
        }
        push_ident(sql, &column.name);
        if let Some(class) = &column.operator_class {
            sql.push(' ');
            sql.push_str(class);
        }
        sql.push_str(match column.sort {
            None => "",
            Some(SortOrder::Asc) => " ASC",
            Some(SortOrder::Desc) => " DESC",
        });
    }
    sql.push(')');
}

/// Appends properties of a recreated index that a schema file cannot express.
fn push_kept(sql: &mut String, table: &Table, details: &IndexDetails) {
    let included: Vec<_> = details.included.iter().filter(|it| table.column(it).is_some()).cloned().collect();
    if !included.is_empty() {
        sql.push_str(" INCLUDE (");
        push_idents(sql, &included, ", ");
        sql.push(')');
    }
    if details.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
}

fn add_foreign_key(sql: &mut String, table: &Table, key: &ForeignKey) {
    sql.push_str("ALTER TABLE ");
    push_name(sql, &table.name);
    sql.push_str(" ADD CONSTRAINT ");
    push_ident(sql, &key.name);
    sql.push_str(" FOREIGN KEY (");
    push_idents(sql, &key.columns, ", ");
    sql.push_str(") REFERENCES ");
    push_name(sql, &key.referenced_table);
    sql.push('(');
    push_idents(sql, &key.referenced_columns, ", ");
    sql.push_str(") ON DELETE ");
    sql.push_str(action(key.on_delete));
    sql.push_str(" ON UPDATE ");
    sql.push_str(action(key.on_update));
}

fn action(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    }
}
