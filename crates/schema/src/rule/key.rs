//! Primary and unique keys, and names of things in the database.

super::rules! {

MODEL_WITHOUT_KEY = Error "model-without-key" {
    title: "A model must have a key without null values",
    reason: "Otherwise the client cannot identify a row. A unique key counts if all its fields are \
        required. To keep a table without a key out of the client, use `@@ignore`.",
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
    title: "A model has only one primary key",
    reason: "Write a key of several fields once, as `@@id([a, b])`. For other unique fields, use `@unique` \
        or `@@unique`.",
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
    title: "The fields of a primary key must be required",
    reason: "PostgreSQL does not allow null in a primary key. Lists are not allowed either.",
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
    title: "A primary key has no sort order in PostgreSQL",
    reason: "Its index can be scanned in both directions.",
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
    title: "A key or index must have at least one field",
    reason: "There would be nothing to index.",
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
    title: "The fields of a key or index must exist in its model",
    reason: "Use the names in the schema, not the names in the database.",
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
    title: "The fields of a key or index must be columns",
    reason: "A relation field has no column; use the fields of its foreign key.",
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
    title: "A key or index can name each field only once",
    reason: "The second time has no effect.",
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
    title: "The name of a key must be valid in the client",
    reason: "`name:` sets the key's name in the client; it contains only letters, digits and `_`. Use \
        `map:` for the name in the database.",
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
    title: "The keys of a model must have different names in the client",
    reason: "`name:` sets the key's name in the client. Use `map:` for the name in the database.",
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
    title: "A key cannot have the name of a field",
    reason: "The client could not tell them apart. By default, a key of several fields is named after its \
        fields, joined with `_`. That name stays reserved when `name:` sets another.",
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
    title: "Keys, indexes and constraints must have different names in the database",
    reason: "In PostgreSQL, the names of keys and indexes must be unique in a schema, and the names of \
        constraints in a table. Without `map:`, names are made from those of the table and its \
        columns.",
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
    title: "A name in the database can have at most 63 bytes",
    reason: "PostgreSQL would truncate it, and the schema would never match the database. Automatic names \
        are shortened to fit, always in the same way.",
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
    title: "Each model must have its own table",
    reason: "`@@map` sets the name of the table; by default, it is the name of the model.",
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
    title: "Each enum must have its own type in the database",
    reason: "`@@map` sets the name of the type; by default, it is the name of the enum.",
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
    title: "`@@schema` must name a schema of the `datasource`",
    reason: "`schemas` lists the database schemas to manage; all others are left alone.",
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
    title: "With `schemas` in the `datasource`, each model and enum needs `@@schema`",
    reason: "There is no default among several schemas.",
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
