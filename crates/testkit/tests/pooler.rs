//! What tests with a pooler rely on.

use nicol_pg::tokio_postgres::Client;
use nicol_pg::{ConnectionUrl, sqlstate};
use testkit::{Pooler, Prepared, TestDatabase};

async fn connect(url: &ConnectionUrl) -> Client {
    let (client, connection) = nicol_pg::connect(url).await.expect("the pooler answers");
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn prepared_statements_are_lost_by_one_kind_and_kept_by_the_other() {
    let database = TestDatabase::create().await;
    for kind in [Prepared::Lost, Prepared::Kept] {
        let pooler = Pooler::start(database.url(), kind, &[]).await;
        let (one, two) = (connect(pooler.url()).await, connect(pooler.url()).await);
        let statement = one.prepare("select 1").await.expect("the server answers");
        // The only server connection is taken away.
        two.batch_execute("begin").await.expect("the server answers");
        match (kind, one.query(&statement, &[]).await) {
            (Prepared::Lost, Err(error)) => {
                let code = error.code().map(nicol_pg::tokio_postgres::error::SqlState::code);
                assert_eq!(code, Some(sqlstate::INVALID_SQL_STATEMENT_NAME));
            }
            (Prepared::Kept, Ok(rows)) => assert_eq!(rows[0].get::<_, i32>(0), 1),
            (_, other) => panic!("{kind:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn other_users_and_restarts() {
    let database = TestDatabase::create().await;
    let name = database.url().database().to_owned();
    let direct = database.connect().await;
    direct.batch_execute(&format!("create role {name} login password 'p'")).await.expect("a new role");
    let mut pooler = Pooler::start(database.url(), Prepared::Lost, &[]).await;

    let other = connect(&pooler.url().with_user(&name, Some("p"))).await;
    let user: String = other.query_one("select current_user::text", &[]).await.expect("an answer").get(0);
    assert_eq!(user, name);
    assert!(nicol_pg::connect(&pooler.url().with_user(&name, Some("q"))).await.is_err());

    pooler.stop();
    assert!(other.query_one("select 1", &[]).await.is_err());
    assert!(nicol_pg::connect(pooler.url()).await.is_err());
    pooler.restart().await;
    connect(pooler.url()).await.query_one("select 1", &[]).await.expect("an answer");
    pooler.console("RELOAD").await;
    pooler.stop();
    direct.batch_execute(&format!("drop role {name}")).await.expect("it owns nothing");
}
