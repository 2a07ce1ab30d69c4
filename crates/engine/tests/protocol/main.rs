//! Requests and answers on a database: lines, HTTP, raw SQL, batches and transactions. The answers are those of Prisma 6.19.0.

mod batch;
mod conflicts;
mod connecting;
mod faults;
mod http;
mod lost;
mod raw;
mod transaction;

use nicol_engine::Engine;
use serde_json::{Value, json};
use testkit::TestDatabase;

const SCHEMA: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Note {
  id   Int     @id
  text String?
  kind String  @default("plain")

  @@unique([kind, text])
}
"#;

const TABLE: &str = r#"
    CREATE TABLE "Note" (id int PRIMARY KEY, text text, kind text NOT NULL DEFAULT 'plain');
    CREATE UNIQUE INDEX "Note_kind_text_key" ON "Note" (kind, text);
"#;

/// An engine on a database with the table.
struct Subject {
    database: TestDatabase,
    engine: Engine,
}

impl Subject {
    async fn new() -> Self {
        Self::with("").await
    }

    /// `parameters` are those of the connection URL.
    async fn with(parameters: &str) -> Self {
        let database = TestDatabase::create().await;
        let url = database.url_text();
        Self::at(database, &url, parameters).await
    }

    /// At the server's socket on every route of the tests, because the test is about what belongs to a session.
    async fn in_session(_reason: &str, parameters: &str) -> Self {
        let database = TestDatabase::create().await;
        let url = database.direct_url().to_url_with_password();
        Self::at(database, &url, parameters).await
    }

    async fn at(database: TestDatabase, url: &str, parameters: &str) -> Self {
        database.connect().await.batch_execute(TABLE).await.expect("the table can be made");
        let schema = nicol_schema::validate(SCHEMA).schema.expect("the schema is valid");
        let separator = if url.contains('?') { '&' } else { '?' };
        let engine = Engine::new(schema, &format!("{url}{separator}{parameters}")).expect("the URL is valid");
        Self { database, engine }
    }

    async fn ask(&self, line: Value) -> Value {
        let answer = self.engine.answer_line(&line.to_string()).await;
        assert!(!answer.contains('\n'), "{answer}");
        serde_json::from_str(&answer).expect("an answer is JSON")
    }

    /// Returns the ids of all notes.
    async fn ids(&self) -> Vec<i32> {
        let rows = self.database.connect().await.query(r#"SELECT id FROM "Note" ORDER BY id"#, &[]).await;
        rows.expect("the table can be read").iter().map(|row| row.get(0)).collect()
    }
}

/// Returns a request that creates a note.
fn create(id: i32) -> Value {
    json!({
        "modelName": "Note",
        "action": "createOne",
        "query": { "arguments": { "data": { "id": id } }, "selection": { "id": true } }
    })
}

/// Returns a request that reads a note.
fn find(action: &str, id: i32) -> Value {
    json!({
        "modelName": "Note",
        "action": action,
        "query": { "arguments": { "where": { "id": id } }, "selection": { "id": true, "text": true } }
    })
}

/// Returns a request with raw SQL.
fn raw(action: &str, sql: &str, parameters: &Value) -> Value {
    let arguments = json!({ "query": sql, "parameters": parameters.to_string() });
    json!({ "action": action, "query": { "arguments": arguments, "selection": {} } })
}

fn within(mut request: Value, transaction: &str) -> Value {
    request["txId"] = transaction.into();
    request
}

/// Returns the code and the meta of an error.
#[track_caller]
fn error(answer: &Value) -> (&str, &Value) {
    let error = &answer["error"];
    (error["code"].as_str().unwrap_or_else(|| panic!("no code: {answer}")), &error["meta"])
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let subject = Subject::new().await;
    for line in [
        "",
        "{",
        "[]",
        "1",
        r#"{"modelName":"Note"}"#,
        r#"{"transaction":"stop"}"#,
        r#"{"transaction":"commit"}"#,
    ] {
        let answer: Value = serde_json::from_str(&subject.engine.answer_line(line).await).unwrap();
        assert_eq!(error(&answer).0, "P2009", "{line}: {answer}");
    }
}
