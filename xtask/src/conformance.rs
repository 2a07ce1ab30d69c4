//! `cargo xtask conformance`: whole schemas and requests against Prisma 6.19.0's answers, counted by category, check and
//! origin.
//!
//! The cases are no part of the project. Which comparisons there are, and which differences are meant, is decided where
//! they are made: in the examples `conformance` of `nicol-schema`, `nicol-migrate` and `nicol-engine`, and in `round_trip`
//! and `pull` of `nicol-migrate`.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, say, tell};
use crate::setup;
use crate::workspace::Workspace;

/// The folder that `NICOL_CONFORMANCE` names, else the one beside the checkout if it is there.
pub(crate) fn folder(workspace: &Workspace) -> Option<PathBuf> {
    if let Some(folder) = env::var_os("NICOL_CONFORMANCE") {
        return Some(folder.into());
    }
    let beside = workspace.root.parent()?.join("shared/conformance");
    beside.is_dir().then_some(beside)
}

/// A package and its example.
type Comparison = (&'static str, &'static str);

const WITHOUT_SERVER: [Comparison; 2] = [("nicol-schema", "conformance"), ("nicol-migrate", "conformance")];
/// These take some minutes.
const ON_SERVER: [Comparison; 2] = [("nicol-migrate", "round_trip"), ("nicol-migrate", "pull")];

const QUERIES: [Comparison; 1] = [("nicol-engine", "conformance")];

/// Compares a folder, or the usual one.
pub(crate) fn task(workspace: &Workspace, given: Option<&Path>) -> Result<ExitCode> {
    let folder = match given {
        // As the shell means it, since the comparisons run elsewhere.
        Some(given) => std::path::absolute(given).context("the current folder cannot be told")?,
        None => folder(workspace).context(
            "there is no folder of cases\n\
             help: `cargo xtask conformance FOLDER`, or name it in NICOL_CONFORMANCE",
        )?,
    };
    setup::reference(workspace)?;
    let comparisons = [&WITHOUT_SERVER[..], &ON_SERVER, &QUERIES].concat();
    compare(workspace, &folder, &comparisons, None).map(|()| ExitCode::SUCCESS)
}

/// Compares the schemas in the folder, prints the counts, and fails where an answer is another one without a reason.
pub(crate) fn run(workspace: &Workspace, folder: &Path) -> Result<()> {
    compare(workspace, folder, &[WITHOUT_SERVER, ON_SERVER].concat(), None)
}

/// The same for what depends on the server, on the one whose programs lie in `bin`.
pub(crate) fn run_on_server(workspace: &Workspace, folder: &Path, bin: &Path) -> Result<()> {
    compare(workspace, folder, &ON_SERVER, Some(bin))
}

fn compare(
    workspace: &Workspace,
    folder: &Path,
    comparisons: &[Comparison],
    bin: Option<&Path>,
) -> Result<()> {
    if !folder.is_dir() {
        bail!("there is no folder `{}`", folder.display());
    }
    let mut report = Report::default();
    for (package, example) in comparisons {
        say(&format!("comparing with {package}: {example}"));
        let mut command = cargo(workspace, &format!("run --quiet -p {package} --example {example} --"));
        command.arg(folder).env("NICOL_REFERENCE_DIR", &workspace.reference);
        command.envs(bin.map(|bin| ("NICOL_POSTGRES_BIN", bin)));
        let output = command
            .stderr(Stdio::piped())
            .output()
            .with_context(|| format!("the comparisons of {package} cannot be started"))?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            report.add(line).with_context(|| format!("not a line of the comparisons: {line}"))?;
        }
        if !output.status.success() {
            tell(String::from_utf8_lossy(&output.stderr).trim_end());
            bail!("the comparisons of {package} came to no end ({})", output.status);
        }
    }
    report.print();
    match (report.all, report.differences.len()) {
        (0, _) => bail!("there is no case in `{}`, so that nothing was compared", folder.display()),
        (_, 0) => Ok(()),
        (all, different) => bail!("{different} of {all} answers differ, without a reason that is known"),
    }
}

#[derive(Default)]
struct Report {
    all: usize,
    counts: BTreeMap<Key, Count>,
    /// Reason and case.
    deviations: BTreeMap<String, Vec<String>>,
    /// Case and detail.
    differences: Vec<(String, String)>,
}

/// Category, check, and origin; the sum of all origins has none, and comes last.
type Key = (String, String, (bool, String));

#[derive(Default)]
struct Count {
    equal: usize,
    deviating: usize,
    all: usize,
}

impl Report {
    fn add(&mut self, line: &str) -> Option<()> {
        let mut columns = line.splitn(5, '\t');
        let mut column = || columns.next();
        let (category, check, name, outcome, detail) =
            (column()?, column()?, column()?, column()?, column()?);
        self.all += 1;
        for origin in [(false, origin(category, name)), (true, "all".to_owned())] {
            let count = self.counts.entry((category.to_owned(), check.to_owned(), origin)).or_default();
            count.all += 1;
            count.equal += usize::from(outcome == "equal");
            count.deviating += usize::from(outcome.starts_with("deviates: "));
        }
        let case = format!("{category} / {check} / {name}");
        match outcome.strip_prefix("deviates: ") {
            Some(reason) => self.deviations.entry(reason.to_owned()).or_default().push(case),
            None if outcome == "equal" => {}
            None => self.differences.push((case, unescaped(detail))),
        }
        Some(())
    }

    fn print(&self) {
        for ((category, check, (_, origin)), count) in &self.counts {
            let deviating = match count.deviating {
                0 => String::new(),
                number => format!(", {number} deviating with a reason"),
            };
            let different = match count.all - count.equal - count.deviating {
                0 => String::new(),
                number => format!(", {number} DIFFERENT"),
            };
            tell(&format!(
                "{category:8} {check:13} {origin:28} {:4} of {:4} equal{deviating}{different}",
                count.equal, count.all
            ));
        }
        for (reason, cases) in &self.deviations {
            tell(&format!("\ndeviating: {reason}"));
            for case in cases {
                tell(&format!("    {case}"));
            }
        }
        for (case, detail) in &self.differences {
            tell(&format!("\nDIFFERENT: {case}"));
            for line in detail.lines() {
                tell(&format!("    {line}"));
            }
        }
    }
}

/// Where a case comes from, by the first part of its name; that of a project is the project's owner. Requests come from
/// Prisma's own tests, by their folders.
fn origin(category: &str, name: &str) -> String {
    if category == "queries" {
        return name.split("::").take(2).collect::<Vec<_>>().join("/");
    }
    let prefix = name.split("__").next().unwrap_or_default();
    let is_known = ["prisma", "psltest", "migtest", "probe", "mut"].contains(&prefix);
    if category == "evolve" || is_known { prefix.to_owned() } else { "project".to_owned() }
}

/// Line breaks, tabs and backslashes come with a backslash, so that a comparison is one line.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_by_origin_and_in_all() {
        let mut report = Report::default();
        for line in [
            "schemas\tformat\tsomebody__theirs__2\tequal\t",
            "schemas\tformat\tprobe__names\tdifferent\tline 1\\n\\\\n",
            "evolve\tsql\tcombo__1\tdeviates: a reason\t",
        ] {
            report.add(line).expect("five columns");
        }
        let count = |category: &str, check: &str, origin: (bool, &str)| {
            let origin = (origin.0, origin.1.to_owned());
            let count = &report.counts[&(category.to_owned(), check.to_owned(), origin)];
            (count.equal, count.deviating, count.all)
        };
        assert_eq!(count("schemas", "format", (false, "project")), (1, 0, 1));
        assert_eq!(count("schemas", "format", (true, "all")), (1, 0, 2));
        assert_eq!(count("evolve", "sql", (false, "combo")), (0, 1, 1));
        assert_eq!(
            report.differences,
            [("schemas / format / probe__names".to_owned(), "line 1\n\\n".to_owned())]
        );
        assert!(report.add("too\tfew").is_none());
    }
}
