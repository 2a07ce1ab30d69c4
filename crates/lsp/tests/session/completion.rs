use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::{Editor, apply};

/// Returns the labels at the cursor.
fn labels(text: &str) -> Vec<String> {
    let mut editor = Editor::new(&[]);
    let found = editor.at("textDocument/completion", "a.prisma", text, &json!({}));
    found
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["label"].as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn names_of_other_files_are_offered() {
    let mut editor =
        Editor::new(&[("db/base.prisma", DATASOURCE), ("db/role.prisma", "enum Role {\n  A\n}\n")]);
    let found = editor.at(
        "textDocument/completion",
        "db/user.prisma",
        "model User {\n  id Int @id\n  role <|>\n}\n",
        &json!({}),
    );
    let labels: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|it| it["label"].as_str()).collect();
    assert!(
        labels.contains(&"Role") && labels.contains(&"User") && labels.contains(&"DateTime"),
        "{labels:?}"
    );
}

#[test]
fn the_written_part_is_replaced() {
    let mut editor = Editor::new(&[]);
    let text = "model A {\n  id Int @id @def<|>\n}\n";
    let found = editor.at("textDocument/completion", "a.prisma", text, &json!({}));
    let item =
        found.as_array().expect("a list").iter().find(|it| it["label"] == "@default").expect("it is offered");
    let edited = apply(&text.replace("<|>", ""), &json!([item["textEdit"]]));
    assert_eq!(edited, "model A {\n  id Int @id @default\n}\n");
}

#[test]
fn the_cursor_is_put_between_quotes_if_the_editor_can() {
    let text = "datasource db {\n  url = <|>\n}\n";
    let able = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    for (capabilities, expected) in [(able, "env(\"$0\")"), (json!({}), "env(\"\")")] {
        let mut editor = Editor::with(&[], &capabilities, None);
        let found = editor.at("textDocument/completion", "a.prisma", text, &json!({}));
        assert_eq!(found[0]["textEdit"]["newText"], expected);
        assert_eq!(found[0].get("insertTextFormat") == Some(&json!(2)), expected.contains('$'));
    }
}

#[test]
fn nothing_is_offered_where_any_name_may_stand() {
    for text in ["model <|>", "// <|>", "model A {\n  x String @map(\"<|>\")\n}\n"] {
        assert_eq!(labels(text), [""; 0], "{text}");
    }
    let mut editor = Editor::new(&[]);
    let position = json!({ "line": 0, "character": 0 });
    let params = json!({ "textDocument": { "uri": editor.uri("unopened.prisma") }, "position": position });
    assert_eq!(editor.request("textDocument/completion", params), Value::Null);
}
