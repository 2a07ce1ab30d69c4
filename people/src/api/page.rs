//! The page that shows the API document to people.

use std::sync::Arc;

use askama::Template;
use axum::response::Html;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::problem::Kind;
use crate::app::Site;
use crate::extract::SignedIn;
use crate::views::{Page, html};

/// The methods in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The contents of the page, which are the same for every user.
#[derive(Default)]
pub(crate) struct Contents {
    about: String,
    cookie: &'static str,
    operations: Vec<Operation>,
    types: Vec<Type>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Field>,
    body: Option<Body>,
    answers: Vec<Answer>,
    curl: String,
}

/// A parameter, or a field of a type.
struct Field {
    name: String,
    place: String,
    rule: String,
    required: bool,
    text: String,
}

struct Body {
    media_types: String,
    kind: String,
}

struct Answer {
    status: String,
    text: String,
    problems: Vec<Kind>,
}

struct Type {
    name: String,
    text: String,
    fields: Vec<Field>,
    example: Option<String>,
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    page: Page,
    contents: Arc<Contents>,
    problems: [Kind; 17],
}

/// `GET /api`: a browser that is not signed in is sent to do so.
pub(crate) fn show(user: &SignedIn, contents: Arc<Contents>) -> Html<String> {
    html(&ApiPage { page: user.page(), contents, problems: Kind::ALL })
}

impl Contents {
    /// Reads the document as any client would.
    pub(crate) fn of(document: &OpenApi, site: &Site) -> Self {
        let document = serde_json::to_value(document).unwrap_or_default();
        let operations = members(&document["paths"]).flat_map(|(path, item)| {
            let known = METHODS.iter().filter(|method| item.get(method).is_some());
            known.map(|method| operation(&document, site, method, path, &item[method])).collect::<Vec<_>>()
        });
        let types = members(&document["components"]["schemas"]).map(|(name, schema)| kind(name, schema));
        Self {
            about: text(&document["info"]["description"]),
            cookie: site.session_cookie(),
            operations: operations.collect(),
            types: types.filter(|kind| !kind.fields.is_empty()).collect(),
        }
    }
}

fn operation(document: &Value, site: &Site, method: &str, path: &str, operation: &Value) -> Operation {
    let body = members(&operation["requestBody"]["content"]).collect::<Vec<_>>();
    let answers = members(&operation["responses"]).map(|(status, answer)| {
        let answer = resolve(document, answer);
        let is_problem = answer["content"].get(super::problem::MEDIA_TYPE).is_some();
        let has_status = |kind: &Kind| is_problem && kind.status().to_string() == *status;
        let problems: Vec<Kind> = Kind::ALL.into_iter().filter(has_status).collect();
        let text = if problems.is_empty() { text(&answer["description"]) } else { String::new() };
        Answer { status: status.clone(), text, problems }
    });
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        parameters: items(&operation["parameters"]).map(parameter).collect(),
        body: body.first().map(|(_, content)| Body {
            media_types: body.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" or "),
            kind: type_name(&content["schema"]).to_owned(),
        }),
        answers: answers.collect(),
        curl: curl(document, site, method, path, operation),
    }
}

fn parameter(parameter: &Value) -> Field {
    Field {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        rule: rule(&parameter["schema"]),
        required: parameter["required"] == true,
        text: text(&parameter["description"]),
    }
}

fn kind(name: &str, schema: &Value) -> Type {
    let fields = members(&schema["properties"]).map(|(field, property)| Field {
        name: field.clone(),
        place: String::new(),
        rule: rule(property),
        required: items(&schema["required"]).any(|required| required == field),
        text: text(&property["description"]),
    });
    let example = schema["examples"].get(0).and_then(|example| serde_json::to_string_pretty(example).ok());
    Type { name: name.to_owned(), text: text(&schema["description"]), fields: fields.collect(), example }
}

/// What a value may be, in a few words.
fn rule(schema: &Value) -> String {
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        several => items(several).filter_map(Value::as_str).collect(),
    };
    let mut words = vec![if kinds.is_empty() { type_name(schema).to_owned() } else { kinds.join(" or ") }];
    words.extend(schema["format"].as_str().map(str::to_owned));
    if let Some(values) = schema["enum"].as_array() {
        words.push(values.iter().map(text).collect::<Vec<_>>().join(" or "));
    }
    if schema["items"].is_object() {
        words.push(format!("of {}", type_name(&schema["items"])));
    }
    for (key, label) in
        [("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"), ("maxItems", "at most")]
    {
        if let Some(number) = schema[key].as_u64() {
            let unit = if key == "maxLength" { " characters" } else { "" };
            words.push(format!("{label} {number}{unit}"));
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

/// A command that can be pasted; the cookie is the only thing to fill in.
fn curl(document: &Value, site: &Site, method: &str, path: &str, operation: &Value) -> String {
    let mut lines = vec![format!("curl --cookie {}=$SESSION", site.session_cookie())];
    if method != "get" {
        lines.push(format!("--request {}", method.to_uppercase()));
    }
    let mut path = path.to_owned();
    for parameter in items(&operation["parameters"]) {
        let (name, example) = (text(&parameter["name"]), text(&parameter["example"]));
        match parameter["in"].as_str() {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &example),
            Some("header") if method != "get" => lines.push(format!("--header '{name}: {example}'")),
            Some("query") if !example.is_empty() => path = format!("{path}?{name}={example}"),
            _ => {}
        }
    }
    if let Some((media_type, content)) = members(&operation["requestBody"]["content"]).next() {
        let example = &resolve(document, &content["schema"])["examples"][0];
        lines.push(format!("--header 'Content-Type: {media_type}'"));
        lines.push(format!("--data '{example}'"));
    }
    lines.push(format!("'{}{path}'", site.origin));
    lines.join(" \\\n  ")
}

/// What a reference within the document leads to.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn type_name(schema: &Value) -> &str {
    schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
