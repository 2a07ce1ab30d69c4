//! `@default`.

super::rules! {

DEFAULT_KIND = Error "default-kind" {
    title: "A default fits the type of its field",
    reason: "Numbers are written as they are; `true` and `false` and the values of enums are bare words; everything \
        else is a string in quotes: text, dates (`\"2025-01-31T12:00:00Z\"`), JSON and bytes (in Base64).",
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
    title: "The default of an enum is one of its values",
    reason: "It is named as in the schema, without quotes; what `@map` calls it in the database does not matter here.",
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
    title: "The default of a list is a list, and that of a single value is not",
    reason: "An empty list is written `[]`.",
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
    title: "The text of a default can be read as its type",
    reason: "JSON follows RFC 8259, dates RFC 3339, bytes are in Base64, a `Decimal` is a number. An `Int` or \
        `BigInt` has no fraction and no more than 64 bits.",
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
    title: "A function of a default exists",
    reason: "There are `autoincrement()`, `now()`, `cuid()`, `uuid()`, `ulid()`, `nanoid()` and `dbgenerated()`. \
        A function of the database is written `dbgenerated(\"the_function()\")`.",
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
    title: "A function of a default fits the type of its field",
    reason: "`autoincrement()` is for `Int` and `BigInt`, `now()` for `DateTime`; `cuid()`, `uuid()`, `ulid()` and \
        `nanoid()` are for `String`; `dbgenerated()` is for all.",
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
    title: "A function of a default has the arguments that it takes",
    reason: "`cuid` takes 1 or 2, its version; `uuid` 4 or 7, its version; `nanoid` a length from 2 to 255; \
        `dbgenerated` an expression of SQL in quotes. All of these may be left out. The others take none.",
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
    reason: "It is MongoDB's way to make an id.",
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
    title: "A default has no name in the database",
    reason: "Only in SQL Server defaults are constraints with names.",
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
    title: "A field of an unsupported type has only defaults of the database",
    reason: "Since its values mean nothing here, the expression goes to the database as it is.",
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
