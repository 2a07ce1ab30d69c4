//! Names of blocks, fields and values, and the types they stand for.

super::rules! {

TYPE_UNKNOWN = Error "type-unknown" {
    title: "The type of a field must be built in or defined in the schema",
    reason: "The built-in types are `String`, `Boolean`, `Int`, `BigInt`, `Float`, `Decimal`, `DateTime`, \
        `Json` and `Bytes`. Models and enums can be defined in any order. Names are case-sensitive. \
        For a type that only the database knows, use `Unsupported(\"…\")`.",
    wrong: r#"
model User {
  id   Int    @id
  name «Sting»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String
}
"#,
}

NAME_TAKEN = Error "name-taken" {
    title: "A name can be defined only once",
    reason: "Models, views, enums and types share a namespace, because each can be the type of a field. The \
        datasource and the generators have their own namespaces.",
    wrong: r#"
model User {
  id Int @id
}

enum «User» {
  Reader
  Writer
}
"#,
    right: r#"
model User {
  id Int @id
}

enum Role {
  Reader
  Writer
}
"#,
}

NAME_BUILT_IN = Error "name-built-in" {
    title: "A block cannot have the name of a built-in type",
    reason: "A field of that type would always refer to the built-in type.",
    wrong: r#"
model «Json» {
  id Int @id
}
"#,
    right: r#"
model Document {
  id Int @id

  @@map("Json")
}
"#,
}

NAME_RESERVED = Error "name-reserved" {
    title: "Models and enums cannot have reserved names",
    reason: "Clients are generated for several languages, and the word is reserved in TypeScript. Use \
        `@@map` to keep the name of the table or type in the database.",
    wrong: r#"
«model delete {
  id Int @id
}»
"#,
    right: r#"
model Deletion {
  id Int @id

  @@map("delete")
}
"#,
}

NAME_MALFORMED = Error "name-malformed" {
    title: "A name starts with a letter and contains only letters, digits and `_`",
    reason: "It becomes a name in the generated client. Use `@map` or `@@map` for a different name in the \
        database.",
    wrong: r#"
model User {
  id         Int    @id
  «first-name» String
}
"#,
    right: r#"
model User {
  id        Int    @id
  firstName String @map("first-name")
}
"#,
}

FIELD_TWICE = Error "field-twice" {
    title: "The fields of a model must have different names",
    reason: "Otherwise they could not be told apart.",
    wrong: r#"
model User {
  id    Int    @id
  email String
  «email» String
}
"#,
    right: r#"
model User {
  id         Int    @id
  email      String
  emailAlias String
}
"#,
}

ENUM_VALUE_TWICE = Error "enum-value-twice" {
    title: "The values of an enum must have different names",
    reason: "The second would mean the same as the first.",
    wrong: r#"
enum Role {
  Reader
  Writer
  «Reader»
}
"#,
    right: r#"
enum Role {
  Reader
  Writer
}
"#,
}

ENUM_WITHOUT_VALUES = Error "enum-without-values" {
    title: "An enum must have at least one value",
    reason: "A column of an empty enum could not hold any value.",
    wrong: r#"
«enum Role {
}»
"#,
    right: r#"
enum Role {
  Reader
}
"#,
}

SETTING_TWICE = Error "setting-twice" {
    title: "A setting can be set only once",
    reason: "Otherwise it would be unclear which value applies.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  «url»      = env("OTHER_URL")
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

COLUMN_NAME_TAKEN = Error "column-name-taken" {
    title: "Each field must have its own column",
    reason: "`@map` sets the name of the column, which must differ from the other columns of the table. The \
        same holds within a `type`.",
    wrong: r#"
model User {
  id    Int    @id
  email String
  «login String @map("email")»
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String
  login String @map("login_email")
}
"#,
}

COMPOSITE_TYPE = Error "composite-type" {
    title: "`type` blocks are not supported for PostgreSQL",
    reason: "They describe embedded documents, which only MongoDB has. In PostgreSQL, use columns, a \
        separate model, or a `Json` field.",
    wrong: r#"
«type Address {
  street String
  city   String
}»
"#,
    right: r#"
model Address {
  id     Int    @id
  street String
  city   String
}
"#,
}

COMPOSITE_TYPE_ATTRIBUTE = Error "composite-type-attribute" {
    title: "A `type` has no keys, indexes, names or relations",
    reason: "It is part of the models that use it. For PostgreSQL, replace it with a model: see \
        `composite-type`.",
    wrong: r#"
type Address {
  street String

  «@@unique([street])»
}
"#,
    right: r#"
model Address {
  street String

  @@unique([street])
}
"#,
}

COMPOSITE_TYPE_RELATION = Error "composite-type-relation" {
    title: "A `type` cannot refer to a model",
    reason: "Relations are between models. For PostgreSQL, replace it with a model: see `composite-type`.",
    wrong: r#"
type Address {
  country «Country»
}

model Country {
  id Int @id
}
"#,
    right: r#"
model Address {
  id        Int     @id
  countryId Int
  country   Country @relation(fields: [countryId], references: [id])
}

model Country {
  id        Int       @id
  addresses Address[]
}
"#,
}

COMPOSITE_TYPE_DEFAULT = Error "composite-type-default" {
    title: "A `type` and its fields have no defaults in the database",
    reason: "Only columns have defaults in the database. For PostgreSQL, replace the type with a model: see \
        `composite-type`.",
    wrong: r#"
type Address {
  number Int «@default(autoincrement())»
}
"#,
    right: r#"
model Address {
  number Int @id @default(autoincrement())
}
"#,
}

}
