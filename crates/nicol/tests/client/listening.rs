//! Notifications.

use std::time::Duration;

use nicol::{Error, Kind, Notification, Notifications};
use nicol_pg::tokio_postgres::Client as Session;

use crate::db::Client;
use crate::support::Database;

async fn next(notifications: &mut Notifications) -> (String, String) {
    let next = tokio::time::timeout(Duration::from_mins(1), notifications.next()).await;
    match next.expect("a notification comes").expect("the stream does not end") {
        Notification::Received { channel, payload } => (channel, payload),
        missed => (format!("{missed:?}"), String::new()),
    }
}

fn received(channel: &str, payload: &str) -> (String, String) {
    (channel.to_owned(), payload.to_owned())
}

/// Returns the process that listens.
async fn listening(admin: &Session) -> Option<i32> {
    let sql = "select pid from pg_stat_activity where datname = current_database() and query like 'LISTEN %'";
    admin.query_opt(sql, &[]).await.unwrap().map(|row| row.get(0))
}

#[tokio::test]
async fn notifications_arrive_in_order_after_their_transaction() {
    let test = Database::in_session("LISTEN", "connection_limit=1").await;
    let db = &test.db;
    let mut heard = db.listen(["jobs", "Odd \"name\""]).await.unwrap();
    db.notify("jobs", "1").await.unwrap();
    db.notify("others", "2").await.unwrap();
    let body = async |tx: Client| -> Result<(), Error> {
        tx.notify("jobs", "never").await?;
        Err(Kind::TooLong.into())
    };
    db.transaction().run(body).await.unwrap_err();
    let body = async |tx: Client| {
        tx.notify("jobs", "3").await?;
        drop(tx.listen(["elsewhere"]).await?);
        Ok(())
    };
    db.transaction().run(body).await.unwrap();
    db.with_schema("other").with_context("a.b", 1).notify("Odd \"name\"", "'4'").await.unwrap();
    test.server.connect().await.batch_execute("notify jobs").await.unwrap();
    assert_eq!(next(&mut heard).await, received("jobs", "1"));
    assert_eq!(next(&mut heard).await, received("jobs", "3"));
    assert_eq!(next(&mut heard).await, received("Odd \"name\"", "'4'"));
    assert_eq!(next(&mut heard).await, received("jobs", ""));
    assert_eq!(db.notify("jobs", &"x".repeat(8000)).await.unwrap_err().sqlstate(), Some("22023"));
    assert_eq!(db.pool_status().busy + db.pool_status().idle, 1, "the pool has its own connection only");
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_what_was_missed_is_told() {
    let test = Database::in_session("LISTEN", "").await;
    let admin = test.server.connect().await;
    let mut heard = test.db.listen(["jobs"]).await.unwrap();
    let first = listening(&admin).await.unwrap();
    admin.execute("select pg_terminate_backend($1)", &[&first]).await.unwrap();
    test.db.notify("jobs", "missed").await.unwrap();
    assert_eq!(next(&mut heard).await, received("Missed", ""));
    test.db.notify("jobs", "again").await.unwrap();
    assert_eq!(next(&mut heard).await, received("jobs", "again"));
    assert_ne!(listening(&admin).await, Some(first));
    drop(heard);
    while listening(&admin).await.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    let mut heard = test.db.listen(["jobs"]).await.unwrap();
    test.db.close();
    let end = tokio::time::timeout(Duration::from_mins(1), heard.next()).await;
    assert_eq!(end.expect("closing the client ends the stream"), None);
}

#[tokio::test]
async fn a_slow_reader_is_told_what_it_missed() {
    let test = Database::in_session("LISTEN", "").await;
    let mut heard = test.db.listen(["jobs", "last"]).await.unwrap();
    let many = "select pg_notify('jobs', n::text) from generate_series(1, 3000) as n";
    test.db.execute(many, vec![]).await.unwrap();
    // The connection must have read all of them.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for number in 1..=1024 {
        assert_eq!(next(&mut heard).await, received("jobs", &number.to_string()));
    }
    assert_eq!(next(&mut heard).await, received("Missed", ""));
    test.db.notify("last", "x").await.unwrap();
    assert_eq!(next(&mut heard).await, received("last", "x"));
}

#[tokio::test]
async fn a_client_of_a_pooler_listens_at_the_direct_url() {
    let test = Database::new().await;
    let direct = test.server.direct_url();
    let pooled = direct.with_parameter("pgbouncer", "true").unwrap();
    let db: nicol::Client = nicol::Client::builder()
        .url(pooled.to_url_with_password())
        .direct_url(direct.to_url_with_password())
        .connect()
        .await
        .unwrap();
    let mut heard = db.listen(["jobs"]).await.unwrap();
    db.notify("jobs", "1").await.unwrap();
    assert_eq!(next(&mut heard).await, received("jobs", "1"));
    db.close();
    assert_eq!(heard.next().await, None, "it ends with the client");
}

#[tokio::test]
async fn listening_where_nothing_would_be_heard_is_refused() {
    let test = Database::with("pgbouncer=true").await;
    let error = test.db.listen(["jobs"]).await.unwrap_err();
    assert_eq!(error.code(), "P2009");
    assert!(
        error.to_string().starts_with("a transaction pooler delivers no notifications\nhelp: "),
        "{error}"
    );
    test.db.notify("jobs", "to others").await.unwrap();
    let test = Database::in_session("LISTEN", "").await;
    for channel in ["", &"a".repeat(64), "a\0"] {
        let error = test.db.listen([channel]).await.unwrap_err();
        assert_eq!(error.to_string(), "the name of a channel has 1 to 63 bytes");
    }
    let nowhere = nicol::Client::lazy("postgresql://127.0.0.1:1/none").unwrap();
    assert_eq!(nowhere.listen(["jobs"]).await.unwrap_err().code(), "P1001");
}
