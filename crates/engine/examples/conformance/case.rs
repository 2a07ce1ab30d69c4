//! A case of the conformance suite: a schema, its tables, requests one after the other, and Prisma's answers.

use nicol_engine::Engine;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use testkit::TestDatabase;

use super::equal::{Rows, Variables, equal, raw_is_equal};

/// Drops everything in a database.
const RESET: &str = r"
    SET client_min_messages = warning;
    DO $$ DECLARE r record; BEGIN
        FOR r IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
            LOOP EXECUTE format('DROP SCHEMA %I CASCADE', r.nspname); END LOOP;
        FOR r IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'
            LOOP EXECUTE format('DROP EXTENSION %I CASCADE', r.extname); END LOOP;
    END $$;
    CREATE SCHEMA public;
";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Case {
    pub(crate) name: String,
    schema: String,
    setup: String,
    #[serde(default)]
    db_schemas: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
pub(crate) struct Step {
    sql: Option<String>,
    /// Milliseconds.
    sleep: Option<u64>,
    /// As it is written: the order of fields is the order of nested writes.
    request: Option<Box<RawValue>>,
    #[serde(default)]
    ordered: Vec<String>,
    #[serde(default)]
    expect: Value,
}

/// How a case went, at its first step that is not as expected.
#[derive(Debug)]
pub(crate) enum Outcome {
    Equal,
    /// The same code, but another `meta`.
    OtherMeta(String),
    /// What nicol says that it does not support.
    NotSupported(String),
    Different(String),
}

impl Case {
    /// Returns a case whose tables are all in the schema `public`, or made by the setup.
    #[allow(dead_code, reason = "the tests use it")]
    pub(crate) fn new(name: String, schema: String, setup: String, steps: Vec<Step>) -> Self {
        Self { name, schema, setup, db_schemas: Vec::new(), steps }
    }

    /// Runs it on a database that is emptied before.
    pub(crate) async fn run(&self, database: &TestDatabase) -> Outcome {
        let client = database.connect().await;
        let schemas = self.db_schemas.iter().map(|name| format!("CREATE SCHEMA IF NOT EXISTS \"{name}\";"));
        let sql = format!("{RESET}{}{}", schemas.collect::<String>(), self.setup);
        if let Err(error) = client.batch_execute(&sql).await {
            return Outcome::Different(format!("the tables cannot be made: {error:?}"));
        }
        let Ok(schema) = nicol_schema::validate(&self.schema).into_result() else {
            return Outcome::Different("the schema has errors".to_owned());
        };
        let engine = match Engine::new(schema, &database.url_text()) {
            Ok(engine) => engine,
            Err(error) => return Outcome::Different(error.to_string()),
        };
        let mut known = Variables::new();
        let mut worst = Outcome::Equal;
        for step in &self.steps {
            if let Some(sql) = &step.sql
                && let Err(error) = client.batch_execute(sql).await
            {
                worst = Outcome::Different(format!("{sql}: {error:?}"));
                break;
            }
            if let Some(milliseconds) = step.sleep {
                tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
            }
            let Some(request) = &step.request else { continue };
            let request = filled_text(request.get(), &known);
            let text = engine.answer_line(&request).await;
            let answer = serde_json::from_str(&text).unwrap_or_default();
            let outcome = step.compare(&request, &answer, &mut known);
            let detail =
                |why: &str| format!("{why}\nrequest  {request}\nexpected {}\ngot      {text}", step.expect);
            match outcome {
                Outcome::Equal => {}
                Outcome::OtherMeta(why) => worst = Outcome::OtherMeta(detail(&why)),
                Outcome::NotSupported(what) => {
                    worst = Outcome::NotSupported(what);
                    break;
                }
                Outcome::Different(why) => {
                    worst = Outcome::Different(detail(&why));
                    break;
                }
            }
        }
        engine.close().await;
        worst
    }
}

impl Step {
    fn compare(&self, request: &str, answer: &Value, known: &mut Variables) -> Outcome {
        let request: Value = serde_json::from_str(request).unwrap_or_default();
        let Some(expected) = self.expect["batchResult"].as_array() else {
            return compare(&request, &self.expect, answer, &self.ordered, known);
        };
        let Some(actual) = answer["batchResult"].as_array() else {
            return unexpected(answer, "no results of a batch");
        };
        let mut worst = Outcome::Equal;
        for (place, (expected, actual)) in expected.iter().zip(actual).enumerate() {
            let prefix = format!("{place}:");
            let ordered =
                self.ordered.iter().filter_map(|path| path.strip_prefix(&prefix).map(str::to_owned));
            let request = &request["batch"][place];
            match compare(request, expected, actual, &ordered.collect::<Vec<_>>(), known) {
                Outcome::Equal => {}
                meta @ Outcome::OtherMeta(_) => worst = meta,
                other => return other,
            }
        }
        if expected.len() == actual.len() {
            worst
        } else {
            Outcome::Different(format!("{} answers instead of {}", actual.len(), expected.len()))
        }
    }
}

fn compare(
    request: &Value,
    expected: &Value,
    actual: &Value,
    ordered: &[String],
    known: &mut Variables,
) -> Outcome {
    if let Some(expected) = expected.get("error") {
        let Some(error) = actual.get("error") else { return unexpected(actual, "no error") };
        if expected["code"] != error["code"] {
            return unexpected(
                actual,
                &format!("the error {} instead of {}", error["code"], expected["code"]),
            );
        }
        let meta = expected["meta"].as_object().into_iter().flatten();
        // What the driver says, and sentences, are not the same.
        let differing = meta
            .filter(|(key, _)| !matches!(key.as_str(), "driverAdapterError" | "details"))
            .find(|(key, value)| !equal(value, &error["meta"][key.as_str()], None, known));
        return match differing {
            Some((key, _)) => Outcome::OtherMeta(format!("another `{key}`")),
            None => Outcome::Equal,
        };
    }
    if actual.get("error").is_some() {
        return unexpected(actual, "an error");
    }
    let content =
        |answer: &Value| match answer["data"].as_object().map(|data| data.values().collect::<Vec<_>>()) {
            // The client takes the only value, whatever its name.
            Some(values) if values.len() == 1 => values[0].clone(),
            _ => answer["data"].clone(),
        };
    let (expected, actual) = (content(expected), content(actual));
    let is_equal = match request["action"].as_str() {
        Some("queryRaw") => raw_is_equal(&expected, &actual, known),
        Some("executeRaw") | None => equal(&expected, &actual, None, known),
        Some(_) => equal(&expected, &actual, Some((Rows::new(request.get("query"), ordered), "")), known),
    };
    if is_equal { Outcome::Equal } else { Outcome::Different("other data".to_owned()) }
}

/// What is wrong, unless nicol says that it does not support the request.
fn unexpected(actual: &Value, why: &str) -> Outcome {
    let error = actual.get("error").or_else(|| actual["batchResult"].as_array()?.last()?.get("error"));
    match error {
        Some(error) if error["code"] == json!("P2026") => {
            Outcome::NotSupported(error["message"].as_str().unwrap_or_default().to_owned())
        }
        _ => Outcome::Different(why.to_owned()),
    }
}

/// The text of a request with the values of its variables.
fn filled_text(text: &str, known: &Variables) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if text.contains("\"$var\"") || text.contains("\"$template\"") => {
            filled(&value, known).to_string()
        }
        _ => text.to_owned(),
    }
}

/// A request with the values of its variables.
fn filled(value: &Value, known: &Variables) -> Value {
    match value {
        Value::Object(object) if object.len() == 1 && object.contains_key("$var") => {
            known.get(object["$var"].as_str().unwrap_or_default()).cloned().unwrap_or_default()
        }
        Value::Object(object) if object.len() == 1 && object.contains_key("$template") => {
            let mut text = object["$template"].as_str().unwrap_or_default().to_owned();
            for (name, value) in known {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                text = text.replace(&format!("${{{name}}}"), &value);
            }
            text.into()
        }
        Value::Object(object) => {
            Value::Object(object.iter().map(|(key, value)| (key.clone(), filled(value, known))).collect())
        }
        Value::Array(list) => list.iter().map(|value| filled(value, known)).collect(),
        other => other.clone(),
    }
}
