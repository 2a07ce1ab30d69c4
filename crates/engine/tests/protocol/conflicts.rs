//! Statements that the server gives up, because they take too long or are in each other's way: what was written with them is gone, the answer
//! says why, and the connection is of use afterwards.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Subject, create, error, find, raw, within};

/// The pool has one connection, so that what follows runs on that of the failure.
const ONE: &str = "connection_limit=1&pool_timeout=60";

impl Subject {
    async fn begin(&self) -> String {
        let options = json!({ "maxWait": 60_000, "timeout": 60_000 });
        let answer = self.ask(json!({ "transaction": "start", "options": options })).await;
        answer["data"]["id"].as_str().unwrap_or_else(|| panic!("no id: {answer}")).to_owned()
    }

    /// The connection is of use, it is the one of before, and it has no transaction open.
    async fn is_usable(&self, backend: &Value) {
        assert_eq!(self.backend().await, *backend, "the connection is kept");
        let sql = "SELECT state FROM pg_stat_activity WHERE pid = $1::int8::int";
        let row = self.database.connect().await.query_one(sql, &[&backend[0][0].as_i64()]).await;
        assert_eq!(row.expect("the session is there").get::<_, &str>(0), "idle");
    }

    async fn backend(&self) -> Value {
        let answer = self.ask(raw("queryRaw", "SELECT pg_backend_pid()", &json!([]))).await;
        answer["data"]["queryRaw"]["rows"].clone()
    }
}

/// The cause of an error of the database for which Prisma has no code.
#[track_caller]
fn cause(answer: &Value) -> (&Value, &Value) {
    let error = match answer["batchResult"].as_array().and_then(|answers| answers.last()) {
        Some(last) => &last["error"],
        None => &answer["error"],
    };
    let message = error["message"].as_str().unwrap_or_else(|| panic!("no error: {answer}"));
    assert!(!message.is_empty() && !message.contains("Key ("), "{message}");
    (&error["code"], error)
}

fn update(ids: &[i32], text: &str) -> Value {
    json!({
        "modelName": "Note",
        "action": "updateMany",
        "query": {
            "arguments": { "where": { "id": { "in": ids } }, "data": { "text": text } },
            "selection": { "count": true },
        },
    })
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_undone_with_its_transaction() {
    for (setting, message) in [
        ("statement_timeout=300ms", "canceling statement due to statement timeout"),
        ("lock_timeout=300ms", "canceling statement due to lock timeout"),
    ] {
        let subject = Subject::in_session(
            "a pooler passes on no `options`",
            &format!("{ONE}&options=-c%20{}", setting.replace('=', "%3D")),
        )
        .await;
        subject.ask(create(1)).await;
        let backend = subject.backend().await;
        let mut other = subject.database.connect().await;
        let lock = other.transaction().await.unwrap();
        lock.execute(r#"SELECT FROM "Note" WHERE id = 1 FOR UPDATE"#, &[]).await.unwrap();

        let check = |answer: &Value| {
            let (code, error) = cause(answer);
            // Prisma has no code for either, and raw SQL has its own.
            assert_eq!(*code, Value::Null, "{answer}");
            assert!(error["message"].as_str().unwrap().contains("in time"), "{error}");
        };
        check(&subject.ask(update(&[1], "x")).await);
        subject.is_usable(&backend).await;
        check(&subject.ask(json!({ "batch": [create(2), update(&[1], "x")], "transaction": {} })).await);
        subject.is_usable(&backend).await;
        let transaction = subject.begin().await;
        subject.ask(within(create(3), &transaction)).await;
        check(&subject.ask(within(update(&[1], "x"), &transaction)).await);
        assert_eq!(
            subject.ask(json!({ "transaction": "commit", "id": transaction })).await,
            json!({ "data": {} })
        );
        subject.is_usable(&backend).await;
        let answer =
            subject.ask(raw("executeRaw", r#"UPDATE "Note" SET text = 'x' WHERE id = 1"#, &json!([]))).await;
        let (code, meta) = error(&answer);
        assert_eq!((code, meta["message"].as_str()), ("P2010", Some(message)), "{answer}");
        lock.commit().await.unwrap();
        assert_eq!(subject.ids().await, [1]);
        assert_eq!(subject.ask(update(&[1], "y")).await, json!({ "data": { "updateMany": { "count": 1 } } }));
        subject.is_usable(&backend).await;
    }
}

#[tokio::test]
async fn of_two_transactions_in_a_deadlock_one_is_undone_and_the_other_goes_on() {
    let subject = Subject::with("connection_limit=2&pool_timeout=60").await;
    for id in 1..=2 {
        subject.ask(create(id)).await;
    }
    let (first, second) = (subject.begin().await, subject.begin().await);
    let write = async |id: i32, text: &str, transaction: &str| {
        subject.ask(within(update(&[id], &format!("{text} {id}")), transaction)).await
    };
    write(1, "first", &first).await;
    write(2, "second", &second).await;
    let (a, b) = tokio::join!(write(2, "first", &first), write(1, "second", &second));
    let [failed, done] =
        if a.get("error").is_some() { [(&a, &first), (&b, &second)] } else { [(&b, &second), (&a, &first)] };
    let (code, error) = cause(failed.0);
    // As with Prisma's driver adapter, which has a code for serialization failures only.
    assert_eq!(*code, Value::Null, "{error}");
    assert!(error["message"].as_str().unwrap().contains("conflict"), "{error}");
    assert!(done.0.get("error").is_none(), "{done:?}");
    for (_, transaction) in [failed, done] {
        let answer = subject.ask(json!({ "transaction": "commit", "id": transaction })).await;
        assert_eq!(answer, json!({ "data": {} }));
    }
    let sql = r#"SELECT DISTINCT split_part(text, ' ', 1) FROM "Note""#;
    let rows = subject.database.connect().await.query(sql, &[]).await.unwrap();
    assert_eq!(
        rows.len(),
        1,
        "the writes of one transaction are there as a whole, those of the other are not"
    );
    assert!(subject.ask(create(3)).await.get("error").is_none());
}

#[tokio::test]
async fn a_serialization_failure_undoes_the_transaction_and_leaves_the_connection() {
    let subject = Subject::with("connection_limit=2&pool_timeout=60").await;
    subject.ask(create(1)).await;
    for level in ["RepeatableRead", "Serializable"] {
        let options = json!({ "maxWait": 60_000, "timeout": 60_000, "isolationLevel": level });
        let answer = subject.ask(json!({ "transaction": "start", "options": options })).await;
        let transaction = answer["data"]["id"].as_str().unwrap().to_owned();
        subject.ask(within(find("findUnique", 1), &transaction)).await;
        subject.ask(within(create(7), &transaction)).await;
        subject.ask(update(&[1], level)).await;
        let answer = subject.ask(within(update(&[1], "x"), &transaction)).await;
        assert_eq!(error(&answer).0, "P2034", "{answer}");
        assert_eq!(
            subject.ask(json!({ "transaction": "commit", "id": transaction })).await,
            json!({ "data": {} })
        );
        assert_eq!(subject.ids().await, [1]);
    }
    // The commit itself fails: of two transactions that each read what the other writes.
    let options = json!({ "maxWait": 60_000, "timeout": 60_000, "isolationLevel": "Serializable" });
    let mut transactions = Vec::new();
    for id in [11, 12] {
        let answer = subject.ask(json!({ "transaction": "start", "options": options })).await;
        let transaction = answer["data"]["id"].as_str().unwrap().to_owned();
        let count = raw("queryRaw", r#"SELECT count(*) FROM "Note""#, &json!([]));
        subject.ask(within(count, &transaction)).await;
        transactions.push((id, transaction));
    }
    for (id, transaction) in &transactions {
        assert!(subject.ask(within(create(*id), transaction)).await.get("error").is_none());
    }
    let commit = |place: usize| json!({ "transaction": "commit", "id": transactions[place].1 });
    assert_eq!(subject.ask(commit(0)).await, json!({ "data": {} }));
    assert_eq!(error(&subject.ask(commit(1)).await).0, "P2034");
    assert_eq!(subject.ids().await, [1, 11]);
    assert!(subject.ask(create(2)).await.get("error").is_none());
}

/// The answer to a commit is not "done" if a statement was given up.
#[tokio::test]
async fn a_transaction_with_a_request_that_was_given_up_is_not_committed() {
    let subject = Subject::with(ONE).await;
    for commit in ["commit", "rollback"] {
        let transaction = subject.begin().await;
        subject.ask(within(create(1), &transaction)).await;
        let sleep = within(raw("queryRaw", "SELECT pg_sleep(3600)::text", &json!([])), &transaction);
        let asked = subject.ask(sleep);
        assert!(tokio::time::timeout(Duration::from_millis(200), asked).await.is_err());
        let answer = subject.ask(json!({ "transaction": commit, "id": transaction })).await;
        assert_eq!(error(&answer).0, "P2028", "{answer}");
        assert_eq!(subject.ids().await, Vec::<i32>::new());
        assert!(subject.ask(find("findUnique", 1)).await.get("error").is_none());
    }
}
