//! Whether the connection is encrypted, and with whom.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use nicol_pg::probe::{Answer, Problem, Shown};
use nicol_pg::url::Trust;
use nicol_pg::{ConnectError, ConnectionUrl, Host, SslMode};

use super::super::rule::{self, Finding, Rule, Severity};
use super::connection::split_help;
use super::{Checked, Subject, date};

/// How long before its end a certificate should be renewed.
const SOON: Duration = Duration::from_hours(14 * 24);

/// Checks the encryption of each host that answers.
pub(super) fn check(subject: &Subject<'_>) -> Option<Checked> {
    let facts = subject.facts;
    let url = facts.url.as_ref().ok()?;
    if let Some(error) = facts.hosts.iter().find_map(|(_, answer)| answer.as_ref().err()) {
        let (error, help) = split_help(error);
        let found = rule::TLS_SETUP.found(&[("error", &error), ("help", &help)]);
        return Some(Checked::new("encryption", "not possible").with([found]));
    }
    let is_off = url.ssl_mode() == SslMode::Disable;
    let mut texts = Vec::new();
    let mut findings = Vec::new();
    for (host, answer) in facts.hosts.iter().filter_map(|(host, it)| Some((host, it.as_ref().ok()?))) {
        let (text, found) = match answer {
            Answer::Socket => ("not needed on a socket".to_owned(), Vec::new()),
            Answer::Plain => ("none".to_owned(), plain(url, host, subject)),
            Answer::NoHandshake(error) => {
                let help = "if the server requires a client certificate, set `sslcert` and `sslkey` in the URL; otherwise let it use TLS 1.2 or later (`ssl_max_protocol_version`)";
                let found = rule::TLS_HANDSHAKE.found(&[("host", host), ("error", error), ("help", &help)]);
                ("not possible".to_owned(), if is_off { Vec::new() } else { vec![found] })
            }
            Answer::Encrypted(shown) => encrypted(url, host, shown, subject),
            _ => continue,
        };
        if !texts.contains(&text) {
            texts.push(text);
        }
        findings.extend(found);
    }
    if texts.is_empty() {
        return None;
    }
    if let Some(ConnectError::Tls { host, source, help }) = facts.failure.as_ref().map(|it| &it.error)
        && findings.iter().all(|it| it.severity < Severity::Error)
    {
        findings.push(rule::TLS_HANDSHAKE.found(&[("host", host), ("error", source), ("help", help)]));
    }
    if facts.server.as_ref().is_some_and(|server| server.binds_channel == Some(true)) {
        findings.push(rule::CHANNEL_BINDING.found(&[]));
    }
    Some(Checked::new("encryption", texts.join(", ")).with(findings))
}

/// The server offers no TLS.
fn plain(url: &ConnectionUrl, host: &Host, subject: &Subject<'_>) -> Vec<Finding> {
    if url.is_tls_required() {
        return vec![rule::TLS_UNAVAILABLE.found(&[("host", host), ("mode", &mode(url))])];
    }
    if subject.facts.is_local() {
        return Vec::new();
    }
    let advice = "enable TLS on the server (`ssl = on`, `ssl_cert_file`, `ssl_key_file` in postgresql.conf), then set `sslmode=verify-full`";
    vec![rule::TLS_OFF.found(&[("host", host), ("advice", &advice)])]
}

/// The server offers TLS.
fn encrypted(
    url: &ConnectionUrl,
    host: &Host,
    shown: &Shown,
    subject: &Subject<'_>,
) -> (String, Vec<Finding>) {
    let is_local = subject.facts.is_local();
    let is_checked = *url.trust() != Trust::Anything;
    let advice = verify_advice(shown);
    let over_tls = !matches!(url.ssl_mode(), SslMode::Disable | SslMode::Allow);
    let (text, security) = match (url.ssl_mode(), url.trust()) {
        (SslMode::Disable | SslMode::Allow, _) => {
            ("off".to_owned(), Some(rule::TLS_OFF.found(&[("host", host), ("advice", &advice)])))
        }
        (SslMode::Prefer, Trust::Anything) => (
            format!("{}, optional", shown.protocol),
            Some(rule::TLS_OPTIONAL.found(&[("mode", &mode(url)), ("advice", &advice)])),
        ),
        (_, Trust::Anything) => (
            format!("{}, certificate not checked", shown.protocol),
            Some(rule::TLS_UNVERIFIED.found(&[("host", host), ("advice", &advice)])),
        ),
        (_, Trust::Chain(_)) => (
            format!("{}, certificate checked without host name", shown.protocol),
            Some(rule::TLS_HOST_UNCHECKED.found(&[("mode", &mode(url)), ("advice", &advice)])),
        ),
        (_, Trust::ChainAndName(_)) => (format!("{}, certificate checked", shown.protocol), None),
    };
    let mut findings = Vec::new();
    if is_checked
        && over_tls
        && let Some(problem) = &shown.problem
    {
        findings.extend(rejected(url, host, shown, problem));
    }
    if findings.is_empty() && !is_local {
        findings.extend(security);
    }
    if over_tls && let Some(found) = expires_soon(host, shown, subject.now) {
        findings.push(found.milder_if(is_local));
    }
    let until = shown.expires.filter(|_| over_tls).map(|at| format!(" (valid until {})", date(at)));
    (text + &until.unwrap_or_default(), findings)
}

/// What makes a URL that checks certificates refuse this one.
fn rejected(url: &ConnectionUrl, host: &Host, shown: &Shown, problem: &Problem) -> Option<Finding> {
    let mode = mode(url);
    let found = |rule: &Rule, more: &[(&str, &dyn Display)]| {
        let mut values: Vec<(&str, &dyn Display)> = vec![("host", host), ("mode", &mode)];
        values.extend_from_slice(more);
        Some(rule.found(&values))
    };
    match problem {
        Problem::UnknownAuthority => {
            let roots = if shown.with_system_roots {
                "it is not one of the authorities that this system trusts"
            } else {
                "it is not in the file that `sslrootcert` names"
            };
            found(&rule::TLS_AUTHORITY, &[("roots", &roots)])
        }
        Problem::WrongName if matches!(url.trust(), Trust::Chain(_)) => None,
        Problem::WrongName => found(&rule::TLS_NAME, &[("names", &names(shown))]),
        Problem::Expired => {
            let date = shown.expires.map(|at| format!(", on {}", date(at))).unwrap_or_default();
            found(&rule::TLS_EXPIRED, &[("date", &date)])
        }
        Problem::NotValidYet => found(&rule::TLS_CERTIFICATE, &[("reason", &"it is not valid yet")]),
        Problem::Other(reason) => found(&rule::TLS_CERTIFICATE, &[("reason", reason)]),
        other => found(&rule::TLS_CERTIFICATE, &[("reason", &format!("{other:?}"))]),
    }
}

fn expires_soon(host: &Host, shown: &Shown, now: SystemTime) -> Option<Finding> {
    let expires = shown.expires?;
    let left = expires.duration_since(now).ok().filter(|left| *left < SOON)?;
    let days = super::duration(left.as_secs_f64());
    Some(rule::TLS_EXPIRES_SOON.found(&[("host", host), ("date", &date(expires)), ("days", &days)]))
}

/// Returns how to have the certificate checked: what stands against it was tried out.
fn verify_advice(shown: &Shown) -> String {
    match &shown.problem {
        None if shown.with_system_roots => {
            "set `sslmode=verify-full` in the URL: the certificate passes it".to_owned()
        }
        None => "set `sslmode=verify-full` beside `sslrootcert` in the URL: the certificate passes it".to_owned(),
        Some(Problem::UnknownAuthority) => {
            "download the certificate authority of the server or its provider, and set `sslmode=verify-full&sslrootcert=PATH/ca.pem` in the URL"
                .to_owned()
        }
        Some(Problem::WrongName) => format!(
            "set `sslmode=verify-full`, and connect with a name of the certificate: {}",
            names(shown)
        ),
        Some(Problem::Expired) => {
            "renew the certificate of the server, which has expired, and set `sslmode=verify-full`".to_owned()
        }
        Some(_) => "replace the certificate of the server, which is not valid, and set `sslmode=verify-full`".to_owned(),
    }
}

fn names(shown: &Shown) -> String {
    if shown.names.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<_> = shown.names.iter().take(5).map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn mode(url: &ConnectionUrl) -> &'static str {
    match url.ssl_mode() {
        SslMode::Disable => "disable",
        SslMode::Allow => "allow",
        SslMode::Prefer => "prefer",
        SslMode::Require => "require",
        SslMode::VerifyCa => "verify-ca",
        SslMode::VerifyFull => "verify-full",
    }
}
