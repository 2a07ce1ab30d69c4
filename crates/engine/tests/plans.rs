//! The plans of the most usual reads: none scans a table once for each parent, whether the foreign key has an index or not.
//!
//! `NICOL_PLAN_ROWS` sets the number of children (default: 20,000; `cargo xtask test plans` takes a million).

#![allow(clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

use nicol_engine::Engine;
use serde_json::{Value, json};
use testkit::TestDatabase;

const SCHEMA: &str = r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id       Int       @id
  email    String    @unique
  name     String
  posts    Post[]
  comments Comment[]
}

model Post {
  id       Int    @id
  title    String
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
  replies  Reply[]

  @@index([authorId])
  @@index([title])
}

/// Its foreign key has no index, as Prisma makes none.
model Comment {
  id       Int    @id
  text     String
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
  replies  Reply[]
}

/// Nor have these.
model Reply {
  id        Int     @id
  postId    Int
  commentId Int
  post      Post    @relation(fields: [postId], references: [id])
  comment   Comment @relation(fields: [commentId], references: [id])
}
"#;

async fn engine(database: &TestDatabase) -> Engine {
    let rows: u32 = std::env::var("NICOL_PLAN_ROWS").map_or(20_000, |rows| rows.parse().unwrap());
    let users = rows / 20;
    let schema = nicol_schema::validate(SCHEMA).schema.unwrap();
    let tables = nicol_migrate::from_model(&schema);
    let script = nicol_migrate::plan(&nicol_migrate::catalog::Catalog::default(), &tables).script();
    let client = database.connect().await;
    client.batch_execute(&script).await.unwrap();
    client
        .batch_execute(&format!(
            r#"INSERT INTO "User" SELECT n, n || '@example.com', 'name ' || n % 1000 FROM generate_series(1, {users}) n;
               INSERT INTO "Post" SELECT n, 'title ' || n, 1 + n % {users} FROM generate_series(1, {rows}) n;
               INSERT INTO "Comment" SELECT n, 'text ' || n, 1 + n % {users} FROM generate_series(1, {rows}) n;
               INSERT INTO "Reply" SELECT n, 1 + n % {rows}, 1 + n % {rows} FROM generate_series(1, {rows}) n;
               ANALYZE;"#
        ))
        .await
        .unwrap();
    Engine::new(schema, &database.url_text()).unwrap()
}

/// The shapes: a name, the model, the action, and the query. `CHILDREN` stands for both relations of a user.
fn shapes() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let all = json!({ "$scalars": true, "$composites": true });
    let with = |relation: &str, value: Value| {
        let mut selection = all.clone();
        selection[relation] = value;
        selection
    };
    let children = |arguments: Value| json!({ "arguments": arguments, "selection": all });
    vec![
        ("by id", "User", "findUnique", json!({ "arguments": { "where": { "id": 7 } }, "selection": all })),
        (
            "by another unique key",
            "User",
            "findUnique",
            json!({ "arguments": { "where": { "email": "7@example.com" } }, "selection": all }),
        ),
        (
            "a page of a list",
            "Post",
            "findMany",
            json!({ "arguments": { "orderBy": [{ "title": "asc" }], "take": 20, "skip": 20 }, "selection": all }),
        ),
        (
            "a page after a cursor",
            "Post",
            "findMany",
            json!({ "arguments": { "orderBy": [{ "id": "asc" }], "cursor": { "id": 700 }, "skip": 1, "take": 20 }, "selection": all }),
        ),
        (
            "one parent with its children",
            "User",
            "findUnique",
            json!({ "arguments": { "where": { "id": 7 } }, "selection": with("CHILDREN", children(json!({}))) }),
        ),
        (
            "many parents with their children",
            "User",
            "findMany",
            json!({ "arguments": { "take": 200 }, "selection": with("CHILDREN", children(json!({}))) }),
        ),
        (
            "many parents with their newest children",
            "User",
            "findMany",
            json!({
                "arguments": { "take": 200 },
                "selection": with("CHILDREN", children(json!({ "orderBy": [{ "id": "desc" }], "take": 2 }))),
            }),
        ),
        (
            "many parents with the number of their children",
            "User",
            "findMany",
            json!({
                "arguments": { "take": 200 },
                "selection": with("_count", json!({ "arguments": {}, "selection": { "CHILDREN": true } })),
            }),
        ),
        (
            "many parents with their oldest children and all of theirs",
            "User",
            "findMany",
            json!({
                "arguments": { "take": 200 },
                "selection": with("CHILDREN", json!({
                    "arguments": { "orderBy": [{ "id": "desc" }], "take": -2 },
                    "selection": with("replies", children(json!({}))),
                })),
            }),
        ),
        (
            "children with their parents and their siblings",
            "CHILD",
            "findMany",
            json!({
                "arguments": { "take": 200 },
                "selection": with("author", json!({
                    "arguments": {},
                    "selection": with("CHILDREN", children(json!({}))),
                })),
            }),
        ),
        (
            "children with their parents",
            "CHILD",
            "findMany",
            json!({ "arguments": { "take": 200 }, "selection": with("author", children(json!({}))) }),
        ),
        (
            "parents with a child that matches",
            "User",
            "findMany",
            json!({ "arguments": { "where": { "CHILDREN": { "some": { "id": { "lt": 100 } } } } }, "selection": all }),
        ),
        (
            "parents in the order of the number of their children",
            "User",
            "findMany",
            json!({ "arguments": { "orderBy": [{ "CHILDREN": { "_count": "desc" } }], "take": 20 }, "selection": all }),
        ),
    ]
}

/// Returns the sequential scans that run again for each row of something else.
fn repeated_scans(node: &Value, is_repeated: bool) -> Vec<String> {
    let relationship = node["Parent Relationship"].as_str().unwrap_or_default();
    let is_uncorrelated = relationship == "InitPlan"
        || node["Subplan Name"].as_str().is_some_and(|name| name.starts_with("CTE"));
    let is_correlated =
        relationship == "SubPlan" && !node["Subplan Name"].as_str().unwrap_or_default().starts_with("hashed");
    let is_repeated = (is_repeated || is_correlated) && !is_uncorrelated;
    let mut found = Vec::new();
    let kind = node["Node Type"].as_str().unwrap_or_default();
    if is_repeated && kind == "Seq Scan" {
        found.push(node["Relation Name"].as_str().unwrap_or_default().to_owned());
    }
    // What a node keeps is not computed again.
    let keeps = matches!(kind, "Materialize" | "Hash" | "CTE Scan");
    for plan in node["Plans"].as_array().into_iter().flatten() {
        let is_inner = kind == "Nested Loop" && plan["Parent Relationship"] == "Inner";
        found.extend(repeated_scans(plan, (is_repeated || is_inner) && !keeps));
    }
    found
}

#[tokio::test]
async fn no_read_scans_a_table_for_each_parent() {
    let database = TestDatabase::create().await;
    let engine = engine(&database).await;
    let mut scans = Vec::new();
    for (name, model, action, query) in shapes() {
        for (children, child) in [("posts", "Post"), ("comments", "Comment")] {
            let query = query.to_string().replace("CHILDREN", children);
            let model = model.replace("CHILD", child);
            let request = format!(r#"{{"modelName":"{model}","action":"{action}","query":{query}}}"#);
            let plan = engine.explain(&request).await.unwrap();
            let plan: Value = serde_json::from_str(&plan).unwrap();
            // One parent is a single scan.
            if action == "findUnique" {
                continue;
            }
            for table in repeated_scans(&plan[0]["Plan"], false) {
                scans.push(format!("{name}: `{table}` is scanned for each parent ({children})\n{plan:#}"));
            }
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n"));
}

#[tokio::test]
async fn a_scan_for_each_parent_is_found() {
    let plan = json!({
        "Node Type": "Nested Loop",
        "Plans": [
            { "Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "User" },
            { "Node Type": "Seq Scan", "Parent Relationship": "Inner", "Relation Name": "Comment" },
        ],
    });
    assert_eq!(repeated_scans(&plan, false), ["Comment"]);
}
