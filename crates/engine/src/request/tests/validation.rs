//! What requests are refused, with which code and where.

use serde_json::Value;

use crate::error::Error;
use crate::json::Json;
use crate::request;
use crate::schema::Schema;

/// Requests on `schemas/all.prisma`, a line each, and what Prisma answers: `ok`, or the code, kind and path of the error.
const REQUESTS: &str = include_str!("requests.txt");

#[test]
fn requests_are_refused_as_by_prisma() {
    let source = nicol_schema::validate(include_str!("schemas/all.prisma")).schema.expect("it is valid");
    let schema = Schema::new(source);
    let mut differences = Vec::new();
    for line in REQUESTS.lines().filter(|line| !line.starts_with('#')) {
        let (request, expected) = line.rsplit_once(" => ").expect("a line has a request and an answer");
        let mut parts = request.splitn(3, ' ');
        let (model, action) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let query: Json = serde_json::from_str(parts.next().unwrap_or_default()).expect("the query is JSON");
        let found = match request::plan(&schema, model, action, &query) {
            Ok(_) => "ok".to_owned(),
            Err(error) => describe(&error),
        };
        if found != expected {
            differences.push(format!("{request}\n    {found} instead of {expected}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Returns the code of an error, its kind, and the path of what is wrong.
fn describe(error: &Error) -> String {
    let Some(code) = error.code() else { return "without code".to_owned() };
    let kind = error.meta().get("kind").and_then(Value::as_str);
    let path = error.meta().get("argumentPath").or(error.meta().get("selectionPath"));
    let path = path
        .and_then(Value::as_array)
        .map(|path| path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."));
    [Some(code.to_owned()), kind.map(str::to_owned), path].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
