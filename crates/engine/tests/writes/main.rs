//! Nested writes: their round trips beside Prisma's, many at once, and what is left of those that are dropped or cut off.

#![allow(clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

mod db;
mod faults;
mod round_trips;
mod typed;
mod updated_at;

use nicol_engine::Engine;
use serde_json::{Value, json};
use testkit::TestDatabase;

const SCHEMA: &str = include_str!("schema.prisma");

/// The rows that each test starts with.
const ROWS: &str = include_str!("rows.sql");

async fn database() -> TestDatabase {
    let database = TestDatabase::create().await;
    let schema = nicol_schema::validate(SCHEMA).schema.unwrap();
    let tables = nicol_migrate::from_model(&schema);
    let script = nicol_migrate::plan(&nicol_migrate::catalog::Catalog::default(), &tables).script();
    let client = database.connect().await;
    client.batch_execute(&script).await.unwrap();
    client.batch_execute(ROWS).await.unwrap();
    database
}

fn engine(url: &str) -> Engine {
    Engine::new(nicol_schema::validate(SCHEMA).schema.unwrap(), url).unwrap()
}

async fn ask(engine: &Engine, request: &Value) -> Value {
    serde_json::from_str(&engine.answer_line(&request.to_string()).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_upserts_of_one_row_at_once_all_succeed() {
    let database = database().await;
    let engine = std::sync::Arc::new(engine(&format!("{}&connection_limit=20", with_query(&database))));
    for (round, update) in [json!({ "email": "same0" }), json!({ "posts": { "create": { "title": "x" } } })]
        .into_iter()
        .enumerate()
    {
        let email = format!("same{round}");
        let request = json!({ "modelName": "User", "action": "upsertOne", "query": {
            "arguments": {
                "where": { "email": email },
                "create": {
                    "email": email,
                    "posts": { "create": { "title": "x", "tags": {
                        "connectOrCreate": { "where": { "name": "new" }, "create": { "name": "new" } }
                    } } }
                },
                "update": update
            },
            "selection": { "$scalars": true }
        } });
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (engine, request) = (engine.clone(), request.clone());
                tokio::spawn(async move { ask(&engine, &request).await })
            })
            .collect();
        for task in tasks {
            let answer = task.await.unwrap();
            assert!(answer.get("error").is_none(), "{answer}");
        }
    }
    let client = database.connect().await;
    let counts = client
        .query_one(
            r#"SELECT (SELECT count(*) FROM "User" WHERE email LIKE 'same%'), (SELECT count(*) FROM "Tag" WHERE name = 'new'),
                      (SELECT count(*) FROM "Post" WHERE title = 'x')"#,
            &[],
        )
        .await
        .unwrap();
    let counts: [i64; 3] = [counts.get(0), counts.get(1), counts.get(2)];
    assert_eq!(
        counts,
        [2, 1, 51],
        "one row each, and a post for each of the second round and one of the first"
    );
}

fn with_query(database: &TestDatabase) -> String {
    let url = database.url_text();
    if url.contains('?') { url } else { format!("{url}?application_name=nicol") }
}
