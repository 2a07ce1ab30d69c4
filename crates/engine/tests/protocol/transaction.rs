use std::time::Duration;

use serde_json::{Value, json};

use super::{Subject, create, error, find, raw, within};

fn start() -> Value {
    json!({ "transaction": "start", "options": { "maxWait": 5000, "timeout": 60_000 } })
}

fn end(how: &str, transaction: &str) -> Value {
    json!({ "transaction": how, "id": transaction })
}

async fn started(subject: &Subject, request: Value) -> String {
    let answer = subject.ask(request).await;
    answer["data"]["id"].as_str().unwrap_or_else(|| panic!("no id: {answer}")).to_owned()
}

#[tokio::test]
async fn what_is_committed_is_there_and_what_is_rolled_back_is_not() {
    let subject = Subject::new().await;
    for (id, how, remaining) in [(1, "commit", vec![1]), (2, "rollback", vec![1])] {
        let transaction = started(&subject, start()).await;
        assert_eq!(
            subject.ask(within(create(id), &transaction)).await,
            json!({ "data": { "createOne": { "id": id } } })
        );
        assert!(!subject.ids().await.contains(&id), "nobody else sees it yet");
        assert_eq!(subject.ask(end(how, &transaction)).await, json!({ "data": {} }));
        assert_eq!(subject.ids().await, remaining);
    }
}

#[tokio::test]
async fn an_ended_transaction_says_how_it_ended() {
    let subject = Subject::new().await;
    let late = |transaction: &str| {
        let batch = json!({ "batch": [create(9)], "txId": transaction });
        [within(create(9), transaction), batch, end("commit", transaction), end("rollback", transaction)]
    };
    for how in ["commit", "rollback"] {
        let transaction = started(&subject, start()).await;
        subject.ask(end(how, &transaction)).await;
        for request in late(&transaction) {
            let mut answer = subject.ask(request.clone()).await;
            // Of a batch, the first request fails.
            if request.get("batch").is_some() {
                answer = answer["batchResult"][0].clone();
            }
            assert_eq!(error(&answer).0, "P2028", "{request}");
        }
    }
    for request in [within(create(9), "unknown"), end("commit", "unknown")] {
        assert_eq!(error(&subject.ask(request).await).0, "P2028");
    }
    assert_eq!(subject.ids().await, Vec::<i32>::new());
}

#[tokio::test]
async fn a_transaction_is_rolled_back_when_its_time_is_over() {
    let subject = Subject::new().await;
    let options = json!({ "maxWait": 5000, "timeout": 100 });
    let transaction = started(&subject, json!({ "transaction": "start", "options": options })).await;
    subject.ask(within(create(1), &transaction)).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let requests = [
        (within(create(2), &transaction), "query"),
        (end("commit", &transaction), "commit"),
        (end("rollback", &transaction), "rollback"),
    ];
    for (request, operation) in requests {
        let answer = subject.ask(request).await;
        let (code, meta) = error(&answer);
        assert_eq!((code, &meta["operation"], &meta["timeout"]), ("P2028", &json!(operation), &json!(100)));
        assert!(meta["timeTaken"].as_u64().is_some_and(|taken| taken >= 100), "{meta}");
    }
    assert_eq!(subject.ids().await, Vec::<i32>::new());
    // The connection is free again.
    assert_eq!(
        subject.engine.answer_line(&create(1).to_string()).await,
        r#"{"data":{"createOne":{"id":1}}}"#
    );
}

/// As in Prisma, a statement that runs when the time is over comes to its end, and the next one is too late.
#[tokio::test]
async fn a_statement_that_runs_when_the_time_is_over_comes_to_its_end() {
    let subject = Subject::new().await;
    let options = json!({ "maxWait": 5000, "timeout": 100 });
    let transaction = started(&subject, json!({ "transaction": "start", "options": options })).await;
    let answer =
        subject.ask(within(raw("queryRaw", "SELECT pg_sleep(0.4)::text", &json!([])), &transaction)).await;
    assert_eq!(answer["data"]["queryRaw"]["rows"], json!([[""]]));
    let answer = subject.ask(within(create(1), &transaction)).await;
    assert_eq!(error(&answer).0, "P2028");
}

#[tokio::test]
async fn an_error_of_the_database_ends_the_transaction_and_another_does_not() {
    let subject =
        Subject::in_session("a missing parameter is found before only if statements are prepared", "").await;
    let transaction = started(&subject, start()).await;
    subject.ask(within(create(1), &transaction)).await;
    let answer = subject.ask(within(find("findUniqueOrThrow", 7), &transaction)).await;
    assert_eq!(error(&answer).0, "P2025");
    let answer = subject.ask(within(raw("queryRaw", "SELECT $1", &json!([])), &transaction)).await;
    assert_eq!(
        error(&answer).0,
        "P2010",
        "the parameter is missing, which the client finds before it sends anything"
    );
    subject.ask(within(create(2), &transaction)).await;
    assert_eq!(subject.ask(end("commit", &transaction)).await, json!({ "data": {} }));
    assert_eq!(subject.ids().await, [1, 2]);

    let transaction = started(&subject, start()).await;
    subject.ask(within(create(3), &transaction)).await;
    let answer = subject.ask(within(create(1), &transaction)).await;
    assert_eq!(error(&answer).0, "P2002");
    // PostgreSQL answers COMMIT with ROLLBACK.
    assert!(subject.ask(within(create(4), &transaction)).await.get("error").is_some());
    assert_eq!(subject.ask(end("commit", &transaction)).await, json!({ "data": {} }));
    assert_eq!(subject.ids().await, [1, 2]);
}

#[tokio::test]
async fn transactions_have_the_isolation_that_they_ask_for() {
    let subject = Subject::new().await;
    let level = || raw("queryRaw", "SELECT current_setting('transaction_isolation')", &json!([]));
    for (name, shown) in [
        ("ReadUncommitted", "read uncommitted"),
        ("ReadCommitted", "read committed"),
        ("RepeatableRead", "repeatable read"),
        ("Serializable", "serializable"),
    ] {
        let options = json!({ "maxWait": 5000, "timeout": 5000, "isolationLevel": name });
        let transaction = started(&subject, json!({ "transaction": "start", "options": options })).await;
        let answer = subject.ask(within(level(), &transaction)).await;
        assert_eq!(answer["data"]["queryRaw"]["rows"], json!([[shown]]));
        subject.ask(end("rollback", &transaction)).await;
        let answer =
            subject.ask(json!({ "batch": [level()], "transaction": { "isolationLevel": name } })).await;
        assert_eq!(answer["batchResult"][0]["data"]["queryRaw"]["rows"], json!([[shown]]));
    }
    for (options, code, meta) in [
        (
            json!({ "maxWait": 1, "timeout": 1, "isolationLevel": "Snapshot" }),
            "P2028",
            json!({ "isolationLevel": "SNAPSHOT" }),
        ),
        (
            json!({ "maxWait": 1, "timeout": 1, "isolationLevel": "serializable" }),
            "P2023",
            json!({ "providedIsolationLevel": "serializable" }),
        ),
        (json!({ "maxWait": 1 }), "P2028", json!(null)),
        (json!({ "timeout": 1 }), "P2028", json!(null)),
    ] {
        let answer = subject.ask(json!({ "transaction": "start", "options": options })).await;
        assert_eq!(error(&answer), (code, &meta), "{options}");
    }
}

#[tokio::test]
async fn a_transaction_waits_for_a_connection_as_long_as_it_is_told() {
    let subject = Subject::with("connection_limit=1").await;
    let transaction = started(&subject, start()).await;
    let options = json!({ "maxWait": 100, "timeout": 5000 });
    let answer = subject.ask(json!({ "transaction": "start", "options": options })).await;
    assert_eq!(error(&answer).0, "P2028");
    subject.ask(end("rollback", &transaction)).await;
    started(&subject, start()).await;
}

#[tokio::test]
async fn a_conflict_of_transactions_has_its_code() {
    let subject = Subject::new().await;
    subject.ask(create(1)).await;
    let options = json!({ "maxWait": 5000, "timeout": 5000, "isolationLevel": "Serializable" });
    let transaction = started(&subject, json!({ "transaction": "start", "options": options })).await;
    subject.ask(within(find("findUnique", 1), &transaction)).await;
    let update = json!({
        "modelName": "Note",
        "action": "updateMany",
        "query": { "arguments": { "data": { "text": "x" } }, "selection": { "$scalars": true } }
    });
    subject.ask(update.clone()).await;
    assert_eq!(error(&subject.ask(within(update, &transaction)).await).0, "P2034");
}

/// Requests that come at the same moment take turns on the connection.
#[tokio::test]
async fn requests_of_a_transaction_may_overlap() {
    let subject = Subject::new().await;
    let transaction = &started(&subject, start()).await;
    let answers = (1..=20).map(|id| subject.ask(within(create(id), transaction)));
    for (answer, id) in futures_util::future::join_all(answers).await.iter().zip(1..) {
        assert_eq!(answer["data"]["createOne"]["id"], json!(id));
    }
    subject.ask(end("commit", transaction)).await;
    assert_eq!(subject.ids().await.len(), 20);
}

#[tokio::test]
async fn closing_rolls_open_transactions_back() {
    let subject = Subject::new().await;
    let transaction = started(&subject, start()).await;
    subject.ask(within(create(1), &transaction)).await;
    subject.engine.close().await;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()";
    let row = subject.database.connect().await.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), subject.ids().await), (0, Vec::new()));
    assert_eq!(error(&subject.ask(create(2)).await).0, "P1017");
}

/// A request, a start or an end that is given up must not cost a connection: there is only one here.
#[tokio::test]
async fn what_is_given_up_leaves_no_connection_and_no_transaction_behind() {
    let subject = Subject::with("connection_limit=1").await;
    let give_up = async |request: Value, after: u64| {
        let asked = subject.ask(request);
        assert!(tokio::time::timeout(Duration::from_millis(after), asked).await.is_err(), "it takes longer");
    };
    let sleep = || raw("queryRaw", "SELECT pg_sleep(30)::text", &json!([]));
    // A request in a transaction is given up. The transaction can still be rolled back, without a wait for the statement.
    let transaction = started(&subject, start()).await;
    subject.ask(within(create(1), &transaction)).await;
    give_up(within(sleep(), &transaction), 200).await;
    // So is the start of another, which waits for the connection.
    give_up(start(), 100).await;
    let ended =
        tokio::time::timeout(Duration::from_secs(10), subject.ask(end("rollback", &transaction))).await;
    assert_eq!(
        error(&ended.expect("it does not wait")).0,
        "P2028",
        "the statement was cancelled with its connection"
    );
    assert_eq!(subject.ids().await, Vec::<i32>::new());
    // A batch and a single request are given up.
    give_up(json!({ "batch": [create(2), sleep()] }), 200).await;
    give_up(sleep(), 200).await;
    assert_eq!(subject.ids().await, Vec::<i32>::new());
    let transaction = started(&subject, start()).await;
    subject.ask(within(create(3), &transaction)).await;
    subject.ask(end("commit", &transaction)).await;
    assert_eq!(subject.ids().await, [3]);
}

/// The connection is cut, as by a restart of the server.
#[tokio::test]
async fn a_transaction_whose_connection_is_lost_is_over_and_others_go_on() {
    let subject = Subject::new().await;
    let transaction = started(&subject, start()).await;
    subject.ask(within(create(1), &transaction)).await;
    let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    subject.database.connect().await.query(sql, &[]).await.unwrap();
    let answer = subject.ask(within(create(2), &transaction)).await;
    assert!(answer.get("error").is_some(), "{answer}");
    assert!(subject.ask(end("commit", &transaction)).await.get("error").is_some());
    assert_eq!(error(&subject.ask(end("rollback", &transaction)).await).0, "P2028");
    assert_eq!(subject.ask(create(3)).await, json!({ "data": { "createOne": { "id": 3 } } }));
    assert_eq!(subject.ids().await, [3]);
}
