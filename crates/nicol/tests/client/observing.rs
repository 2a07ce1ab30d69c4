//! Events, metrics and spans of queries.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nicol::{Error, Kind, Value, params};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::db::{Client, order, person, user};
use crate::support::{Database, new_account, new_person};

/// The events of a client: the call, the model and the number of rows, or the text of a command.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn by(&self, db: &Client) -> Client {
        let seen = self.0.clone();
        db.on_query(move |event| {
            assert!(event.duration > Duration::ZERO);
            let text = match event.model {
                _ if event.is_transaction() => event.sql.to_owned(),
                Some(model) => format!("{} {model} {}", event.operation, event.rows),
                None => format!("{} {}", event.operation, event.rows),
            };
            seen.lock().unwrap().push(if event.failed { format!("{text} failed") } else { text });
        })
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn an_event_names_the_call_the_model_and_the_rows() {
    let test = Database::with("connection_limit=1").await;
    let seen = Seen::default();
    let db = seen.by(&test.db);
    let ann = db.person().create(new_person("ann")).await.unwrap();
    db.person().create_many([new_person("bob"), new_person("cyd")]).await.unwrap();
    db.person().find_unique(person::by_id(&ann.id)).await.unwrap();
    db.person().find_first().filter(person::name.eq("zoe")).await.unwrap();
    db.person().find_many().await.unwrap();
    db.person().find_many().take(1).and_count().await.unwrap();
    db.person().count().await.unwrap();
    db.order().aggregate((nicol::max(order::total),)).await.unwrap();
    db.account().group_by(crate::db::account::provider).aggregate((nicol::count(),)).await.unwrap();
    db.person().update(person::by_id(&ann.id)).name("Ann").await.unwrap();
    db.person().update_many().name("x").await.unwrap();
    db.person()
        .upsert(person::by_email("ann@example.com"), new_person("ann"), |p| p.name("A"))
        .await
        .unwrap();
    db.person().upsert_many(person::email, [new_person("bob")]).await.unwrap();
    db.person().delete(person::by_id(&ann.id)).await.unwrap();
    db.person().delete_many().await.unwrap();
    let accounts = vec![new_account("p", "1"), new_account("p", "2")];
    db.user().create(user::New { email: "u".into() }).with(user::accounts.create(accounts)).await.unwrap();
    db.execute("update users set name = 'x'", params![]).await.unwrap();
    assert_eq!(db.person().delete(person::by_id("none")).await.unwrap_err().code(), "P2025");
    db.user().create(user::New { email: "u".into() }).await.unwrap_err();
    let mut rows = db.account().find_many().stream().await.unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    let expected = [
        "create Person 1",
        "create_many Person 2",
        "find_unique Person 1",
        "find_first Person 0",
        "find_many Person 3",
        "find_many Person 1",
        "count Person 1",
        "aggregate Order 1",
        "group_by Account 0",
        "update Person 1",
        "update_many Person 3",
        "upsert Person 1",
        "upsert_many Person 1",
        "delete Person 1",
        "delete_many Person 2",
        "create User 1",
        "execute_raw 1",
        "delete Person 0",
        "create User 0 failed",
        "find_many Account 1",
    ];
    assert_eq!(seen.take(), expected);
}

#[tokio::test]
async fn the_commands_of_transactions_are_events() {
    let test = Database::with("connection_limit=1").await;
    let seen = Seen::default();
    let db = seen.by(&test.db);
    let body = async |tx: Client| {
        tx.person().count().await?;
        let inner = tx.transaction().run(async |tx| {
            tx.person().create(new_person("a")).await?;
            Err::<(), _>(Kind::TooLong.into())
        });
        inner.await.unwrap_err();
        tx.transaction().run(async |tx| tx.person().count().await).await?;
        Ok(())
    };
    db.transaction().isolation(nicol::Isolation::Serializable).run(body).await.unwrap();
    let expected = [
        "BEGIN ISOLATION LEVEL SERIALIZABLE",
        "count Person 1",
        "SAVEPOINT s0",
        "create Person 1",
        "ROLLBACK TO SAVEPOINT s0",
        "SAVEPOINT s1",
        "count Person 1",
        "RELEASE SAVEPOINT s1",
        "COMMIT",
    ];
    assert_eq!(seen.take(), expected);
    let failing = async |tx: Client| -> Result<(), Error> {
        tx.person().find_unique(person::by_id("x")).or_not_found().await?;
        Ok(())
    };
    db.transaction().run(failing).await.unwrap_err();
    assert_eq!(seen.take(), ["BEGIN", "find_unique Person 0", "ROLLBACK"]);
    db.transaction().run(async |_| Ok(())).await.unwrap();
    assert_eq!(seen.take(), [""; 0], "nothing was sent");
    db.batch((db.person().count(), db.user().count())).await.unwrap();
    assert_eq!(seen.take(), ["BEGIN", "count Person 1", "count User 1", "COMMIT"]);
    db.batch((db.person().count(), db.person().delete(person::by_id("x")))).await.unwrap_err();
    assert_eq!(seen.take(), ["BEGIN", "count Person 1", "delete Person 0", "ROLLBACK"]);
    let ann = db.with_context("app.user", "ann");
    ann.person().count().await.unwrap();
    assert_eq!(seen.take(), ["BEGIN", "set_config 1", "count Person 1", "COMMIT"]);
    ann.transaction().run(async |tx| tx.person().count().await).await.unwrap();
    assert_eq!(seen.take(), ["BEGIN", "set_config 1", "count Person 1", "COMMIT"]);
}

#[tokio::test]
async fn an_event_shows_no_value_unless_it_is_asked_to() {
    let test = Database::new().await;
    let (texts, values) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let shown = Arc::clone(&texts);
    let revealed = Arc::clone(&values);
    let db = test.db.on_query(move |event| shown.lock().unwrap().push(format!("{event:?}")));
    // Each observer is called.
    let db = db.on_query(move |event| revealed.lock().unwrap().extend(event.reveal_params().cloned()));
    test.statements();
    db.person().find_many().filter(person::name.eq("hidden")).await.unwrap();
    assert_eq!(test.statements(), 1);
    assert_eq!(*values.lock().unwrap(), [Value::Text("hidden".into())]);
    let texts = texts.lock().unwrap().concat();
    assert!(texts.contains("find_many") && !texts.contains("hidden"), "{texts}");
}

#[tokio::test]
async fn slow_statements_are_told_apart() {
    let test = Database::new().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let slow = Arc::clone(&seen);
    let db = test.db.on_slow_query(Duration::from_millis(200), move |event| {
        slow.lock().unwrap().push(event.sql.to_owned());
    });
    db.execute("select pg_sleep(0.25)", params![]).await.unwrap();
    db.person().count().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["select pg_sleep(0.25)"]);
}

#[tokio::test]
async fn metrics_count_queries_statements_and_connections() {
    let test = Database::with("connection_limit=2").await;
    let db = &test.db;
    let before = db.metrics();
    assert_eq!((before.queries, before.statements, before.connections_opened), (0, 0, 1));
    db.person().count().await.unwrap();
    db.batch((db.person().count(), db.person().count())).await.unwrap();
    db.transaction().run(async |tx| tx.with_schema("public").person().count().await).await.unwrap();
    db.with_context("a.b", 1).person().count().await.unwrap();
    let after = db.metrics();
    assert_eq!((after.queries, after.queries_active, after.queries_waiting), (5, 0, 0));
    // The context is a statement.
    assert_eq!((after.statements, after.statement_duration.count), (6, 6));
    assert_eq!((after.query_duration.count, after.wait_duration.count), (5, 5));
    assert!(after.query_duration.sum > Duration::ZERO);
    assert_eq!((after.connections_open, after.connections_idle, after.connections_busy), (1, 1, 0));

    let slow = db.execute("select pg_sleep(60)", params![]);
    let slow = tokio::time::timeout(Duration::from_millis(100), slow);
    let (while_it_runs, given_up) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            db.metrics()
        },
        slow
    );
    assert!(given_up.is_err());
    assert_eq!((while_it_runs.queries_active, while_it_runs.connections_busy), (1, 1));
    while db.metrics().connections_closed == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let end = db.metrics();
    assert_eq!((end.queries, end.queries_active, end.connections_open), (6, 0, 0));

    let text = end.to_prometheus();
    for line in [
        "# TYPE prisma_client_queries_total counter",
        "prisma_client_queries_total 6",
        "prisma_client_queries_active 0",
        "prisma_client_queries_wait 0",
        "prisma_pool_connections_open 0",
        "prisma_pool_connections_opened_total 1",
        "# TYPE prisma_client_queries_duration_histogram_ms histogram",
        "prisma_client_queries_duration_histogram_ms_bucket{le=\"+Inf\"} 6",
        "prisma_client_queries_duration_histogram_ms_count 6",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is missing in\n{text}");
    }
    let buckets = &end.query_duration.buckets;
    assert!(
        buckets.is_sorted_by_key(|(_, count)| *count) && buckets.last() == Some(&(50_000, 6)),
        "{buckets:?}"
    );
}

/// Keeps the fields of spans.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<BTreeMap<&'static str, String>>>>);

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "nicol::span"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        let mut fields = BTreeMap::from([("name", span.metadata().name().to_owned())]);
        span.record(&mut Fields(&mut fields));
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap()[index]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn spans_have_the_fields_of_open_telemetry() {
    let test = Database::with("connection_limit=1").await;
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let taken = || std::mem::take(&mut *spans.0.lock().unwrap());
    let (db, url) = (test.db.with_schema("public"), test.server.url());
    db.person().create(new_person("secret")).await.unwrap();
    let found = taken();
    let names: Vec<_> = found.iter().map(|span| span["name"].as_str()).collect();
    assert_eq!(names, ["query", "wait for a connection"]);
    let server = url.hosts()[0].to_string();
    let expected = [
        ("db.collection.name", "people"),
        ("db.namespace", &format!("{}.public", url.database())),
        ("db.operation.name", "create"),
        ("db.query.summary", "create people"),
        ("db.response.returned_rows", "1"),
        ("db.system.name", "postgresql"),
        ("otel.kind", "client"),
        ("otel.name", "create people"),
        ("server.port", &url.hosts()[0].port.to_string()),
    ];
    for (field, value) in expected {
        assert_eq!(found[0][field], value, "{field}");
    }
    assert!(server.starts_with(&found[0]["server.address"]), "{server}");
    assert!(found[0]["db.query.text"].starts_with("INSERT INTO \"public\".\"people\""), "{found:?}");
    assert!(!format!("{found:?}").contains("secret"));
    assert!(!found[0].contains_key("error.type"));

    assert_eq!(db.person().create(new_person("secret")).await.unwrap_err().code(), "P2002");
    let found = taken();
    let error =
        ["error.type", "db.response.status_code", "otel.status_code"].map(|field| found[0][field].as_str());
    assert_eq!(error, ["23505", "23505", "ERROR"]);

    db.transaction().run(async |tx| tx.batch((tx.person().count(), tx.user().count())).await).await.unwrap();
    let found = taken();
    let names: Vec<_> = found.iter().map(|span| span["name"].as_str()).collect();
    assert_eq!(names, ["transaction", "wait for a connection", "batch"]);
    assert_eq!(
        (found[2]["otel.name"].as_str(), found[2]["db.operation.batch.size"].as_str()),
        ("BATCH", "2")
    );
    drop(db.account().find_many().stream().await.unwrap());
    assert_eq!(taken()[0]["otel.name"], "find_many accounts");
}
