//! The server's settings, and whether it has enough connections.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::super::facts::{Identity, Role, Server};
use super::super::rule::{self, Finding};
use super::{Checked, Subject, known};

/// From this age on, autovacuum has not frozen what it should have, in transactions.
const OLD: u64 = 1_000_000_000;

/// More connections than this make a server slow, as each is a process.
const MANY: i64 = 2000;

/// Compares the connections that the application opens with those that the server has.
pub(super) fn connections(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    let name = "connections";
    let (facts, project) = (subject.facts, subject.project);
    if !matches!(facts.role, Role::Queries | Role::Replica) {
        return None;
    }
    let url = facts.url.as_ref().ok()?;
    let (limit, processes) = (url.connection_limit(), project.processes);
    let wanted = i64::try_from(limit.saturating_mul(processes)).unwrap_or(i64::MAX);
    if facts.is_pooled() {
        // What the pooler accepts is not visible from here.
        let text = format!("{processes} × `connection_limit` {limit} = {wanted}, through the pooler");
        return Some(Checked::new(name, text));
    }
    let settings = match known(&server.settings, subject, name, "the number of connections") {
        Ok(settings) => settings,
        Err(checked) => return Some(checked),
    };
    let identity = server.identity.as_ref().ok()?;
    let sessions = server.sessions.clone().unwrap_or_default();
    let max = number(settings, "max_connections")?;
    let reserved = number(settings, "superuser_reserved_connections").unwrap_or(0)
        + number(settings, "reserved_connections").unwrap_or(0);
    let of_server = max - reserved;
    let limits = [identity.role_limit, identity.database_limit].into_iter().filter(|it| *it >= 0);
    let smallest = limits.min().filter(|it| *it < of_server);
    let (available, counted) = match smallest {
        Some(it) => {
            (it, format!("`max_connections` is {max}, but the user or the database has a limit of {it}"))
        }
        None => (of_server, format!("`max_connections` is {max}, of which {reserved} are reserved")),
    };
    let others = if smallest.is_some() { 0 } else { sessions.others };
    let fits = (available - others).max(0) / i64::try_from(processes).unwrap_or(i64::MAX).max(1);
    let advice = advice(fits, wanted.saturating_add(others + reserved));
    let values: [(&str, &dyn Display); 7] = [
        ("wanted", &wanted),
        ("processes", &processes),
        ("limit", &limit),
        ("available", &available),
        ("others", &others),
        ("counted", &counted),
        ("advice", &advice),
    ];
    let found = if wanted > available {
        Some(rule::CONNECTIONS_EXCEED.found(&values))
    } else if wanted.saturating_add(others) > available {
        Some(rule::CONNECTIONS_TIGHT.found(&values))
    } else {
        None
    };
    let text = format!(
        "{processes} × `connection_limit` {limit} = {wanted} of {available}; in use now: {} by this user and database, {} by others",
        sessions.ours, sessions.others
    );
    Some(Checked::new(name, text).with(found))
}

/// Returns what can be done about too many connections. Neither a pool without connections nor a server with thousands of
/// processes is advised.
fn advice(fitting: i64, needed: i64) -> String {
    let set = (fitting > 0).then(|| format!("set `connection_limit={fitting}` in the URL"));
    let raise = (needed <= MANY).then(|| format!("raise `max_connections` to {needed} and restart it"));
    let pool = "put PgBouncer in front of the server".to_owned();
    match (set, raise) {
        (Some(set), Some(raise)) => format!("{set}, {pool}, or {raise}"),
        (Some(set), None) => format!("{set}, or {pool}"),
        (None, Some(raise)) => format!("{pool}, or {raise}"),
        (None, None) => pool,
    }
}

/// Checks the settings that keep data, speed and locks in order.
pub(super) fn settings(subject: &Subject<'_>, server: &Server) -> Checked {
    let settings = match known(&server.settings, subject, "settings", "the settings") {
        Ok(settings) => settings,
        Err(checked) => return checked,
    };
    let is_local = subject.facts.is_local();
    let is_off = |name: &str| settings.get(name).is_some_and(|value| value == "off");
    let mut findings = Vec::new();
    for setting in ["fsync", "full_page_writes"].into_iter().filter(|name| is_off(name)) {
        findings.push(rule::DURABILITY.found(&[("setting", &setting)]).milder_if(is_local));
    }
    if is_off("synchronous_commit") {
        findings.push(rule::SYNCHRONOUS_COMMIT.found(&[]).milder_if(is_local));
    }
    for setting in ["autovacuum", "track_counts"].into_iter().filter(|name| is_off(name)) {
        findings.push(rule::AUTOVACUUM.found(&[("setting", &setting)]));
    }
    if let Ok(identity) = &server.identity {
        findings.extend(wraparound(identity, settings));
        findings.extend(timeouts(subject, identity, settings));
    }
    if !is_local {
        if settings.get("wal_level").is_some_and(|level| level == "minimal") {
            findings.push(rule::WAL_MINIMAL.found(&[]));
        }
        if settings.get("password_encryption").is_some_and(|method| method == "md5") {
            findings.push(rule::PASSWORD_MD5.found(&[]));
        }
        let old = settings
            .get("ssl_min_protocol_version")
            .filter(|it| ["", "TLSv1", "TLSv1.1"].contains(&it.as_str()));
        if let Some(version) = old {
            let version = if version.is_empty() { "every version of TLS" } else { version };
            findings.push(rule::TLS_OLD_PROTOCOL.found(&[("version", &version)]));
        }
    }
    let text = if findings.is_empty() { "in order" } else { "see below" };
    Checked::new("settings", text).with(findings)
}

fn wraparound(identity: &Identity, settings: &BTreeMap<String, String>) -> Option<Finding> {
    let freeze = number(settings, "autovacuum_freeze_max_age").unwrap_or(200_000_000);
    if identity.age < OLD {
        return None;
    }
    let (age, freeze) = (identity.age / 1_000_000, freeze / 1_000_000);
    Some(rule::WRAPAROUND.found(&[("age", &age), ("freeze", &freeze), ("database", &identity.database)]))
}

fn timeouts(subject: &Subject<'_>, identity: &Identity, settings: &BTreeMap<String, String>) -> Vec<Finding> {
    let facts = subject.facts;
    let millis = |name: &str| number(settings, name).unwrap_or(0);
    let statement = millis("statement_timeout");
    let user = &identity.user;
    let mut findings = Vec::new();
    if facts.is_local() || facts.role != Role::Queries {
        return findings;
    }
    let socket_timeout = facts.url.as_ref().ok().and_then(nicol_pg::ConnectionUrl::socket_timeout);
    if statement == 0 && socket_timeout.is_none() {
        findings.push(rule::STATEMENT_TIMEOUT.found(&[("user", user)]));
    }
    if millis("idle_in_transaction_session_timeout") == 0 {
        findings.push(rule::IDLE_IN_TRANSACTION.found(&[("user", user)]));
    }
    findings
}

pub(super) fn number(settings: &BTreeMap<String, String>, name: &str) -> Option<i64> {
    settings.get(name)?.parse().ok()
}
