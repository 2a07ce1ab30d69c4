//! The pool and the server behind it: full, gone, back; and behind a transaction pooler.

use std::time::Duration;

use nicol::{Kind, params};

use crate::db::{Client, person};
use crate::support::{Database, new_person};

#[derive(Debug, nicol::FromRow)]
struct Backend {
    pid: i32,
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
    admin.execute("select pg_terminate_backend($1)", &[&again[0].pid]).await.unwrap();
    let lost = test.db.query_as::<Backend>("select pg_backend_pid() as pid", params![]).await;
    assert_eq!(lost.unwrap_err().code(), "P1017");
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

#[tokio::test]
async fn a_changed_table_is_read_after_one_failure() {
    let test = Database::new().await;
    test.db.person().create(new_person("ann")).await.unwrap();
    assert_eq!(test.db.person().find_many().await.unwrap().len(), 1);
    test.db.execute("alter table people alter column name type varchar(100)", params![]).await.unwrap();
    // The statement that was prepared does not fit any more; it is prepared again.
    let mut found = test.db.person().find_many().await;
    if found.is_err() {
        found = test.db.person().find_many().await;
    }
    assert_eq!(found.unwrap().len(), 1);
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
    let prepared =
        test.db.query_as::<Backend>("select count(*)::int as pid from pg_prepared_statements", params![]);
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
    assert_eq!(wrong.code(), "P2023");
    let few = test.db.execute("delete from people where email = $1", params![]).await.unwrap_err();
    assert_eq!(few.code(), "P2010");
}
