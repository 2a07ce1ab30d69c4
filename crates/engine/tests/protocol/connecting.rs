//! A database that cannot be reached: the answer says where, why and what to do, with Prisma's code and without a secret.

use nicol_engine::Engine;
use nicol_pg::ConnectionUrl;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{SCHEMA, create};
use testkit::{PrivateServer, Stop, TestDatabase};

/// Asks in every way; the answers are equal. Returns the error.
async fn refused(url: &str) -> Value {
    let schema = nicol_schema::validate(SCHEMA).schema.expect("the schema is valid");
    let engine = match Engine::new(schema, url) {
        Ok(engine) => engine,
        Err(error) => return error.to_json(),
    };
    let options = json!({ "maxWait": 60_000, "timeout": 60_000 });
    let requests = [
        create(1),
        json!({ "batch": [create(1), create(2)], "transaction": {} }),
        json!({ "transaction": "start", "options": options }),
    ];
    let mut errors = vec![engine.connect().await.expect_err("it cannot be reached").to_json()];
    for request in requests {
        let answer = engine.answer_line(&request.to_string()).await;
        let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
        errors.push(answer["error"].clone());
    }
    assert!(errors.iter().all(|error| error == &errors[0]), "{errors:#?}");
    assert!(!errors[0].to_string().contains("hunter2"), "{}", errors[0]);
    errors.swap_remove(0)
}

#[track_caller]
fn check(error: &Value, code: &str, cause: &Value, parts: &[&str]) {
    assert_eq!(error["code"], code, "{error}");
    assert_eq!(error["meta"]["driverAdapterError"]["cause"], *cause, "{error}");
    let message = error["message"].as_str().expect("an error has a message");
    for part in parts.iter().chain(&["\nhelp: "]) {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let error = refused(&format!("postgresql://u:hunter2@127.0.0.1:{port}/d")).await;
    let cause = json!({ "kind": "DatabaseNotReachable", "host": "127.0.0.1", "port": port });
    let place = format!("`127.0.0.1:{port}`");
    check(&error, "P1001", &cause, &[&place, "refused", "check host and port"]);
    let error = refused("postgresql://u:hunter2@no-such-host.invalid/d").await;
    let cause = json!({ "kind": "DatabaseNotReachable", "host": "no-such-host.invalid", "port": 5432 });
    check(&error, "P1001", &cause, &["`no-such-host.invalid:5432`"]);
    let error = refused("postgresql://u:hunter2@localhost/d?host=/none").await;
    let cause = json!({ "kind": "DatabaseNotReachable", "host": "/none/.s.PGSQL.5432", "port": null });
    check(&error, "P1001", &cause, &["`/none/.s.PGSQL.5432`", "No such file"]);
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_database_are_told_apart() {
    let database = TestDatabase::create().await;
    let url = database.direct_url().with_user("postgres", Some("hunter2"));
    let error = refused(&url.to_url_with_password()).await;
    let cause = json!({ "kind": "AuthenticationFailed", "user": "postgres" });
    check(&error, "P1000", &cause, &["user `postgres`", "password authentication failed"]);
    let error = refused(&database.direct_url().with_database("gone").to_url_with_password()).await;
    let cause = json!({ "kind": "DatabaseDoesNotExist", "db": "gone" });
    check(&error, "P1003", &cause, &["`gone` does not exist"]);
}

#[tokio::test]
async fn a_server_without_tls_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut asked = [0; 8];
            let _ = client.read_exact(&mut asked).await;
            let _ = client.write_all(b"N").await;
        }
    });
    let error = refused(&format!("postgresql://u:hunter2@127.0.0.1:{port}/d?sslmode=require")).await;
    let reason = error["meta"]["driverAdapterError"]["cause"]["reason"].clone();
    assert!(reason.as_str().is_some_and(|reason| !reason.is_empty()), "{error}");
    let cause = json!({ "kind": "TlsConnectionError", "reason": reason });
    let place = format!("`127.0.0.1:{port}`");
    check(&error, "P1011", &cause, &[&place, "sslmode=disable"]);
    let error = refused("postgresql://u:hunter2@127.0.0.1:1/d?sslmode=require&sslrootcert=/none.pem").await;
    let reason = error["meta"]["driverAdapterError"]["cause"]["reason"].clone();
    check(&error, "P1011", &json!({ "kind": "TlsConnectionError", "reason": reason }), &["`/none.pem`"]);
    server.abort();
}

#[tokio::test]
async fn a_server_that_is_stopped_is_not_there() {
    let server = PrivateServer::start(&[]).await;
    server.stop(Stop::Fast).await;
    let url: &ConnectionUrl = server.url();
    let error = refused(&url.to_url_with_password()).await;
    assert_eq!(error["code"], "P1001", "{error}");
}
