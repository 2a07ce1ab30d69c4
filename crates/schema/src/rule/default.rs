//! `@default`.

super::rules! {

DEFAULT_KIND = Error "default-kind" {
    title: "A default must fit the type of its field",
    reason: "Numbers, `true`, `false` and enum values are written without quotes. Everything else is a \
        string in quotes: text, dates (`\"2025-01-31T12:00:00Z\"`), JSON and bytes (Base64).",
    wrong: r#"
model User {
  id  Int @id
  age Int «@default("18")»
}
"#,
    right: r#"
model User {
  id  Int @id
  age Int @default(18)
}
"#,
}

DEFAULT_ENUM_VALUE = Error "default-enum-value" {
    title: "The default of an enum must be one of its values",
    reason: "Use the value's name in the schema, without quotes, not the name that `@map` gives it in the \
        database.",
    wrong: r#"
model User {
  id   Int  @id
  role Role «@default(Raeder)»
}

enum Role {
  Reader
  Writer
}
"#,
    right: r#"
model User {
  id   Int  @id
  role Role @default(Reader)
}

enum Role {
  Reader
  Writer
}
"#,
}

DEFAULT_LIST = Error "default-list" {
    title: "The default of a list must be a list, and the default of a single value must not",
    reason: "An empty list is `[]`.",
    wrong: r#"
model User {
  id   Int      @id
  tags String[] «@default("new")»
}
"#,
    right: r#"
model User {
  id   Int      @id
  tags String[] @default(["new"])
}
"#,
}

DEFAULT_UNREADABLE = Error "default-unreadable" {
    title: "The text of a default must be valid for its type",
    reason: "JSON follows RFC 8259, dates RFC 3339; bytes are in Base64; a `Decimal` is a number. An `Int` \
        or `BigInt` has no fraction and at most 64 bits.",
    wrong: r#"
model User {
  id       Int  @id
  settings Json @default(«"{dark: true}"»)
}
"#,
    right: r#"
model User {
  id       Int  @id
  settings Json @default("{\"dark\": true}")
}
"#,
}

DEFAULT_FUNCTION_UNKNOWN = Error "default-function-unknown" {
    title: "The function of a default must exist",
    reason: "The functions are `autoincrement()`, `now()`, `cuid()`, `uuid()`, `ulid()`, `nanoid()` and \
        `dbgenerated()`. To call a database function, write `dbgenerated(\"the_function()\")`.",
    wrong: r#"
model User {
  id    String   @id
  since DateTime @default(«today()»)
}
"#,
    right: r#"
model User {
  id    String   @id
  since DateTime @default(now())
}
"#,
}

DEFAULT_FUNCTION_TYPE = Error "default-function-type" {
    title: "The function of a default must fit the type of its field",
    reason: "`autoincrement()` is for `Int` and `BigInt`, `now()` for `DateTime`; `cuid()`, `uuid()`, \
        `ulid()` and `nanoid()` are for `String`; `dbgenerated()` is for any type.",
    wrong: r#"
model User {
  id Int @id «@default(uuid())»
}
"#,
    right: r#"
model User {
  id String @id @default(uuid())
}
"#,
}

DEFAULT_FUNCTION_ARGUMENT = Error "default-function-argument" {
    title: "The function of a default accepts only its own arguments",
    reason: "`cuid` takes a version, 1 or 2; `uuid` a version, 4 or 7; `nanoid` a length from 2 to 255; \
        `dbgenerated` an SQL expression in quotes. All of these are optional. The other functions take \
        no arguments.",
    wrong: r#"
model User {
  id String @id «@default(uuid(5))»
}
"#,
    right: r#"
model User {
  id String @id @default(uuid(7))
}
"#,
}

DEFAULT_AUTO = Error "default-auto" {
    title: "PostgreSQL has no `auto()`",
    reason: "It generates ids in MongoDB.",
    wrong: r#"
model User {
  id Int @id @default(«auto()»)
}
"#,
    right: r#"
model User {
  id Int @id @default(autoincrement())
}
"#,
}

DEFAULT_MAP = Error "default-map" {
    title: "Defaults have no name in the database",
    reason: "Only in SQL Server are defaults named constraints.",
    wrong: r#"
model User {
  id   Int    @id
  name String «@default("nobody", map: "user_name_default")»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @default("nobody")
}
"#,
}

DEFAULT_UNSUPPORTED = Error "default-unsupported" {
    title: "A field of an unsupported type can only have a database default",
    reason: "Its values are unknown to the schema language, so the expression is passed to the database \
        unchanged.",
    wrong: r#"
model Place {
  id       Int                   @id
  location Unsupported("circle") «@default("<(0,0),1>")»
}
"#,
    right: r#"
model Place {
  id       Int                   @id
  location Unsupported("circle") @default(dbgenerated("'<(0,0),1>'::circle"))
}
"#,
}

}
