//! What a client says about its URLs, and what their parameters do.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nicol::params;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::db::Client;
use crate::pool::eventually;
use crate::support::Database;

/// Keeps warnings about URLs.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Visit for Warnings {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        self.0.lock().unwrap().push(format!("{value:?}"));
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "nicol::url"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn an_unknown_parameter_is_named_once_and_without_its_value() {
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(warnings.clone());
    let taken = || std::mem::take(&mut *warnings.0.lock().unwrap());
    Client::lazy("postgresql://localhost/app?connection_limit=1&sslmode=require").unwrap();
    assert_eq!(taken(), [""; 0]);
    let url = "postgresql://localhost/app?conection_limit=hush&conection_limit=hush&other=hush";
    let db: Client = Client::builder().url(url).direct_url(url).replica(url).lazy().unwrap();
    let expected = [
        "the connection parameter `conection_limit` is unknown and has no effect\nhelp: did you mean `connection_limit`?",
        "the connection parameter `other` is unknown and has no effect\nhelp: remove it from the connection URL",
    ];
    assert_eq!(taken(), expected);
    drop(db.clone());
    assert_eq!(taken(), [""; 0]);
}

#[derive(Debug, nicol::FromRow)]
struct Number {
    number: i32,
}

async fn number(db: &Client, sql: &'static str) -> i32 {
    db.query_as::<Number>(sql, params![]).await.unwrap()[0].number
}

const BACKEND: &str = "select pg_backend_pid() as number";
const PREPARED: &str = "select count(*)::int as number from pg_prepared_statements";

#[tokio::test]
async fn connections_are_replaced_when_they_are_too_old_or_idle_for_too_long() {
    for (parameter, is_replaced) in [
        ("max_connection_lifetime=1", true),
        ("max_idle_connection_lifetime=1", true),
        ("max_connection_lifetime=0&max_idle_connection_lifetime=0", false),
        ("max_connection_lifetime=600&max_idle_connection_lifetime=600", false),
    ] {
        let test = Database::in_session(
            "a pooler has server connections of its own",
            &format!("connection_limit=1&{parameter}"),
        )
        .await;
        let first = number(&test.db, BACKEND).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(number(&test.db, BACKEND).await != first, is_replaced, "{parameter}");
    }
}

#[tokio::test]
async fn a_connection_keeps_as_many_statements_as_the_cache_has_room_for() {
    for (parameter, kept) in
        [("statement_cache_size=0", 0), ("statement_cache_size=2", 2), ("pgbouncer=true", 0)]
    {
        let test = Database::in_session(
            "prepared statements belong to a session",
            &format!("connection_limit=1&{parameter}"),
        )
        .await;
        for sql in ["select 1 as number", "select 2 as number", "select 3 as number", "select 4 as number"] {
            number(&test.db, sql).await;
        }
        // One of them is this statement.
        assert_eq!(number(&test.db, PREPARED).await, kept, "{parameter}");
    }
}

#[tokio::test]
async fn the_settings_of_the_session_are_those_of_the_url() {
    let parameters = "application_name=the%20app&options=-c%20work_mem%3D5MB";
    let test = Database::in_session("a pooler passes on no `options`", parameters).await;
    let sql = "select (current_setting('application_name') = 'the app' and current_setting('work_mem') = '5MB')::int as number";
    assert_eq!(number(&test.db, sql).await, 1);
    let other = Database::in_session("as above", "fallback_application_name=other").await;
    let sql = "select (current_setting('application_name') = 'other')::int as number";
    assert_eq!(number(&other.db, sql).await, 1);
}

/// Linux shows the timer of each connection: `02` is that of keepalives, and then comes the time until it expires.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn keepalives_are_sent_after_the_time_in_the_url() {
    let server = testkit::TlsServer::start(&testkit::TlsOptions::default());
    for (parameters, expected) in [
        ("keepalives=0", None),
        ("", Some(60)),
        ("keepalives_idle=1000", Some(1000)),
        ("keepalives_idle=0", Some(60)),
    ] {
        let url = format!(
            "{}?sslmode=disable&connection_limit=1&{parameters}",
            server.url().to_url_with_password()
        );
        let db = Client::connect(&url).await.unwrap();
        let port = number(&db, "select inet_client_port() as number").await;
        let timer = async || {
            // Until the last packet is acknowledged, the timer is another one.
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
            let line = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let mut line = line.filter(|fields| fields[1].ends_with(&format!(":{port:04X}")));
            let (kind, rest) = line.next().unwrap()[5]
                .split_once(':')
                .map(|(kind, rest)| (kind.to_owned(), rest.to_owned()))
                .unwrap();
            let seconds = (u64::from_str_radix(&rest, 16).unwrap() + 50) / 100;
            (kind == "02").then_some(seconds)
        };
        eventually("the timer is set", async || timer().await.is_some() == expected.is_some()).await;
        let found = timer().await;
        assert!(
            found.is_none_or(
                |found| expected.is_some_and(|expected| (expected - 10..=expected).contains(&found))
            ),
            "{parameters}: {found:?}"
        );
    }
}
