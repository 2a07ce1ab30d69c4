//! Runs the script of each schema file and each pair of a corpus, reads the database back, and checks that the next plan is
//! empty in both directions. The tables of a pair contain rows if possible.
//!
//! See `corpus` for options and output.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

mod corpus;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use nicol_migrate::catalog::{Arity, Catalog, Column, ColumnType, NativeType as N, Table};
use nicol_migrate::{Scope, align, from_model, introspect_with, plan};
use nicol_pg::tokio_postgres::{Client, Error};
use testkit::TestDatabase;

use crate::corpus::Line;

fn main() -> ExitCode {
    corpus::run(|folder| {
        corpus::for_each(
            cases(folder)?,
            |case| &case.name,
            async |case: Case| {
                let (outcome, detail) = case.run().await;
                let (category, name, outcome) = (case.category, case.name.as_str(), outcome.words());
                Line { category, check: "round trip", name, outcome, detail: &detail }.print();
            },
        );
        Ok(())
    })
}

/// How one case went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing was left to change; in a pair, with rows in the tables.
    Empty,
    EmptyWithoutRows,
    EmptyFromLive,
    NotPossibleHere,
    Refused,
    /// Something is left to change, or the script fails where Prisma's does not.
    Different,
}

impl Outcome {
    fn words(self) -> &'static str {
        match self {
            Self::Empty => "equal",
            Self::EmptyWithoutRows => {
                "deviates: equal with empty tables, since the rows could not be had or do not fit what is asked for"
            }
            // It knows, say, which schemas are missing.
            Self::EmptyFromLive => {
                "deviates: equal by a plan from the live database, since the server refuses Prisma's script, too"
            }
            Self::NotPossibleHere => "deviates: not possible here, since the server lacks an extension",
            Self::Refused => "deviates: the server refuses Prisma's script, too",
            Self::Different => "different",
        }
    }
}

struct Case {
    category: &'static str,
    name: String,
    previous: Option<PathBuf>,
    next: PathBuf,
    expected: PathBuf,
}

fn cases(corpus: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(corpus.join("schemas"))? {
        let expected = entry?.path();
        if expected.extension().is_some_and(|extension| extension == "sql") {
            let name = expected.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let next = expected.with_extension("prisma");
            cases.push(Case { category: "schemas", name, previous: None, next, expected });
        }
    }
    for entry in fs::read_dir(corpus.join("evolve"))? {
        let folder = entry?.path();
        cases.push(Case {
            category: "evolve",
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            previous: Some(folder.join("a.prisma")),
            next: folder.join("b.prisma"),
            expected: folder.join("migration.sql"),
        });
    }
    cases.sort_by(|a, b| (a.category, &a.name).cmp(&(b.category, &b.name)));
    Ok(cases)
}

/// A schema file as a catalog, with the schemas of its datasource.
struct Model {
    catalog: Catalog,
    schemas: Vec<String>,
}

fn model(path: &Path) -> Result<Model, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let schema = nicol_schema::validate(&text).into_result().map_err(|errors| {
        let messages: Vec<_> = errors.into_iter().map(|it| it.message).collect();
        format!("not valid: {}", messages.join("; "))
    })?;
    let schemas = schema.datasource.iter().flat_map(|it| it.schemas.clone()).collect();
    Ok(Model { catalog: from_model(&schema), schemas })
}

/// What there is before the script, and how it is had.
#[derive(Clone, Copy, PartialEq)]
struct Attempt {
    has_rows: bool,
    is_from_live: bool,
}

/// What scripts take for granted.
const GIVEN: &str = "create extension citext; create extension pg_trgm; create extension \"uuid-ossp\"";

impl Case {
    async fn run(&self) -> (Outcome, String) {
        let with_rows = Attempt { has_rows: true, is_from_live: false };
        let without = Attempt { has_rows: false, ..with_rows };
        let mut failure = match self.attempt(with_rows).await {
            Ok(true) => return (Outcome::Empty, String::new()),
            Ok(false) => return (Outcome::EmptyWithoutRows, String::new()),
            Err(failure) => failure,
        };
        if failure.is_refusal && self.previous.is_some() {
            failure = match self.attempt(without).await {
                Ok(_) => return (Outcome::EmptyWithoutRows, failure.reason),
                Err(failure) => failure,
            };
        }
        if failure.is_extension_missing {
            return (Outcome::NotPossibleHere, failure.reason);
        }
        if failure.is_refusal && self.is_expected_refused().await {
            return match self.attempt(Attempt { is_from_live: true, ..without }).await {
                Ok(_) => (Outcome::EmptyFromLive, failure.reason),
                Err(again) if again.is_refusal => (Outcome::Refused, failure.reason),
                Err(again) => (Outcome::Different, again.reason),
            };
        }
        (Outcome::Different, failure.reason)
    }

    /// Whether there were rows.
    async fn attempt(&self, attempt: Attempt) -> Result<bool, Failure> {
        let (previous, next) = self.models()?;
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        let scope = Scope::of(&next.schemas, database.url());
        let mut has_rows = self.previous.is_none();
        if attempt.is_from_live {
            execute(&client, GIVEN).await?;
        }
        if let Some(previous) = &previous {
            execute(&client, &plan(&Catalog::default(), &previous.catalog).script()).await?;
            has_rows = attempt.has_rows && fill(&client, &previous.catalog).await;
        }
        let mut before = previous.map(|it| it.catalog).unwrap_or_default();
        if attempt.is_from_live {
            before = live(&client, &scope, &next.catalog).await?;
        }
        execute(&client, &plan(&before, &next.catalog).script()).await?;
        let live = live(&client, &scope, &next.catalog).await?;
        let (there, back) = (plan(&live, &next.catalog), plan(&next.catalog, &live));
        if there.is_empty() && back.is_empty() {
            return Ok(has_rows);
        }
        let reason = format!("\n--- there\n{}--- back\n{}", there.script(), back.script());
        Err(Failure { reason, ..Failure::default() })
    }

    fn models(&self) -> Result<(Option<Model>, Model), Failure> {
        let model = |path: &Path| model(path).map_err(|reason| Failure { reason, ..Failure::default() });
        Ok((self.previous.as_deref().map(model).transpose()?, model(&self.next)?))
    }

    async fn is_expected_refused(&self) -> bool {
        let Ok(expected) = fs::read_to_string(&self.expected) else { return false };
        let Ok((previous, _)) = self.models() else { return false };
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        if let Some(previous) = previous {
            let script = plan(&Catalog::default(), &previous.catalog).script();
            if execute(&client, &script).await.is_err() {
                return true;
            }
        }
        execute(&client, &expected).await.is_err()
    }
}

async fn live(client: &Client, scope: &Scope, next: &Catalog) -> Result<Catalog, Failure> {
    let mut live = introspect_with(client, scope).await.map_err(|error| Failure::of(&error))?;
    align(client, &mut live, next).await.map_err(|error| Failure::of(&error))?;
    Ok(live)
}

#[derive(Default)]
struct Failure {
    reason: String,
    /// It was the server that said no to a script.
    is_refusal: bool,
    is_extension_missing: bool,
}

impl Failure {
    fn of(error: &dyn std::error::Error) -> Self {
        Self { reason: error.to_string(), ..Self::default() }
    }
}

async fn execute(client: &Client, script: &str) -> Result<(), Failure> {
    client.batch_execute(script).await.map_err(|error| {
        let state = error.code().map_or("", |it| it.code()).to_owned();
        let message = error.as_db_error().map_or_else(|| error.to_string(), |it| it.message().to_owned());
        Failure {
            reason: format!("{message} ({state})"),
            is_refusal: true,
            // An extension that is not installed, and the types and operator classes that would come with one.
            is_extension_missing: message.contains("extension \"")
                && matches!(state.as_str(), "0A000" | "58P01")
                || ["vector", "public.vector", "geometry", "geography", "public.geography"]
                    .iter()
                    .any(|ty| message == format!("type \"{ty}\" does not exist")),
        }
    })
}

/// A row in each table, with the same value in all columns of a type, so that foreign keys find what they refer to.
async fn fill(client: &Client, catalog: &Catalog) -> bool {
    let result = try_fill(client, catalog).await;
    if result.is_err() {
        let _ = client.batch_execute("rollback").await;
    }
    result.is_ok()
}

async fn try_fill(client: &Client, catalog: &Catalog) -> Result<(), Error> {
    // Tables refer to each other in circles: the checks of the keys wait until all are there.
    client.batch_execute("begin; set local session_replication_role = replica").await?;
    for table in &catalog.tables {
        client.batch_execute(&insert(catalog, table)).await?;
    }
    client.batch_execute("commit").await
}

fn insert(catalog: &Catalog, table: &Table) -> String {
    let name = match &table.name.schema {
        Some(schema) => nicol_pg::quote_qualified(schema, &table.name.name),
        None => nicol_pg::quote_ident(&table.name.name),
    };
    let columns: Vec<_> = table.columns.iter().map(|column| nicol_pg::quote_ident(&column.name)).collect();
    let values: Vec<_> = table.columns.iter().map(|column| value(catalog, column)).collect();
    if columns.is_empty() {
        return format!("insert into {name} default values");
    }
    format!("insert into {name} ({}) values ({})", columns.join(", "), values.join(", "))
}

fn value(catalog: &Catalog, column: &Column) -> String {
    let one = match &column.ty {
        ColumnType::Enum(name) => {
            let value = catalog.enumeration(name).and_then(|it| it.values.first());
            value.map_or_else(|| "null".to_owned(), |value| nicol_pg::quote_literal(value))
        }
        // Nothing is known of its values.
        ColumnType::Raw(_) => return "default".to_owned(),
        ColumnType::Native(native) => match native {
            N::Uuid => "'00000000-0000-0000-0000-000000000001'".to_owned(),
            N::Boolean => "'true'".to_owned(),
            N::Inet => "'10.0.0.1'".to_owned(),
            N::Xml => "'<a/>'".to_owned(),
            N::Bit(length) => format!("'{}'", "1".repeat(length.unwrap_or(1) as usize)),
            N::Timestamp(_) | N::Timestamptz(_) | N::Date => "'2020-01-01'".to_owned(),
            N::Time(_) | N::Timetz(_) => "'01:02:03'".to_owned(),
            N::Decimal(Some((precision, scale))) if precision == scale => "'0'".to_owned(),
            _ => "'1'".to_owned(),
        },
    };
    if column.arity == Arity::List {
        return "'{}'".to_owned();
    }
    one
}
