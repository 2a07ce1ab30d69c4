//! Properties that hold for any text.

use std::fmt::Write as _;

use nicol_schema::{Diagnostic, Element, Node, format, parse, render, validate};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Lines to build schemas from: valid, broken, and in between.
const LINES: [&str; 48] = [
    "model User {",
    "modelPost {",
    "view V {",
    "type T {",
    "enum Role {",
    "datasource db {",
    "generator client {",
    "unknown {",
    "}",
    "} // end",
    "",
    "  // comment",
    "  /// documentation",
    "  /* block */",
    "  /* open",
    "  closed */",
    "  id Int @id @default(autoincrement())",
    "  id String @id",
    "  email String @unique @map(\"mail\") // behind",
    "  name String?",
    "  tags String[] @default([\"a\", \"b\"])",
    "  tags String[]?",
    "  role Role @default(ADMIN)",
    "  ADMIN",
    "  USER @map(\"user\")",
    "  posts User[] @relation(\"x\", fields: [id], references: [id], onDelete: SetNull)",
    "  user User @relation(fields: [userId], references: [id])",
    "  userId Int?",
    "  price Decimal @db.Decimal(10, 2) @default(1.50)",
    "  at DateTime @updatedAt @db.Timestamptz(3)",
    "  json Json @default(\"{}\")",
    "  raw Unsupported(\"point\")",
    "  @@id([id, name])",
    "  @@unique([email, name(sort: Desc)], map: \"u\", name: \"key\")",
    "  @@index([json(ops: JsonbPathOps)], type: Gin)",
    "  @@map(\"users\")",
    "  @@schema(\"public\")",
    "  @@ignore",
    "  provider = \"postgresql\"",
    "  url = env(\"DATABASE_URL\")",
    "  relationMode = \"prisma\"",
    "  previewFeatures = [\"views\", \"nope\"]",
    "  schemas = [\"public\"]",
    "  x = ",
    "  broken @default(",
    "  legacy: [String!]",
    "  \"stray\" \\ @@ é 日本 \u{3000}",
    "type Alias = Int @id",
];

fn schema_like() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        9 => prop::sample::select(LINES.as_slice()).prop_map(str::to_owned),
        1 => "[ -~é\\t]{0,24}",
    ];
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("")];
    prop::collection::vec((line, end), 0..40)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

fn tokens_of(node: &Node, text: &str, out: &mut String) {
    for child in &node.children {
        match child {
            Element::Node(node) => tokens_of(node, text, out),
            Element::Token(token) => out.push_str(token.span.of(text)),
        }
    }
}

fn check_everything(text: &str) -> Result<(), TestCaseError> {
    let parse = parse(text);
    let mut tokens = String::new();
    parse.tree.roots().iter().for_each(|root| tokens_of(root, text, &mut tokens));
    prop_assert_eq!(&tokens, text, "the tree holds the text");
    let validated = validate(text);
    for diagnostic in validated.diagnostics.iter().chain(&validated.further) {
        prop_assert!(text.get(diagnostic.span.range()).is_some(), "places lie within the text");
        for label in &diagnostic.labels {
            prop_assert!(text.get(label.span.range()).is_some(), "labels lie within the text");
        }
        prop_assert!(diagnostic.help.is_some(), "each finding has a next step");
    }
    prop_assert!(
        validated.schema.is_none() || validated.further.is_empty(),
        "what is valid has nothing further"
    );
    prop_assert_eq!(validated.schema.is_none(), validated.diagnostics.iter().any(Diagnostic::is_error));
    render(&validated.diagnostics, text, "schema.prisma", true);
    render(&validated.further, text, "schema.prisma", true);
    format(text);
    Ok(())
}

/// Keeps cases that failed in `properties.regressions`, beside this file, and runs them first the next time.
fn config() -> ProptestConfig {
    let persistence = FileFailurePersistence::WithSource("regressions");
    ProptestConfig {
        cases: 192,
        failure_persistence: Some(Box::new(persistence)),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        check_everything(&text)?;
    }

    #[test]
    fn anything_like_a_schema_is_survived(text in schema_like()) {
        check_everything(&text)?;
    }

    #[test]
    fn formatting_a_valid_schema_again_changes_nothing(
        models in prop::collection::vec(prop::collection::vec(0..LINES.len(), 0..12), 1..4)
    ) {
        let mut text = String::from("datasource db {\nprovider=\"postgresql\"\n  url = \"x\"\n}\n");
        for (number, lines) in models.iter().enumerate() {
            writeln!(text, "model M{number} {{\n  key Int @id").expect("a string takes everything");
            // Only lines that belong in a model. No block comments: as in Prisma, one that follows another comment
            // is wrapped again each time. No block attributes below documentation: as in Prisma, it belongs to the next
            // field, until formatting moves both to the end.
            let mut is_documented = false;
            for line in lines.iter().map(|line| LINES[*line]).filter(|line| line.starts_with("  ")) {
                let is_block_attribute = line.starts_with("  @@");
                if ["/*", "*/", "="].iter().any(|part| line.contains(part)) || (is_documented && is_block_attribute) {
                    continue;
                }
                let is_comment = line.starts_with("  //");
                is_documented = line.starts_with("  ///") || (is_documented && is_comment);
                text.push_str(line);
                text.push('\n');
            }
            text.push_str("}\n");
        }
        let once = format(&text);
        if validate(&text).schema.is_some() {
            prop_assert_eq!(&format(&once), &once);
            prop_assert!(validate(&once).schema.is_some());
            let model = |text: &str| validate(text).schema.map(|schema| schema.to_dmmf());
            prop_assert_eq!(model(&once), model(&text), "it means the same");
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    let text = std::format!("model A {{\n  id Int @default({}\n}}\n", "[".repeat(100_000));
    assert!(validate(&text).schema.is_none());
}

#[test]
fn unclosed_blocks_are_not_read_again_and_again() {
    for (line, end) in [("model A {\n", "x }"), ("model A {\n", "}"), ("foo {\n", "")] {
        let text = line.repeat(5_000) + end;
        assert!(validate(&text).schema.is_none());
    }
}
