//! The checks: from facts to findings. They open no connection and read no clock but the one they are given.

mod activity;
mod connection;
mod encryption;
mod migrations;
mod rights;
mod server;
mod settings;

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use super::facts::{Facts, Part, Project, Role};
use super::gather::LIMIT;
use super::rule::{FACTS_MISSING, Finding};

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    /// The name of the check: stable, like the ids of findings.
    pub(super) name: &'static str,
    /// What was looked at, in a few words.
    pub(super) text: String,
    pub(super) findings: Vec<Finding>,
}

impl Checked {
    fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, text: text.into(), findings: Vec::new() }
    }

    fn with(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }
}

/// A set-up to check.
struct Subject<'a> {
    facts: &'a Facts,
    project: &'a Project,
    /// The facts about the URL for queries, if this is another one.
    main: Option<&'a Facts>,
    now: SystemTime,
}

/// Runs all checks for the URL at `index`.
pub(super) fn check(all: &[Facts], index: usize, project: &Project, now: SystemTime) -> Vec<Checked> {
    let facts = &all[index];
    let main = all.iter().find(|it| it.role == Role::Queries).filter(|_| facts.role != Role::Queries);
    let subject = Subject { facts, project, main, now };
    let mut checks = vec![connection::url(&subject)];
    checks.extend(connection::reachable(&subject));
    checks.extend(encryption::check(&subject));
    checks.extend(connection::sign_in(&subject));
    if let Some(server) = &facts.server {
        checks.push(server::server(&subject, server));
        checks.extend(server::pooler(&subject, server));
        checks.push(server::round_trip(&subject, server));
        checks.extend(rights::rights(&subject, server));
        checks.extend(migrations::check(&subject, server));
        // The same database would tell the same again.
        if main.and_then(|main| facts.is_same_database(main)) != Some(true) {
            checks.extend(server::clock(&subject, server));
            checks.extend(settings::connections(&subject, server));
            checks.push(settings::settings(&subject, server));
            checks.extend(rights::extensions(&subject, server));
            checks.extend(rights::text(&subject, server));
            checks.extend(activity::check(&subject, server));
        }
    }
    checks
}

/// Returns the part, or the note that it is missing.
fn known<'a, T>(
    part: &'a Part<T>,
    subject: &Subject<'_>,
    name: &'static str,
    theme: &str,
) -> Result<&'a T, Checked> {
    part.as_ref().map_err(|error| {
        let user = user(subject.facts);
        let values: [(&str, &dyn Display); 4] =
            [("theme", &theme), ("error", error), ("seconds", &LIMIT.as_secs()), ("user", &user)];
        Checked::new(name, "not known").with([FACTS_MISSING.found(&values)])
    })
}

/// Returns the user, for sentences.
fn user(facts: &Facts) -> String {
    let of_url = || facts.url.as_ref().ok()?.user().map(str::to_owned);
    let named = facts.identity().map(|it| it.user.clone()).or_else(of_url);
    named.unwrap_or_else(|| "(name of the system's user)".to_owned())
}

/// Returns the first host, for sentences.
fn host(facts: &Facts) -> String {
    facts.url.as_ref().map(|url| url.hosts()[0].to_string()).unwrap_or_default()
}

/// Formats a duration: 0.05 ms, 12 ms, 4.5 s, 7 min, 3 h, 12 days.
fn duration(seconds: f64) -> String {
    let days = seconds / 86_400.0;
    match seconds {
        _ if days >= 2.0 => format!("{days:.0} days"),
        _ if seconds >= 7200.0 => format!("{:.0} h", seconds / 3600.0),
        _ if seconds >= 120.0 => format!("{:.0} min", seconds / 60.0),
        _ if seconds >= 10.0 => format!("{seconds:.0} s"),
        _ if seconds >= 1.0 => format!("{seconds:.1} s"),
        _ if seconds >= 0.01 => format!("{:.0} ms", seconds * 1000.0),
        _ if seconds >= 0.001 => format!("{:.1} ms", seconds * 1000.0),
        _ => format!("{:.2} ms", seconds * 1000.0),
    }
}

/// Formats a date: 2026-11-28.
fn date(at: SystemTime) -> String {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    // Days since 0000-03-01, so that a leap day is the last of its year: H. Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms".
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests;
