//! Extensions of a client, against a real server: the examples of the guide, and what must not slip through.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

mod audit;
/// Generated in one file, so that the examples of the documentation can include it.
mod db {
    include!("db/nicol.rs");
}
mod encryption;
mod examples;
mod soft_delete;
mod tenant;

use db::Client;
use nicol::Handle as _;
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

/// Returns a client of a database of its own.
async fn database() -> (Client, TestDatabase) {
    let server = TestDatabase::from_template("nicol/tests/extensions", async |url| {
        let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
        let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        let (client, connection) = nicol_pg::connect(url).await.expect("the server is there");
        tokio::spawn(connection);
        client.batch_execute(&script).await.expect("the tables are made");
    })
    .await;
    let client = nicol::Client::connect(&server.url_text()).await.expect("the server is there");
    (Client::from_client(client), server)
}

/// Checks that a query was refused.
fn refused<T: std::fmt::Debug>(result: Result<T, nicol::Error>) {
    assert_eq!(result.unwrap_err().code(), "P2009");
}
