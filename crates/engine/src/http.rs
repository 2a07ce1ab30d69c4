//! Requests and answers over HTTP, as Prisma Client with `engineType = "binary"` exchanges them with its engine.
//!
//! Source: Prisma 6.19, `packages/client/src/runtime/core/engines/binary/BinaryEngine.ts`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::{Answer, Engine};
use crate::error::Error;
use crate::json::Json;
use crate::transaction::TransactionOptions;

/// The answer to an HTTP request. Its body is JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl HttpAnswer {
    fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, body: body.into() }
    }

    /// Returns the answer for a request that failed before it reached the engine.
    pub fn refused(status: u16, message: &str) -> Self {
        Self { status, body: Error::without_code(message).to_user_facing().to_string() }
    }
}

impl Engine {
    /// Answers an HTTP request. `transaction` is the header `X-transaction-id`.
    ///
    /// | request | body | answer |
    /// |---|---|---|
    /// | `POST /` | `{"modelName", "action", "query"}` | `{"data": …}`, or `{"errors": [{"error", "user_facing_error"}]}` |
    /// | `POST /` | `{"batch": […], "transaction"?}` | `{"batchResult": […]}`, or `{"errors": […]}` if a batch with `transaction` fails |
    /// | `POST /transaction/start` | `{"max_wait", "timeout", "isolation_level"?}` | `{"id"}` |
    /// | `POST /transaction/{id}/commit`, `rollback` | | `{}` |
    /// | `GET /status` | | `{"status": "ok"}` |
    /// | `GET /boot_trace` | | no spans |
    pub async fn answer_http(
        &self,
        method: &str,
        path: &str,
        transaction: Option<&str>,
        body: &str,
    ) -> HttpAnswer {
        let path: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, &path[..]) {
            ("POST", [""]) => self.answer_body(transaction, body).await,
            ("POST", ["transaction", "start"]) => match self.start(&options(body)).await {
                Ok(id) => HttpAnswer::ok(json!({ "id": id }).to_string()),
                Err(error) => failed(504, &error),
            },
            ("POST", ["transaction", id, "commit"]) => ended(self.commit(id).await),
            ("POST", ["transaction", id, "rollback"]) => ended(self.roll_back(id).await),
            ("GET", ["status"]) => HttpAnswer::ok(r#"{"status":"ok"}"#),
            ("GET", ["boot_trace"]) => HttpAnswer::ok(r#"{"spans":[],"events":[]}"#),
            _ => HttpAnswer::refused(404, "the engine does not answer this request"),
        }
    }

    async fn answer_body(&self, transaction: Option<&str>, body: &str) -> HttpAnswer {
        let request: Json = match serde_json::from_str(body) {
            Ok(request) => request,
            Err(error) => return HttpAnswer::refused(400, &format!("the request is not JSON: {error}")),
        };
        let answer = match self.answer_json(&request, transaction).await {
            Ok(Answer::Single(answer)) => answer,
            Ok(Answer::Batch(answers)) => {
                let is_atomic = request.get("transaction").is_some_and(|options| *options != Json::Null);
                let requests = match request.get("batch") {
                    Some(Json::List(requests)) => requests.len(),
                    _ => answers.len(),
                };
                batch(&answers, requests, is_atomic)
            }
            Err(error) => errors(&error, None).to_string(),
        };
        HttpAnswer::ok(answer)
    }
}

/// Returns the body for a batch. All of a batch with `transaction` fails. Otherwise each request has an answer, and those that were not run
/// after the first error have the same error: without any, Prisma Client would take them for rows that do not exist.
fn batch(answers: &[Result<String, Error>], requests: usize, is_atomic: bool) -> String {
    let failure =
        answers.iter().enumerate().find_map(|(index, answer)| Some((index, answer.as_ref().err()?)));
    if let Some((index, error)) = failure
        && is_atomic
    {
        return errors(error, Some(index)).to_string();
    }
    let rest = failure.map(|(_, error)| errors(error, None).to_string());
    let rest = rest.into_iter().cycle().take(requests.saturating_sub(answers.len()));
    let answers: Vec<String> = answers
        .iter()
        .map(|answer| match answer {
            Ok(answer) => answer.clone(),
            Err(error) => errors(error, None).to_string(),
        })
        .chain(rest)
        .collect();
    format!("{{\"batchResult\":[{}]}}", answers.join(","))
}

fn errors(error: &Error, request: Option<usize>) -> Value {
    let mut user_facing = error.to_user_facing();
    if let Some(request) = request {
        user_facing["batch_request_idx"] = request.into();
    }
    json!({ "errors": [{ "error": error.to_string(), "user_facing_error": user_facing }] })
}

fn ended(result: Result<(), Error>) -> HttpAnswer {
    result.map_or_else(|error| failed(422, &error), |()| HttpAnswer::ok("{}"))
}

/// Returns the answer for a transaction that cannot be started or ended; `status` is for the errors of transactions.
fn failed(status: u16, error: &Error) -> HttpAnswer {
    let status = if error.code() == Some("P2028") { status } else { 500 };
    HttpAnswer { status, body: error.to_user_facing().to_string() }
}

/// Reads the options of a transaction. What is missing is 0, which is refused.
fn options(body: &str) -> TransactionOptions {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let duration =
        |key: &str| Duration::from_millis(json.get(key).and_then(Value::as_u64).unwrap_or_default());
    TransactionOptions {
        max_wait: duration("max_wait"),
        timeout: duration("timeout"),
        isolation_level: json.get("isolation_level").and_then(Value::as_str).map(str::to_owned),
    }
}
