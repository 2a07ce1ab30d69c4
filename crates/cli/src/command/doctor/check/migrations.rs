//! Whether the database has the migrations of the project.

use std::time::Duration;

use super::super::facts::Server;
use super::super::rule::{self};
use super::settings::number;
use super::{Checked, Subject, duration, user};

/// A statement timeout below this is too short for migrations, in milliseconds.
const SHORT: i64 = 60_000;

/// Compares the migrations with the history.
pub(super) fn check(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    let status = match server.migrations.as_ref()? {
        Ok(status) => status,
        Err(error) => {
            let schema = subject.facts.url.as_ref().map_or("public", |url| url.schema());
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("error", error), ("schema", &schema), ("user", &user(subject.facts))];
            return Some(
                Checked::new("migrations", "not known").with([rule::MIGRATIONS_UNREADABLE.found(&values)]),
            );
        }
    };
    let mut findings = Vec::new();
    for name in &status.failed {
        findings.push(match &status.holder {
            Some(holder) => rule::MIGRATIONS_RUNNING.found(&[("holder", holder)]),
            None => rule::MIGRATIONS_FAILED.found(&[("name", name)]),
        });
    }
    if !status.pending.is_empty() {
        let (count, names) = (status.pending.len(), few(&status.pending));
        let count = format!("{count} migration{}", if count == 1 { " is" } else { "s are" });
        findings.push(rule::MIGRATIONS_PENDING.found(&[("count", &count), ("names", &names)]));
    }
    findings.extend(status.edited.iter().map(|name| rule::MIGRATIONS_EDITED.found(&[("name", name)])));
    findings.extend(status.unknown.iter().map(|name| rule::MIGRATIONS_UNKNOWN.found(&[("name", name)])));
    let timeout = server.settings.as_ref().ok().and_then(|it| number(it, "statement_timeout"));
    if let Some(timeout) = timeout.filter(|millis| (1..SHORT).contains(millis)) {
        let limit = duration(Duration::from_millis(timeout.unsigned_abs()).as_secs_f64());
        findings.push(rule::STATEMENT_TIMEOUT_SHORT.found(&[("limit", &limit)]));
    }
    let text = format!(
        "{} applied, {} pending; `{}` looks for changes made without a migration",
        status.applied.len(),
        status.pending.len(),
        subject.project.drift_command
    );
    Some(Checked::new("migrations", text).with(findings))
}

fn few(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    shown.join(", ") + more
}
