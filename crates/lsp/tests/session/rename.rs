use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::{Editor, apply};

/// Renames what is at the cursor in `a.prisma`. The files that change are returned.
fn rename(editor: &mut Editor, files: &[(&str, &str)], text: &str, new: &str) -> BTreeMap<String, String> {
    let edit = editor.at("textDocument/rename", "db/a.prisma", text, &json!({ "newName": new }));
    let changes = edit["changes"].as_object().expect("an edit");
    let mut texts: BTreeMap<&str, String> =
        files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    texts.insert("db/a.prisma", text.replace("<|>", ""));
    let changed = changes.iter().map(|(uri, edits)| {
        let path = editor.path_of(uri);
        let changed = apply(&texts[path.as_str()], edits);
        (path, changed)
    });
    changed.collect()
}

/// Renames in one file, and compares the result. `text` stands after the datasource.
fn check(text: &str, new: &str, expected: &str) {
    let mut editor = Editor::new(&[("db/base.prisma", DATASOURCE)]);
    let changed = rename(&mut editor, &[], text, new);
    assert_eq!(changed["db/a.prisma"], expected, "{text}");
    assert_eq!(changed.len(), 1);
}

/// Returns why a rename is refused.
fn refusal(text: &str, new: &str) -> String {
    let mut editor = Editor::new(&[("db/base.prisma", DATASOURCE)]);
    editor.open_with("db/a.prisma", "");
    let line = text[..text.find("<|>").expect("a cursor")].matches('\n').count();
    let before = &text[..text.find("<|>").expect("a cursor")];
    let character = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    editor.change("db/a.prisma", &text.replace("<|>", ""));
    let id = editor.ask(
        "textDocument/rename",
        json!({
            "textDocument": { "uri": editor.uri("db/a.prisma") },
            "position": { "line": line, "character": character },
            "newName": new,
        }),
    );
    editor.response(id).response_result.expect_err("it is refused").message
}

#[test]
fn the_table_keeps_its_name() {
    check(
        "model Us<|>er {\n  id Int @id\n  other User? @relation(fields: [id], references: [id], name: \"a\")\n  others User? @relation(\"a\")\n}\n",
        "Person",
        "model Person {\n  id Int @id\n  other Person? @relation(fields: [id], references: [id], name: \"a\")\n  others Person? @relation(\"a\")\n\n  @@map(\"User\")\n}\n",
    );
    check(
        "model User {\n  id Int @id\n\n  @@map(\"users\")\n}\nmodel B {\n  id Int @id\n  u  Us<|>er[]\n}\n",
        "Person",
        "model Person {\n  id Int @id\n\n  @@map(\"users\")\n}\nmodel B {\n  id Int @id\n  u  Person[]\n}\n",
    );
}

#[test]
fn the_column_keeps_its_name() {
    check(
        "model A {\n  id Int @id\n  a<|> Int @unique /// The first.\n  b Int\n\n  @@index([a(sort: Desc), b])\n}\n",
        "first",
        "model A {\n  id Int @id\n  first Int @unique @map(\"a\") /// The first.\n  b Int\n\n  @@index([first(sort: Desc), b])\n}\n",
    );
    check(
        "model A {\n  id Int @id\n  a String? @map(\"x\") // End.\n\n  @@index([<|>a])\n}\n",
        "b",
        "model A {\n  id Int @id\n  b String? @map(\"x\") // End.\n\n  @@index([b])\n}\n",
    );
}

#[test]
fn relation_fields_have_no_column() {
    check(
        "model A {\n  id Int @id\n  b<|>s B[]\n}\nmodel B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n",
        "bees",
        "model A {\n  id Int @id\n  bees B[]\n}\nmodel B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n",
    );
}

#[test]
fn enums_and_their_values_keep_their_names() {
    check(
        "enum Ro<|>le {\n  READER\n}\nmodel A {\n  id Int @id\n  r Role @default(READER)\n}\n",
        "Kind",
        "enum Kind {\n  READER\n\n  @@map(\"Role\")\n}\nmodel A {\n  id Int @id\n  r Kind @default(READER)\n}\n",
    );
    check(
        "enum Role {\n  READER // Reads.\n}\nmodel A {\n  id Int @id\n  r Role[] @default([READ<|>ER])\n}\n",
        "VISITOR",
        "enum Role {\n  VISITOR @map(\"READER\") // Reads.\n}\nmodel A {\n  id Int @id\n  r Role[] @default([VISITOR])\n}\n",
    );
}

#[test]
fn join_tables_keep_their_names() {
    check(
        "model A<|> {\n  id Int @id\n  cs C[]\n}\nmodel C {\n  id Int @id\n  as A[]\n}\n",
        "B",
        "model B {\n  id Int @id\n  cs C[] @relation(\"AToC\")\n\n  @@map(\"A\")\n}\nmodel C {\n  id Int @id\n  as B[] @relation(\"AToC\")\n}\n",
    );
}

#[test]
fn renames_that_would_change_the_database_are_refused() {
    let models = "model A<|> {\n  id Int @id\n  cs C[]\n}\nmodel C {\n  id Int @id\n  as A[]\n}\n";
    assert!(refusal(models, "D").starts_with("renaming to `D` would change the database"));
    let fields = "model A {\n  id Int @id\n  a<|> A[] @relation(\"r\")\n  b A[] @relation(\"r\")\n}\n";
    assert!(refusal(fields, "c").starts_with("renaming to `c` would change the database"));
}

#[test]
fn names_that_cannot_be_are_refused() {
    let text = "model A<|> {\n  id Int @id\n}\nenum E {\n  V\n}\n";
    for (new, expected) in [
        ("1", "cannot be a name"),
        ("a b", "cannot be a name"),
        ("É", "cannot be a name"),
        ("", "cannot be a name"),
        ("String", "is reserved"),
        ("class", "is reserved"),
        ("E", "there is already a `E`"),
    ] {
        assert!(refusal(text, new).contains(expected), "{new}");
    }
    assert!(refusal("model A {\n  id Int @id\n  b<|> Int\n}\n", "id").contains("there is already a `id`"));
}

#[test]
fn a_schema_with_errors_can_be_renamed_in() {
    check("model A<|> {\n  b A\n  ???\n}\n", "B", "model B {\n  b B\n  ???\n\n  @@map(\"A\")\n}\n");
    check("model A {\n  b<|> Int\n  ???\n}\n", "c", "model A {\n  c Int @map(\"b\")\n  ???\n}\n");
}

#[test]
fn all_files_change_and_name_their_versions() {
    let user = "model User {\r\n  id Int @id\r\n  posts Post[]\r\n}\r\n";
    let files = [("db/base.prisma", DATASOURCE), ("db/user.prisma", user)];
    let text =
        "model Post {\n  id Int @id\n  by Int\n  user Us<|>er @relation(fields: [by], references: [id])\n}\n";
    let mut editor = Editor::new(&files);
    let changed = rename(&mut editor, &files, text, "Person");
    assert_eq!(
        changed["db/user.prisma"],
        "model Person {\r\n  id Int @id\r\n  posts Post[]\r\n\r\n  @@map(\"User\")\r\n}\r\n"
    );
    assert!(changed["db/a.prisma"].contains("user Person @relation"));
    let able = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut editor = Editor::with(&files, &able, None);
    let edit = editor.at("textDocument/rename", "db/a.prisma", text, &json!({ "newName": "Person" }));
    let changes = edit["documentChanges"].as_array().expect("a list");
    let versions: Vec<&Value> = changes.iter().map(|it| &it["textDocument"]["version"]).collect();
    assert_eq!(versions, [&json!(1), &Value::Null], "the other file is not open");
}

#[test]
fn only_names_of_the_schema_can_be_renamed() {
    for (text, expected) in [
        ("model A {\n  id In<|>t @id\n}\n", None),
        ("model A {\n  id Int @i<|>d\n}\n", None),
        ("model A {\n  b Be<|>e\n}\n", None),
        ("model A {\n  <|>id Int @id\n}\n", Some("id")),
        ("datasource d<|>b {\n}\n", Some("db")),
    ] {
        let mut editor = Editor::new(&[]);
        let found = editor.at("textDocument/prepareRename", "a.prisma", text, &json!({}));
        assert_eq!(found["placeholder"].as_str(), expected, "{text}");
        let edit = editor.at("textDocument/rename", "a.prisma", text, &json!({ "newName": "x" }));
        assert_eq!(edit.is_null(), expected.is_none(), "{text}");
    }
}
