//! The URL, the way to the server, and signing in.

use std::fmt::Display;

use nicol_pg::probe::Answer;
use nicol_pg::{ConnectError, ConnectionUrl, UrlError, sqlstate};

use super::super::facts::BadUrl;
use super::super::rule::{self, Finding, Rule};
use super::{Checked, Subject, host, user};

/// Checks the text of the URL.
pub(super) fn url(subject: &Subject<'_>) -> Checked {
    let facts = subject.facts;
    let url = match &facts.url {
        Ok(url) => url,
        Err(BadUrl::Unset) => {
            let found = rule::URL_UNSET.found(&[("variable", &facts.origin)]);
            return Checked::new("url", "not set").with([found]);
        }
        Err(BadUrl::Invalid(error)) => {
            return Checked::new("url", "not valid").with([invalid(error)]);
        }
    };
    let unknown = url.unknown_parameters().map(|unknown| {
        let help = match unknown.suggestion {
            Some(known) => format!("write `{known}`"),
            None => "remove it".to_owned(),
        };
        rule::URL_PARAMETER.found(&[("parameter", &unknown.name), ("help", &help)])
    });
    Checked::new("url", "valid").with(unknown)
}

fn invalid(error: &UrlError) -> Finding {
    let (error, help) = split_help(error);
    rule::URL_INVALID.found(&[("error", &error), ("help", &help)])
}

/// Splits an error of nicol into its sentence and its help.
pub(super) fn split_help(error: &dyn Display) -> (String, String) {
    let text = error.to_string();
    let (error, help) = text.split_once("\nhelp: ").unwrap_or((&text, ""));
    (error.to_owned(), help.to_owned())
}

/// Checks that each host answers.
pub(super) fn reachable(subject: &Subject<'_>) -> Option<Checked> {
    let facts = subject.facts;
    let url = facts.url.as_ref().ok()?;
    let names: Vec<_> = facts.hosts.iter().map(|(host, _)| host.to_string()).collect();
    let checked = Checked::new("reachable", names.join(", "));
    let is_connected = facts.failure.is_none();
    let findings = facts.hosts.iter().filter_map(|(host, answer)| {
        let answer = answer.as_ref().ok()?;
        let finding = unreachable(url, host, answer)?;
        if !is_connected {
            return Some(finding);
        }
        let error = match answer {
            Answer::UnknownName => "the name has no address".to_owned(),
            Answer::Unreachable(error) => error.to_string(),
            Answer::Silent => "no answer".to_owned(),
            _ => return None,
        };
        Some(rule::HOST_DOWN.found(&[("host", host), ("error", &error)]))
    });
    let mut findings: Vec<_> = findings.collect();
    match facts.failure.as_ref().map(|it| &it.error) {
        Some(ConnectError::Timeout { host, limit }) => {
            findings.retain(|it| it.id != rule::NOT_POSTGRESQL.id);
            findings.push(rule::STARTUP_TIMEOUT.found(&[("host", host), ("seconds", &limit.as_secs())]));
        }
        Some(ConnectError::Closed { host, .. }) if findings.is_empty() => {
            findings.push(rule::NOT_POSTGRESQL.found(&[("host", host)]));
        }
        // The probe got through, and the connection a moment later did not.
        Some(ConnectError::Unreachable { host, source }) if findings.is_empty() => {
            findings.push(rule::REFUSED.found(&[("host", host), ("error", source)]));
        }
        Some(ConnectError::OtherServer { wanted, .. }) => {
            findings.push(rule::OTHER_SERVER.found(&[("wanted", wanted)]));
        }
        _ => {}
    }
    Some(checked.with(findings))
}

fn unreachable(url: &ConnectionUrl, host: &nicol_pg::Host, answer: &Answer) -> Option<Finding> {
    let seconds = url.connect_timeout().map_or(30, |limit| limit.as_secs());
    Some(match answer {
        Answer::UnknownName => {
            let text = host.to_string();
            let name = text.rsplit_once(':').map_or(text.as_str(), |(name, _)| name);
            rule::NAME_UNKNOWN.found(&[("host", &name)])
        }
        Answer::Unreachable(error) => rule::REFUSED.found(&[("host", host), ("error", error)]),
        Answer::Silent => {
            rule::NO_ANSWER.found(&[("host", host), ("seconds", &seconds), ("port", &host.port)])
        }
        Answer::Mute => rule::NOT_POSTGRESQL.found(&[("host", host)]),
        _ => return None,
    })
}

/// Checks that the user may sign in.
pub(super) fn sign_in(subject: &Subject<'_>) -> Option<Checked> {
    let facts = subject.facts;
    let url = facts.url.as_ref().ok()?;
    let user = user(facts);
    let Some(failure) = &facts.failure else {
        let database = facts.identity().map_or(url.database(), |it| it.database.as_str());
        return Some(Checked::new("sign-in", format!("user `{user}`, database `{database}`")));
    };
    let (host, database) = (host(facts), url.database());
    let refusal = failure.refusal.clone().unwrap_or_default();
    // The driver's own errors say what failed, too.
    let source = std::error::Error::source(&failure.error).map(ToString::to_string).unwrap_or_default();
    let error = if refusal.message.is_empty() { &source } else { &refusal.message };
    let values: [(&str, &dyn Display); 4] =
        [("user", &user), ("host", &host), ("database", &database), ("error", error)];
    let found = |rule: &Rule, more: &[(&str, &dyn Display)]| rule.found(&[&values, more].concat());
    let finding = match &failure.error {
        ConnectError::Authentication { .. } if url.password().is_none() => {
            found(&rule::PASSWORD_MISSING, &[])
        }
        ConnectError::Authentication { .. } if failure.refusal.is_some() => found(&rule::PASSWORD_WRONG, &[]),
        ConnectError::Authentication { .. } => found(&rule::AUTHENTICATION, &[]),
        ConnectError::Denied { .. } => match (refusal.code.as_str(), refusal.routine.as_str()) {
            (sqlstate::INSUFFICIENT_PRIVILEGE, _) => found(&rule::CONNECT_DENIED, &[]),
            // Both are the same in code and routine.
            (_, "InitializeSessionUserId") if refusal.message.contains("log in") => {
                found(&rule::ROLE_NO_LOGIN, &[])
            }
            (_, "InitializeSessionUserId") => found(&rule::ROLE_MISSING, &[]),
            (_, "auth_failed") => found(&rule::PASSWORD_WRONG, &[]),
            _ => {
                let kind = if url.is_tls_required() { "hostssl" } else { "host" };
                let line = format!("{kind} {database} {user} ADDRESS/32 scram-sha-256");
                let is_plain = refusal.message.contains("no encryption") && !facts.is_local();
                let more = if refusal.message.contains("client certificate") {
                    "; or set `sslcert` and `sslkey` in the URL, as the present line requires"
                } else if is_plain {
                    "; or set `sslmode=verify-full`, if the server admits only encrypted connections"
                } else {
                    ""
                };
                found(&rule::HBA_REFUSED, &[("line", &line), ("more", &more)])
            }
        },
        ConnectError::DatabaseMissing { .. } => found(&rule::DATABASE_MISSING, &[]),
        ConnectError::TooManyConnections { .. } => found(&rule::SERVER_FULL, &[]),
        ConnectError::NotReady { .. } => found(&rule::SERVER_NOT_READY, &[]),
        ConnectError::Rejected { .. } => match rejected_help(error) {
            Some(help) => found(&rule::REJECTED, &[("help", &help)]),
            None => found(&rule::PASSWORD_WRONG, &[]),
        },
        // The way to the server and the encryption have checks of their own.
        _ => return None,
    };
    Some(Checked::new("sign-in", format!("user `{user}`, database `{database}`")).with([finding]))
}

/// Returns the advice for errors of poolers, which have no SQLSTATE of their own, or nothing for a wrong password.
fn rejected_help(message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    let has = |part: &str| message.contains(part);
    Some(match () {
        () if has("no such database") => {
            "correct the database in the URL, or add it to `[databases]` in pgbouncer.ini"
        }
        () if has("no such user") => {
            "correct the user in the URL, or add it to the `auth_file` of PgBouncer, or set `auth_query`"
        }
        () if has("unsupported startup parameter") => {
            "remove the parameter from the URL (`options`), or add it to `ignore_startup_parameters` in pgbouncer.ini"
        }
        () if has("password authentication failed") || has("sasl") => return None,
        () => "look at the log of the server or pooler",
    })
}
