//! A connection is ended by the server in each of its states: the answer says so, nothing is half done, and the next request has another one.

use std::time::Duration;

use nicol_pg::tokio_postgres::Client;
use serde_json::{Value, json};

use super::{Subject, create, error, find, raw, within};

/// The pool has one connection.
const ONE: &str = "connection_limit=1&pool_timeout=60";

/// Ends the sessions of the database that are in a state, as soon as there is one, and waits for their end.
async fn terminate(admin: &Client, state: &str) {
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
        AND application_name <> 'bystander' AND concat_ws(' ', state, CASE state WHEN 'active' THEN wait_event_type END) LIKE $1";
    for _ in 0..6000 {
        let rows = admin.query(sql, &[&state]).await.expect("the server answers");
        for row in &rows {
            let ended =
                admin.query_one("SELECT pg_terminate_backend($1, 60000)", &[&row.get::<_, i32>(0)]).await;
            ended.expect("the server answers");
        }
        if !rows.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no session was {state}");
}

async fn bystander(subject: &Subject) -> Client {
    let client = subject.database.connect().await;
    client.batch_execute("SET application_name = 'bystander'").await.expect("the server answers");
    client
}

/// Works on another connection, with nothing written before but these rows, and no transaction is open.
async fn goes_on(subject: &Subject, ids: &[i32]) {
    assert_eq!(subject.ids().await, ids);
    assert!(subject.ask(find("findUnique", 1)).await.get("error").is_none());
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL \
        AND pid <> pg_backend_pid() AND application_name <> 'bystander'";
    let row = subject.database.connect().await.query_one(sql, &[]).await.expect("the server answers");
    assert_eq!(row.get::<_, i64>(0), 0, "no transaction is open");
}

#[tokio::test]
async fn an_idle_connection_is_replaced() {
    let subject = Subject::with(ONE).await;
    let admin = bystander(&subject).await;
    for (number, request) in [find("findUnique", 1), create(1), create(2)].into_iter().enumerate() {
        subject.ask(find("findUnique", 1)).await;
        terminate(&admin, "idle").await;
        // Its task reads what the server has sent.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let answer = subject.ask(request).await;
        assert!(answer.get("error").is_none(), "{number}: {answer}");
    }
    subject.ask(find("findUnique", 1)).await;
    terminate(&admin, "idle").await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let answer = subject.ask(json!({ "batch": [create(3), create(4)], "transaction": {} })).await;
    assert!(answer.get("error").is_none(), "{answer}");
    goes_on(&subject, &[1, 2, 3, 4]).await;
}

#[tokio::test]
async fn a_statement_that_runs_is_lost() {
    let subject = Subject::with(ONE).await;
    let admin = bystander(&subject).await;
    for action in ["queryRaw", "executeRaw"] {
        let sleep = raw(action, "SELECT pg_sleep(3600)::text", &json!([]));
        let (answer, ()) = tokio::join!(subject.ask(sleep), terminate(&admin, "active%"));
        assert_eq!(error(&answer).0, "P1017", "{answer}");
        goes_on(&subject, &[]).await;
    }
}

#[tokio::test]
async fn a_transaction_that_is_idle_is_lost() {
    let subject = Subject::with(ONE).await;
    let admin = bystander(&subject).await;
    let options = json!({ "maxWait": 60_000, "timeout": 60_000 });
    for end in ["commit", "rollback", "query"] {
        let answer = subject.ask(json!({ "transaction": "start", "options": options })).await;
        let transaction = answer["data"]["id"].as_str().expect("it starts").to_owned();
        subject.ask(within(create(1), &transaction)).await;
        terminate(&admin, "idle in transaction").await;
        if end == "query" {
            let answer = subject.ask(within(create(2), &transaction)).await;
            assert_eq!(error(&answer).0, "P1017", "{answer}");
        }
        let last = if end == "query" { "commit" } else { end };
        let answer = subject.ask(json!({ "transaction": last, "id": transaction })).await;
        assert_eq!(error(&answer).0, "P1017", "{end}: {answer}");
        goes_on(&subject, &[]).await;
    }
}

/// The second statement waits for a lock, when the others have been sent.
#[tokio::test]
async fn a_batch_that_runs_is_lost_as_a_whole() {
    let subject = Subject::with(ONE).await;
    let admin = bystander(&subject).await;
    subject.ask(create(1)).await;
    let mut other = bystander(&subject).await;
    let update = json!({
        "modelName": "Note",
        "action": "updateMany",
        "query": { "arguments": { "data": { "text": "x" } }, "selection": { "count": true } },
    });
    // The second time, the statements are known to the connection of the first.
    for _ in 0..2 {
        let lock = other.transaction().await.expect("the server answers");
        lock.execute(r#"SELECT FROM "Note" WHERE id = 1 FOR UPDATE"#, &[]).await.expect("it can be locked");
        let batch = json!({ "batch": [create(2), update, create(3)], "transaction": {} });
        let (answer, ()) = tokio::join!(subject.ask(batch), terminate(&admin, "active Lock"));
        let last = answer["batchResult"].as_array().and_then(|answers| answers.last()).cloned();
        let answer: Value = last.unwrap_or(answer);
        assert_eq!(error(&answer).0, "P1017", "{answer}");
        lock.rollback().await.expect("it can be unlocked");
        goes_on(&subject, &[1]).await;
    }
}
