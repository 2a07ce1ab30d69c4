//! Tools for assistants: a scripted session, and the official client.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

/// Sends the calls of tools in one session, and returns their texts with whether they are errors.
fn call(folder: &Folder, calls: &[(&str, Value)]) -> Vec<(String, bool)> {
    let mut lines = vec![json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": { "protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } }
    })];
    lines.push(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    lines.extend(calls.iter().enumerate().map(|(index, (name, arguments))| {
        let params = json!({ "name": name, "arguments": arguments });
        json!({ "jsonrpc": "2.0", "id": index + 1, "method": "tools/call", "params": params })
    }));
    let answers = session(folder, &lines.iter().map(Value::to_string).collect::<Vec<_>>());
    assert_eq!(answers[0]["result"]["protocolVersion"], "2025-03-26");
    assert_eq!(answers.len(), calls.len() + 1, "a notification has no answer: {answers:?}");
    let texts = answers[1..].iter().map(|answer| {
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str();
        (text.unwrap_or_else(|| panic!("{answer}")).to_owned(), result["isError"] == true)
    });
    texts.collect()
}

fn session(folder: &Folder, lines: &[String]) -> Vec<Value> {
    let mut command = folder.command(&["mcp"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("it starts");
    let mut input = child.stdin.take().expect("it is piped");
    for line in lines {
        writeln!(input, "{line}").expect("it reads");
    }
    drop(input);
    let run = folder.outcome(child.wait_with_output().expect("it ends")).check(0, &[]);
    run.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

async fn project() -> (TestDatabase, Folder) {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let sql = "CREATE TABLE \"Note\" (id int PRIMARY KEY, text text NOT NULL); \
               INSERT INTO \"Note\" SELECT it, 'text ' || it FROM generate_series(1, 150) it";
    client.batch_execute(sql).await.expect("a table");
    let url = database.url_text();
    let migration = ("prisma/migrations/1_init/migration.sql", "SELECT 1;");
    let folder = Folder::new(&[("prisma/schema.prisma", SCHEMA), migration]);
    (database, folder.with_env("DATABASE_URL", &url).with_env("DIRECT_URL", &url))
}

#[tokio::test]
async fn tools_read_and_write_nothing() {
    let (database, folder) = project().await;
    let select = |sql: &str| ("query", json!({ "sql": sql }));
    let read = |action: &str| {
        let query = json!({ "arguments": { "take": 2 }, "selection": { "id": true } });
        ("read", json!({ "request": { "modelName": "Note", "action": action, "query": query } }))
    };
    let writes = [
        select("DELETE FROM \"Note\" RETURNING id"),
        select("WITH gone AS (DELETE FROM \"Note\" RETURNING id) SELECT * FROM gone"),
        select("SELECT 1) AS a) AS b; COMMIT; DELETE FROM \"Note\"; --"),
        select("SELECT set_config('transaction_read_only', 'off', true)"),
        read("deleteMany"),
        read("queryRaw"),
        ("read", json!({ "request": { "batch": [{ "modelName": "Note", "action": "deleteMany" }] } })),
        ("format", json!({})),
    ];
    let mut calls = vec![
        ("schema", json!({})),
        ("validate", json!({})),
        ("validate", json!({ "schema": "model A {\n  id Imt @id\n}\n" })),
        ("format", json!({ "schema": "model A {\nid Int @id\n}" })),
        ("migrate_status", json!({})),
        ("diff", json!({})),
        select("SELECT id, text FROM \"Note\" ORDER BY id -- a comment"),
        ("query", json!({ "sql": "TABLE \"Note\";", "limit": 1 })),
        read("findMany"),
    ];
    let good = calls.len();
    calls.extend(writes);
    let answers = call(&folder, &calls);
    for (index, (answer, (name, arguments))) in answers.iter().zip(&calls).enumerate() {
        assert_eq!(answer.1, index >= good, "{name} {arguments}: {answer:?}");
    }
    let json = |index: usize| serde_json::from_str::<Value>(&answers[index].0).expect("it is JSON");
    assert!(answers[0].0.contains("model Note"));
    assert_eq!(answers[1].0, "the schema is valid");
    assert!(answers[2].0.contains("Imt"));
    assert_eq!(answers[3].0, "model A {\n  id Int @id\n}\n");
    assert_eq!(json(4)["migrations"][0]["state"], "pending");
    assert!(answers[5].0.contains("--"), "{}", answers[5].0);
    let all = json(6);
    assert_eq!((all["rows"].as_array().map(Vec::len), &all["truncated"]), (Some(100), &json!(true)));
    assert_eq!(json(7)["rows"][0], json!({ "id": 1, "text": "text 1" }));
    assert_eq!(json(8)["data"]["findMany"], json!([{ "id": 1 }, { "id": 2 }]));
    let count = "SELECT count(*) FROM \"Note\"";
    let left: i64 = database.connect().await.query_one(count, &[]).await.expect("a row").get(0);
    assert_eq!(left, 150);
}

#[test]
fn secrets_are_not_shown() {
    let schema =
        SCHEMA.replace("env(\"DATABASE_URL\")", "\"postgresql://me:hunter2@prod.invalid/db?x=hunter2\"");
    let folder = Folder::new(&[("schema.prisma", &schema.replace("String", "Sting"))]);
    let folder = folder.with_env("DIRECT_URL", "postgresql://me:hunter2@127.0.0.1:1/db");
    let calls = ["schema", "validate", "migrate_status", "diff"].map(|name| (name, json!({})));
    for (text, _) in call(&folder, &calls) {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_is_not_a_request_is_refused() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let lines = [
        "}{",
        r#"{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}"#,
        r#"{"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "drop"}}"#,
        r#"{"jsonrpc": "2.0", "id": 3, "method": "ping"}"#,
        r#"{"jsonrpc": "2.0", "method": "notifications/cancelled"}"#,
        "[]",
    ];
    let answers = session(&folder, &lines.map(str::to_owned));
    let codes: Vec<&Value> = answers.iter().map(|answer| &answer["error"]["code"]).collect();
    assert_eq!(codes, [&json!(-32700), &json!(-32601), &json!(-32602), &Value::Null, &json!(-32600)]);
}

#[tokio::test]
async fn the_official_client_is_answered() {
    let (database, folder) = project().await;
    let reference = testkit::reference();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node/mcp.mjs");
    let output = Command::new("node")
        .args([script, env!("CARGO_BIN_EXE_nicol"), "prisma/schema.prisma"])
        .current_dir(folder.path())
        .env("DATABASE_URL", database.url_text())
        .env("DIRECT_URL", database.url_text())
        .env("NICOL_REFERENCE", reference.parent().expect("a folder"))
        .output()
        .expect("there is Node");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "nicol schema validate format migrate_status diff query read");
    assert_eq!(lines[1], "validate: the schema is valid");
    assert!(lines[2].starts_with("query: ") && lines[2].contains(r#""rows":[{"one":1}]"#), "{text}");
    assert!(lines[3].starts_with("query fails: the database refuses the statement"), "{text}");
    assert_eq!(lines.last(), Some(&"-32602"), "{text}");
}
