use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::{Editor, apply};

/// Returns the actions at the cursor as `kind: title`, and the text after each.
fn offered(text: &str, only: &Value) -> Vec<(String, String)> {
    let mut editor = Editor::new(&[("db/base.prisma", DATASOURCE)]);
    offered_in(&mut editor, text, only)
}

fn offered_in(editor: &mut Editor, text: &str, only: &Value) -> Vec<(String, String)> {
    let cursor = text.find("<|>").expect("a cursor");
    let plain = text.replacen("<|>", "", 1);
    let line = text[..cursor].matches('\n').count();
    let character = cursor - text[..cursor].rfind('\n').map_or(0, |at| at + 1);
    let place = json!({ "line": line, "character": character });
    let mut context = json!({ "diagnostics": [] });
    if !only.is_null() {
        context["only"] = only.clone();
    }
    let more = json!({ "range": { "start": place, "end": place }, "context": context });
    let found = editor.at("textDocument/codeAction", "db/a.prisma", text, &more);
    let action = |it: &Value| {
        let title =
            format!("{}: {}", it["kind"].as_str().expect("a kind"), it["title"].as_str().expect("a title"));
        let changes = it["edit"]["changes"].as_object().expect("changes");
        assert_eq!(changes.len(), 1, "only this file");
        (title, apply(&plain, changes.values().next().expect("one")))
    };
    found.as_array().expect("a list").iter().map(action).collect()
}

/// Compares the only action at the cursor.
fn check(text: &str, title: &str, expected: &str) {
    assert_eq!(offered(text, &Value::Null), [(title.to_owned(), expected.to_owned())], "{text}");
}

#[test]
fn misspelled_names_are_changed() {
    for (text, title, expected) in [
        ("  id Int @id\n  n St<|>ing?", "Change `Sting` to `String`", "  id Int @id\n  n String?"),
        (
            "  id Int @id\n  n String @db.VarChr<|>(3)",
            "Change `VarChr` to `VarChar`",
            "  id Int @id\n  n String @db.VarChar(3)",
        ),
        ("  id Int @i<|>dd", "Change `idd` to `id`", "  id Int @id"),
        (
            "  id Int @id @default(autoincremnt<|>())",
            "Change `autoincremnt` to `autoincrement`",
            "  id Int @id @default(autoincrement())",
        ),
        ("  id Int @id\n  @@indx<|>([id])", "Change `indx` to `index`", "  id Int @id\n  @@index([id])"),
    ] {
        let found = offered(&format!("model A {{\n{text}\n}}\n"), &Value::Null);
        let expected = (format!("quickfix: {title}"), format!("model A {{\n{expected}\n}}\n"));
        assert_eq!(found.first(), Some(&expected), "{text}");
    }
}

#[test]
fn missing_types_are_created() {
    let text = "model A {\n  id Int @id\n  kind Colo<|>ur?\n}";
    let created = |block: &str| format!("{}\n\n{block}", text.replace("<|>", ""));
    let found = offered(text, &Value::Null);
    let expected = [
        (
            "quickfix: Create model `Colour`",
            created("model Colour {\n  id Int @id @default(autoincrement())\n}\n"),
        ),
        ("quickfix: Create enum `Colour`", created("enum Colour {\n  VALUE\n}\n")),
    ];
    assert_eq!(found, expected.map(|(title, text)| (title.to_owned(), text)));
}

#[test]
fn relations_are_completed() {
    check(
        "model User {\n  id Int @id\n}\nmodel Post {\n  id Int @id\n  by Int @unique\n  user User<|> @relation(fields: [by], references: [id])\n}\n",
        "quickfix: Add the missing parts of relations",
        "model User {\n  id Int @id\n  post Post?\n}\nmodel Post {\n  id Int @id\n  by Int @unique\n  user User @relation(fields: [by], references: [id])\n}\n",
    );
    check(
        "model User {\n  id Int @id\n  posts Po<|>st[]\n}\nmodel Post {\n  id Int @id\n}\n",
        "quickfix: Add the missing parts of relations",
        "model User {\n  id Int @id\n  posts Post[]\n}\nmodel Post {\n  id Int @id\n  user User? @relation(fields: [userId], references: [id])\n  userId Int?\n}\n",
    );
}

#[test]
fn sides_are_made_optional_or_unique() {
    check(
        "model Z {\n  id Int @id\n  b B<|>\n}\nmodel B {\n  id Int @id\n  aId Int @unique\n  a Z @relation(fields: [aId], references: [id])\n}\n",
        "quickfix: Make `b` optional",
        "model Z {\n  id Int @id\n  b B?\n}\nmodel B {\n  id Int @id\n  aId Int @unique\n  a Z @relation(fields: [aId], references: [id])\n}\n",
    );
    let found = offered(
        "model A {\n  id Int @id\n  b B?\n}\nmodel B {\n  id Int @id\n  aId Int\n  a A<|> @relation(fields: [aId], references: [id])\n}\n",
        &json!(["quickfix"]),
    );
    assert_eq!(found[0].0, "quickfix: Make `aId` of `B` unique");
    assert!(found[0].1.contains("  aId Int @unique\n"), "{found:?}");
    let found = offered(
        "model A {\n  id Int @id\n  x Int\n  y Int\n  b B[]\n}\nmodel B {\n  id Int @id\n  x Int\n  y Int\n  a A<|> @relation(fields: [x, y], references: [x, y])\n}\n",
        &json!(["quickfix"]),
    );
    assert_eq!(found[0].0, "quickfix: Make `x`, `y` of `A` unique");
    assert!(found[0].1.contains("  b B[]\n\n  @@unique([x, y])\n}"), "{found:?}");
}

#[test]
fn foreign_keys_without_an_index_get_one() {
    let schema = |block: &str| {
        format!(
            "model A {{\n  id Int @id\n  bs B[]\n}}\nmodel B {{\n  id Int @id\n  aId Int\n  a A<|> @relation(fields: [aId], references: [id])\n{block}}}\n"
        )
    };
    let expected = schema("\n  @@index([aId])\n").replace("<|>", "");
    check(&schema(""), "refactor.rewrite: Add an index on `aId`", &expected);
    for block in [
        "\n  @@index([aId(sort: Desc), id])\n",
        "\n  @@unique(fields: [aId])\n",
        "\n  @@unique([aId, id], map: \"x\")\n",
    ] {
        assert_eq!(offered(&schema(block), &Value::Null), [], "{block}");
    }
    assert_eq!(
        offered(&schema("\n  @@index([id, aId])\n"), &Value::Null).len(),
        1,
        "it does not start with the column"
    );
    assert_eq!(offered(&schema(""), &json!(["quickfix"])), [], "only fixes are wanted");
    assert_eq!(offered(&schema(""), &json!(["refactor"])).len(), 1);
    let at_end = schema("").replace("<|>", "").replace("aId Int\n", "aId Int<|>\n");
    assert_eq!(offered(&at_end, &Value::Null), [], "not on other fields");
}

#[test]
fn models_without_a_key_get_one() {
    check(
        "model <|>A {\n  n Int\n}\n",
        "quickfix: Add `id` to `A`",
        "model A {\n  id Int @id @default(autoincrement())\n  n Int\n}\n",
    );
    check(
        "model <|>A {\n  id String\n}\n",
        "quickfix: Mark `id` with `@id`",
        "model A {\n  id String @id\n}\n",
    );
}

#[test]
fn actions_belong_to_their_diagnostic() {
    let mut editor = Editor::new(&[]);
    let text = format!("{DATASOURCE}model A {{\n  id Int @id\n  n St<|>ing\n}}\n");
    let place = json!({ "line": 6, "character": 6 });
    let more = json!({ "range": { "start": place, "end": place }, "context": { "diagnostics": [] } });
    let found = editor.at("textDocument/codeAction", "a.prisma", &text, &more);
    editor.diagnostics("a.prisma");
    assert_eq!(found[0]["diagnostics"], editor.published.last().expect("they arrived")["diagnostics"]);
    assert_eq!(found[0]["isPreferred"], true);
}

/// Every fix that is offered for an example of the rules removes its finding.
#[test]
fn fixes_fix() {
    let mut fixed = Vec::new();
    for rule in nicol_schema::rule::SUBJECTS.iter().flat_map(|subject| subject.rules) {
        let (text, spans) = rule.wrong();
        let Some(span) = spans.first() else { continue };
        let findings = |text: &str| {
            let validated = nicol_schema::validate(text);
            let all = [validated.diagnostics, validated.further].concat();
            all.iter().filter(|it| it.code() == rule.as_str()).count()
        };
        let before = findings(&text);
        let (start, end) = text.split_at(span.start as usize);
        let mut editor = Editor::new(&[]);
        for (title, changed) in offered_in(&mut editor, &format!("{start}<|>{end}"), &json!(["quickfix"])) {
            assert!(findings(&changed) < before, "{}: {title}\n{changed}", rule.as_str());
            fixed.push(rule.as_str());
        }
    }
    fixed.dedup();
    expect_test::expect![[r"
        block-unknown
        type-unknown
        attribute-unknown
        default-enum-value
        native-type-unknown
        model-without-key
        schema-unknown
        index-type-unknown
        operator-class-unknown
        relation-missing-opposite
        relation-without-fields
        relation-references-not-unique
        relation-required
        relation-one-to-one-not-unique
        relation-back-required
        relation-without-index
        referential-action-unknown
        setting-unknown
        provider
        relation-mode-twice
        relation-mode-old-name
        preview-feature-unknown
        preview-feature-renamed"]]
    .assert_eq(&fixed.join("\n"));
}
