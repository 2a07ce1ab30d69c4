//! What PgBouncer says, which is less than PostgreSQL does.

use nicol_pg::ConnectError;
use testkit::{Pooler, Prepared, TestDatabase};

#[tokio::test]
async fn failures_of_signing_in_have_their_codes_behind_a_pooler() {
    let database = TestDatabase::create().await;
    for kind in [Prepared::Lost, Prepared::Kept] {
        let pooler = Pooler::start(&database.direct_url(), kind, &[("max_client_conn", "4")]).await;
        let url = pooler.url();
        let wrong = url.with_user(url.user().unwrap_or_default(), Some("wrong"));
        let codes = [
            (wrong, "P1000"),
            (url.with_user("nobody", Some("x")), "P1000"),
            (url.with_database("none"), "P1003"),
        ];
        for (url, code) in codes {
            let error = nicol_pg::connect(&url).await.expect_err("it is refused");
            assert_eq!(error.code(), code, "{kind:?}: {error:?}");
        }
        let mut held = Vec::new();
        let error = loop {
            match nicol_pg::connect(url).await {
                Ok(connection) => held.push(connection),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, ConnectError::TooManyConnections { .. }), "{kind:?}: {error:?}");
    }
}
