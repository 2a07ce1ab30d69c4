//! `@@index`, and what only indexes have.

super::rules! {

INDEX_TYPE_UNKNOWN = Error "index-type-unknown" {
    title: "The type of an index must exist in PostgreSQL",
    reason: "The types are `BTree` (the default), `Hash`, `Gin`, `Gist`, `SpGist` and `Brin`.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@index([name], type: Hsah)»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name], type: Hash)
}
"#,
}

INDEX_TYPE_COLUMN = Error "index-type-column" {
    title: "The type of an index must fit its columns",
    reason: "`Gin` is for lists and JSON; `Gist` and `SpGist` for text and, with an operator class, for \
        `inet`; `Brin` for ordered types. For other columns, the database may have an operator class: \
        `ops: raw(\"…\")`.",
    wrong: r#"
model Event {
  id   Int      @id
  time DateTime

  «@@index([time], type: Gin)»
}
"#,
    right: r#"
model Event {
  id   Int      @id
  time DateTime

  @@index([time], type: Brin)
}
"#,
}

INDEX_XML = Error "index-xml" {
    title: "XML columns cannot be indexed",
    reason: "PostgreSQL cannot compare XML documents, so they can be neither unique nor indexed.",
    wrong: r#"
model Feed {
  id   Int    @id
  «body String @unique @db.Xml»
}
"#,
    right: r#"
model Feed {
  id   Int    @id
  body String @db.Xml
}
"#,
}

INDEX_SPGIST_COLUMNS = Error "index-spgist-columns" {
    title: "An `SpGist` index has exactly one column",
    reason: "PostgreSQL supports this index type for single columns only.",
    wrong: r#"
model User {
  id    Int    @id
  first String
  last  String

  «@@index([first, last], type: SpGist)»
}
"#,
    right: r#"
model User {
  id    Int    @id
  first String
  last  String

  @@index([first], type: SpGist)
  @@index([last], type: SpGist)
}
"#,
}

INDEX_HASH_SORT = Error "index-hash-sort" {
    title: "A `Hash` index has no sort order",
    reason: "It only finds equal values.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@index([name(sort: Desc)], type: Hash)»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name(sort: Desc)])
}
"#,
}

SORT_UNKNOWN = Error "sort-unknown" {
    title: "A sort order is `Asc` or `Desc`",
    reason: "The default is `Asc`.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  @@index([name(«sort: Descending»)])
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name(sort: Desc)])
}
"#,
}

INDEX_LENGTH = Error "index-length" {
    title: "PostgreSQL indexes whole columns",
    reason: "`length:` is for MySQL, where an index can cover a prefix of a text. In PostgreSQL, create an \
        index on an expression in a migration.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@index([name(length: 10)])»
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

INDEX_NAME_AND_MAP = Error "index-name-and-map" {
    title: "An index has one name, `map`",
    reason: "An index has a name only in the database. `name` is what `map` was called in early versions of \
        Prisma.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@index([name], name: "by_name", map: "user_by_name")»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name], map: "user_by_name")
}
"#,
}

OPERATOR_CLASS_UNKNOWN = Error "operator-class-unknown" {
    title: "An operator class must be one that the schema language knows, or `raw(\"…\")`",
    reason: "The names are PostgreSQL's in camel case: `jsonb_path_ops` is `JsonbPathOps`.",
    wrong: r#"
model User {
  id       Int  @id
  settings Json

  @@index([settings(ops: «JsonPathOps»)], type: Gin)
}
"#,
    right: r#"
model User {
  id       Int  @id
  settings Json

  @@index([settings(ops: JsonbPathOps)], type: Gin)
}
"#,
}

OPERATOR_CLASS_FORM = Error "operator-class-form" {
    title: "An operator class is a bare word or `raw(\"…\")`",
    reason: "Bare words are the classes that the schema language knows. `raw` takes the name of any other, \
        as a string.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  @@index([name(«ops: "gin_trgm_ops"»)], type: Gin)
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@index([name(ops: raw("gin_trgm_ops"))], type: Gin)
}
"#,
}

OPERATOR_CLASS_INDEX_TYPE = Error "operator-class-index-type" {
    title: "An operator class must fit the type of its index",
    reason: "Each class supports one or two index types. Without `type:`, an index is a `BTree`.",
    wrong: r#"
model User {
  id       Int  @id
  settings Json

  «@@index([settings(ops: JsonbPathOps)])»
}
"#,
    right: r#"
model User {
  id       Int  @id
  settings Json

  @@index([settings(ops: JsonbPathOps)], type: Gin)
}
"#,
}

OPERATOR_CLASS_COLUMN = Error "operator-class-column" {
    title: "An operator class must fit the type of its column",
    reason: "Each class supports one database type: the field's native type or, without one, its default \
        type.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@index([name(ops: JsonbPathOps)], type: Gin)»
}
"#,
    right: r#"
model User {
  id   Int  @id
  name Json

  @@index([name(ops: JsonbPathOps)], type: Gin)
}
"#,
}

OPERATOR_CLASS_PLACE = Error "operator-class-place" {
    title: "Only `@@index` accepts operator classes",
    reason: "Unique keys are always plain `BTree` indexes.",
    wrong: r#"
model User {
  id   Int    @id
  name String

  «@@unique([name(ops: raw("text_pattern_ops"))])»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @unique

  @@index([name(ops: raw("text_pattern_ops"))])
}
"#,
}

FULLTEXT_INDEX = Error "fulltext-index" {
    title: "`@@fulltext` is for MySQL",
    reason: "In PostgreSQL, full-text search uses a `Gin` index on an expression or on a `tsvector` column.",
    wrong: r#"
model Post {
  id   Int    @id
  body String

  «@@fulltext([body])»
}
"#,
    right: r#"
model Post {
  id    Int                     @id
  body  String
  words Unsupported("tsvector")

  @@index([words], type: Gin)
}
"#,
}

}
