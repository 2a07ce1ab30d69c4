//! The kit itself: databases are empty, apart and gone afterwards; a template is made once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};

use testkit::TestDatabase;

async fn count(database: &TestDatabase, sql: &str) -> i64 {
    database.connect().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_database_is_empty_and_goes_with_its_test() {
    let database = TestDatabase::create().await;
    let other = TestDatabase::create().await;
    assert_ne!(database.url(), other.url());
    let client = database.connect().await;
    client.batch_execute("create table t (id int)").await.unwrap();
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(count(&database, tables).await, 1);
    assert_eq!(count(&other, tables).await, 0);

    let name = database.url().database().to_owned();
    drop(database);
    let left = format!("select count(*) from pg_database where datname = '{name}'");
    assert_eq!(count(&other, &left).await, 0, "an open connection is no hindrance");
}

#[tokio::test]
async fn a_template_is_made_once() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let make = async || {
        TestDatabase::from_template("testkit: numbers", async |url| {
            MADE.fetch_add(1, Ordering::Relaxed);
            let (client, connection) = nicol_pg::connect(url).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("create table t as select * from generate_series(1, 100) n").await.unwrap();
        })
        .await
    };
    let (one, two) = tokio::join!(make(), make());
    let three = make().await;
    assert!(MADE.load(Ordering::Relaxed) <= 1);
    for database in [&one, &two, &three] {
        assert_eq!(count(database, "select count(*) from t").await, 100);
    }
    one.connect().await.batch_execute("truncate t").await.unwrap();
    assert_eq!(count(&two, "select count(*) from t").await, 100);
}

/// Another process of the same run, in nextest's way of running tests.
#[tokio::test]
async fn a_template_serves_other_processes() {
    let database = TestDatabase::from_template("testkit: numbers", async |url| {
        let (client, connection) = nicol_pg::connect(url).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("create table t as select * from generate_series(1, 100) n").await.unwrap();
    })
    .await;
    assert_eq!(count(&database, "select count(*) from t").await, 100);
}
