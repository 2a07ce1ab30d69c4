use serde_json::{Value, json};

use super::{Subject, create, find, raw};

impl Subject {
    async fn http(&self, request: &str, transaction: Option<&str>, body: &Value) -> (u16, Value) {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let answer = self.engine.answer_http(method, path, transaction, &body.to_string()).await;
        (answer.status, serde_json::from_str(&answer.body).expect("an answer is JSON"))
    }
}

#[tokio::test]
async fn requests_are_answered_as_prisma_client_reads_them() {
    let subject = Subject::new().await;
    let (status, answer) = subject.http("POST /", None, &create(1)).await;
    assert_eq!((status, answer), (200, json!({ "data": { "createOne": { "id": 1 } } })));
    let (status, answer) = subject.http("POST /", None, &create(1)).await;
    let error = &answer["errors"][0];
    let user_facing = &error["user_facing_error"];
    assert_eq!(
        (status, &user_facing["error_code"], &user_facing["is_panic"]),
        (200, &json!("P2002"), &json!(false))
    );
    assert_eq!((&user_facing["meta"]["target"], &user_facing["message"]), (&json!(["id"]), &error["error"]));
    assert_eq!(subject.http("GET /status", None, &json!(null)).await, (200, json!({ "status": "ok" })));
    let (status, trace) = subject.http("GET /boot_trace", None, &json!(null)).await;
    assert_eq!((status, &trace["spans"]), (200, &json!([])));
    for request in ["GET /", "POST /status", "POST /transaction", "POST /transaction/x/y", "GET /nothing"] {
        assert_eq!(subject.http(request, None, &json!({})).await.0, 404, "{request}");
    }
    let answer = subject.engine.answer_http("POST", "/", None, "no JSON").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_batch_with_transaction_has_one_error_and_any_other_an_answer_for_each_request() {
    let subject = Subject::new().await;
    subject.http("POST /", None, &create(1)).await;
    let requests = json!([create(2), create(1), create(3)]);
    let (_, answer) = subject.http("POST /", None, &json!({ "batch": requests, "transaction": {} })).await;
    let user_facing = &answer["errors"][0]["user_facing_error"];
    assert_eq!((&user_facing["error_code"], &user_facing["batch_request_idx"]), (&json!("P2002"), &json!(1)));
    assert!(answer.get("batchResult").is_none());

    let (_, answer) = subject.http("POST /", None, &json!({ "batch": requests })).await;
    let answers = answer["batchResult"].as_array().unwrap();
    assert_eq!((answers.len(), &answers[0]), (3, &json!({ "data": { "createOne": { "id": 2 } } })));
    for answer in &answers[1..] {
        assert_eq!(answer["errors"][0]["user_facing_error"]["error_code"], json!("P2002"));
    }
    assert_eq!(subject.ids().await, [1]);
}

#[tokio::test]
async fn interactive_transactions_are_named_by_a_header() {
    let subject = Subject::new().await;
    let options = json!({ "max_wait": 5000, "timeout": 5000, "isolation_level": "Serializable" });
    let (status, answer) = subject.http("POST /transaction/start", None, &options).await;
    let id = answer["id"].as_str().unwrap();
    assert_eq!(status, 200);
    let sql = raw("queryRaw", "SELECT current_setting('transaction_isolation')", &json!([]));
    let (_, answer) = subject.http("POST /", Some(id), &sql).await;
    assert_eq!(answer["data"]["queryRaw"]["rows"], json!([["serializable"]]));
    subject.http("POST /", Some(id), &create(1)).await;
    assert_eq!(subject.ids().await, Vec::<i32>::new());
    let commit = format!("POST /transaction/{id}/commit");
    assert_eq!(subject.http(&commit, None, &json!(null)).await, (200, json!({})));
    assert_eq!(subject.ids().await, [1]);

    // Errors of starting and ending are not in a list.
    let (status, answer) = subject.http(&commit, None, &json!(null)).await;
    assert_eq!((status, &answer["error_code"]), (422, &json!("P2028")));
    let (_, answer) = subject.http("POST /", Some(id), &find("findUnique", 1)).await;
    assert_eq!(answer["errors"][0]["user_facing_error"]["error_code"], json!("P2028"));
    let (status, answer) =
        subject.http("POST /transaction/start", None, &json!({ "isolation_level": "none" })).await;
    assert_eq!((status, &answer["error_code"]), (500, &json!("P2023")));
    let (status, answer) = subject.http("POST /transaction/unknown/rollback", None, &json!(null)).await;
    assert_eq!((status, &answer["error_code"]), (422, &json!("P2028")));
}
