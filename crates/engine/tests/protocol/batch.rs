use std::sync::{Arc, Mutex};

use nicol_engine::Engine;
use serde_json::{Value, json};

use super::{Subject, create, error, find, raw};

#[tokio::test]
async fn a_batch_is_atomic_and_ends_at_its_first_error() {
    let subject = Subject::new().await;
    for options in [json!(null), json!({})] {
        let batch = json!({ "batch": [create(1), create(2)], "transaction": options });
        let ids = [1, 2].map(|id| json!({ "data": { "createOne": { "id": id } } }));
        assert_eq!(subject.ask(batch).await, json!({ "batchResult": ids }));
        let batch = json!({ "batch": [create(3), create(1), create(4)], "transaction": options });
        let answer = subject.ask(batch).await;
        let answers = answer["batchResult"].as_array().unwrap();
        assert_eq!((answers.len(), error(&answers[1]).0), (2, "P2002"), "{answer}");
        assert_eq!(subject.ids().await, [1, 2]);
        subject.ask(raw("executeRaw", r#"DELETE FROM "Note""#, &json!([]))).await;
    }
}

#[tokio::test]
async fn a_batch_with_a_request_that_does_not_fit_the_schema_runs_nothing() {
    let subject = Subject::new().await;
    let wrong = json!({ "modelName": "Note", "action": "createOne", "query": { "arguments": { "data": { "none": 1 } }, "selection": {} } });
    let answer = subject.ask(json!({ "batch": [create(1), wrong] })).await;
    assert_eq!(error(&answer).0, "P2009");
    assert_eq!(subject.ids().await, Vec::<i32>::new());
    assert_eq!(subject.ask(json!({ "batch": [] })).await, json!({ "batchResult": [] }));
}

/// The commit fails, which is the error of no request.
#[tokio::test]
async fn a_batch_that_cannot_be_committed_fails_as_a_whole() {
    let subject = Subject::new().await;
    let sql = r#"ALTER TABLE "Note" ADD CONSTRAINT late UNIQUE (kind) DEFERRABLE INITIALLY DEFERRED"#;
    subject.ask(raw("executeRaw", sql, &json!([]))).await;
    let answer = subject.ask(json!({ "batch": [create(1), create(2)] })).await;
    assert_eq!(error(&answer).0, "P2002");
    assert_eq!(subject.ids().await, Vec::<i32>::new());
}

/// Returns an engine that keeps the statements which it runs.
fn observed(subject: Subject) -> (Subject, Arc<Mutex<Vec<String>>>) {
    let statements = Arc::new(Mutex::new(Vec::new()));
    let Subject { database, engine } = subject;
    let kept = Arc::clone(&statements);
    let engine: Engine = engine.on_query(move |event| {
        if !event.is_transaction() {
            kept.lock().expect("nothing panics with the lock").push(event.sql.to_owned());
        }
    });
    (Subject { database, engine }, statements)
}

#[tokio::test]
async fn find_unique_of_many_is_one_query() {
    let (subject, statements) = observed(Subject::new().await);
    for id in [1, 2, 3] {
        subject.ask(create(id)).await;
    }
    statements.lock().unwrap().clear();
    let requests = [3, 7, 1, 3].map(|id| find("findUnique", id));
    let answer = subject.ask(json!({ "batch": requests })).await;
    let note = |id: Value| json!({ "data": { "findUnique": id } });
    let row = |id: i32| note(json!({ "id": id, "text": null }));
    assert_eq!(answer, json!({ "batchResult": [row(3), note(json!(null)), row(1), row(3)] }));
    assert_eq!(statements.lock().unwrap().len(), 1, "{statements:?}");
    // Those that miss fail alone.
    let requests = [7, 2].map(|id| find("findUniqueOrThrow", id));
    let answer = subject.ask(json!({ "batch": requests })).await;
    let answers = answer["batchResult"].as_array().unwrap();
    assert_eq!((answers.len(), error(&answers[0]).0), (2, "P2025"));
    assert_eq!(answers[1], json!({ "data": { "findUniqueOrThrow": { "id": 2, "text": null } } }));
    assert_eq!(statements.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn find_unique_by_keys_of_two_columns_is_one_query_too() {
    let (subject, statements) = observed(Subject::new().await);
    let sql = r#"INSERT INTO "Note" (id, kind, text) VALUES (1, 'a', 'bc'), (2, 'ab', 'c')"#;
    subject.ask(raw("executeRaw", sql, &json!([]))).await;
    statements.lock().unwrap().clear();
    let request = |kind: &str, text: &str| {
        let key = json!({ "kind_text": { "kind": kind, "text": text } });
        let query = json!({ "arguments": { "where": key }, "selection": { "id": true } });
        json!({ "modelName": "Note", "action": "findUnique", "query": query })
    };
    let batch = [request("ab", "c"), request("a", "bc"), request("a", "b")];
    let answer = subject.ask(json!({ "batch": batch })).await;
    let note = |note: Value| json!({ "data": { "findUnique": note } });
    assert_eq!(
        answer,
        json!({ "batchResult": [note(json!({ "id": 2 })), note(json!({ "id": 1 })), note(json!(null))] })
    );
    assert_eq!(statements.lock().unwrap().len(), 1, "{statements:?}");
}

#[tokio::test]
async fn find_unique_with_other_conditions_or_selections_stays_apart() {
    let (subject, statements) = observed(Subject::new().await);
    subject.ask(create(1)).await;
    statements.lock().unwrap().clear();
    let mut other = find("findUnique", 1);
    other["query"]["selection"] = json!({ "kind": true });
    let mut more = find("findUnique", 1);
    more["query"]["arguments"]["where"] = json!({ "id": 1, "text": { "not": "x" } });
    let mut contains = find("findUnique", 1);
    contains["query"]["arguments"]["where"] = json!({ "id": 1, "kind": { "contains": "lai" } });
    for batch in [[find("findUnique", 1), other], [more.clone(), more], [contains.clone(), contains]] {
        statements.lock().unwrap().clear();
        let answer = subject.ask(json!({ "batch": batch })).await;
        assert_eq!(answer["batchResult"].as_array().map(Vec::len), Some(2), "{answer}");
        assert_eq!(statements.lock().unwrap().len(), 2, "{statements:?}");
    }
}
