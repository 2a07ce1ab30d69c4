//! A primary with a standby: written rows arrive, replay pauses, the standby takes over.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nicol_pg::tokio_postgres::Client;
use testkit::Standby;

async fn rows(client: &Client) -> i64 {
    client.query_one("select count(*) from t", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_standby_follows_and_takes_over() {
    let mut servers = Standby::start(&[]).await;
    let primary = servers.primary().connect().await;
    primary.batch_execute("create table t (id int); insert into t values (1)").await.unwrap();
    servers.wait_until_caught_up().await;
    let standby = servers.standby().connect().await;
    assert_eq!(rows(&standby).await, 1);
    assert!(standby.batch_execute("insert into t values (2)").await.is_err(), "a standby only reads");

    servers.pause_replay().await;
    primary.batch_execute("insert into t values (2)").await.unwrap();
    assert_eq!(rows(&standby).await, 1);
    servers.resume_replay().await;
    servers.wait_until_caught_up().await;
    assert_eq!(rows(&standby).await, 2);

    servers.make_synchronous().await;
    primary.batch_execute("insert into t values (3)").await.unwrap();
    servers.kill_primary();
    assert!(primary.batch_execute("insert into t values (4)").await.is_err(), "it was killed");
    servers.promote().await;
    assert_eq!(rows(&standby).await, 3);
    standby.batch_execute("insert into t values (5)").await.unwrap();
    let (new, _connection) = nicol_pg::connect(&servers.standby().tcp_url()).await.unwrap();
    drop(new);

    servers.primary_mut().start().await;
    assert_eq!(rows(&servers.primary().connect().await).await, 3, "the old primary is apart now");
}
