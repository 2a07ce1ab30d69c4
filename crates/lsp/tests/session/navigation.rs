use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::{Editor, range};

const ROLE: &str = "enum Role {\n  READER\n  WRITER\n}\n";
const USER: &str = "model User {\n  id    Int    @id\n  role  Role   @default(READER)\n  posts Post[]\n}\n";

/// Sends a request at the cursor in `db/post.prisma`, and returns the places as `file range`.
fn places(method: &str, text: &str, more: &Value) -> Vec<String> {
    let mut editor =
        Editor::new(&[("db/base.prisma", DATASOURCE), ("db/role.prisma", ROLE), ("db/user.prisma", USER)]);
    let found = editor.at(method, "db/post.prisma", text, more);
    let place = |it: &Value| {
        let file = it["uri"].as_str().map(|uri| editor.path_of(uri)).unwrap_or_default();
        format!("{file} {}", range(&it["range"])).trim().to_owned()
    };
    found.as_array().expect("a list").iter().map(place).collect()
}

fn post(field: &str) -> String {
    format!("model Post {{\n  id Int @id\n  by Int\n{field}\n}}\n")
}

#[test]
fn definitions_are_found_in_other_files() {
    for (field, expected) in [
        ("  user Us<|>er @relation(fields: [by], references: [id])", "db/user.prisma 0:6-0:10"),
        ("  user User<|> @relation(fields: [by], references: [id])", "db/user.prisma 0:6-0:10"),
        ("  user User @relation(fields: [<|>by], references: [id])", "db/post.prisma 2:2-2:4"),
        ("  user User @relation(fields: [by], references: [id<|>])", "db/user.prisma 1:2-1:4"),
        ("  role Role @default(WRIT<|>ER)", "db/role.prisma 2:2-2:8"),
        ("  text String @d<|>b.Text", "db/base.prisma 0:11-0:13"),
        ("  te<|>xt String", "db/post.prisma 3:2-3:6"),
        ("  @@index([b<|>y(sort: Desc)])", "db/post.prisma 2:2-2:4"),
    ] {
        assert_eq!(places("textDocument/definition", &post(field), &json!({})), [expected], "{field}");
    }
    for field in [
        "  text Str<|>ing",
        "  b Bee<|>",
        "  b Int @un<|>ique",
        "  // Us<|>er",
        "  <|>",
        "  n String @map(\"Us<|>er\")",
    ] {
        assert_eq!(places("textDocument/definition", &post(field), &json!({})), [""; 0], "{field}");
    }
}

#[test]
fn references_are_found_in_all_files() {
    let text = post("  user User @relation(fields: [by], references: [i<|>d])");
    let references = |declaration: bool| {
        places("textDocument/references", &text, &json!({ "context": { "includeDeclaration": declaration } }))
    };
    assert_eq!(references(false), ["db/post.prisma 3:49-3:51"]);
    assert_eq!(references(true), ["db/post.prisma 3:49-3:51", "db/user.prisma 1:2-1:4"]);
    let text = post("  user User @relation(fields: [by], references: [id])").replace("Post", "Po<|>st");
    let found =
        places("textDocument/references", &text, &json!({ "context": { "includeDeclaration": false } }));
    assert_eq!(found, ["db/user.prisma 3:8-3:12"]);
}

#[test]
fn highlights_stay_in_the_file() {
    let text = post("  other User @relation(fields: [b<|>y], references: [id])");
    assert_eq!(places("textDocument/documentHighlight", &text, &json!({})), ["2:2-2:4", "3:32-3:34"]);
}
