//! How long it takes to validate and to format a schema, beside Prisma 6.19.0 in the same run.
//!
//! ```text
//! NICOL_REFERENCE_DIR=$PWD/.reference cargo bench -p nicol-schema --bench schema
//! ```
//!
//! Schemas have 100, 200, 400 and 800 models, with relations, keys, indexes, defaults and comments. Each time
//! is the shortest of many, which other programs disturb least; none of the two runs while the other does.
#![allow(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SIZES: [usize; 4] = [100, 200, 400, 800];
const ROUNDS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    println!("models      KB   validate  format    (ms)   Prisma: validate  format");
    for models in SIZES {
        let text = schema(models);
        let untidy = text.replace("  ", " ");
        assert!(nicol_schema::validate(&text).schema.is_some(), "the schema is in order");
        let validate = shortest(|| drop(black_box(nicol_schema::validate(black_box(&text)))));
        let format = shortest(|| drop(black_box(nicol_schema::format(black_box(&untidy)))));
        println!(
            "{models:6} {:7} {:10.2} {:7.2}          {}",
            text.len() / 1024,
            milliseconds(validate),
            milliseconds(format),
            prisma(&text, &untidy)?
        );
    }
    Ok(())
}

fn shortest(mut run: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The times of the reference, if it is there.
fn prisma(text: &str, untidy: &str) -> Result<String, Box<dyn Error>> {
    let Some(reference) = env::var_os("NICOL_REFERENCE_DIR") else {
        return Ok("not measured: NICOL_REFERENCE_DIR is not set".to_owned());
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/prisma.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(ROUNDS.to_string())
        .env("NICOL_REFERENCE_DIR", reference)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().ok_or("the input is piped")?;
    stdin.write_all(text.as_bytes())?;
    stdin.write_all(b"\0")?;
    stdin.write_all(untidy.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("the reference could not be measured".into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Models that refer to the one before and to the first, each with what models usually have.
fn schema(models: usize) -> String {
    let mut text = String::from(
        "generator client {\n  provider = \"prisma-client-js\"\n}\n\n\
         datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n",
    );
    for number in 0..models {
        let before = number.saturating_sub(1);
        let after = number + 1;
        write!(
            text,
            "\n/// Documentation of {number}.\nmodel Model{number} {{\n\
             \x20 id        String   @id @default(cuid())\n\
             \x20 number    Int      @unique @default(autoincrement())\n\
             \x20 email     String   @unique @map(\"e_mail\") @db.VarChar(255) // unique\n\
             \x20 name      String?  @default(\"some \\\"name\\\"\")\n\
             \x20 role      Role     @default(USER)\n\
             \x20 tags      String[] @default([\"a\", \"b\"])\n\
             \x20 price     Decimal  @default(1.50) @db.Decimal(10, 2)\n\
             \x20 settings  Json     @default(\"{{}}\")\n\
             \x20 createdAt DateTime @default(now())\n\
             \x20 updatedAt DateTime @updatedAt\n\
             \x20 previousId String?\n\
             \x20 previous  Model{before}? @relation(\"chain{number}\", fields: [previousId], references: [id], onDelete: SetNull)\n"
        )
        .expect("a string takes everything");
        if number == 0 {
            text.push_str("  itself Model0[] @relation(\"chain0\")\n");
        }
        if after < models {
            writeln!(text, "  next Model{after}[] @relation(\"chain{after}\")")
                .expect("a string takes everything");
        }
        text.push_str(
            "\n  @@unique([name, role])\n  @@index([previousId])\n  @@index([createdAt(sort: Desc), role])\n",
        );
        writeln!(text, "  @@map(\"model_{number}\")\n}}").expect("a string takes everything");
    }
    text.push_str("\nenum Role {\n  USER\n  ADMIN @map(\"admin\")\n}\n");
    text
}
