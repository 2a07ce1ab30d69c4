//! The statements for whole schema files, against those that Prisma 6.19.0 makes of them.
//!
//! The cases are no part of this project: `NICOL_CONFORMANCE` names their folder. Without it the test counts as
//! ignored. `NICOL_CASE` runs one case alone and shows the difference.

#![allow(clippy::print_stdout, reason = "a test harness of its own tells what came of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use nicol_migrate::catalog::Catalog;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let corpus = env::var_os("NICOL_CONFORMANCE").map(PathBuf::from);
    if has("--list") {
        if !has("--ignored") || corpus.is_none() {
            println!("conformance: test");
        }
        return ExitCode::SUCCESS;
    }
    let Some(corpus) = corpus else {
        println!("conformance: NOT RUN; set NICOL_CONFORMANCE to the folder of cases");
        return ExitCode::SUCCESS;
    };
    match run(&corpus) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("conformance: {}: {error}", corpus.display());
            ExitCode::FAILURE
        }
    }
}

/// How one case went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Equal,
    /// The expected script cannot run on PostgreSQL; ours can.
    BetterThanExpected,
    Different,
}

fn run(corpus: &Path) -> io::Result<bool> {
    let only = env::var("NICOL_CASE").ok();
    let mut outcomes: BTreeMap<(&str, String), BTreeMap<Outcome, usize>> = BTreeMap::new();
    let mut different = Vec::new();
    for case in cases(corpus)? {
        if only.as_ref().is_some_and(|only| *only != case.name) {
            continue;
        }
        let expected = fs::read_to_string(&case.expected)?;
        let outcome = match case.script() {
            Ok(script) if statements(&script) == statements(&expected) => Outcome::Equal,
            result => {
                if only.is_some() {
                    println!("=== expected\n{expected}\n=== found\n{}", result.unwrap_or_else(|error| error));
                }
                if cannot_run(&expected) { Outcome::BetterThanExpected } else { Outcome::Different }
            }
        };
        if outcome == Outcome::Different {
            different.push(format!("{}/{}", case.category, case.name));
        }
        let prefix = case.name.split("__").next().unwrap_or_default();
        let prefix =
            if KNOWN_PREFIXES.contains(&prefix) || case.category == "evolve" { prefix } else { "projects" };
        *outcomes.entry((case.category, prefix.to_owned())).or_default().entry(outcome).or_default() += 1;
    }
    let mut total: BTreeMap<Outcome, usize> = BTreeMap::new();
    for ((category, prefix), counts) in &outcomes {
        println!("{category:8} {prefix:32} {}", line(counts));
        for (outcome, count) in counts {
            *total.entry(*outcome).or_default() += count;
        }
    }
    println!("{:41} {}", "total", line(&total));
    for case in &different {
        println!("different: {case}");
    }
    Ok(different.is_empty())
}

const KNOWN_PREFIXES: [&str; 5] = ["psltest", "migtest", "prisma", "probe", "mut"];

fn line(counts: &BTreeMap<Outcome, usize>) -> String {
    let of = |outcome| counts.get(&outcome).copied().unwrap_or(0);
    let sum: usize = counts.values().sum();
    let deviations = of(Outcome::BetterThanExpected);
    format!("{:4} of {sum:4} equal, {deviations} where the expected script cannot run", of(Outcome::Equal))
}

struct Case {
    category: &'static str,
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

/// Without comments and blank lines, which are for people.
fn statements(script: &str) -> Vec<&str> {
    script.lines().filter(|line| !line.starts_with("--") && !line.trim().is_empty()).collect()
}

/// Whether a script has a statement that PostgreSQL refuses whatever the database: a sequence without a name, and a
/// rename together with another action.
fn cannot_run(script: &str) -> bool {
    let is_mixed_rename = |line: &str| {
        line.contains("RENAME CONSTRAINT") && (line.ends_with(',') || !line.starts_with("ALTER TABLE"))
    };
    script.contains("DROP SEQUENCE \"\";") || script.lines().any(is_mixed_rename)
}
