use std::fs;

use nicol_lsp::Ended;
use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::{Editor, apply, range};

const USER: &str = "model User {\n  id    Int    @id\n  posts Post[]\n}\n";
const POST: &str =
    "model Post {\n  id   Int  @id\n  by   Int\n  user User @relation(fields: [by], references: [id])\n}\n";

#[test]
fn diagnostics_follow_the_text() {
    let mut editor = Editor::new(&[]);
    editor.open_with("a.prisma", &format!("{DATASOURCE}model A {{\n  id Int @id\n  b  Bee\n}}\n"));
    let found = editor.diagnostics("a.prisma");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error 6:5-6:8 "), "{found:?}");
    let published = editor.published.last().expect("they have arrived");
    assert_eq!(published["diagnostics"][0]["source"], "nicol");
    assert_eq!(published["diagnostics"][0]["code"], "type-unknown");
    editor.change("a.prisma", &format!("{DATASOURCE}model A {{\n  id Int @id\n}}\n"));
    assert_eq!(editor.diagnostics("a.prisma"), [""; 0]);
    assert_eq!(editor.end(), Ended::Orderly);
}

#[test]
fn errors_that_prisma_shows_later_are_shown_at_once() {
    let mut editor = Editor::new(&[]);
    let text = format!("{DATASOURCE}model A {{\n  id Itn @id\n}}\nmodel B {{\n  a Int\n}}\n");
    editor.open_with("a.prisma", &text);
    let found = editor.diagnostics("a.prisma");
    assert_eq!(found.len(), 2, "the unknown type, and the model without a key: {found:?}");
}

#[test]
fn what_the_client_omits_is_dimmed() {
    let mut editor = Editor::new(&[]);
    editor.open_with("a.prisma", &format!("{DATASOURCE}model A {{\n  id Int @id\n  b Int? @ignore\n}}\n"));
    let found = editor.diagnostics("a.prisma");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("hint 6:2-"), "{found:?}");
    assert_eq!(editor.published[0]["diagnostics"][0]["tags"], json!([1]));
}

#[test]
fn changes_of_parts_are_applied() {
    let mut editor = Editor::new(&[]);
    editor.open_with("a.prisma", DATASOURCE);
    let part = |line: u32, from: u32, to: u32, text: &str| json!({ "range": { "start": { "line": line, "character": from }, "end": { "line": line, "character": to } }, "text": text });
    let changes =
        json!([part(4, 0, 0, "model É😀 {\n"), part(4, 7, 9, "a"), part(5, 0, 0, "id Int @id\n}\n")]);
    let document = json!({ "uri": editor.uri("a.prisma"), "version": 2 });
    editor.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    let params = json!({ "textDocument": { "uri": editor.uri("a.prisma") } });
    let symbols = editor.request("textDocument/documentSymbol", params);
    assert_eq!(symbols[1]["name"], "Éa");
}

#[test]
fn files_of_a_folder_are_one_schema() {
    let files = [
        ("package.json", r#"{"prisma": {"schema": "db"}}"#),
        ("db/base.prisma", DATASOURCE),
        ("db/user.prisma", USER),
    ];
    let mut editor = Editor::new(&files);
    editor.open_with("db/sub/post.prisma", POST);
    assert_eq!(editor.diagnostics("db/sub/post.prisma"), [""; 0], "it is not saved, but the others know it");
    editor.change("db/sub/post.prisma", "");
    assert_eq!(editor.diagnostics("db/sub/post.prisma"), [""; 0]);
    let found = editor.diagnostics("db/user.prisma");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`Post`"), "the file that is not open has the error: {found:?}");
    editor.published.clear();
    editor.close("db/sub/post.prisma");
    assert_eq!(editor.diagnostics("db/user.prisma"), [""; 0], "nothing is left when no document is open");
    assert_eq!(editor.end(), Ended::Orderly);
}

#[test]
fn files_that_appear_change_and_vanish_on_disk_are_noticed() {
    let files = [("db/base.prisma", DATASOURCE), ("db/user.prisma", USER)];
    let mut editor = Editor::new(&files);
    editor.open("db/user.prisma");
    assert_eq!(editor.diagnostics("db/user.prisma").len(), 1);
    for (text, errors) in [(Some(POST), 0), (Some("model Pst {\n}\n"), 1), (Some(POST), 0), (None, 1)] {
        match text {
            Some(text) => editor.write("db/post.prisma", text),
            None => fs::remove_file(editor.path("db/post.prisma")).expect("it is there"),
        }
        editor.published.clear();
        editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
        assert_eq!(editor.diagnostics("db/user.prisma").len(), errors, "{text:?}");
    }
}

#[test]
fn schemas_of_a_workspace_do_not_mix() {
    let schema = |name: &str| format!("{DATASOURCE}model {name} {{\n  id Int @id\n}}\n");
    let both = [("one/schema.prisma", schema("A")), ("two/schema.prisma", schema("A"))];
    let beside = [("db/one.prisma", schema("A")), ("db/two.prisma", schema("A"))];
    for [first, second] in [both, beside] {
        let mut editor = Editor::new(&[(first.0, &first.1), (second.0, &second.1)]);
        editor.open(first.0);
        editor.open(second.0);
        assert_eq!(editor.diagnostics(first.0), [""; 0]);
        assert_eq!(editor.diagnostics(second.0), [""; 0]);
    }
}

#[test]
fn the_given_schema_comes_first() {
    let files = [("db/base.prisma", DATASOURCE), ("db/user.prisma", "model A {\n  id Int @id\n  b B\n}\n")];
    let mut editor = Editor::with(&files, &json!({}), Some("db/user.prisma"));
    editor.open("db/user.prisma");
    let found = editor.diagnostics("db/user.prisma");
    assert!(found.iter().any(|it| it.contains("`B`")), "{found:?}");
}

#[test]
fn a_document_without_a_file_is_a_schema_of_its_own() {
    let mut editor = Editor::new(&[("a.prisma", DATASOURCE)]);
    editor.open_with("untitled:Untitled-1", &format!("{DATASOURCE}model A {{\n  id Int\n}}\n"));
    assert_eq!(editor.diagnostics("untitled:Untitled-1").len(), 1);
}

#[test]
fn documents_are_formatted_as_the_command_does() {
    let mut editor = Editor::new(&[("db/base.prisma", DATASOURCE), ("db/user.prisma", USER)]);
    let post =
        "model Post {\n id Int @id\n by Int\n user User @relation(fields: [by], references: [id])\n}\n";
    for text in
        [post, &post.replace('\n', "\r\n"), "model A {\n  id Int @id\n  b 😀\n x String @map(\"é\")\n}"]
    {
        editor.open_with("db/post.prisma", text);
        let params = json!({ "textDocument": { "uri": editor.uri("db/post.prisma") }, "options": { "tabSize": 2, "insertSpaces": true } });
        let edits = editor.request("textDocument/formatting", params.clone());
        let formatted = apply(text, &edits);
        let sources = nicol_schema::Sources::new([("base", DATASOURCE), ("post", text), ("user", USER)]);
        assert_eq!(formatted, nicol_schema::format_files(&sources)[1]);
        editor.change("db/post.prisma", &formatted);
        assert_eq!(editor.request("textDocument/formatting", params), json!([]), "nothing is left to do");
        editor.close("db/post.prisma");
    }
}

#[test]
fn the_outline_has_blocks_and_their_contents() {
    let mut editor = Editor::new(&[]);
    editor.open_with("a.prisma", include_str!("everything.prisma"));
    let symbols = editor
        .request("textDocument/documentSymbol", json!({ "textDocument": { "uri": editor.uri("a.prisma") } }));
    let line = |it: &Value| {
        format!(
            "{} {} {} {}",
            it["name"].as_str().expect("a name"),
            it["detail"].as_str().unwrap_or("-"),
            it["kind"],
            range(&it["selectionRange"])
        )
    };
    let blocks: Vec<String> = symbols.as_array().expect("a list").iter().map(line).collect();
    expect_test::expect![[r"
        db datasource 23 1:11-1:13
        client generator 12 8:10-8:16
        User model 5 14:6-14:10
        Post model 5 30:6-30:10
        Summary view 5 43:5-43:12
        Role enum 10 49:5-49:9"]]
    .assert_eq(&blocks.join("\n"));
    let fields: Vec<String> = symbols[3]["children"].as_array().expect("a list").iter().map(line).collect();
    expect_test::expect![[r#"
        a Int 8 31:2-31:3
        b String 8 32:2-32:3
        at DateTime 8 33:2-33:4
        author User 8 34:2-34:8
        raw Unsupported("tsvector")? 8 35:2-35:5
        ignored Decimal? 8 36:2-36:9"#]]
    .assert_eq(&fields.join("\n"));
}
