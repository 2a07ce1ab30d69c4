//! Messages: JSON-RPC 2.0, one a line.

use serde_json::{Value, json};

/// The revisions of the protocol that this server speaks, the newest first. They differ in nothing that it uses.
const REVISIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
pub(super) const UNKNOWN_METHOD: i32 = -32601;
pub(super) const INVALID_PARAMS: i32 = -32602;

/// A message of the client.
pub(super) enum Incoming {
    Request {
        id: Value,
        method: String,
        params: Value,
    },
    /// The message is none; this is the answer.
    Invalid(Value),
    /// A notification, or the answer to a request, of which this server has none.
    Nothing,
}

/// Parses a line. Returns an answer if it is not JSON, and `None` if it is empty.
pub(super) fn parse(line: &[u8]) -> Option<Result<Value, Value>> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    let parsed = serde_json::from_slice(line);
    Some(
        parsed
            .map_err(|problem| error(&Value::Null, PARSE_ERROR, &format!("the line is not JSON: {problem}"))),
    )
}

impl Incoming {
    pub(super) fn of(mut message: Value) -> Self {
        let id = message.get("id").cloned();
        let has_id = id.as_ref().is_some_and(|id| id.is_string() || id.is_i64() || id.is_u64());
        let answer_to = if has_id { id.clone().unwrap_or_default() } else { Value::Null };
        let invalid = |what: &str| Self::Invalid(error(&answer_to, INVALID_REQUEST, what));
        if !message.is_object() || message.get("jsonrpc") != Some(&json!("2.0")) {
            return invalid("the message is not an object of JSON-RPC 2.0");
        }
        let Some(method) = message.get("method").and_then(Value::as_str).map(str::to_owned) else {
            let is_answer = message.get("result").is_some() || message.get("error").is_some();
            return if is_answer { Self::Nothing } else { invalid("`method` is missing") };
        };
        let params = message.get_mut("params").map_or_else(|| json!({}), Value::take);
        match id {
            None => Self::Nothing,
            Some(_) if !has_id => invalid("`id` is neither a string nor an integer"),
            Some(id) if !params.is_object() => {
                Self::Invalid(error(&id, INVALID_PARAMS, "`params` is not an object"))
            }
            Some(id) => Self::Request { id, method, params },
        }
    }
}

/// Whether a line cancels a request.
pub(super) fn cancels(line: &[u8], id: &Value) -> bool {
    serde_json::from_slice::<Value>(line).is_ok_and(|message| {
        message["method"] == "notifications/cancelled" && message["params"]["requestId"] == *id
    })
}

/// Agrees on a revision: the client's, or the newest of this server.
pub(super) fn initialize(params: &Value, instructions: &str) -> Result<Value, (i32, String)> {
    let wanted = params.get("protocolVersion").and_then(Value::as_str);
    let wanted = wanted.ok_or_else(|| (INVALID_PARAMS, "`protocolVersion` is missing".to_owned()))?;
    let revision = REVISIONS.into_iter().find(|revision| *revision == wanted).unwrap_or(REVISIONS[0]);
    Ok(json!({
        "protocolVersion": revision,
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "nicol", "version": env!("CARGO_PKG_VERSION") },
        "instructions": instructions,
    }))
}

pub(super) fn result(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

pub(super) fn error(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}
