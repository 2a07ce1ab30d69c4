use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::{Editor, range};

const TEXT: &str = r#"/// Who writes.
/// Every **person**.
model User {
  id      Int      @id @default(autoincrement())
  /// Where letters go.
  email   String   @unique @map("mail") @db.VarChar(200) // Not shown.
  role    Role     @default(READER) /// What they may do.
  key     String?  @default(uuid(7))
  at      DateTime @updatedAt
  posts   Post[]
  friends User[]   @relation("Friends")
  others  User[]   @relation("Friends")

  @@map("users")
}

model Post {
  id Int   @id
  by Int?
  user User? @relation(fields: [by], references: [id])
}

/// Kinds of users.
enum Role {
  READER @map("reader") /// Reads.
  WRITER

  @@map("kind")
}
"#;

/// Compares the explanation of the first occurrence of `name`.
fn check(name: &str, expected: &Expect) {
    let mut editor = Editor::new(&[("db/base.prisma", DATASOURCE)]);
    let text = TEXT.replacen(name, &format!("<|>{name}"), 1);
    let hover = editor.at("textDocument/hover", "db/a.prisma", &text, &json!({}));
    assert_eq!(hover["contents"]["kind"], "markdown");
    expected.assert_eq(hover["contents"]["value"].as_str().expect("text"));
}

#[test]
fn models_and_enums_show_what_creates_them() {
    check(
        "User {",
        &expect![[r#"
        ```prisma
        model User
        ```

        Who writes.
        Every **person**.

        ```sql
        CREATE TABLE "users" (
            "id" SERIAL NOT NULL,
            "mail" VARCHAR(200) NOT NULL,
            "role" "kind" NOT NULL DEFAULT 'reader',
            "key" TEXT,
            "at" TIMESTAMP(3) NOT NULL,

            CONSTRAINT "users_pkey" PRIMARY KEY ("id")
        );

        CREATE UNIQUE INDEX "users_mail_key" ON "users"("mail");
        ```
    "#]],
    );
    check(
        "Role {",
        &expect![[r#"
        ```prisma
        enum Role
        ```

        Kinds of users.

        ```sql
        CREATE TYPE "kind" AS ENUM ('reader', 'WRITER');
        ```
    "#]],
    );
}

#[test]
fn fields_show_their_column() {
    check(
        "id      Int",
        &expect![[r#"
        ```prisma
        id Int @id @default(autoincrement())
        ```

        ```sql
        "id" SERIAL NOT NULL
        ```
        Column `id` of the table `users`
    "#]],
    );
    check(
        "email ",
        &expect![[r#"
        ```prisma
        email String @unique @map("mail") @db.VarChar(200)
        ```

        Where letters go.

        ```sql
        "mail" VARCHAR(200) NOT NULL
        ```
        Column `mail` of the table `users`
    "#]],
    );
    check(
        "role ",
        &expect![[r#"
        ```prisma
        role Role @default(READER)
        ```

        What they may do.

        ```sql
        "role" "kind" NOT NULL DEFAULT 'reader'
        ```
        Column `role` of the table `users`
    "#]],
    );
    check(
        "key ",
        &expect![[r#"
        ```prisma
        key String? @default(uuid(7))
        ```

        ```sql
        "key" TEXT
        ```
        Column `key` of the table `users`; the client sets the default
    "#]],
    );
    check(
        "at      DateTime",
        &expect![[r#"
        ```prisma
        at DateTime @updatedAt
        ```

        ```sql
        "at" TIMESTAMP(3) NOT NULL
        ```
        Column `at` of the table `users`; the client sets it at every update
    "#]],
    );
    check(
        "by]",
        &expect![[r#"
        ```prisma
        by Int?
        ```

        ```sql
        "by" INTEGER
        ```
        Column `by` of the table `Post`
    "#]],
    );
}

#[test]
fn relations_show_their_foreign_key() {
    check(
        "posts ",
        &expect![[r"
        ```prisma
        posts Post[]
        ```

        One-to-many relation: `Post` (by) refers to `users` (id), on delete SetNull, on update Cascade
    "]],
    );
    check(
        "user User?",
        &expect![[r"
        ```prisma
        user User? @relation(fields: [by], references: [id])
        ```

        One-to-many relation: `Post` (by) refers to `users` (id), on delete SetNull, on update Cascade
    "]],
    );
    check(
        "friends ",
        &expect![[r#"
        ```prisma
        friends User[] @relation("Friends")
        ```

        Many-to-many relation of `User` and `User`, in the table `_Friends`
    "#]],
    );
}

#[test]
fn values_show_their_name_in_the_database() {
    check(
        "READER)",
        &expect![[r#"
        ```prisma
        READER @map("reader")
        ```

        Reads.

        Value `reader` of the type `kind`
    "#]],
    );
}

#[test]
fn a_schema_with_errors_shows_what_it_says() {
    let mut editor = Editor::new(&[]);
    let text = TEXT.replace("email ", "ema<|>il ");
    let hover = editor.at("textDocument/hover", "a.prisma", &text, &json!({}));
    expect![[r#"
        ```prisma
        email String @unique @map("mail") @db.VarChar(200)
        ```

        Where letters go.
    "#]]
    .assert_eq(hover["contents"]["value"].as_str().expect("text"));
    assert_eq!(range(&hover["range"]), "5:2-5:7");
}

#[test]
fn nothing_is_said_where_there_is_no_name() {
    for text in [
        "model A {\n  id In<|>t @id\n}\n",
        "// Us<|>er\nmodel User {\n}\n",
        "model A {\n  b Be<|>e\n}\n",
        "<|>",
    ] {
        let mut editor = Editor::new(&[]);
        assert_eq!(editor.at("textDocument/hover", "a.prisma", text, &json!({})), Value::Null, "{text}");
    }
}
