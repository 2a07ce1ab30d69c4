//! Creates the database of each schema file of a corpus, pulls it, and checks that the pulled file leads to the same database.
//! Once with only the settings of the current file (`pull`), once with the whole file (`pull again`).
//!
//! See `corpus` for options and output.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

mod corpus;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use nicol_migrate::catalog::{Catalog, Table};
use nicol_migrate::pull::{Pull, Pulled, Remark, RemarkKind, SchemaFile, pull};
use nicol_migrate::{Scope, from_model, introspect_with, plan};
use nicol_pg::tokio_postgres::Client;
use nicol_schema::Schema;
use testkit::TestDatabase;

use crate::corpus::Line;

fn main() -> ExitCode {
    corpus::run(|folder| {
        corpus::for_each(
            cases(folder)?,
            |case| &case.name,
            async |case: Case| {
                for check in ["pull", "pull again"] {
                    let compared = compare(&case.path, check == "pull").await;
                    let (outcome, detail) = match &compared {
                        Ok(outcome) => (*outcome, ""),
                        Err(detail) => ("different", detail.as_str()),
                    };
                    Line { category: "schemas", check, name: &case.name, outcome, detail }.print();
                }
            },
        );
        Ok(())
    })
}

struct Case {
    name: String,
    path: PathBuf,
}

fn cases(corpus: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(corpus.join("schemas"))? {
        let path = entry?.path();
        if path.with_extension("sql").is_file() && path.extension().is_some_and(|it| it == "prisma") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            cases.push(Case { name, path });
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

async fn compare(path: &Path, is_forced: bool) -> Result<&'static str, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let schema = valid(&text)?;
    let script = script(&schema);
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    if client.batch_execute(&script).await.is_err() {
        return Ok("deviates: not possible here, since the server refuses the script");
    }
    let schemas = schema.datasource.iter().flat_map(|it| it.schemas.clone()).collect::<Vec<_>>();
    let scope = Scope::of(&schemas, database.url());
    let live = live(&client, &scope).await?;
    if live.tables.is_empty() && live.enums.is_empty() {
        return Ok("deviates: there is nothing to read back");
    }
    let asked = Pull { is_forced, ..Pull::default() };
    let pulled = pull(&live, &[SchemaFile { name: "schema.prisma".to_owned(), text }], &schema, &asked);
    let is_same = same(&pulled.files[0].text, &script, &schemas, live.clone()).await;
    match unsayable(&pulled, &live).filter(|_| is_same.is_err()) {
        Some(reason) => Ok(reason),
        None => is_same,
    }
}

/// Why a schema file cannot have all that is in the database, be it nicol's or Prisma's.
fn unsayable(pulled: &Pulled, live: &Catalog) -> Option<&'static str> {
    let is_nameless = |it: &Remark| it.kind == RemarkKind::UnnamedField;
    if pulled.remarks.iter().any(is_nameless) {
        return Some("deviates: what has no letter in its name is commented out, as by Prisma");
    }
    let is_twice = |table: &Table| {
        let keys = &table.foreign_keys;
        keys.iter().enumerate().any(|(place, key)| {
            keys[..place].iter().any(|it| {
                it.columns == key.columns
                    && it.referenced_table == key.referenced_table
                    && it.referenced_columns == key.referenced_columns
            })
        })
    };
    let is_twice = live.tables.iter().any(is_twice);
    is_twice.then_some("deviates: two foreign keys that are alike become one relation, as by Prisma")
}

/// Does a schema file make the database that this script has made.
async fn same(text: &str, script: &str, schemas: &[String], live: Catalog) -> Result<&'static str, String> {
    let again = valid(text).map_err(|error| format!("{error}\n{text}"))?;
    let other = self::script(&again);
    let (expected, found) = (statements(script), statements(&other));
    if expected == found {
        return Ok("equal");
    }
    // The same may be said in other words: then it is the same for the server.
    let second = TestDatabase::create().await;
    let client = second.connect().await;
    client.batch_execute(&other).await.map_err(|error| {
        format!(
            "{}\n{other}",
            error.as_db_error().map_or_else(|| error.to_string(), |it| it.message().to_owned())
        )
    })?;
    let remade = self::live(&client, &Scope::of(schemas, second.url())).await?;
    let (mut live, mut remade) = (live, remade);
    // Extensions are no part of a script that was pulled without them.
    live.extensions.clear();
    remade.extensions.clear();
    if plan(&remade, &live).is_empty() && plan(&live, &remade).is_empty() {
        return Ok("deviates: the same database, which the script says in other words");
    }
    let only = |one: &[String], other: &[String], sign: &str| {
        let only = one.iter().filter(|it| !other.contains(it));
        only.map(|it| format!("{sign} {it}\n")).collect::<Vec<_>>().concat()
    };
    Err(only(&expected, &found, "-") + &only(&found, &expected, "+"))
}

fn valid(text: &str) -> Result<Schema, String> {
    nicol_schema::validate(text).into_result().map_err(|errors| {
        let messages: Vec<_> = errors.into_iter().map(|it| it.message).collect();
        format!("not valid: {}", messages.join("; "))
    })
}

fn script(schema: &Schema) -> String {
    plan(&Catalog::default(), &from_model(schema)).script()
}

/// The statements in an order of their own: tables come back in that of their names.
fn statements(script: &str) -> Vec<String> {
    let lines: Vec<_> = script.lines().filter(|line| !line.starts_with("--") && !line.is_empty()).collect();
    let mut statements: Vec<_> =
        lines.join("\n").split(";\n").map(|it| it.trim_end_matches(';').to_owned()).collect();
    statements.sort();
    statements
}

async fn live(client: &Client, scope: &Scope) -> Result<Catalog, String> {
    introspect_with(client, scope).await.map_err(|error| error.to_string())
}
