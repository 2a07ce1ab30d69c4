//! The examples of docs/client.md and of guide/reads.md, beside Prisma Client: both run on equal rows, and leave equal rows and equal values.

#![allow(clippy::unwrap_used, reason = "this is a test; the lint does not see it in its helpers")]

mod db;
#[allow(clippy::all, clippy::pedantic, clippy::print_stdout, non_local_definitions, unused, reason = "examples are short, and for readers")]
#[rustfmt::skip]
mod examples;
mod extract;
#[allow(unused_imports, reason = "for the examples")]
mod prelude;
#[allow(clippy::all, clippy::pedantic, unused, reason = "examples are short")]
#[rustfmt::skip]
mod reads;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use db::Client;
use extract::Example;
use nicol::types::DateTime;
use nicol_migrate::catalog::Catalog;
use serde_json::{Value, json};
use testkit::TestDatabase;

/// A database with the tables and rows of the guide.
struct Database {
    server: TestDatabase,
    connection: nicol_pg::tokio_postgres::Client,
    tables: Vec<String>,
}

impl Database {
    async fn new() -> Self {
        let server = TestDatabase::create_sorted_by_bytes().await;
        let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
        let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        let connection = server.connect().await;
        connection.batch_execute(&script).await.unwrap();
        let tables = "select format('%I', relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace";
        let rows = connection.query(tables, &[]).await.unwrap();
        Self { server, connection, tables: rows.iter().map(|row| row.get(0)).collect() }
    }

    async fn reset(&self) {
        let tables = self.tables.join(", ");
        let script = format!("TRUNCATE {tables} RESTART IDENTITY CASCADE; {}", include_str!("rows.sql"));
        self.connection.batch_execute(&script).await.unwrap();
    }

    /// The rows of all tables, without the times that the client sets.
    async fn rows(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in &self.tables {
            let sql = format!(
                "select '{table} ' || (to_jsonb(t) - 'createdAt' - 'updatedAt')::text from {table} as t order by 1"
            );
            let rows = self.connection.query(&sql, &[]).await.unwrap();
            all.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        }
        all
    }
}

/// Prisma Client in a process of its own.
struct Prisma {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Prisma {
    fn start(url: &str) -> Self {
        testkit::reference();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guide/prisma.mjs");
        let mut process = Command::new("node")
            .args([script, url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node is installed");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, input, output }
    }

    fn run(&mut self, example: &Example) -> Value {
        let names: Vec<_> = example.values().into_iter().map(|(_, name)| name).collect();
        writeln!(self.input, "{}", json!({ "typescript": example.typescript, "names": names })).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("an answer is JSON")
    }
}

impl Drop for Prisma {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The value without the names of fields: what is a tuple here may be an object there. Times that the client sets are left out.
fn leaves(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "createdAt" && *name != "updatedAt");
            fields.for_each(|(_, field)| leaves(field, into));
        }
        Value::Number(number) => into.push(number.as_f64().unwrap().to_string()),
        // A time has milliseconds there, and only those that it needs here.
        Value::String(text) => match text.parse::<DateTime>() {
            Ok(time) => into.push(time.to_rfc3339()),
            Err(_) => into.push(text.clone()),
        },
        other => into.push(other.to_string()),
    }
}

fn sorted_leaves(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    leaves(value, &mut all);
    all.sort();
    all
}

/// Whether the answers are equal: lists in order, and each of their items without the names of fields.
fn is_equal(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(one, other)| is_equal(one, other))
        }
        _ => sorted_leaves(found) == sorted_leaves(expected),
    }
}

#[tokio::test]
async fn examples_answer_as_prisma_does() {
    let guide = extract::examples(include_str!("../../../../docs/client.md"));
    let reads = extract::examples(include_str!("reads.md"));
    let (here, there) = (Database::new().await, Database::new().await);
    let db = Client::connect(&here.server.url_text()).await.unwrap();
    // Notifications need a session on every route of the tests.
    let direct = Client::connect(&here.server.direct_url().to_url_with_password()).await.unwrap();
    let mut prisma = Prisma::start(&there.server.url_text());
    let wanted = std::env::var("NICOL_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    for (index, example) in guide.iter().chain(&reads).enumerate() {
        if example.is_only_compiled || !example.name.contains(&wanted) {
            continue;
        }
        let name = &example.name;
        let db = if name.contains("notifications") { &direct } else { &db };
        here.reset().await;
        let run = match index.checked_sub(guide.len()) {
            None => examples::run(index, db).await,
            Some(index) => reads::run(index, db).await,
        };
        let answers = match run {
            Ok(answers) => answers,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        if example.typescript.is_none() {
            continue;
        }
        there.reset().await;
        let expected = prisma.run(example);
        if let Some(error) = expected.get("error") {
            wrong.push(format!("{name}: Prisma: {error}"));
            continue;
        }
        for (here, there) in example.values() {
            let (found, expected) = (&answers[&here], &expected["values"][&there]);
            if !is_equal(found, expected) {
                wrong.push(format!("{name}: `{here}` is {found}\n    instead of {expected}"));
            }
        }
        let (here, there) = (here.rows().await, there.rows().await);
        let (more, less) = (difference(&here, &there), difference(&there, &here));
        if !more.is_empty() || !less.is_empty() {
            wrong.push(format!("{name}: rows left: {more:#?}\n    instead of {less:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference<'a>(some: &'a [String], others: &[String]) -> Vec<&'a String> {
    some.iter().filter(|row| !others.contains(row)).collect()
}
