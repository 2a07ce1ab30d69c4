//! What Prisma's engine prints on its standard output: a line of JSON for each event, which Prisma Client reads.
//!
//! Source: Prisma 6.19, `packages/client/src/runtime/core/engines/binary/BinaryEngine.ts` and `common/utils/log.ts`.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{SecondsFormat, Utc};
use nicol::{QueryEvent, Value};
use serde_json::{Value as Json, json};

/// Returns the line that says where the engine listens. Prisma Client waits for it.
pub fn started(address: SocketAddr) -> String {
    let fields = json!({
        "message": format!("Started query engine http server on http://{address}"),
        "ip": address.ip().to_string(),
        "port": address.port().to_string(),
    });
    line("INFO", "query_engine::server", &fields)
}

/// Returns the line of a statement that has run. Unlike any other log of nicol, it contains the values of parameters: Prisma Client passes
/// them to `$on("query")`, and asks for these lines only then.
pub fn query(event: &QueryEvent<'_>) -> String {
    let params: Json = event.reveal_params().map(shown).collect();
    let fields = json!({
        "query": event.sql,
        "params": params.to_string(),
        "duration_ms": u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX),
        "item_type": "query",
        "is_query": true,
    });
    line("DEBUG", "nicol::query", &fields)
}

fn line(level: &str, target: &str, fields: &Json) -> String {
    let timestamp = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({ "timestamp": timestamp, "level": level, "fields": fields, "target": target }).to_string()
}

/// Returns a value as JavaScript would show it. What JSON lacks is a text.
fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::BigInt(value) => value.to_string().into(),
        Value::Float(value) => (*value).into(),
        Value::Decimal(value) => value.to_plain_string().into(),
        Value::Text(text) => text.clone().into(),
        Value::Bytes(bytes) => STANDARD.encode(bytes).into(),
        Value::DateTime(time) => time.format("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
        Value::Date(date) => date.to_string().into(),
        Value::Time(time) => time.to_string().into(),
        Value::Uuid(uuid) => uuid.to_string().into(),
        Value::Json(json) => json.to_string().into(),
        Value::List(values) => values.iter().map(shown).collect(),
    }
}
