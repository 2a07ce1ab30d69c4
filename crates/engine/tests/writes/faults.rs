//! Nested writes that are dropped while they run, or whose connection is cut off.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use nicol_engine::Engine;
use serde_json::{Value, json};
use testkit::TestDatabase;

use super::{ask, database, engine, with_query};

/// A write with several steps that wait for each other.
fn request() -> Value {
    json!({ "modelName": "User", "action": "updateOne", "query": {
        "arguments": { "where": { "email": "u1" }, "data": {
            "posts": {
                "create": [{ "title": "new", "tags": { "create": { "name": "new" } } }],
                "upsert": [{ "where": { "id": 1 }, "update": { "title": "A" }, "create": { "title": "no" } }],
                "disconnect": [{ "id": 2 }]
            },
            "profile": { "connectOrCreate": { "where": { "id": 2 }, "create": { "bio": "no" } } }
        } },
        "selection": { "$scalars": true }
    } })
}

/// Returns the number of new posts, and what else the write does.
async fn done(database: &TestDatabase) -> Vec<i64> {
    let sql = r#"SELECT (SELECT count(*) FROM "Post" WHERE title = 'new'), (SELECT count(*) FROM "Tag" WHERE name = 'new'),
                        (SELECT count(*) FROM "Post" WHERE title = 'A'), (SELECT count(*) FROM "Post" WHERE "authorId" IS NULL),
                        (SELECT count(*) FROM "Profile" WHERE "userId" = 1 AND bio = 'p2')"#;
    let row = database.connect().await.query_one(sql, &[]).await.unwrap();
    (0..5).map(|index| row.get(index)).collect()
}

const NOTHING: [i64; 5] = [0, 0, 0, 1, 0];
const EVERYTHING: [i64; 5] = [1, 1, 1, 2, 1];

/// Waits until no transaction is open.
async fn quiet(database: &TestDatabase) {
    let client = database.connect().await;
    for _ in 0..200 {
        let sql = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
        let open: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
        if open == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a transaction is still open");
}

async fn is_usable(engine: &Engine) {
    let count = json!({ "modelName": "User", "action": "aggregate", "query": {
        "arguments": {}, "selection": { "_count": { "selection": { "_all": true } } }
    } });
    let answer = tokio::time::timeout(Duration::from_secs(20), ask(engine, &count)).await.unwrap();
    assert!(answer.get("error").is_none(), "{answer}");
}

#[tokio::test]
async fn a_write_that_is_dropped_at_any_point_is_done_wholly_or_not_at_all() {
    let mut finished = false;
    let mut polls = 1;
    while !finished {
        let database = database().await;
        let engine = engine(&format!("{}&connection_limit=1", with_query(&database)));
        is_usable(&engine).await;
        let request = request();
        {
            let mut write = Box::pin(ask(&engine, &request));
            let mut waited = 0;
            finished = std::future::poll_fn(|context: &mut Context<'_>| {
                waited += 1;
                match write.poll_unpin(context) {
                    Poll::Ready(answer) => {
                        assert!(answer.get("error").is_none(), "{answer}");
                        Poll::Ready(true)
                    }
                    Poll::Pending if waited >= polls => Poll::Ready(false),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await;
        }
        quiet(&database).await;
        let done = done(&database).await;
        assert!(done == EVERYTHING || (done == NOTHING && !finished), "after {polls} polls: {done:?}");
        is_usable(&engine).await;
        polls += 1;
        assert!(polls < 200);
    }
    assert!(polls > 4, "there are several points to drop it at: {polls}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_connection_is_cut_off_is_done_wholly_or_not_at_all() {
    for delay in [0, 1, 2, 3, 5, 8, 13] {
        let database = database().await;
        let admin = database.connect().await;
        let engine = engine(&format!("{}&connection_limit=1", with_query(&database)));
        is_usable(&engine).await;
        let cut = async {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            admin.query(sql, &[]).await.unwrap();
        };
        let request = request();
        let (answer, ()) = tokio::join!(ask(&engine, &request), cut);
        quiet(&database).await;
        let done = done(&database).await;
        match answer.get("error") {
            None => assert_eq!(done, EVERYTHING, "{answer}"),
            // The answer to COMMIT may be lost.
            Some(error) => assert!(done == NOTHING || done == EVERYTHING, "{error}: {done:?}"),
        }
        is_usable(&engine).await;
    }
}
