//! Reads of relations of relations, whose foreign keys have no index: pages, cursors and distinct rows at every depth. The answers are those
//! of Prisma 6.19.0.

mod db;
mod typed;

use nicol_engine::Engine;
use nicol_schema::Schema;
use serde_json::Value;
use testkit::TestDatabase;

async fn database() -> (TestDatabase, Schema) {
    let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.expect("the schema is valid");
    let tables = nicol_migrate::from_model(&schema);
    let script = nicol_migrate::plan(&nicol_migrate::catalog::Catalog::default(), &tables).script();
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute(&script).await.expect("the tables can be made");
    client.batch_execute(include_str!("rows.sql")).await.expect("the rows can be made");
    (database, schema)
}

fn cases() -> impl Iterator<Item = Value> {
    include_str!("cases.jsonl").lines().map(|line| serde_json::from_str(line).expect("a case is JSON"))
}

#[tokio::test]
async fn relations_at_every_depth_are_those_of_prisma() {
    let (database, schema) = database().await;
    let engine = Engine::new(schema, &database.url_text()).expect("the URL is valid");
    let mut different = Vec::new();
    for case in cases() {
        let answer = engine.answer_line(&case["request"].to_string()).await;
        let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
        let action = case["request"]["action"].as_str().expect("a request has an action");
        if answer["data"][action] != case["answer"] {
            different.push(format!("{}: {answer}\n    instead of {}", case["name"], case["answer"]));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
