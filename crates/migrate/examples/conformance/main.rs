//! Compares the statements of whole schema files, and of pairs of them, with those of Prisma 6.19.0.
//!
//! ```text
//! cargo run -p nicol-migrate --example conformance -- FOLDER
//! ```
//!
//! The folder holds `schemas/NAME.prisma` with `NAME.sql`, and `evolve/NAME/` with `a.prisma`, `b.prisma` and
//! `migration.sql`. For each there is a line of five columns with tabs between them: category, check, name, outcome,
//! detail. `cargo xtask conformance` counts them.

#![allow(clippy::print_stdout, reason = "an example that reports on the terminal")]

mod deviation;
mod statement;

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use nicol_migrate::catalog::Catalog;

use statement::statements;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("the folder of cases has to be given")?;
    for case in cases(&folder)? {
        let expected = fs::read_to_string(&case.expected)?;
        let script = catch_unwind(AssertUnwindSafe(|| case.script()))
            .unwrap_or_else(|_| Err("it panicked".to_owned()));
        let (outcome, detail) = match script {
            Ok(script) if statements(&script) == statements(&expected) => ("equal".to_owned(), String::new()),
            Ok(script) => match deviation::between(&expected, &script) {
                Some(rules) => (format!("deviates: {}", rules.join("; ")), String::new()),
                None => ("different".to_owned(), first_difference(&script, &expected)),
            },
            Err(error) => ("different".to_owned(), error),
        };
        let detail = detail.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
        println!("{}\t{}\t{}\t{outcome}\t{detail}", case.category, case.check, case.name);
    }
    Ok(())
}

fn first_difference(own: &str, expected: &str) -> String {
    let (own, expected) = (statements(own), statements(expected));
    let at = own.iter().zip(&expected).take_while(|(own, expected)| own == expected).count();
    let shown = |list: &[String]| list.get(at).map_or("nothing more", String::as_str).to_owned();
    format!("statement {}\n  own:\n{}\n  expected:\n{}", at + 1, shown(&own), shown(&expected))
}

struct Case {
    category: &'static str,
    check: &'static str,
    name: String,
    previous: Option<PathBuf>,
    next: PathBuf,
    expected: PathBuf,
}

impl Case {
    fn script(&self) -> Result<String, String> {
        let previous = self.previous.as_deref().map_or(Ok(Catalog::default()), catalog)?;
        let next = catalog(&self.next)?;
        Ok(nicol_migrate::plan(&previous, &next).script())
    }
}

fn catalog(path: &Path) -> Result<Catalog, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let schema = nicol_schema::validate(&text).into_result().map_err(|errors| {
        let messages: Vec<_> = errors.into_iter().map(|it| it.message).collect();
        format!("refused: {}", messages.join("; "))
    })?;
    Ok(nicol_migrate::from_model(&schema))
}

fn cases(corpus: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for expected in entries(&corpus.join("schemas"))? {
        if expected.extension().is_some_and(|extension| extension == "sql") {
            let name = expected.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let next = expected.with_extension("prisma");
            cases.push(Case { category: "schemas", check: "sql", name, previous: None, next, expected });
        }
    }
    for folder in entries(&corpus.join("evolve"))? {
        let expected = folder.join("migration.sql");
        if expected.is_file() {
            cases.push(Case {
                category: "evolve",
                check: "sql",
                name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                previous: Some(folder.join("a.prisma")),
                next: folder.join("b.prisma"),
                expected,
            });
        }
    }
    Ok(cases)
}

/// What lies in a folder, in order; nothing if there is no such folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
