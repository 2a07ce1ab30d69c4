//! Requests and answers as lines of JSON.

use std::time::Duration;

use serde_json::json;

use crate::engine::{Answer, Engine};
use crate::error::Error;
use crate::json::Json;
use crate::transaction::TransactionOptions;

impl Engine {
    /// Answers a line with a line.
    ///
    /// | request | answer |
    /// |---|---|
    /// | `{"modelName", "action", "query"}` | `{"data": {"findMany": […]}}` |
    /// | `{"batch": […], "transaction"?: {"isolationLevel"?}}` | `{"batchResult": [{"data": …}, …]}` |
    /// | `{"transaction": "start", "options": {"maxWait", "timeout", "isolationLevel"?}}` | `{"data": {"id": "…"}}` |
    /// | `{"transaction": "commit", "id"}`, or `"rollback"` | `{"data": {}}` |
    /// | a request or batch with `"txId"` | as above, within this transaction |
    /// | anything that fails | `{"error": {"code"?, "meta"?, "message"}}` |
    pub async fn answer_line(&self, line: &str) -> String {
        let answer = match serde_json::from_str(line) {
            Ok(request) => self.answer_request(&request).await,
            Err(error) => Err(Error::new("P2009", format!("the line is not JSON: {error}"))),
        };
        answer.unwrap_or_else(|error| failed(&error))
    }

    async fn answer_request(&self, request: &Json) -> Result<String, Error> {
        let text = |key| request.get(key).and_then(Json::as_str);
        let done = |()| r#"{"data":{}}"#.to_owned();
        let id = || text("id").ok_or_else(|| Error::new("P2009", "the `id` of the transaction is missing"));
        match text("transaction") {
            Some("start") => {
                let id = self.start(&options(request.get("options").unwrap_or(&Json::Null))).await?;
                Ok(json!({ "data": { "id": id } }).to_string())
            }
            Some("commit") => self.commit(id()?).await.map(done),
            Some("rollback") => self.roll_back(id()?).await.map(done),
            Some(other) => Err(Error::new("P2009", format!("the transaction command `{other}` is unknown"))),
            None => match self.answer_json(request, text("txId")).await? {
                Answer::Single(answer) => Ok(answer),
                Answer::Batch(answers) => {
                    let answers = answers.into_iter().map(|it| it.unwrap_or_else(|error| failed(&error)));
                    Ok(format!("{{\"batchResult\":[{}]}}", answers.collect::<Vec<_>>().join(",")))
                }
            },
        }
    }
}

fn failed(error: &Error) -> String {
    json!({ "error": error.to_json() }).to_string()
}

/// Reads the options of a transaction. What is missing is 0, which is refused.
fn options(json: &Json) -> TransactionOptions {
    let duration = |key| match json.get(key) {
        Some(Json::Int(milliseconds)) => {
            Duration::from_millis(u64::try_from(*milliseconds).unwrap_or_default())
        }
        _ => Duration::ZERO,
    };
    TransactionOptions {
        max_wait: duration("maxWait"),
        timeout: duration("timeout"),
        isolation_level: json.get("isolationLevel").and_then(Json::as_str).map(str::to_owned),
    }
}
