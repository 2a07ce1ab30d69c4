//! What a file is made of: blocks, lines and strings.

super::rules! {

FIELD_UNREADABLE = Error "field-unreadable" {
    title: "Each line of a model is a field, an attribute or a comment",
    reason: "A field is a name, a type and optional attributes, all on one line: brackets must be closed on \
        the line where they are opened. Attributes of the whole block start with `@@`.",
    wrong: r#"
model User {
  id   Int    @id
  «name String @default("nobody"»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @default("nobody")
}
"#,
}

FIELD_WITHOUT_TYPE = Error "field-without-type" {
    title: "A field must have a type",
    reason: "The type follows the name: a built-in type such as `String` or `Int`, an enum, or another \
        model.",
    wrong: r#"
model User {
  id   Int @id
  «name»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String
}
"#,
}

FIELD_COLON = Error "field-colon" {
    title: "There is no colon between a field and its type",
    reason: "Prisma 1 used `name: String`, as GraphQL does. In the current language there is no colon.",
    wrong: r#"
model User {
  id   Int    @id
  name«:» String
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String
}
"#,
}

FIELD_LIST_BRACKETS = Error "field-list-brackets" {
    title: "The brackets of a list follow the type",
    reason: "Prisma 1 used `[String]`, as GraphQL does. In the current language it is `String[]`.",
    wrong: r#"
model User {
  id   Int      @id
  tags «[String]»
}
"#,
    right: r#"
model User {
  id   Int      @id
  tags String[]
}
"#,
}

FIELD_OPTIONAL_LIST = Error "field-optional-list" {
    title: "A list cannot be optional",
    reason: "A list without elements is an empty list, so there is no need for another way to say that it \
        has no value.",
    wrong: r#"
model User {
  id   Int       @id
  tags «String[]?»
}
"#,
    right: r#"
model User {
  id   Int      @id
  tags String[]
}
"#,
}

FIELD_BANG = Error "field-bang" {
    title: "Required fields have no `!`",
    reason: "Prisma 1 used `String!`, as GraphQL does. In the current language, a field is required unless \
        its type ends with `?`.",
    wrong: r#"
model User {
  id   Int     @id
  name «String!»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String
}
"#,
}

ENUM_VALUE_UNREADABLE = Error "enum-value-unreadable" {
    title: "Each line of an enum is a value, an attribute or a comment",
    reason: "Each value is on its own line, without commas, quotes or types.",
    wrong: r#"
enum Role {
  «Reader, Writer»
  Owner
}
"#,
    right: r#"
enum Role {
  Reader
  Writer
  Owner
}
"#,
}

SETTING_UNREADABLE = Error "setting-unreadable" {
    title: "Each line of a `datasource` or `generator` is a setting or a comment",
    reason: "A setting is a name, `=` and a value, on one line.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  «relationMode: "prisma"»
}
"#,
    right: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}
"#,
}

BLOCK_UNKNOWN = Error "block-unknown" {
    title: "A block must start with a known keyword",
    reason: "The keywords are `model`, `view`, `enum`, `type`, `datasource` and `generator`. If a block \
        starts with another word, each of its lines is reported as well, because they are then outside \
        of any block.",
    wrong: r#"
«generate {
  provider = "nicol"
}»
"#,
    right: r#"
generator client {
  provider = "nicol"
}
"#,
}

BLOCK_WITHOUT_NAME = Error "block-without-name" {
    title: "A block must have a name",
    reason: "The name is between the keyword and the `{`. You choose the names of `datasource` and \
        `generator` blocks, too; `db` and `client` are customary.",
    wrong: r#"
«enum {
  Reader
  Writer
}»
"#,
    right: r#"
enum Role {
  Reader
  Writer
}
"#,
}

BLOCK_HEADER = Error "block-header" {
    title: "The first line of a block is a keyword, one name and `{`",
    reason: "Without it, the rest of the block cannot be parsed, so each of its lines is reported as well. \
        Fix this line first.",
    wrong: r#"
«enum Role: String { Reader }»
"#,
    right: r#"
enum Role {
  Reader
}
"#,
}

BLOCK_NOT_CLOSED = Error "block-not-closed" {
    title: "A block must end with a `}` on its own line",
    reason: "Otherwise, the end of the block is unknown.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

«model User {»
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id Int @id
}
"#,
}

BLOCK_ON_ONE_LINE = Error "block-on-one-line" {
    title: "A block spans several lines",
    reason: "Nothing else may be on the line with the `{`. Each field, value or setting and the `}` are on \
        their own lines.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

«model User { id Int @id }»
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id Int @id
}
"#,
}

BLOCK_WITHIN_BLOCK = Error "block-within-block" {
    title: "Blocks cannot be nested",
    reason: "Usually the `}` of the preceding block is missing.",
    wrong: r#"
model User {
  id Int @id

«model Post {»
  slug String @unique
}
"#,
    right: r#"
model User {
  id Int @id
}

model Post {
  slug String @unique
}
"#,
}

BRACE_WITHOUT_BLOCK = Error "brace-without-block" {
    title: "A `}` must close a block",
    reason: "Either there is one `}` too many, or the block that it should close has already been closed or \
        cannot be parsed.",
    wrong: r#"
model User {
  id Int @id
}
«}»
"#,
    right: r#"
model User {
  id Int @id
}
"#,
}

LINE_OUTSIDE_BLOCK = Error "line-outside-block" {
    title: "Only comments may be outside of blocks",
    reason: "Fields and settings belong in a block; comments start with `//`.",
    wrong: r#"
«these are the people»

model User {
  id Int @id
}
"#,
    right: r#"
// these are the people

model User {
  id Int @id
}
"#,
}

TYPE_ALIAS = Error "type-alias" {
    title: "Types cannot have aliases",
    reason: "Early versions of Prisma supported `type Name = …`. Write the type and its attributes at each \
        field instead.",
    wrong: r#"
«type Email = String @unique»

model User {
  id   Int    @id
  name String
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique
  name  String
}
"#,
}

STRING_ESCAPE = Error "string-escape" {
    title: "A backslash in a string starts a JSON escape",
    reason: r#"The escapes are `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\uXXXX`. Write `\\` for a backslash."#,
    wrong: r#"
model User {
  id   Int    @id
  path String @default("C:«\d»ata")
}
"#,
    right: r#"
model User {
  id   Int    @id
  path String @default("C:\\data")
}
"#,
}

STRING_UNICODE_ESCAPE = Error "string-unicode-escape" {
    title: "`\\u` must be followed by four hexadecimal digits that form a character",
    reason: "Write a character above U+FFFF as two escapes (a surrogate pair), or literally.",
    wrong: r#"
model User {
  id   Int    @id
  mark String @default("«\u26»")
}
"#,
    right: r#"
model User {
  id   Int    @id
  mark String @default("\u2605")
}
"#,
}

SCHEMA_TOO_LARGE = Error "schema-too-large" {
    title: "A schema must be smaller than 4 GiB",
    reason: "Positions are 32-bit offsets.",
    wrong: "",
    right: "",
}

}
