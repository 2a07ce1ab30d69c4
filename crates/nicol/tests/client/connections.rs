//! The pool and the server behind it: full, gone, back; and behind a transaction pooler.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nicol::{AssertSafe, Kind, params};

use crate::db::{Client, person, user};
use crate::support::{Database, new_person};

#[derive(Debug, nicol::FromRow)]
struct Backend {
    pid: i32,
}

#[derive(Debug, nicol::FromRow)]
struct Name {
    name: String,
}

#[tokio::test]
async fn a_full_pool_waits_and_then_says_so() {
    let test = Database::with("connection_limit=1&pool_timeout=1").await;
    let rows = test.db.person().find_many().stream().await.unwrap();
    let error = test.db.person().count().await.unwrap_err();
    assert_eq!((error.code(), error.is_unavailable()), ("P2024", true));
    let waiting = tokio::spawn({
        let db = test.db.clone();
        async move { db.person().count().await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(rows);
    assert_eq!(waiting.await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_pool_says_how_it_is_doing() {
    let test = Database::with("connection_limit=2").await;
    let status = || {
        let status = test.db.pool_status();
        (status.limit, status.busy, status.idle, status.waiting)
    };
    assert_eq!(status(), (2, 0, 1, 0), "the one that made the tables");
    let rows = test.db.person().find_many().stream().await.unwrap();
    let more = test.db.person().find_many().stream().await.unwrap();
    assert_eq!(status(), (2, 2, 0, 0));
    let waiting = tokio::spawn({
        let db = test.db.clone();
        async move { db.person().count().await }
    });
    while status() != (2, 2, 0, 1) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(status(), (2, 2, 0, 0), "who gave up does not wait");
    drop((rows, more));
    assert_eq!(test.db.person().count().await.unwrap(), 0);
    assert_eq!(status().1, 0);
}

#[tokio::test]
async fn a_lost_connection_is_replaced_for_reading() {
    let test = Database::with("connection_limit=1").await;
    let pid = async || {
        test.db.query_as::<Backend>("select pg_backend_pid() as pid", params![]).await.unwrap()[0].pid
    };
    let first = pid().await;
    let admin = test.server.connect().await;
    admin.execute("select pg_terminate_backend($1)", &[&first]).await.unwrap();
    assert_eq!(test.db.person().count().await.unwrap(), 0);
    let second = pid().await;
    assert_ne!(second, first);

    // SQL of one's own may write, so it is repeated only where it is said that it does not.
    admin.execute("select pg_terminate_backend($1)", &[&second]).await.unwrap();
    let again =
        test.db.query_as::<Backend>("select pg_backend_pid() as pid", params![]).read_only().await.unwrap();
    assert_ne!(again[0].pid, second);
    admin.batch_execute("create sequence runs").await.unwrap();
    let lost = "select nextval('runs'), pg_terminate_backend(pg_backend_pid())";
    assert_eq!(test.db.execute(lost, params![]).await.unwrap_err().code(), "P1017");
    let runs = test.db.query_as::<Backend>("select nextval('runs')::int as pid", params![]).await.unwrap();
    assert_eq!(runs[0].pid, 2, "it ran once");
}

#[tokio::test]
async fn a_dropped_query_is_cancelled() {
    let test = Database::with("connection_limit=1").await;
    let slow = test.db.execute("select pg_sleep(30)", params![]);
    assert!(tokio::time::timeout(Duration::from_millis(100), slow).await.is_err());
    let started = std::time::Instant::now();
    assert_eq!(test.db.person().count().await.unwrap(), 0);
    assert!(started.elapsed() < Duration::from_secs(10), "it waited behind the dropped query");
}

/// Changes the type of a column that the prepared statements return.
async fn change_the_table(test: &Database, length: usize) {
    let sql = format!("alter table people alter column name type varchar({length})");
    test.server.connect().await.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn a_changed_table_fails_no_query() {
    let test = Database::with("connection_limit=1").await;
    let (db, ann) = (&test.db, test.db.person().create(new_person("ann")).await.unwrap());
    let sql = "select * from people";
    let queries = async || {
        assert_eq!(db.person().find_many().await.unwrap().len(), 1);
        assert_eq!(db.person().update(person::by_id(&ann.id)).name("Ann").await.unwrap().name, "Ann");
        let (found, updated) = db
            .batch((db.person().find_many(), db.person().update(person::by_id(&ann.id)).name("ann")))
            .await
            .unwrap();
        assert_eq!((found[0].name.as_str(), updated.name.as_str()), ("Ann", "ann"));
        let mut rows = db.person().find_many().stream().await.unwrap();
        assert_eq!(rows.next().await.unwrap().unwrap().name, "ann");
        drop(rows);
        assert_eq!(db.query_as::<Name>(sql, params![]).await.unwrap()[0].name, "ann");
        let first = db.transaction().run(async |tx| tx.person().find_many().await).await.unwrap();
        assert_eq!(first.len(), 1);
        let elsewhere = db.person().upsert(person::by_id(&ann.id), new_person("x"), |row| row.name("ann"));
        assert_eq!(elsewhere.await.unwrap().name, "ann");
    };
    queries().await;
    for length in 100..102 {
        change_the_table(&test, length).await;
        queries().await;
    }
    // Each of them alone meets the change first.
    change_the_table(&test, 110).await;
    db.batch((db.person().find_many(), db.person().count())).await.unwrap();
    change_the_table(&test, 111).await;
    drop(db.person().find_many().stream().await.unwrap());
    change_the_table(&test, 112).await;
    db.query_as::<Name>(sql, params![]).await.unwrap();
    change_the_table(&test, 113).await;
    db.transaction().run(async |tx| tx.person().find_many().await).await.unwrap();
}

/// Two statements of the same name, as behind a pooler whose other client has prepared the name first.
const TAKEN: &str = "do $$ begin for n in 0..199 loop begin execute format('prepare s%s as select 1', n); \
    exception when duplicate_prepared_statement then null; end; end loop; end $$";

#[tokio::test]
async fn names_of_statements_that_are_taken_are_not_used() {
    let test = Database::with("connection_limit=1").await;
    let db = &test.db;
    for _ in 0..2 {
        db.execute(TAKEN, params![]).await.unwrap();
        assert_eq!(db.person().count().await.unwrap(), 0);
        db.person().create(new_person("ann")).await.unwrap();
        assert_eq!(db.batch((db.person().count(), db.person().delete_many())).await.unwrap(), (1, 1));
        db.transaction().run(async |tx| tx.person().create(new_person("ann")).await).await.unwrap();
        assert_eq!(db.person().delete_many().await.unwrap(), 1, "it ran once");
    }
}

#[tokio::test]
async fn statements_that_are_gone_are_prepared_again() {
    let test = Database::in_session("DISCARD takes from all clients of a pooler", "connection_limit=1").await;
    let db = &test.db;
    for discard in ["discard all", "deallocate all"] {
        let discard = async || db.execute(AssertSafe(discard.into()), params![]).await;
        let queries = async || {
            db.person().create(new_person("ann")).await.unwrap();
            assert_eq!(db.person().count().await.unwrap(), 1);
            assert_eq!(db.batch((db.person().count(), db.person().delete_many())).await.unwrap(), (1, 1));
            db.transaction().run(async |tx| tx.person().create(new_person("ann")).await).await.unwrap();
            assert_eq!(db.person().delete_many().await.unwrap(), 1, "it ran once");
        };
        queries().await;
        discard().await.unwrap();
        queries().await;
        discard().await.unwrap();
        assert_eq!(db.batch((db.person().count(), db.person().count())).await.unwrap(), (0, 0));
    }
}

#[tokio::test]
async fn a_statement_that_is_gone_within_a_transaction_is_an_error_that_says_so() {
    let test = Database::in_session("prepared statements belong to a session", "connection_limit=1").await;
    let attempts = AtomicUsize::new(0);
    let body = async |tx: Client| {
        tx.person().count().await?;
        if attempts.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            tx.execute("deallocate all", params![]).await?;
        }
        tx.person().count().await
    };
    let error = test.db.transaction().run(body).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.sqlstate()),
        (&Kind::StatementClash, "P2010", Some("26000"))
    );
    assert!(error.to_string().contains("help: run the transaction again"), "{error}");
    attempts.store(0, Ordering::Relaxed);
    assert_eq!(test.db.transaction().retry(1).run(body).await.unwrap(), 0);
}

#[tokio::test]
async fn a_table_that_changes_within_a_transaction_is_an_error_that_says_so() {
    let test =
        Database::in_session("plans are stale only if statements are prepared", "connection_limit=1").await;
    let (db, attempts) = (&test.db, AtomicUsize::new(0));
    let body = async |tx: Client| {
        attempts.fetch_add(1, Ordering::Relaxed);
        tx.person().count().await?;
        tx.person().find_many().await
    };
    db.transaction().run(body).await.unwrap();
    change_the_table(&test, 100).await;
    let error = db.transaction().run(body).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.sqlstate()), (&Kind::StalePlan, "P2010", Some("0A000")));
    assert!(error.to_string().ends_with("run the transaction again"), "{error}");
    db.transaction().run(body).await.unwrap();
    change_the_table(&test, 101).await;
    attempts.store(0, Ordering::Relaxed);
    db.transaction().retry(1).run(body).await.unwrap();
    assert_eq!(attempts.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_transaction_begins_anew_where_its_connection_was_lost_before() {
    let test =
        Database::in_session("a pooler may pass on another connection that was lost", "connection_limit=2")
            .await;
    let (db, admin) = (&test.db, test.server.connect().await);
    let kill = async || {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity \
            where datname = current_database() and pid <> pg_backend_pid()";
        admin.execute(sql, &[]).await.unwrap();
    };
    // Two idle connections, both of which are lost.
    let both =
        async || drop((db.person().find_many().stream().await, db.person().find_many().stream().await));
    for round in 0..3 {
        both().await;
        kill().await;
        db.transaction().run(async |tx| tx.person().create(new_person("a")).await).await.unwrap();
        both().await;
        kill().await;
        let inner = async |tx: Client| tx.transaction().run(async |tx| tx.person().delete_many().await).await;
        assert_eq!(db.transaction().run(inner).await.unwrap(), 1, "a savepoint comes first");
        both().await;
        kill().await;
        let batched =
            db.transaction().run(async |tx| tx.batch((tx.person().count(), tx.user().count())).await);
        assert_eq!(batched.await.unwrap(), (0, 0), "round {round}");
        both().await;
        kill().await;
        assert!(db.person().find_many().stream().await.is_ok(), "a stream reads");
    }
    // What was not prepared yet was not sent either.
    both().await;
    kill().await;
    assert_eq!(db.batch((db.person().delete_many(), db.user().delete_many())).await.unwrap(), (0, 0));
    both().await;
    kill().await;
    db.user().create(user::New { email: "a".into() }).await.unwrap();
    assert_eq!(db.user().count().await.unwrap(), 1);
    // A transaction that has read something has to begin anew as a whole.
    let lost = db.transaction().run(async |tx| {
        tx.person().count().await?;
        kill().await;
        tx.person().count().await
    });
    assert_eq!(lost.await.unwrap_err().code(), "P1017");
}

#[tokio::test]
async fn a_missing_table_or_column_says_so() {
    let test = Database::new().await;
    test.db.execute("alter table people rename column name to title", params![]).await.unwrap();
    assert_eq!(test.db.person().find_many().await.unwrap_err().code(), "P2022");
    test.db.execute("drop table people", params![]).await.unwrap();
    assert_eq!(test.db.person().find_many().await.unwrap_err().code(), "P2021");
}

#[tokio::test]
async fn nothing_is_prepared_behind_a_transaction_pooler() {
    let test = Database::with("pgbouncer=true&connection_limit=1").await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    assert_eq!(test.db.person().find_unique(person::by_id(&ann.id)).await.unwrap().as_ref(), Some(&ann));
    test.db.batch((test.db.person().count(), test.db.person().count())).await.unwrap();
    // A newer PgBouncer keeps what it has prepared for look-ups of types.
    let prepared = test.db.query_as::<Backend>(
        "select count(*)::int as pid from pg_prepared_statements where name not like 'PGBOUNCER%'",
        params![],
    );
    assert_eq!(prepared.await.unwrap()[0].pid, 0);
}

#[tokio::test]
async fn wrong_urls_and_absent_servers_have_their_codes() {
    assert_eq!(Client::lazy("mysql://localhost/db").unwrap_err().code(), "P1013");
    let error = nicol::Client::connect("postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=1")
        .await
        .unwrap_err();
    assert_eq!(error.code(), "P1001");
    assert!(!format!("{error} {error:?}").contains("secret"));
    let test = Database::new().await;
    test.db.close();
    assert_eq!(*test.db.person().count().await.unwrap_err().kind(), Kind::ClientClosed);
}

#[tokio::test]
async fn sql_of_ones_own_takes_parameters() {
    let test = Database::new().await;
    test.db.person().create(new_person("ann")).await.unwrap();
    let sql =
        "select count(*)::int as pid from people where email = $1 and created_at < $2 and $3::int is null";
    let found =
        test.db.query_as::<Backend>(sql, params!["ann@example.com", chrono::Utc::now(), None::<i32>]).await;
    assert_eq!(found.unwrap()[0].pid, 1);
    assert_eq!(
        test.db.execute("delete from people where email = $1", params!["ann@example.com"]).await.unwrap(),
        1
    );
    let wrong = test.db.execute("delete from people where email = $1", params![1]).await.unwrap_err();
    // It is the server that finds out if the statement is not prepared.
    assert!(["P2023", "P2010"].contains(&wrong.code()), "{wrong}");
    let few = test.db.execute("delete from people where email = $1", params![]).await.unwrap_err();
    assert_eq!(few.code(), "P2010");
}

#[derive(Debug, nicol::FromRow)]
struct Length {
    length: i32,
}

#[tokio::test]
async fn a_connection_whose_buffers_have_grown_is_not_kept() {
    const LARGE: usize = 3 * 1024 * 1024;
    let test = Database::with("connection_limit=1").await;
    let send = async |bytes: usize| {
        let sql = AssertSafe("select length($1::text) as length".to_owned());
        let lengths = test.db.query_as::<Length>(sql, params!["x".repeat(bytes)]).await.unwrap();
        assert_eq!(usize::try_from(lengths[0].length), Ok(bytes));
        test.db.pool_status().idle
    };
    let receive = async |bytes: usize| {
        let sql = AssertSafe(format!("select repeat('x', {bytes}) as name"));
        assert_eq!(test.db.query_as::<Name>(sql, params![]).await.unwrap()[0].name.len(), bytes);
        test.db.pool_status().idle
    };
    assert_eq!((send(1000).await, receive(1000).await), (1, 1));
    assert_eq!(send(LARGE).await, 0, "what was sent is in no buffer any more");
    assert_eq!(send(1000).await, 1);
    assert_eq!(receive(LARGE).await, 0);
    assert_eq!(receive(1000).await, 1);
}
