//! `nicol mcp`: tools for assistants that write code, in the Model Context Protocol over standard input and output.
//!
//! Source: modelcontextprotocol.io, specification 2025-06-18: "Lifecycle", "Tools", "Transports" (stdio).

mod tools;

use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;

/// The versions of the protocol, the newest first.
const VERSIONS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];

const INSTRUCTIONS: &str = "Tools for the Prisma schema of this project and its PostgreSQL database. They read only: nothing is \
                            written, neither files nor rows. To change the database, edit the schema file and ask the user \
                            to run `nicol migrate dev`.";

// Codes of JSON-RPC 2.0.
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;

/// Answers messages, one a line, until the input ends.
pub(super) async fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let mut lines = Context::input_lines();
    while let Some(line) = lines.next().await? {
        if let Some(answer) = answer(ctx, project, &line).await {
            ctx.report.output(&format!("{answer}\n"));
        }
    }
    Ok(Exit::Success)
}

/// Answers a message; a notification has no answer.
async fn answer(ctx: &mut Context, project: &Project, line: &str) -> Option<Value> {
    let Ok(message) = serde_json::from_str::<Value>(line) else {
        return Some(failure(&Value::Null, PARSE_ERROR, "the message is not JSON"));
    };
    let id = message.get("id").cloned();
    let method = message.get("method").and_then(Value::as_str);
    let (Some(id), Some(method)) = (&id, method) else {
        let is_notification = method.is_some() && id.is_none();
        let is_answer = message.get("result").is_some() || message.get("error").is_some();
        let wrong =
            || failure(&Value::Null, INVALID_REQUEST, "the message has neither a method nor an answer");
        return (!is_notification && !is_answer).then(wrong);
    };
    let params = message.get("params").unwrap_or(&Value::Null);
    let result = match method {
        "initialize" => initialize(params),
        "ping" => json!({}),
        "tools/list" => json!({ "tools": tools::list() }),
        "tools/call" => {
            let name = params["name"].as_str().unwrap_or_default();
            if !tools::exists(name) {
                return Some(failure(id, INVALID_PARAMS, &format!("there is no tool `{name}`")));
            }
            let (text, is_error) = match Box::pin(tools::call(ctx, project, name, &params["arguments"])).await
            {
                Ok(text) => (text, false),
                Err(error) => (tools::without_secrets(&crate::report::described(&error).1), true),
            };
            json!({ "content": [{ "type": "text", "text": text }], "isError": is_error })
        }
        _ => return Some(failure(id, METHOD_NOT_FOUND, &format!("there is no method `{method}`"))),
    };
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn initialize(params: &Value) -> Value {
    let wanted = params["protocolVersion"].as_str().unwrap_or_default();
    let version = VERSIONS.iter().find(|version| **version == wanted).unwrap_or(&VERSIONS[0]);
    json!({
        "protocolVersion": version,
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "nicol", "version": env!("CARGO_PKG_VERSION") },
        "instructions": INSTRUCTIONS,
    })
}

fn failure(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}
