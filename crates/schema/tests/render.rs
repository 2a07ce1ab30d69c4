//! Rendered diagnostics.

use expect_test::expect;
use nicol_schema::{render, validate};

const TEXT: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id    Int   @id
  email Sting @unique
  name  String @default("x"
}
"#;

#[test]
fn findings_are_drawn_at_their_place() {
    let findings = validate(TEXT).diagnostics;
    expect![[r#"
        error[type-unknown]: there is no type `Sting`
         --> schema.prisma:8:9
          |
        8 |   email Sting @unique
          |         ^^^^^
          |
          = help: did you mean `String`?

        error[field-unreadable]: this line is neither a field nor an attribute
         --> schema.prisma:9:3
          |
        9 |   name  String @default("x"
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^- expected `,` or `)` before the end of the line
          |
          = help: write a field as `name Type @attribute`, on one line, and an attribute of the block as `@@name(…)`
    "#]].assert_eq(&render(&findings, TEXT, "schema.prisma", false));
}

#[test]
fn labels_show_what_else_matters() {
    let text = TEXT.replace("Sting", "String").replace("(\"x\"", "(\"x\")").replace("@id", "@map(\"email\")");
    let findings = validate(&text).diagnostics;
    expect![[r#"
        error[column-name-taken]: the column name `email` of field `id` is already used by field `email`
         --> schema.prisma:7:3
          |
        7 |   id    Int   @map("email")
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^
        8 |   email String @unique
          |   ----- the other field
          |
          = help: give one of them a different `@map`
    "#]]
    .assert_eq(&render(&findings, &text, "schema.prisma", false));
}

#[test]
fn color_is_added_on_request() {
    let findings = validate(TEXT).diagnostics;
    let plain = render(&findings, TEXT, "schema.prisma", false);
    let colored = render(&findings, TEXT, "schema.prisma", true);
    assert!(!plain.contains('\u{1b}'));
    assert!(colored.contains('\u{1b}'));
}

#[test]
fn nothing_found_is_nothing_shown() {
    assert_eq!(render(&[], TEXT, "schema.prisma", false), "");
}
