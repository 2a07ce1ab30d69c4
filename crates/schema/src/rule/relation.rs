//! Relations.

super::rules! {

RELATION_MISSING_OPPOSITE = Error "relation-missing-opposite" {
    title: "A relation has a field at both of its ends",
    reason: "One end holds the foreign key, the other shows the rows that refer to it; the client reads the relation \
        from both sides. The formatter writes the missing field.",
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
    title: "Several relations between two models have names",
    reason: "Without names it is open which fields belong together. Both ends of a relation have the same name. The \
        two ends of a relation of a model with itself need one too.",
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
    title: "The name of a relation is not empty",
    reason: "A relation needs a name only where there are several between the same models.",
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
    title: "One end of a relation names the columns of the foreign key and what they refer to",
    reason: "`fields` are columns of this model, `references` those of the other. Only where both ends are lists are \
        they left out. The formatter can write both.",
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
    reason: "They are named as in the schema, not as in the database.",
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
    title: "`fields` and `references` name columns",
    reason: "The field of a relation has no column. If there is none for the foreign key yet, add it.",
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
    title: "`fields` and `references` name each field once",
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
    title: "`fields` and `references` name the same number of fields",
    reason: "The first of the one refers to the first of the other, and so on.",
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
    title: "A column of a foreign key has the type of the column that it refers to",
    reason: "The database could not compare them.",
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
    title: "A foreign key refers to something unique",
    reason: "It says which row is meant, and that has to be one. The fields in `references` together are a primary \
        or a unique key of their model.",
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
    title: "A required relation has required columns",
    reason: "Where a column of the foreign key is empty, the row refers to nothing.",
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
    title: "The foreign key of a one-to-one relation is unique",
    reason: "Else several rows could refer to the same one.",
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
    title: "The end of a one-to-one relation without the foreign key is optional",
    reason: "Nothing in the database can make sure that there is a row which refers to this one. When the first row \
        is made, there cannot be.",
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
    title: "Only one end of a relation has `fields` and `references`",
    reason: "There is one foreign key, in the table of that end.",
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
    title: "`fields` and `references` stand at the same end of a relation",
    reason: "Together they are the foreign key.",
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
    title: "The foreign key is at the single or required end of a relation",
    reason: "A list cannot hold it, since a column holds one value. Of a required and an optional end the required \
        one holds it, since its row cannot be without.",
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
    title: "A relation to an ignored model is ignored too",
    reason: "The client does not know the model that the field would lead to.",
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
    title: "With `relationMode = \"prisma\"`, an index begins with the fields of a relation",
    reason: "Some databases make one with each foreign key, and here there are no foreign keys. Looking for the rows \
        that refer to another would read the whole table.",
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
    title: "Both models of a many-to-many relation have an `@id`",
    reason: "The table of the pairs that is made for it holds two columns, which refer to the primary keys. For \
        other keys write a model for the pairs.",
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
    reason: "The table of the pairs always refers to the primary keys.",
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
    reason: "Lists of keys in the rows themselves are for MongoDB. Here a table is made for the pairs.",
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
