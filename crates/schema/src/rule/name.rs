//! Names of blocks, fields and values, and the types they stand for.

super::rules! {

TYPE_UNKNOWN = Error "type-unknown" {
    title: "The type of a field is built in or defined in the schema",
    reason: "Built in are `String`, `Boolean`, `Int`, `BigInt`, `Float`, `Decimal`, `DateTime`, `Json` and `Bytes`; \
        models and enums are defined in the schema, in any order. Capitals matter. A type that only the database \
        knows is written `Unsupported(\"…\")`.",
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
    title: "A name is defined once",
    reason: "Models, views, enums and types share their names, since any of them can be the type of a field. \
        The names of the `datasource` and of the generators are apart.",
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
    title: "No block has the name of a built-in type",
    reason: "A field of that type would always get the built-in one.",
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
    title: "Models and enums have no reserved name",
    reason: "Clients are generated for several languages, and in TypeScript the word has a meaning of its own. \
        With `@@map` the table or type keeps its name in the database.",
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
    title: "A name begins with a letter and holds only letters, digits and `_`",
    reason: "It becomes a name in the generated client. With `@map` or `@@map` the database keeps another.",
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
    title: "The fields of a model have different names",
    reason: "Nothing could tell the two apart.",
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
    title: "The values of an enum have different names",
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
    title: "An enum has at least one value",
    reason: "A column of such a type could hold nothing.",
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
    title: "A setting is made once",
    reason: "It would be open which of the two counts.",
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
    title: "Each field has a column of its own",
    reason: "`@map` gives the name of the column; it cannot be that of another field's column. Within a `type`, \
        the same holds.",
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
    title: "`type` blocks are not for PostgreSQL",
    reason: "They describe documents within documents, which MongoDB has. In PostgreSQL the parts become columns, \
        a model of their own, or a field of type `Json`.",
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
    title: "A `type` has no keys, indexes, names or relations of its own",
    reason: "It is part of the models that use it. For PostgreSQL it has to become a model anyway: see \
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
    reason: "Relations are between models. For PostgreSQL it has to become a model anyway: see `composite-type`.",
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
    title: "The database makes no defaults within a `type`, or for it",
    reason: "Only columns have defaults in the database. For PostgreSQL the type has to become a model anyway: see \
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
