//! Primary and unique keys, and names of things in the database.

super::rules! {

MODEL_WITHOUT_KEY = Error "model-without-key" {
    title: "A model has a key that every row has",
    reason: "Without one the client could not say which row it means. A unique key counts if all of its fields are \
        required. A table that has none can be kept out of the client with `@@ignore`.",
    wrong: r#"
«model User {
  email String? @unique
  name  String
}»
"#,
    right: r#"
model User {
  email String @unique
  name  String
}
"#,
}

PRIMARY_KEY_TWICE = Error "primary-key-twice" {
    title: "A model has one primary key",
    reason: "A key of several fields is written once, as `@@id([a, b])`. What else is unique gets `@unique` or \
        `@@unique`.",
    wrong: r#"
«model Membership {
  userId  Int @id
  groupId Int @id
}»
"#,
    right: r#"
model Membership {
  userId  Int
  groupId Int

  @@id([userId, groupId])
}
"#,
}

PRIMARY_KEY_OPTIONAL = Error "primary-key-optional" {
    title: "The fields of a primary key are required",
    reason: "PostgreSQL allows neither empty values in a primary key nor, by this rule, lists.",
    wrong: r#"
model User {
  id Int? «@id»
}
"#,
    right: r#"
model User {
  id Int @id
}
"#,
}

PRIMARY_KEY_SORT = Error "primary-key-sort" {
    title: "A primary key of PostgreSQL has no sort order",
    reason: "Its index can be read in both directions.",
    wrong: r#"
model User {
  id Int «@id(sort: Desc)»
}
"#,
    right: r#"
model User {
  id Int @id
}
"#,
}

KEY_WITHOUT_FIELDS = Error "key-without-fields" {
    title: "A key or index has at least one field",
    reason: "There is nothing to index.",
    wrong: r#"
model User {
  id Int @id

  «@@index([])»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name])
}
"#,
}

KEY_UNKNOWN_FIELD = Error "key-unknown-field" {
    title: "The fields of a key or index exist in its model",
    reason: "They are named as in the schema, not as in the database.",
    wrong: r#"
model User {
  id       Int    @id
  lastName String @map("last_name")

  «@@index([last_name])»
}
"#,
    right: r#"
model User {
  id       Int    @id
  lastName String @map("last_name")

  @@index([lastName])
}
"#,
}

KEY_ON_RELATION = Error "key-on-relation" {
    title: "The fields of a key or index are columns",
    reason: "The field of a relation has no column; its foreign key has.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id])

  «@@index([author])»
}
"#,
    right: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id])

  @@index([authorId])
}
"#,
}

KEY_FIELD_TWICE = Error "key-field-twice" {
    title: "A key or index names each of its fields once",
    reason: "The second time adds nothing.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@unique([name, name])»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@unique([name])
}
"#,
}

KEY_NAME_MALFORMED = Error "key-name-malformed" {
    title: "The name of a key can be used by the client",
    reason: "`name:` is what the client calls the key; it holds only letters, digits and `_`. The name in the \
        database is given with `map:`.",
    wrong: r#"
model User {
  first String
  last  String

  «@@unique([first, last], name: "full name")»
}
"#,
    right: r#"
model User {
  first String
  last  String

  @@unique([first, last], name: "fullName")
}
"#,
}

KEY_NAME_TWICE = Error "key-name-twice" {
    title: "The keys of a model have different names in the client",
    reason: "`name:` is what the client calls the key. The name in the database is given with `map:`.",
    wrong: r#"
model User {
  first String
  last  String
  mail  String

  @@unique([first, last], «name: "contact"»)
  @@unique([first, mail], «name: "contact"»)
}
"#,
    right: r#"
model User {
  first String
  last  String
  mail  String

  @@unique([first, last], name: "fullName")
  @@unique([first, mail], name: "contact")
}
"#,
}

KEY_NAME_IS_FIELD = Error "key-name-is-field" {
    title: "A key has no name that a field has",
    reason: "The client would not know which is meant. A key of several fields is called by its fields, joined \
        with `_`, and that name stays reserved when `name:` gives it another.",
    wrong: r#"
model User {
  first      String
  last       String
  first_last String

  «@@unique([first, last])»
}
"#,
    right: r#"
model User {
  first    String
  last     String
  fullName String @map("first_last")

  @@unique([first, last])
}
"#,
}

CONSTRAINT_NAME_TAKEN = Error "constraint-name-taken" {
    title: "Keys, indexes and constraints have different names in the database",
    reason: "In PostgreSQL the keys and indexes of a schema share their names, and so do all constraints of a table. \
        Names that are not given with `map:` are made of those of the table and its columns.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  @@index([name], «map: "by_name"»)
}

model Post {
  id   Int    @id
  name String

  @@index([name], «map: "by_name"»)
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name], map: "user_by_name")
}

model Post {
  id   Int    @id
  name String

  @@index([name], map: "post_by_name")
}
"#,
}

DATABASE_NAME_TOO_LONG = Error "database-name-too-long" {
    title: "A name in the database has at most 63 bytes",
    reason: "PostgreSQL would cut it, and the schema would never match the database again. Names that are not given \
        are cut beforehand, in the same way each time.",
    wrong: r#"
model User {
  id Int «@id(map: "the_primary_key_of_the_table_that_holds_all_the_people_we_know_of")»
}
"#,
    right: r#"
model User {
  id Int @id(map: "user_primary_key")
}
"#,
}

TABLE_NAME_TAKEN = Error "table-name-taken" {
    title: "Each model has a table of its own",
    reason: "`@@map` gives the name of the table, which is otherwise that of the model.",
    wrong: r#"
model User {
  email String @unique

  @@map("people")
}

model Person {
  name String @unique

  «@@map("people")»
}
"#,
    right: r#"
model User {
  email String @unique

  @@map("users")
}

model Person {
  name String @unique

  @@map("people")
}
"#,
}

ENUM_DATABASE_NAME_TAKEN = Error "enum-database-name-taken" {
    title: "Each enum has a type of its own in the database",
    reason: "`@@map` gives the name of that type, which is otherwise that of the enum.",
    wrong: r#"
enum Role {
  Reader
}

«enum Right {
  Write

  @@map("Role")
}»
"#,
    right: r#"
enum Role {
  Reader
}

enum Right {
  Write
}
"#,
}

SCHEMA_UNKNOWN = Error "schema-unknown" {
    title: "`@@schema` names a schema of the `datasource`",
    reason: "`schemas` there lists those of the database that are looked after; all others are left alone.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "billing"]
}

model Invoice {
  id Int @id

  @@schema(«"biling"»)
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "billing"]
}

model Invoice {
  id Int @id

  @@schema("billing")
}
"#,
}

SCHEMA_MISSING = Error "schema-missing" {
    title: "With `schemas` in the `datasource`, each model and enum says in which it lies",
    reason: "There is no default among several.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "billing"]
}

«model Invoice {
  id Int @id
}»
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "billing"]
}

model Invoice {
  id Int @id

  @@schema("billing")
}
"#,
}

SHARD_KEY = Error "shard-key" {
    title: "PostgreSQL has no shard keys",
    reason: "`@shardKey` and `@@shardKey` are for PlanetScale.",
    wrong: r#"
model User {
  id     Int @id
  tenant Int

  «@@shardKey([tenant])»
}
"#,
    right: r#"
model User {
  id     Int @id
  tenant Int
}
"#,
}

KEY_CLUSTERED = Error "key-clustered" {
    title: "PostgreSQL has no clustered keys",
    reason: "`clustered:` is for SQL Server, which stores a table in the order of such a key.",
    wrong: r#"
model User {
  id Int «@id(clustered: false)»
}
"#,
    right: r#"
model User {
  id Int @id
}
"#,
}

}
