//! Reads 500 tables and compares 200 models, beside the engine of Prisma 6.19.0 in the same run:
//! `NICOL_REFERENCE_DIR=… cargo bench -p nicol-migrate`.
//!
//! Prisma's time for reading includes writing a schema file, which it does in one step. Its command line would add about 0.5 s.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Scope, align, from_model, introspect_with, plan};
use testkit::TestDatabase;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (before, after, tables) = (schema(200, ""), schema(200, "another String?"), schema(500, ""));
    let diff = median(25, || {
        black_box(plan(&catalog(&before), &catalog(&after)).script());
    });

    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let next = catalog(&tables);
    let script = plan(&Catalog::default(), &next).script();
    client.batch_execute(&script).await.expect("the tables can be made");
    let scope = Scope::one("public");
    let (mut reading, mut comparing) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        let start = Instant::now();
        let mut live = introspect_with(&client, &scope).await.expect("they can be read");
        reading.push(start.elapsed());
        align(&client, &mut live, &next).await.expect("they can be compared");
        assert!(plan(&live, &next).is_empty(), "nothing is left to change");
        comparing.push(start.elapsed());
    }
    let theirs = prisma(&database, [&before, &after, &tables]);
    println!("{:<52}{:>12}{:>12}", "median", "nicol", "Prisma");
    line("two schema files of 200 models, to a script", diff, theirs.as_ref().map(|it| it.0));
    line("500 tables, read", middle(reading), theirs.as_ref().map(|it| it.1));
    line("500 tables, read and compared with a schema file", middle(comparing), None);
}

fn line(what: &str, ours: Duration, theirs: Option<f64>) {
    let theirs = theirs.map_or_else(|| "-".to_owned(), |it| format!("{it:.1} ms"));
    println!("{what:<52}{:>9.1} ms{theirs:>12}", ours.as_secs_f64() * 1000.0);
}

fn median(rounds: usize, mut work: impl FnMut()) -> Duration {
    let round = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    middle(std::iter::repeat_with(round).take(rounds).collect())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn catalog(text: &str) -> Catalog {
    from_model(&nicol_schema::validate(text).into_result().expect("it is valid"))
}

/// Models with ten columns, an enum, two indexes and a relation to the one before; `more` goes into every tenth.
fn schema(models: usize, more: &str) -> String {
    let mut text =
        "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n".to_owned();
    for number in 0..models {
        let more = if number % 10 == 0 { more } else { "" };
        let previous = number.saturating_sub(1);
        let next = number + 1;
        let there = match number {
            0 => String::new(),
            _ => {
                format!("beforeId Int\n  before M{previous} @relation(fields: [beforeId], references: [id])")
            }
        };
        let back = if next < models { format!("after M{next}[]") } else { String::new() };
        write!(
            text,
            "\nenum E{number} {{\n  a\n  b\n}}\n\nmodel M{number} {{
  id Int @id @default(autoincrement())
  name String @default(\"it's\") @db.VarChar(40)
  email String @unique
  kind E{number} @default(b)
  price Decimal @default(1.50) @db.Decimal(10, 2)
  data Json @default(\"{{\\\"a\\\":1}}\")
  tags String[] @default([])
  token String @default(dbgenerated(\"gen_random_uuid()\")) @db.Uuid
  until DateTime @default(dbgenerated(\"now() + '1 day'\"))
  createdAt DateTime @default(now())
  {there}\n  {back}\n  {more}\n
  @@index([name, createdAt(sort: Desc)])\n  @@index([tags], type: Gin)\n}}\n"
        )
        .expect("writing into a String cannot fail");
    }
    text
}

/// The times of comparing and of reading, in milliseconds; none without the reference.
fn prisma(database: &TestDatabase, schemas: [&str; 3]) -> Option<(f64, f64)> {
    let reference = env::var_os("NICOL_REFERENCE_DIR")?;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/prisma.mjs"));
    for (place, text) in schemas.iter().enumerate() {
        let path = folder.path().join(format!("{place}.prisma"));
        fs::write(&path, text).expect("it can be written");
        command.arg(path);
    }
    let output = command
        .env("NICOL_REFERENCE_DIR", reference)
        .env("DATABASE_URL", database.url_text())
        .output()
        .expect("node can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |name: &str| {
        let rest = text.split(&format!("\"{name}\":")).nth(1)?;
        rest.split([',', '}']).next()?.parse().ok()
    };
    let figures = figure("diff").zip(figure("introspect"));
    if figures.is_none() {
        println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    }
    figures
}
