//! The tool `find`: rows by the names of the schema, as Prisma Client asks for them.

use std::time::Duration;

use anyhow::{Context as _, bail};
use nicol_engine::{Answer, Engine, Error, TransactionOptions};
use nicol_schema::Schema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cut::{self, ROWS, Rows};

/// Stops statements, and makes the transaction one that only reads. Both end with it.
const LIMITS: &str =
    "SELECT set_config('statement_timeout', '10s', true), set_config('transaction_read_only', 'on', true)";

/// An engine, for as long as the schema and the database stay the same.
pub(super) struct Opened {
    text: String,
    url: String,
    engine: Engine,
}

impl Opened {
    pub(super) async fn close(self) {
        self.engine.close().await;
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Find {
    model: String,
    action: Action,
    #[serde(default)]
    arguments: Map<String, Value>,
    selection: Option<Map<String, Value>>,
}

/// What can be asked for. None of these writes.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Action {
    FindMany,
    FindUnique,
    Count,
    Aggregate,
    GroupBy,
}

impl Find {
    /// Returns the request in Prisma's JSON protocol.
    fn into_request(mut self) -> Value {
        let is_list = matches!(self.action, Action::FindMany | Action::GroupBy);
        let by = self.arguments.get("by").cloned().unwrap_or_default();
        let by = if let Value::Array(names) = by { names } else { vec![by] };
        let by: Vec<&str> = by.iter().filter_map(Value::as_str).collect();
        if self.action == Action::GroupBy && !self.arguments.contains_key("orderBy") {
            // A limit needs an order.
            let order: Vec<Value> = by.iter().map(|name| json!({ *name: "asc" })).collect();
            self.arguments.insert("orderBy".to_owned(), order.into());
        }
        // One more than is shown, to know whether there are more.
        let most = i64::try_from(ROWS).unwrap_or(i64::MAX - 1) + 1;
        let take = self.arguments.get("take").filter(|take| !take.is_null());
        match take.map(Value::as_i64) {
            _ if !is_list => {}
            // What is no number is refused by the engine.
            Some(None) => {}
            Some(Some(take)) => {
                self.arguments.insert("take".to_owned(), take.clamp(-most, most).into());
            }
            None => {
                self.arguments.insert("take".to_owned(), most.into());
            }
        }
        let (action, selection) = match self.action {
            Action::FindMany => ("findMany", json!({ "$scalars": true })),
            Action::FindUnique => ("findUnique", json!({ "$scalars": true })),
            Action::Count | Action::Aggregate => {
                ("aggregate", json!({ "_count": { "arguments": {}, "selection": { "_all": true } } }))
            }
            Action::GroupBy => (
                "groupBy",
                by.iter().map(|name| ((*name).to_owned(), true.into())).collect::<Map<_, _>>().into(),
            ),
        };
        let selection = match self.selection {
            Some(given) if self.action != Action::Count => Value::Object(given),
            _ => selection,
        };
        let query = json!({ "arguments": self.arguments, "selection": selection });
        json!({ "modelName": self.model, "action": action, "query": query })
    }
}

/// Reads rows in a transaction that only reads, and rolls it back.
pub(super) async fn find(
    opened: &mut Option<Opened>,
    (schema, text): (Schema, String),
    url: String,
    find: Find,
) -> anyhow::Result<String> {
    if opened.as_ref().is_some_and(|it| it.text != text || it.url != url)
        && let Some(old) = opened.take()
    {
        old.close().await;
    }
    let engine = match opened {
        Some(opened) => &opened.engine,
        None => {
            let engine = Engine::new(schema, &url)?;
            &opened.insert(Opened { text, url, engine }).engine
        }
    };
    let request = find.into_request();
    let seconds = Duration::from_secs;
    let options = TransactionOptions { max_wait: seconds(10), timeout: seconds(30), isolation_level: None };
    let id = engine.start(&options).await.map_err(|error| refused(&error))?;
    let result = async {
        let limits = json!({ "arguments": { "query": LIMITS, "parameters": "[]" }, "selection": {} });
        let limits = json!({ "action": "queryRaw", "query": limits });
        engine.answer(&limits.to_string(), Some(&id)).await?;
        engine.answer(&request.to_string(), Some(&id)).await
    };
    let result = result.await;
    // There is nothing to keep. If the connection is lost, the result says so.
    let _ = engine.roll_back(&id).await;
    let Answer::Single(answer) = result.map_err(|error| refused(&error))? else {
        bail!("the engine answered with a batch");
    };
    let answer: Value = serde_json::from_str(&answer).context("the engine's answer is not JSON")?;
    let action = request["action"].as_str().unwrap_or_default();
    Ok(match answer["data"][action].clone() {
        Value::Array(items) => {
            let mut rows = Rows::default();
            let _ = items.into_iter().all(|item| rows.push(item));
            format!("{{{}}}", rows.members())
        }
        mut single => {
            cut::values(&mut single);
            single.to_string()
        }
    })
}

/// Has the details of an error, which say which argument is meant.
fn refused(error: &Error) -> anyhow::Error {
    let code = error.code().map(|code| format!(" ({code})")).unwrap_or_default();
    let mut meta = Value::Object(error.meta().clone());
    cut::values(&mut meta);
    anyhow::anyhow!("{error}{code}\n{meta}")
}
