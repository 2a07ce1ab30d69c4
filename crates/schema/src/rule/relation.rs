//! Relations.

super::rules! {

RELATION_MISSING_OPPOSITE = Error "relation-missing-opposite" {
    title: "A relation must have a field in both models",
    reason: "One field belongs to the foreign key, the opposite field represents the rows that refer to it; \
        the client reads the relation from both sides. The formatter adds the missing field.",
    wrong: r#"
model User {
  id Int @id
}

model Post {
  id       Int  @id
  authorId Int
  «author   User @relation(fields: [authorId], references: [id])»
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
}
"#,
}

RELATION_AMBIGUOUS = Error "relation-ambiguous" {
    title: "Multiple relations between the same two models must have names",
    reason: "Without names, it is unclear which fields belong together. Both fields of a relation have the \
        same name. A self-relation with two fields needs a name, too.",
    wrong: r#"
model User {
  id     Int    @id
  «posts  Post[]»
  drafts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id])
  editorId Int
  editor   User @relation(fields: [editorId], references: [id])
}
"#,
    right: r#"
model User {
  id     Int    @id
  posts  Post[] @relation("author")
  drafts Post[] @relation("editor")
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation("author", fields: [authorId], references: [id])
  editorId Int
  editor   User @relation("editor", fields: [editorId], references: [id])
}
"#,
}

RELATION_NAME_EMPTY = Error "relation-name-empty" {
    title: "The name of a relation must not be empty",
    reason: "A relation needs a name only if there are several between the same models.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User «@relation("", fields: [authorId], references: [id])»
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
}
"#,
}

RELATION_WITHOUT_FIELDS = Error "relation-without-fields" {
    title: "One side of a relation must name the foreign key's columns and the columns that they refer to",
    reason: "`fields` are columns of this model, `references` columns of the other. Both are omitted only \
        if both sides are lists. The formatter can add them.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  «author   User @relation(fields: [authorId])»
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
}
"#,
}

RELATION_UNKNOWN_FIELD = Error "relation-unknown-field" {
    title: "`fields` names fields of this model, `references` fields of the other",
    reason: "Use the names in the schema, not the names in the database.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: «[userId]», references: [id])
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
}
"#,
}

RELATION_FIELD_KIND = Error "relation-field-kind" {
    title: "`fields` and `references` must name columns",
    reason: "A relation field has no column. If there is no column for the foreign key yet, add one.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id     Int  @id
  author User @relation(fields: «[author]», references: [id])
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
}
"#,
}

RELATION_FIELD_TWICE = Error "relation-field-twice" {
    title: "`fields` and `references` can name each field only once",
    reason: "Each column of the foreign key refers to one column.",
    wrong: r#"
model User {
  first String
  last  String
  posts Post[]

  @@id([first, last])
}

model Post {
  id     Int    @id
  first  String
  last   String
  author User   «@relation(fields: [first, first], references: [first, last])»
}
"#,
    right: r#"
model User {
  first String
  last  String
  posts Post[]

  @@id([first, last])
}

model Post {
  id     Int    @id
  first  String
  last   String
  author User   @relation(fields: [first, last], references: [first, last])
}
"#,
}

RELATION_LENGTH = Error "relation-length" {
    title: "`fields` and `references` must have the same length",
    reason: "The first field refers to the first reference, the second to the second, and so on.",
    wrong: r#"
model User {
  first String
  last  String
  posts Post[]

  @@id([first, last])
}

model Post {
  id     Int    @id
  author String
  user   User   «@relation(fields: [author], references: [first, last])»
}
"#,
    right: r#"
model User {
  first String
  last  String
  posts Post[]

  @@id([first, last])
}

model Post {
  id    Int    @id
  first String
  last  String
  user  User   @relation(fields: [first, last], references: [first, last])
}
"#,
}

RELATION_TYPES = Error "relation-types" {
    title: "A foreign key column must have the type of the column that it refers to",
    reason: "Otherwise, the database could not compare them.",
    wrong: r#"
model User {
  id    String @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  «author   User @relation(fields: [authorId], references: [id])»
}
"#,
    right: r#"
model User {
  id    String @id
  posts Post[]
}

model Post {
  id       Int    @id
  authorId String
  author   User   @relation(fields: [authorId], references: [id])
}
"#,
}

RELATION_REFERENCES_NOT_UNIQUE = Error "relation-references-not-unique" {
    title: "A foreign key must refer to a unique key",
    reason: "It must identify exactly one row. Together, the fields in `references` must be a primary or \
        unique key of their model.",
    wrong: r#"
model User {
  id    Int    @id
  email String
  posts Post[]
}

model Post {
  id     Int    @id
  email  String
  «author User   @relation(fields: [email], references: [email])»
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique
  posts Post[]
}

model Post {
  id     Int    @id
  email  String
  author User   @relation(fields: [email], references: [email])
}
"#,
}

RELATION_REQUIRED = Error "relation-required" {
    title: "A required relation must have required columns",
    reason: "If a column of the foreign key is null, the row refers to nothing.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int?
  «author   User @relation(fields: [authorId], references: [id])»
}
"#,
    right: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int   @id
  authorId Int?
  author   User? @relation(fields: [authorId], references: [id])
}
"#,
}

RELATION_ONE_TO_ONE_NOT_UNIQUE = Error "relation-one-to-one-not-unique" {
    title: "The foreign key of a one-to-one relation must be unique",
    reason: "Otherwise, several rows could refer to the same row.",
    wrong: r#"
model User {
  id      Int      @id
  profile Profile?
}

model Profile {
  id     Int  @id
  userId Int
  «user   User @relation(fields: [userId], references: [id])»
}
"#,
    right: r#"
model User {
  id      Int      @id
  profile Profile?
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])
}
"#,
}

RELATION_BACK_REQUIRED = Error "relation-back-required" {
    title: "In a one-to-one relation, the side without the foreign key must be optional",
    reason: "The database cannot guarantee that a row exists that refers to this one. When this row is \
        created, there can be none.",
    wrong: r#"
model User {
  id      Int     @id
  «profile Profile»
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])
}
"#,
    right: r#"
model User {
  id      Int      @id
  profile Profile?
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])
}
"#,
}

RELATION_BOTH_ENDS = Error "relation-both-ends" {
    title: "Only one side of a relation has `fields` and `references`",
    reason: "There is one foreign key, in the table of that side.",
    wrong: r#"
model User {
  id        Int      @id
  profileId Int      @unique
  «profile   Profile? @relation(fields: [profileId], references: [id])»
}

model Profile {
  id     Int  @id
  userId Int  @unique
  «user   User @relation(fields: [userId], references: [id])»
}
"#,
    right: r#"
model User {
  id      Int      @id
  profile Profile?
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])
}
"#,
}

RELATION_APART = Error "relation-apart" {
    title: "`fields` and `references` must be on the same side of a relation",
    reason: "Together they define the foreign key.",
    wrong: r#"
model User {
  id      Int      @id
  «profile Profile? @relation(references: [id])»
}

model Profile {
  id     Int  @id
  userId Int  @unique
  «user   User @relation(fields: [userId])»
}
"#,
    right: r#"
model User {
  id      Int      @id
  profile Profile?
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])
}
"#,
}

RELATION_WRONG_END = Error "relation-wrong-end" {
    title: "The foreign key belongs on the single or required side of a relation",
    reason: "A list cannot hold it, because a column holds one value. If one side is required and the other \
        optional, the required side holds it, because its row always has a counterpart.",
    wrong: r#"
model User {
  id     Int    @id
  postId Int
  «posts  Post[] @relation(fields: [postId], references: [id])»
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id])
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
}
"#,
}

RELATION_TO_IGNORED = Error "relation-to-ignored" {
    title: "A relation to an ignored model must be ignored, too",
    reason: "The client does not have the model that the field refers to.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]

  @@ignore
}

model Post {
  id       Int  @id
  authorId Int
  «author   User @relation(fields: [authorId], references: [id])»
}
"#,
    right: r#"
model User {
  id    Int    @id
  posts Post[]

  @@ignore
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id]) @ignore
}
"#,
}

RELATION_WITHOUT_INDEX = Warning "relation-without-index" {
    title: "With `relationMode = \"prisma\"`, an index should start with the fields of a relation",
    reason: "Some databases create an index with each foreign key, but in this mode there are no foreign \
        keys. Without an index, finding the rows that refer to another row reads the whole table.",
    wrong: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}

model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User «@relation(fields: [authorId], references: [id])»
}
"#,
    right: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}

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

MANY_TO_MANY_WITHOUT_ID = Error "many-to-many-without-id" {
    title: "Both models of a many-to-many relation must have an `@id`",
    reason: "The implicit join table has two columns that refer to the primary keys. For other keys, write \
        a model for the join table.",
    wrong: r#"
model Post {
  id   Int   @id
  «tags Tag[]»
}

model Tag {
  name  String @unique
  posts Post[]
}
"#,
    right: r#"
model Post {
  id   Int   @id
  tags Tag[]
}

model Tag {
  name  String @id
  posts Post[]
}
"#,
}

MANY_TO_MANY_REFERENCES = Error "many-to-many-references" {
    title: "A many-to-many relation has no `references`",
    reason: "The implicit join table always refers to the primary keys.",
    wrong: r#"
model Post {
  id   Int   @id
  «tags Tag[] @relation(references: [id])»
}

model Tag {
  id    Int    @id
  posts Post[]
}
"#,
    right: r#"
model Post {
  id   Int   @id
  tags Tag[]
}

model Tag {
  id    Int    @id
  posts Post[]
}
"#,
}

MANY_TO_MANY_FIELDS = Error "many-to-many-fields" {
    title: "A many-to-many relation has no `fields`",
    reason: "Lists of keys in the rows are for MongoDB. PostgreSQL uses an implicit join table.",
    wrong: r#"
model Post {
  id     Int   @id
  tagIds Int[]
  «tags   Tag[] @relation(fields: [tagIds], references: [id])»
}

model Tag {
  id      Int    @id
  postIds Int[]
  «posts   Post[] @relation(fields: [postIds], references: [id])»
}
"#,
    right: r#"
model Post {
  id   Int   @id
  tags Tag[]
}

model Tag {
  id    Int    @id
  posts Post[]
}
"#,
}

}
