//! What is going on in the server at the moment.

use std::fmt::Display;

use super::super::facts::{Process, Role, Server};
use super::super::rule::{self};
use super::{Checked, Subject, duration, known};

/// Checks for transactions, locks, indexes, slots and archives that are in the way.
pub(super) fn check(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    if subject.facts.role == Role::Shadow {
        return None;
    }
    let activity = match known(&server.activity, subject, "activity", "the activity") {
        Ok(activity) => activity,
        Err(checked) => return Some(checked),
    };
    let mut findings = Vec::new();
    for it in &activity.long_transactions {
        let state = it.state.clone().unwrap_or_default();
        let values: [(&str, &dyn Display); 4] =
            [("pid", &it.pid), ("who", &who(it)), ("duration", &duration(it.seconds)), ("state", &state)];
        findings.push(rule::LONG_TRANSACTION.found(&values));
    }
    if let Some(it) = &activity.blocker {
        let count = match activity.waiting {
            1 => "1 process is".to_owned(),
            several => format!("{several} processes are"),
        };
        let values: [(&str, &dyn Display); 4] =
            [("count", &count), ("pid", &it.pid), ("who", &who(it)), ("duration", &duration(it.seconds))];
        findings.push(rule::LOCKS_WAITING.found(&values));
    }
    for index in &activity.invalid_indexes {
        findings.push(rule::INVALID_INDEX.found(&[("index", index)]));
    }
    for it in &activity.prepared_transactions {
        let values: [(&str, &dyn Display); 3] =
            [("id", &it.id), ("database", &it.database), ("duration", &duration(it.seconds))];
        findings.push(rule::PREPARED_TRANSACTION.found(&values));
    }
    for it in &activity.inactive_slots {
        let size = format!("{} GiB", it.bytes >> 30);
        findings.push(rule::SLOT_INACTIVE.found(&[("slot", &it.name), ("size", &size)]));
    }
    if let Some(it) = &activity.failing_archive {
        let values: [(&str, &dyn Display); 3] =
            [("count", &it.count), ("segment", &it.segment), ("duration", &duration(it.seconds))];
        findings.push(rule::ARCHIVE_FAILS.found(&values));
    }
    let sees_all = server.identity.as_ref().is_ok_and(|it| it.sees_all);
    let scope = if sees_all { "" } else { " (of this user; `grant pg_monitor` to see all)" };
    let text = if findings.is_empty() { "nothing is in the way" } else { "see below" };
    Some(Checked::new("activity", format!("{text}{scope}")).with(findings))
}

/// Names the process for a sentence: ` (user `ann`, `people`)`.
fn who(process: &Process) -> String {
    let names = [&process.user, &process.application];
    let names: Vec<_> =
        names.into_iter().flatten().filter(|it| !it.is_empty()).map(|it| format!("`{it}`")).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}
