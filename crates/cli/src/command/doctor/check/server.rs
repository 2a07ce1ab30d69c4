//! What the server is, how far away it is, and what is in between.

use std::time::{Duration, SystemTime};

use nicol_pg::url::Pooling;

use super::super::facts::{Identity, Role, Server};
use super::super::rule::{self, Finding};
use super::{Checked, Subject, date, duration, host, known};

/// The end of support of each major version, in seconds since 1970.
///
/// Source: PostgreSQL versioning policy.
const END_OF_LIFE: [(u32, u64); 5] = [
    (14, 1_794_441_600), // 2026-11-12
    (15, 1_825_891_200), // 2027-11-11
    (16, 1_857_340_800), // 2028-11-09
    (17, 1_888_790_400), // 2029-11-08
    (18, 1_920_844_800), // 2030-11-14
];

/// The largest acceptable difference between the clocks, in seconds.
const CLOCK_TOLERANCE: f64 = 2.0;
const SLOW: Duration = Duration::from_millis(10);
const FAR: Duration = Duration::from_millis(50);
/// The largest acceptable delay of a replica, in seconds.
const LAG: f64 = 10.0;

/// Checks the version, the kind of server, and whether it is the right one.
pub(super) fn server(subject: &Subject<'_>, server: &Server) -> Checked {
    let identity = match known(&server.identity, subject, "server", "the server") {
        Ok(identity) => identity,
        Err(checked) => return checked,
    };
    let major = identity.version_number / 10_000;
    let version = identity.version.split(' ').next().unwrap_or_default();
    let kind = if identity.in_recovery { ", standby" } else { "" };
    let mut findings = Vec::new();
    let end = END_OF_LIFE.iter().find(|(known, _)| *known == major);
    let end = end.map(|(_, seconds)| SystemTime::UNIX_EPOCH + Duration::from_secs(*seconds));
    match end {
        None if major < 14 => findings.push(rule::VERSION_TOO_OLD.found(&[("version", &version)])),
        None => findings.push(rule::VERSION_UNTESTED.found(&[("version", &version)])),
        Some(end) if end <= subject.now => {
            let found = rule::VERSION_END_OF_LIFE.found(&[("version", &version), ("date", &date(end))]);
            findings.push(found.milder_if(subject.facts.is_local()));
        }
        Some(_) => {}
    }
    match subject.facts.role {
        Role::Replica => findings.extend(replica(subject, server, identity)),
        Role::Queries | Role::Direct | Role::Shadow => findings.extend(primary(subject, identity)),
    }
    findings.extend(belongs(subject));
    Checked::new("server", format!("PostgreSQL {version}{kind}")).with(findings)
}

fn primary(subject: &Subject<'_>, identity: &Identity) -> Option<Finding> {
    if identity.in_recovery {
        let is_list = subject.facts.hosts.len() > 1;
        let advice = if is_list {
            "add `target_session_attrs=read-write` to the URL, so that a connection goes to the primary"
        } else {
            "name the primary in the URL, or all servers (`HOST1:5432,HOST2:5432`) with `target_session_attrs=read-write`"
        };
        return Some(rule::STANDBY.found(&[("host", &host(subject.facts)), ("advice", &advice)]));
    }
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("database", &identity.database), ("user", &identity.user)];
    identity.read_only.then(|| rule::READ_ONLY.found(&values))
}

fn replica(subject: &Subject<'_>, server: &Server, identity: &Identity) -> Vec<Finding> {
    let mut findings = Vec::new();
    let origin = &subject.facts.origin;
    if !identity.in_recovery {
        findings.push(rule::REPLICA_IS_PRIMARY.found(&[("variable", origin)]));
    }
    if let Some(lag) = identity.lag.filter(|lag| *lag > LAG) {
        findings.push(rule::REPLICA_LAG.found(&[("lag", &duration(lag))]));
    }
    let system = |server: &Server| server.system.clone().ok().flatten();
    let of_main = subject.main.and_then(|main| Some((main, system(main.server.as_ref()?)?)));
    if let (Some((main, one)), Some(two)) = (of_main, system(server))
        && one != two
    {
        findings.push(rule::REPLICA_OF_OTHER.found(&[("variable", &main.origin), ("replica", origin)]));
    }
    findings
}

/// Compares the database with the one that the application uses.
fn belongs(subject: &Subject<'_>) -> Option<Finding> {
    let main = subject.main?;
    let is_same = subject.facts.is_same_database(main)?;
    let (variable, origin) = (&main.origin, &subject.facts.origin);
    match subject.facts.role {
        Role::Direct if !is_same => {
            Some(rule::URLS_DIFFER.found(&[("direct", origin), ("variable", variable)]))
        }
        Role::Shadow if is_same => {
            Some(rule::SHADOW_IS_MAIN.found(&[("variable", variable), ("shadow", origin)]))
        }
        _ => None,
    }
}

/// Checks that the URL says whether there is a pooler.
pub(super) fn pooler(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    let facts = subject.facts;
    let url = facts.url.as_ref().ok()?;
    let host = host(facts);
    let found = server.pooler;
    let is_server = found.accepts_options == Some(true) && !found.shares_sessions;
    let refuses = found.accepts_options == Some(false);
    let text = match (facts.is_pooled(), refuses) {
        (true, _) if is_server => "none, although the URL says so",
        (true, _) => "in transaction mode",
        (false, true) => "in session mode, or in transaction mode with several connections in use",
        (false, false) => "none",
    };
    let mut findings = Vec::new();
    let keeps = found.keeps_statements;
    let told = url.pooling();
    if found.shares_sessions && told == Pooling::Session {
        findings.push(rule::POOLER_DENIED.found(&[("host", &host)]));
    } else if found.shares_sessions && told == Pooling::Unknown && keeps != Some(true) {
        findings.push(rule::POOLER_UNDECLARED.found(&[("host", &host)]));
    }
    if told == Pooling::Unprepared && is_server {
        findings.push(rule::POOLER_NEEDLESS.found(&[("host", &host)]));
    } else if told == Pooling::Unprepared && keeps == Some(true) {
        findings.push(rule::POOLER_KEEPS_STATEMENTS.found(&[]));
    } else if facts.is_pooled() && keeps == Some(false) && !is_server {
        findings.push(rule::POOLER_LOSES_STATEMENTS.found(&[]));
    }
    let is_pooled = facts.is_pooled() && !is_server;
    if is_pooled && facts.role == Role::Direct {
        findings.push(rule::DIRECT_POOLED.found(&[("variable", &facts.origin)]));
    }
    let project = subject.project;
    if is_pooled && facts.role == Role::Queries && project.has_migrations && !project.has_direct {
        findings.push(rule::POOLER_WITHOUT_DIRECT.found(&[("variable", &project.direct_variable)]));
    }
    Some(Checked::new("pooler", text).with(findings))
}

/// Checks the distance.
pub(super) fn round_trip(subject: &Subject<'_>, server: &Server) -> Checked {
    let timing = match known(&server.timing, subject, "round-trip", "the round trip") {
        Ok(timing) => timing,
        Err(checked) => return checked,
    };
    let seconds = timing.round_trip.as_secs_f64();
    let (time, ten) = (duration(seconds), duration(10.0 * seconds));
    let values: [(&str, &dyn std::fmt::Display); 2] = [("time", &time), ("ten", &ten)];
    let found = match timing.round_trip {
        it if it >= FAR => Some(rule::ROUND_TRIP_FAR.found(&values)),
        it if it >= SLOW => Some(rule::ROUND_TRIP_SLOW.found(&values)),
        _ => None,
    };
    Checked::new("round-trip", time).with(found)
}

/// Checks the clock and the time zone.
pub(super) fn clock(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    // What cannot be measured is already said.
    let (timing, identity) = (server.timing.as_ref().ok()?, server.identity.as_ref().ok()?);
    // The middle of the round trip is only a guess.
    let uncertainty = timing.round_trip.as_secs_f64();
    let difference = timing.ahead.abs();
    let mut findings = Vec::new();
    let mut text = "same as on this machine".to_owned();
    if difference > CLOCK_TOLERANCE + uncertainty {
        let how = if timing.ahead > 0.0 { "ahead" } else { "behind" };
        text = format!("{} {how} of this machine", duration(difference));
        findings.push(rule::CLOCK.found(&[("difference", &duration(difference))]));
    }
    let zone = identity.time_zone.as_str();
    let is_utc = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "UCT", "Etc/UCT", "Universal", "Zulu"].contains(&zone);
    if !is_utc && !subject.facts.is_local() {
        findings.push(rule::TIME_ZONE.found(&[("zone", &zone), ("database", &identity.database)]));
    }
    Some(Checked::new("clock", format!("{text}, time zone {zone}")).with(findings))
}
