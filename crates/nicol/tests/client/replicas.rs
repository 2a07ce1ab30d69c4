//! Reads on replicas: which go there, what becomes of those that fail, and what a request sees of its own writes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nicol::extension::{Extension, Query};
use nicol::{Error, Handle, Isolation, Metrics, count, params};
use nicol_migrate::catalog::Catalog;
use testkit::{Direction, Fault, Proxy, Standby};

use crate::db::{Client, person};
use crate::support::new_person;

/// A primary with the tables of `schema.prisma`, and its standby.
async fn servers() -> Standby {
    // A query that is in the way of replaying is canceled at once.
    let servers = Standby::start(&[("max_standby_streaming_delay", "0")]).await;
    let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.unwrap();
    let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
    servers.primary().connect().await.batch_execute(&script).await.unwrap();
    servers.wait_until_caught_up().await;
    servers
}

/// Where the statements of a client ran, without those that failed.
#[derive(Clone, Default)]
struct Ran(Arc<Mutex<Vec<Option<usize>>>>);

impl Ran {
    fn on(&self, client: &nicol::Client) -> Client {
        let ran = self.0.clone();
        Client::from_client(client.on_query(move |event| {
            if !event.failed {
                ran.lock().unwrap().push(event.replica);
            }
        }))
    }

    fn take(&self) -> Vec<Option<usize>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn text(url: &nicol_pg::ConnectionUrl) -> String {
    url.to_url_with_password()
}

async fn connect(servers: &Standby, replicas: &[String]) -> (Client, Ran) {
    let mut builder = nicol::Client::builder().url(text(&servers.primary().url()));
    for url in replicas {
        builder = builder.replica(url);
    }
    let ran = Ran::default();
    (ran.on(&builder.connect().await.unwrap()), ran)
}

/// Waits until the metrics are as wanted.
async fn until(db: &Client, is_so: impl Fn(&Metrics) -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while !is_so(&db.metrics()) {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", db.metrics().replicas);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

struct OnlyAnn;

impl Extension for OnlyAnn {
    fn query(&self, query: &mut Query) {
        query.filter::<person::Row>(person::name.eq("ann"));
    }
}

const REPLICA: Option<usize> = Some(0);
const PRIMARY: Option<usize> = None;
const COUNT: &str = "select count(*) from people";

#[tokio::test]
async fn reads_outside_of_transactions_go_to_a_replica_and_everything_else_to_the_primary() {
    let servers = servers().await;
    let (db, ran) = connect(&servers, &[text(&servers.standby().url())]).await;
    servers.pause_replay().await;
    db.person().create(new_person("ann")).await.unwrap();
    assert_eq!(ran.take(), [PRIMARY]);

    // Reads do not see it yet.
    assert_eq!(db.person().count().await.unwrap(), 0);
    assert!(db.person().find_many().await.unwrap().is_empty());
    assert!(db.person().find_unique(person::by_email("ann@example.com")).await.unwrap().is_none());
    assert_eq!(db.person().find_many().and_count().await.unwrap().1, 0);
    assert_eq!(db.person().aggregate((count(),)).await.unwrap(), (0,));
    assert!(db.person().group_by(person::name).aggregate((count(),)).await.unwrap().is_empty());
    assert_eq!(db.query_as::<i64>(COUNT, params![]).read_only().await.unwrap(), [0]);
    assert_eq!(db.extend(OnlyAnn).person().count().await.unwrap(), 0);
    assert_eq!(ran.take(), [REPLICA; 8]);
    assert!(db.person().find_many().stream().await.unwrap().next().await.is_none());
    assert_eq!(ran.take(), [REPLICA]);
    let missing = db.person().find_unique(person::by_email("ann@example.com")).or_not_found().await;
    assert!(missing.unwrap_err().is_not_found(), "there is no second look");
    ran.take();

    // With a setting, a read is a transaction of its own.
    let with_setting = db.with_context("app.user", "ann");
    assert_eq!(with_setting.person().count().await.unwrap(), 0);
    assert_eq!(ran.take(), [REPLICA; 4], "`BEGIN`, the setting, the query, `COMMIT`");
    let options = nicol::TransactionOptions::default().isolation(Isolation::Serializable);
    assert_eq!(with_setting.transaction_options(options).person().count().await.unwrap(), 1);
    assert_eq!(ran.take(), [PRIMARY; 4], "a standby has no serializable transactions");

    // What is not surely a read, or is in a transaction, goes to the primary.
    assert_eq!(db.query_as::<i64>(COUNT, params![]).await.unwrap(), [1]);
    assert_eq!(db.batch((db.person().count(), db.person().count())).await.unwrap(), (1, 1));
    let locked = db.transaction().run(async |tx: Client| tx.person().find_many().for_update().await);
    assert_eq!(locked.await.unwrap().len(), 1);
    let bob = new_person("bob");
    db.person().upsert(person::by_email("bob@example.com"), bob, |bob| bob).await.unwrap();
    assert!(ran.take().iter().all(|server| *server == PRIMARY));

    // So do reads, if they are told to.
    assert_eq!(db.primary().person().count().await.unwrap(), 2);
    assert_eq!(db.primary().replica().person().count().await.unwrap(), 0);
    assert_eq!(ran.take(), [PRIMARY, REPLICA]);
    assert_eq!(db.replica().query_as::<i64>(COUNT, params![]).await.unwrap(), [0]);
    assert_eq!(db.replica().execute("update people set name = name", params![]).await.unwrap(), 2);
    let within = async |tx: Client| tx.replica().query_as::<i64>(COUNT, params![]).await;
    assert_eq!(db.replica().transaction().run(within).await.unwrap(), [2]);
    ran.take();

    // A sequence changes when it is read, which the replica refuses. A query that is wrong fails as always.
    let next = "select nextval('\"Post_id_seq\"')";
    assert_eq!(db.query_as::<i64>(next, params![]).read_only().await.unwrap(), [1]);
    let wrong = db.query_as::<i64>("select 1 / 0", params![]).read_only().await.unwrap_err();
    assert_eq!(wrong.sqlstate(), Some("22012"));

    servers.resume_replay().await;
    servers.wait_until_caught_up().await;
    assert_eq!(db.person().count().await.unwrap(), 2);
    let metrics = db.metrics();
    let [replica] = &*metrics.replicas else { panic!("there is one replica") };
    assert_eq!((replica.available, replica.lag, replica.fallbacks), (true, None, 2));
    assert!(replica.reads > 10);
    let text = metrics.to_prometheus();
    assert!(text.contains("nicol_replica_available{replica=\"0\"} 1\n"), "{text}");
    assert!(!text.contains("lag"), "{text}");

    db.close();
    assert_eq!(db.person().count().await.unwrap_err().code(), "P1017");
}

#[tokio::test]
async fn a_request_reads_what_it_wrote_and_a_schema_that_lags_is_read_on_the_primary() {
    let servers = servers().await;
    let (db, ran) = connect(&servers, &[text(&servers.standby().url())]).await;
    servers.pause_replay().await;

    let request = db.for_request();
    assert_eq!(request.person().count().await.unwrap(), 0);
    request.batch((request.person().count(), request.person().count())).await.unwrap();
    assert_eq!(request.person().count().await.unwrap(), 0, "the batch has only read");
    let clone = request.clone();
    clone.primary().person().create(new_person("ann")).await.unwrap();
    assert_eq!(request.person().count().await.unwrap(), 1, "by a clone");
    assert_eq!(clone.with_context("app.user", "ann").person().count().await.unwrap(), 1);
    assert_eq!(request.replica().person().count().await.unwrap(), 0, "if it is told to");
    assert_eq!(db.person().count().await.unwrap(), 0, "others do not");
    assert_eq!(db.for_request().person().count().await.unwrap(), 0);
    for number in 0..4 {
        let request = db.for_request();
        match number {
            0 => drop(request.execute("select 1", params![]).await.unwrap()),
            1 => request.transaction().run(async |_: Client| Ok(())).await.unwrap(),
            2 => drop(request.batch((request.person().delete_many(), request.person().count())).await),
            // It fails, but that may not be known of a write whose answer is lost.
            _ => drop(request.person().delete(person::by_id("none")).await.unwrap_err()),
        }
        ran.take();
        request.person().count().await.unwrap();
        assert_eq!(ran.take(), [PRIMARY], "{number}");
    }

    // A migration has not arrived yet.
    let primary = servers.primary().connect().await;
    primary
        .batch_execute("create table later (id int); alter table people add column age int")
        .await
        .unwrap();
    for sql in ["select count(*) from later", "select count(age) from people"] {
        assert_eq!(db.query_as::<i64>(sql, params![]).read_only().await.unwrap(), [0]);
        assert_eq!(ran.take(), [PRIMARY]);
    }
    assert!(db.metrics().replicas[0].available, "it knows the other tables");
    // The plan of a statement is stale when it has.
    let star = "select * from later";
    servers.resume_replay().await;
    servers.wait_until_caught_up().await;
    assert!(db.query_as::<i32>(star, params![]).read_only().await.unwrap().is_empty());
    primary.batch_execute("alter table later alter column id type bigint").await.unwrap();
    servers.wait_until_caught_up().await;
    assert!(db.query_as::<i64>(star, params![]).read_only().await.unwrap().is_empty());
    assert_eq!(ran.take(), [REPLICA; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_fails_is_left_out_and_no_error_reaches_the_caller() {
    let mut servers = servers().await;
    let proxy = Proxy::start(&servers.standby().url()).await;
    let nowhere = "postgresql://postgres@127.0.0.1:1/postgres".to_owned();
    let urls = [nowhere, proxy.url_text(), text(&servers.standby().url())];
    let (db, ran) = connect(&servers, &urls).await;
    until(&db, |metrics| metrics.replicas.iter().map(|it| it.available).eq([false, true, true])).await;
    for _ in 0..3 {
        assert_eq!(db.person().count().await.unwrap(), 0);
    }
    ran.take();

    // A connection is lost in the middle of an answer, and each further one before its first.
    for fault in [Fault::Cut, Fault::Truncate] {
        proxy.plan(Direction::ToClient, fault, 0);
        for _ in 0..3 {
            assert_eq!(db.person().count().await.unwrap(), 0);
            assert_eq!(db.person().find_many().stream().await.unwrap().next().await.map(drop), None);
        }
        assert!(proxy.has_struck());
        assert!(ran.take().iter().all(|server| *server != PRIMARY), "there is another replica");
    }

    // A query is in the way of replaying what the primary has cleaned up.
    let (one, _) = connect(&servers, &[text(&servers.standby().url())]).await;
    one.person().create_many([new_person("ann"), new_person("bob")]).await.unwrap();
    servers.wait_until_caught_up().await;
    let long = "select count(*) from people, pg_sleep(case when pg_is_in_recovery() then 60 else 0 end)";
    let reading = tokio::spawn({
        let db = one.clone();
        async move { db.query_as::<i64>(long, params![]).read_only().await }
    });
    let standby = servers.standby().connect().await;
    let running = "select count(*) from pg_stat_activity where query = $1 and wait_event = 'PgSleep'";
    while standby.query_one(running, &[&long]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    one.person().delete_many().filter(person::name.eq("bob")).await.unwrap();
    servers.primary().connect().await.batch_execute("vacuum people").await.unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), [1], "it was repeated on the primary");
    assert!(one.metrics().replicas[0].available);

    // The standby dies under load.
    servers.wait_until_caught_up().await;
    let load: Vec<_> = (0..4)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..200 {
                    assert_eq!(db.person().count().await?, 1);
                }
                Ok::<(), Error>(())
            })
        })
        .collect();
    servers.standby_mut().kill();
    for task in load {
        task.await.unwrap().unwrap();
    }
    db.person().count().await.unwrap();
    until(&db, |metrics| metrics.replicas.iter().all(|it| !it.available)).await;
    ran.take();
    assert_eq!(db.person().count().await.unwrap(), 1);
    assert_eq!(ran.take(), [PRIMARY]);
    servers.standby_mut().start().await;
    until(&db, |metrics| metrics.replicas.iter().map(|it| it.available).eq([false, true, true])).await;
    assert_eq!(db.person().count().await.unwrap(), 1);
    assert_ne!(ran.take(), [PRIMARY]);

    // Without the primary, reads go on.
    servers.kill_primary();
    assert_eq!(db.person().count().await.unwrap(), 1);
    assert_eq!(db.primary().person().count().await.unwrap_err().code(), "P1001");
}

#[tokio::test]
async fn a_replica_that_lags_too_far_is_left_out_until_it_has_caught_up() {
    let servers = servers().await;
    let (primary, standby) = (text(&servers.primary().url()), text(&servers.standby().url()));
    let client = nicol::Client::builder::<nicol::Client>().url(&primary).replica(&standby).replica(&primary);
    let ran = Ran::default();
    let db = ran.on(&client.max_lag(Duration::from_millis(500)).connect().await.unwrap());
    let available = |metrics: &Metrics| metrics.replicas.iter().map(|it| it.available).collect::<Vec<_>>();
    until(&db, |metrics| available(metrics) == [true, true]).await;
    for _ in 0..2 {
        db.person().count().await.unwrap();
    }
    ran.take();
    servers.pause_replay().await;
    db.person().create(new_person("ann")).await.unwrap();
    until(&db, |metrics| available(metrics) == [false, true]).await;
    assert!(db.metrics().replicas[0].lag.unwrap() > Duration::from_millis(500));
    assert!(db.metrics().to_prometheus().contains("nicol_replica_lag_seconds{replica=\"1\"} 0\n"));
    ran.take();
    for _ in 0..2 {
        assert_eq!(db.person().count().await.unwrap(), 1);
    }
    assert_eq!(ran.take(), [Some(1); 2], "the second one is the primary by another name");
    servers.resume_replay().await;
    until(&db, |metrics| available(metrics) == [true, true]).await;
}

#[test]
fn what_a_builder_lacks_or_cannot_read_is_an_error() {
    let error = Client::builder().replica("postgresql://localhost/db").lazy().unwrap_err();
    assert_eq!(error.code(), "P1012");
    assert!(error.to_string().contains("\nhelp: "), "{error}");
    let with_replica = |url: &str| Client::builder().url("postgresql://localhost/db").replica(url).lazy();
    let error = with_replica("mysql://ann:secret@localhost/db").unwrap_err();
    assert_eq!(error.code(), "P1013");
    assert!(!format!("{error} {error:?}").contains("secret"));
    let builder = Client::builder().url("postgresql://ann:secret@localhost/db");
    assert!(!format!("{builder:?}").contains("secret"));
    assert_eq!(Client::builder().env("NICOL_NO_SUCH_VARIABLE").lazy().unwrap_err().code(), "P1012");
}

#[tokio::test]
async fn a_write_waits_until_the_standby_that_has_the_name_is_promoted() {
    let mut servers = servers().await;
    let proxy = Proxy::start(&servers.primary().tcp_url()).await;
    let client = async |parameters: &str| {
        let url = format!("{}&{parameters}", proxy.url_text());
        Client::from_client(nicol::Client::connect(&url).await.unwrap())
    };
    let (db, hasty) = (client("pool_timeout=60").await, client("pool_timeout=1").await);
    for db in [&db, &hasty] {
        db.person().create(new_person("before")).await.unwrap();
        db.person().delete(person::by_email("before@example.com")).await.unwrap();
    }
    servers.wait_until_caught_up().await;
    servers.kill_primary();
    proxy.lead_to(&servers.standby().tcp_url());

    for db in [&db, &hasty] {
        // A read is repeated when it finds that the primary is gone; a write would be uncertain.
        assert_eq!(db.person().count().await.unwrap(), 0);
    }
    let refused = hasty.person().create(new_person("hasty")).await.unwrap_err();
    assert_eq!(refused.sqlstate(), Some("25006"));
    assert!(refused.to_string().contains("\nhelp: with `target_session_attrs=read-write`"), "{refused}");
    // It was never connected to the primary, so that it may be meant for the standby.
    let reader = client("pool_timeout=3600").await;
    let refused = reader.person().create(new_person("reader")).await.unwrap_err();
    assert_eq!(refused.sqlstate(), Some("25006"));

    let single = db.person().create(new_person("single")).into_future();
    let batch = db
        .batch((db.person().create(new_person("batch 1")), db.person().create(new_person("batch 2"))))
        .into_future();
    let transaction = db.transaction().run(async |tx: Client| {
        tx.person().create(new_person("transaction 1")).await?;
        tx.person().create(new_person("transaction 2")).await
    });
    let sql =
        "insert into people (id, name, email, phone_number, updated_at) values ('x', 'x', 'x', '1', now())";
    let sql = db.execute(sql, params![]).into_future();
    let promotion = async {
        // Reads go on.
        for _ in 0..20 {
            assert_eq!(db.person().count().await.unwrap(), 0);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        servers.promote().await;
    };
    let (single, batch, transaction, sql, ()) = tokio::join!(single, batch, transaction, sql, promotion);
    single.unwrap();
    batch.unwrap();
    transaction.unwrap();
    assert_eq!(sql.unwrap(), 1);
    assert_eq!(db.person().count().await.unwrap(), 6, "each was written once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_go_on_while_the_standby_becomes_the_primary() {
    let mut servers = servers().await;
    servers.make_synchronous().await;
    let url = |attributes| text(&servers.urls().with_parameter("target_session_attrs", attributes).unwrap());
    let db = Client::builder().url(url("read-write")).replica(url("prefer-standby")).connect().await.unwrap();
    db.person().create(new_person("ann")).await.unwrap();
    servers.wait_until_caught_up().await;
    let is_standby = "select pg_is_in_recovery()";
    assert_eq!(db.query_as::<bool>(is_standby, params![]).read_only().await.unwrap(), [true]);
    assert_eq!(db.query_as::<bool>(is_standby, params![]).await.unwrap(), [false]);

    let over = Arc::new(AtomicBool::new(false));
    let reading = tokio::spawn({
        let (db, over) = (db.clone(), Arc::clone(&over));
        async move {
            while !over.load(Ordering::Relaxed) {
                assert!(db.person().count().await? >= 1);
            }
            Ok::<(), Error>(())
        }
    });
    servers.kill_primary();
    servers.promote().await;
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while db.person().create(new_person("bob")).await.is_err() {
        assert!(tokio::time::Instant::now() < deadline, "there is a new primary");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(db.person().count().await.unwrap(), 2);
    over.store(true, Ordering::Relaxed);
    reading.await.unwrap().unwrap();
}
