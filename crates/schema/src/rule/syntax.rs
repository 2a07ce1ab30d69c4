//! What a file is made of: blocks, lines and strings.

super::rules! {

FIELD_UNREADABLE = Error "field-unreadable" {
    title: "Each line of a model is a field, an attribute or a comment",
    reason: "A field is a name, a type and then attributes, all on one line: a bracket that is opened has to be \
        closed on the same line. An attribute of the whole block begins with `@@`.",
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
    title: "A field has a type",
    reason: "The type comes after the name: a built-in one such as `String` or `Int`, an enum, or another model.",
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
    reason: "Prisma 1 wrote `name: String`, as GraphQL does; this language leaves the colon out.",
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
    title: "The brackets of a list come after the type",
    reason: "Prisma 1 wrote `[String]`, as GraphQL does; this language writes `String[]`.",
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
    title: "A list is never optional",
    reason: "A list with nothing in it is an empty list. There is no second way to say that nothing is there.",
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
    title: "A required field has no mark",
    reason: "Prisma 1 wrote `String!`, as GraphQL does. Here a field is required unless its type ends with `?`.",
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
    title: "Each line of an enum is one value, an attribute or a comment",
    reason: "Values stand on lines of their own, without commas, quotes or types.",
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
    title: "A block begins with a word of the language",
    reason: "There are `model`, `view`, `enum`, `type`, `datasource` and `generator`. Where a block begins with \
        another word and a name, each of its lines is reported as well: they lie outside of all blocks then.",
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
    title: "A block has a name",
    reason: "The name comes between the keyword and the `{`. Those of `datasource` and `generator` too are for you \
        to choose; `db` and `client` are customary.",
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
    reason: "The rest of the block cannot be read without it, so that each of its lines is reported as well; \
        begin with this one.",
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
    title: "A block ends with a `}` on a line of its own",
    reason: "Without it nothing says where the block ends.",
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
    title: "A block has several lines",
    reason: "The line with the `{` holds nothing else, each field, value or setting has a line of its own, and so has \
        the `}`.",
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
    title: "No block begins within another",
    reason: "Most often the `}` of the block before it is missing.",
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
    title: "A `}` closes a block",
    reason: "There is one too many, or the block that it should close was closed before or cannot be read.",
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
    title: "Outside of the blocks there are only comments",
    reason: "Fields and settings belong into a block; a remark begins with `//`.",
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
    title: "A type cannot be given another name",
    reason: "Early versions of Prisma had `type Name = …`. Where a field uses it, its type and attributes are \
        written out.",
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
    title: "A backslash in a string begins one of the escapes of JSON",
    reason: r#"They are `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\uXXXX`. A backslash itself is written `\\`."#,
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
    title: "`\\u` is followed by the four hexadecimal digits of a character",
    reason: "A character beyond U+FFFF is written as two such escapes, its surrogates; or simply as itself.",
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
    title: "A schema has less than four gigabytes",
    reason: "Places in the file are counted in 32 bits.",
    wrong: "",
    right: "",
}

}
