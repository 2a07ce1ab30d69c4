//! Scripted sessions with the server, lines in and lines out, and the official client.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::support::{Folder, Run, SCHEMA};

const TABLE: &str = r#"CREATE TABLE "Note" (id int PRIMARY KEY, text text NOT NULL);
    INSERT INTO "Note" SELECT id, 'note ' || id FROM generate_series(1, 300) id;"#;

fn call(id: i32, tool: &str, arguments: &Value) -> String {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

/// Sends lines, and returns the answers.
fn session(folder: &Folder, arguments: &[&str], lines: &[String]) -> Vec<Value> {
    let run = folder.run_with_input(&[&["mcp"], arguments].concat(), &lines.join("\n")).check(0, &[]);
    answers(&run)
}

fn answers(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Calls tools one after the other, and returns for each its text and whether it is an error.
fn results(folder: &Folder, arguments: &[&str], calls: &[(&str, Value)]) -> Vec<(String, bool)> {
    let lines: Vec<String> = calls.iter().map(|(tool, arguments)| call(7, tool, arguments)).collect();
    let answers = session(folder, arguments, &lines);
    assert_eq!(answers.len(), calls.len(), "{answers:?}");
    let result = |answer: &Value| {
        let result = &answer["result"];
        assert_eq!(result["content"][0]["type"], "text", "{answer}");
        let text = result["content"][0]["text"].as_str().expect("it is a text").to_owned();
        (text, result["isError"].as_bool().expect("it is given"))
    };
    answers.iter().map(result).collect()
}

async fn with_notes() -> (TestDatabase, Folder) {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLE).await.expect("a table");
    let url = database.url_text();
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    (database, folder.with_env("DATABASE_URL", &url).with_env("DIRECT_URL", &url))
}

#[test]
fn a_session_follows_the_protocol() {
    let initialize = |revision: &str| {
        let params = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
        json!({ "jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params }).to_string()
    };
    let lines = [
        initialize("2025-06-18"),
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
        initialize("1999-01-01"),
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":3,"result":{}}"#.to_owned(),
        r#"[{"jsonrpc":"2.0","id":4,"method":"ping"},{"jsonrpc":"2.0","method":"x"}]"#.to_owned(),
    ];
    // A request that is cancelled before it is answered has no answer: the list is quicker.
    let answers = session(&Folder::new(&[]), &[], &lines);
    assert_eq!(answers[0]["id"], "a");
    assert_eq!(answers[0]["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "nicol");
    assert!(answers[0]["result"]["capabilities"]["tools"].is_object());
    assert_eq!(answers[1]["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(answers[2], json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    let tools = answers[3]["result"]["tools"].as_array().expect("it is a list");
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    let expected = ["schema", "validate", "format", "migrate_status", "migrate_diff", "query", "find"];
    assert_eq!(names, expected);
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
    }
    assert_eq!(answers[4], json!([{ "jsonrpc": "2.0", "id": 4, "result": {} }]));
    assert_eq!(answers.len(), 5);
}

#[test]
fn what_is_no_request_is_refused() {
    let folder = Folder::new(&[]);
    for (line, id, code) in [
        ("garbage", Value::Null, -32700),
        ("{\"jsonrpc\":", Value::Null, -32700),
        ("[]", Value::Null, -32600),
        ("17", Value::Null, -32600),
        (r#"{"id":1,"method":"ping"}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, Value::Null, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#, json!(1), -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, json!(1), -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, json!(1), -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, json!(1), -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"drop"}}"#, json!(1), -32602),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query","arguments":1}}"#,
            json!(1),
            -32602,
        ),
    ] {
        // The session goes on.
        let ping = r#"{"jsonrpc":"2.0","id":9,"method":"ping"}"#.to_owned();
        let answers = session(&folder, &[], &[line.to_owned(), ping]);
        assert_eq!((&answers[0]["id"], &answers[0]["error"]["code"]), (&id, &json!(code)), "{line}");
        assert_eq!(answers[1]["id"], 9, "{line}");
    }
    assert!(session(&folder, &[], &[]).is_empty());
}

#[test]
fn bytes_that_are_no_text_do_not_end_the_session() {
    let mut command = Folder::new(&[]).command(&["mcp"]);
    command.current_dir(std::env::temp_dir());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"\xff\xfe\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("-32700"));
    assert!(lines.next().unwrap().contains("\"result\":{}"));
    drop(input);
    assert_eq!(lines.next(), None);
    assert!(child.wait().unwrap().success());
}

#[test]
fn schemas_are_shown_checked_and_formatted() {
    let secret = SCHEMA.replace("env(\"DATABASE_URL\")", "\"postgresql://me:hunter2@localhost/x\"");
    let folder = Folder::new(&[("schema.prisma", &secret)]);
    let ugly = "model A {\nid Int @id\n   name   String\n}\n";
    let results = results(
        &folder,
        &[],
        &[
            ("schema", json!({})),
            ("schema", json!({ "model": "Note" })),
            ("schema", json!({ "model": "Nota" })),
            ("validate", json!({})),
            ("validate", json!({ "text": "model A {\n  id Imt @id\n}\n" })),
            ("format", json!({ "text": ugly })),
            ("format", json!({ "text": "model {" })),
            ("format", json!({})),
            ("schema", json!({ "modle": "Note" })),
        ],
    );
    let text = |index: usize, is_error: bool| {
        let (text, is) = &results[index];
        assert_eq!(*is, is_error, "{index}: {text}");
        text.as_str()
    };
    assert!(text(0, false).contains("schema.prisma") && text(0, false).contains("me:***@localhost/x"));
    assert_eq!(text(1, false), "model Note {\n  id   Int    @id\n  text String\n}");
    assert!(text(2, true).contains("no model or enum `Nota`") && text(2, true).contains("`Note`"));
    let valid: Value = serde_json::from_str(text(3, false)).unwrap();
    assert_eq!(valid["valid"], true);
    let invalid: Value = serde_json::from_str(text(4, false)).unwrap();
    assert_eq!((&invalid["valid"], &invalid["errors"][0]["span"][0]), (&json!(false), &json!(15)));
    assert_eq!(text(5, false), "model A {\n  id   Int    @id\n  name String\n}\n");
    assert!(text(6, true).contains("error"));
    assert!(text(7, false).contains("is formatted") || text(7, false).contains("not formatted"));
    assert!(text(8, true).contains("unknown field `modle`"));
    assert!(!format!("{results:?}").contains("hunter2"));
    // No file was changed.
    assert_eq!(folder.files().len(), 1);
    assert_eq!(folder.read("schema.prisma"), secret);
}

#[tokio::test]
async fn sql_only_reads() {
    let (database, folder) = with_notes().await;
    let client = database.connect().await;
    let refused = [
        ("DELETE FROM \"Note\"", "returns no rows"),
        ("DELETE FROM \"Note\" RETURNING id", "read-only transaction"),
        ("WITH gone AS (DELETE FROM \"Note\" RETURNING id) SELECT * FROM gone", "read-only transaction"),
        (
            "WITH n AS (INSERT INTO \"Note\" VALUES (0, '') RETURNING id) SELECT * FROM n",
            "read-only transaction",
        ),
        ("COMMIT; DELETE FROM \"Note\"", "multiple commands"),
        ("SELECT 1; COMMIT; DELETE FROM \"Note\"", "multiple commands"),
        ("COMMIT", "returns no rows"),
        ("SET TRANSACTION READ WRITE", "returns no rows"),
        (
            "SELECT set_config('transaction_read_only', 'off', true)",
            "read-write mode must be set before any query",
        ),
        ("EXPLAIN ANALYZE DELETE FROM \"Note\"", "read-only transaction"),
        ("COPY \"Note\" TO PROGRAM 'cat'", "returns no rows"),
        ("DO $$ BEGIN DELETE FROM \"Note\"; END $$", "returns no rows"),
        ("SELECT * FROM \"Note\" FOR UPDATE", "read-only transaction"),
        ("SELECT $1::int", "has parameters"),
        ("SELECT nope", "column \"nope\" does not exist"),
        ("", "returns no rows"),
    ];
    let calls = refused.map(|(sql, _)| ("query", json!({ "sql": sql })));
    for ((text, is_error), (sql, part)) in results(&folder, &[], &calls).iter().zip(refused) {
        assert!(*is_error && text.contains(part), "{sql}: {text}");
    }
    let count = client.query_one("SELECT count(*) FROM \"Note\"", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 300);
}

#[tokio::test]
async fn rows_and_values_are_limited() {
    let (_database, folder) = with_notes().await;
    let calls = [
        "SELECT id, text, NULL::date AS none FROM \"Note\" ORDER BY id LIMIT 2",
        "SELECT id FROM \"Note\"",
        "SELECT repeat('ä', 5000)",
        "SELECT repeat('x', 1500) FROM generate_series(1, 150)",
        "SELECT generate_series(1, 100000000)",
        "SHOW transaction_read_only",
        "EXPLAIN SELECT 1",
        "SELECT count(*) AS left FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ];
    let results = results(&folder, &[], &calls.map(|sql| ("query", json!({ "sql": sql }))));
    let all: Vec<Value> = results
        .iter()
        .map(|(text, is_error)| {
            assert!(!is_error && text.len() <= 100 * 1024, "{text}");
            serde_json::from_str(text).expect("it is JSON")
        })
        .collect();
    assert_eq!(all[0]["rows"], json!([["1", "note 1", null], ["2", "note 2", null]]));
    assert_eq!(all[0]["columns"][2], json!({ "name": "none", "type": "date" }));
    assert_eq!(all[0]["cut"], Value::Null);
    let rows = |index: usize| all[index]["rows"].as_array().map_or(0, Vec::len);
    assert_eq!((rows(1), &all[1]["cut"]), (200, &json!("there are more than 200 rows")));
    let long = all[2]["rows"][0][0].as_str().unwrap();
    assert!(long.starts_with("ää") && long.ends_with("ä… (5000 characters)") && long.chars().count() < 2100);
    assert!(
        rows(3) > 50 && rows(3) < 150 && all[3]["cut"].as_str().is_some_and(|cut| cut.contains("100 KB"))
    );
    assert_eq!(rows(4), 200);
    assert_eq!(all[5]["rows"], json!([["on"]]));
    assert_eq!(rows(6), 1);
}

#[tokio::test]
async fn rows_are_found_by_the_names_of_the_schema() {
    let (database, folder) = with_notes().await;
    let find = |action: &str, arguments: Value| {
        ("find", json!({ "model": "Note", "action": action, "arguments": arguments }))
    };
    let sum = json!({ "_sum": { "arguments": {}, "selection": { "id": true } } });
    let calls = [
        find("findMany", json!({ "where": { "id": { "lte": 2 } }, "orderBy": { "id": "asc" } })),
        find("findMany", json!({})),
        find("findMany", json!({ "take": 1000, "orderBy": { "id": "desc" } })),
        find("findUnique", json!({ "where": { "id": 3 } })),
        find("count", json!({})),
        ("find", json!({ "model": "Note", "action": "aggregate", "selection": sum })),
        find("groupBy", json!({ "by": ["text"], "take": 1, "orderBy": [{ "text": "asc" }] })),
        find("groupBy", json!({ "by": "id" })),
    ];
    let found = results(&folder, &[], &calls);
    let all: Vec<Value> = found
        .iter()
        .map(|(text, is_error)| {
            assert!(!is_error, "{text}");
            serde_json::from_str(text).expect("it is JSON")
        })
        .collect();
    assert_eq!(all[0]["rows"], json!([{ "id": 1, "text": "note 1" }, { "id": 2, "text": "note 2" }]));
    for (index, first) in [(1, 1), (2, 300), (7, 1)] {
        assert_eq!(all[index]["rows"].as_array().map(Vec::len), Some(200));
        assert_eq!(all[index]["rows"][0]["id"], first);
        assert_eq!(all[index]["cut"], "there are more than 200 rows");
    }
    assert_eq!(all[3], json!({ "id": 3, "text": "note 3" }));
    assert_eq!(all[4], json!({ "_count": { "_all": 300 } }));
    assert_eq!(all[5], json!({ "_sum": { "id": 45150 } }));
    assert_eq!(all[6]["rows"], json!([{ "text": "note 1" }]));

    let data = json!({ "data": { "id": 0, "text": "" } });
    let refused = [
        (find("createOne", data.clone()), "unknown variant `createOne`"),
        (find("deleteMany", json!({})), "unknown variant `deleteMany`"),
        (find("queryRaw", json!({ "query": "DELETE FROM \"Note\"" })), "unknown variant `queryRaw`"),
        (find("findMany", data), "P2009"),
        (("find", json!({ "model": "Nota", "action": "findMany" })), "no model `Nota`"),
        (("find", json!({ "model": "Note" })), "missing field `action`"),
    ];
    let calls = refused.clone().map(|(call, _)| call);
    for ((text, is_error), (_, part)) in results(&folder, &[], &calls).iter().zip(&refused) {
        assert!(*is_error && text.contains(part), "{part}: {text}");
    }
    let count = database.connect().await.query_one("SELECT count(*) FROM \"Note\"", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 300);
}

#[tokio::test]
async fn migrations_are_shown_and_compared() {
    let (database, folder) = with_notes().await;
    folder.write("migrations/1_init/migration.sql", "CREATE TABLE \"Other\" (\"id\" INTEGER NOT NULL);");
    folder.write("migrations/migration_lock.toml", "provider = \"postgresql\"\n");
    folder.write("schema.prisma", &format!("{SCHEMA}\nmodel Tag {{\n  id Int @id\n}}\n"));
    let calls = [
        ("migrate_status", json!({})),
        ("migrate_diff", json!({ "from": "database" })),
        ("migrate_diff", json!({ "from": "migrations" })),
        ("migrate_diff", json!({ "from": "elsewhere" })),
    ];
    let results = results(&folder, &[], &calls);
    let status: Value = serde_json::from_str(&results[0].0).unwrap();
    assert_eq!(status["migrations"][0], json!({ "name": "1_init", "state": "pending", "edited": false }));
    let diff: Value = serde_json::from_str(&results[1].0).unwrap();
    assert!(diff["script"].as_str().is_some_and(|script| script.contains("CREATE TABLE \"Tag\"")));
    assert!(results[2].1 && results[2].0.contains("shadowDatabaseUrl"), "{:?}", results[2]);
    assert!(results[3].1 && results[3].0.contains("elsewhere"), "{:?}", results[3]);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.connect().await.query_one(tables, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[test]
fn databases_elsewhere_need_the_users_word() {
    let url = "postgresql://me:hunter2@db.example.com:1/app";
    let calls = [
        ("query", json!({ "sql": "SELECT 1" })),
        ("find", json!({ "model": "Note", "action": "count" })),
        ("migrate_status", json!({})),
        ("migrate_diff", json!({ "from": "database" })),
    ];
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]).with_env("DIRECT_URL", url);
    for (text, is_error) in results(&folder, &[], &calls) {
        assert!(
            is_error && text.contains("the database app on db.example.com is on another machine"),
            "{text}"
        );
        assert!(text.contains("--allow-remote") && !text.contains("hunter2"), "{text}");
    }
    // A name that looks like production on this machine; nothing listens there.
    let url = "postgresql://me:hunter2@127.0.0.1:1/app_prod";
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]).with_env("DIRECT_URL", url);
    for (text, is_error) in results(&folder, &[], &calls) {
        assert!(is_error && text.contains("looks like production"), "{text}");
    }
    for (text, is_error) in results(&folder, &["--allow-remote"], &calls) {
        assert!(is_error && text.contains("127.0.0.1:1") && !text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn the_official_client_is_answered() {
    let (database, folder) = with_notes().await;
    let reference = testkit::reference();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node/mcp.mjs");
    let output = Command::new("node")
        .args([script, env!("CARGO_BIN_EXE_nicol"), "schema.prisma"])
        .current_dir(folder.path())
        .env("DATABASE_URL", database.url_text())
        .env("DIRECT_URL", database.url_text())
        .env("NICOL_REFERENCE", reference.parent().expect("a folder"))
        .output()
        .expect("there is Node");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "nicol schema validate format migrate_status migrate_diff query find");
    assert!(lines[1].starts_with("validate: {") && lines[1].contains(r#""valid":true"#), "{text}");
    assert_eq!(lines[2], r#"find: {"_count":{"_all":300}}"#);
    assert!(lines[3].starts_with("query: ") && lines[3].contains(r#""rows":[["1"]]"#), "{text}");
    assert!(lines[4].starts_with("query fails: ") && text.contains("read-only transaction"), "{text}");
    assert_eq!(lines.last(), Some(&"-32602"), "{text}");
}
