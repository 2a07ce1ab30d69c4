//! Attributes, where they may stand, and their arguments.

super::rules! {

ATTRIBUTE_UNKNOWN = Error "attribute-unknown" {
    title: "An attribute exists, and may stand where it does",
    reason: "Attributes of a field begin with `@`, those of a whole block with `@@`; most exist in one form only. \
        Fields of a relation have only `@relation` and `@ignore`.",
    wrong: r#"
model User {
  id    Int    @id
  email String «@uniqe»
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique
}
"#,
}

ATTRIBUTE_TWICE = Error "attribute-twice" {
    title: "An attribute stands once at its field or block",
    reason: "Only `@@index` and `@@unique` may be repeated. All are reported, since it is open which was meant.",
    wrong: r#"
model User {
  id   Int    @id
  name String «@default("nobody")» «@default("somebody")»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @default("nobody")
}
"#,
}

ARGUMENT_UNKNOWN = Error "argument-unknown" {
    title: "An attribute has only the arguments that it knows",
    reason: "An argument that nobody reads would be a silent mistake.",
    wrong: r#"
model User {
  id    Int    @id
  email String @unique(«nam: "user_email"»)
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique(map: "user_email")
}
"#,
}

ARGUMENT_MISSING = Error "argument-missing" {
    title: "An attribute has the arguments that it needs",
    reason: "The one that is needed may be written without its name.",
    wrong: r#"
model User {
  id    Int    @id
  email String «@map»
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @map("e_mail")
}
"#,
}

ARGUMENT_TWICE = Error "argument-twice" {
    title: "An argument is given once",
    reason: "The argument that may go without its name counts as the same with and without.",
    wrong: r#"
model User {
  id    Int    @id
  email String @unique(map: "user_email", «map: "user_mail"»)
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique(map: "user_email")
}
"#,
}

ARGUMENT_WITHOUT_NAME = Error "argument-without-name" {
    title: "Only one argument goes without a name",
    reason: "Where several values are meant, they are one list in brackets.",
    wrong: r#"
model User {
  first String
  last  String

  @@id([first, last])
  «@@index(first, last)»
}
"#,
    right: r#"
model User {
  first String
  last  String

  @@id([first, last])
  @@index([first, last])
}
"#,
}

ARGUMENT_WITHOUT_VALUE = Error "argument-without-value" {
    title: "An argument has a value",
    reason: "The value follows the colon.",
    wrong: r#"
model User {
  id    Int    @id
  email String @unique(«map»:)
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique(map: "user_email")
}
"#,
}

ARGUMENT_TRAILING_COMMA = Error "argument-trailing-comma" {
    title: "No comma follows the last argument",
    reason: "An argument seems to be missing after it.",
    wrong: r#"
model User {
  id    Int    @id
  email String @unique(map: "user_email"«,»)
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique(map: "user_email")
}
"#,
}

ARGUMENT_EMPTY = Error "argument-empty" {
    title: "A name that is given is not empty",
    reason: "Leave the argument out to get the automatic name.",
    wrong: r#"
model User {
  id    Int    @id
  email String «@unique(map: "")»
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @unique
}
"#,
}

VALUE_KIND = Error "value-kind" {
    title: "A value is of the kind that is expected",
    reason: "Texts are in quotes; names of fields, of actions and of other things of the language are bare words; \
        lists are in brackets.",
    wrong: r#"
model User {
  id    Int    @id
  email String @map(«e_mail»)
}
"#,
    right: r#"
model User {
  id    Int    @id
  email String @map("e_mail")
}
"#,
}

ATTRIBUTE_ON_RELATION = Error "attribute-on-relation" {
    title: "Attributes of columns stand on columns",
    reason: "The field of a relation has no column: it shows the rows that the columns named in `fields` refer to.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id]) «@map("author")»
}
"#,
    right: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int  @map("author")
  author   User @relation(fields: [authorId], references: [id])
}
"#,
}

RELATION_ON_COLUMN = Error "relation-on-column" {
    title: "`@relation` stands on a field whose type is a model",
    reason: "The column of the foreign key is a plain field. Beside it there is a field of the other model's type, \
        which names the column in `fields`.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int  «@relation»
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

UPDATED_AT_TYPE = Error "updated-at-type" {
    title: "`@updatedAt` stands on a `DateTime`",
    reason: "The client writes the time of each change into it.",
    wrong: r#"
model User {
  id      Int    @id
  changed String «@updatedAt»
}
"#,
    right: r#"
model User {
  id      Int      @id
  changed DateTime @updatedAt
}
"#,
}

UPDATED_AT_LIST = Error "updated-at-list" {
    title: "`@updatedAt` does not stand on a list",
    reason: "It holds the time of the last change, which is one.",
    wrong: r#"
model User {
  id      Int        @id
  changed DateTime[] «@updatedAt»
}
"#,
    right: r#"
model User {
  id      Int      @id
  changed DateTime @updatedAt
}
"#,
}

IGNORE_TWICE = Error "ignore-twice" {
    title: "A field of an ignored model has no `@ignore`",
    reason: "The client leaves out the whole model.",
    wrong: r#"
model User {
  id   Int    @id
  «name String @ignore»

  @@ignore
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String

  @@ignore
}
"#,
}

IGNORE_UNSUPPORTED = Error "ignore-unsupported" {
    title: "A field of an unsupported type has no `@ignore`",
    reason: "The client leaves out such fields anyway.",
    wrong: r#"
model User {
  id       Int                    @id
  location Unsupported("polygon") «@ignore»
}
"#,
    right: r#"
model User {
  id       Int                    @id
  location Unsupported("polygon")
}
"#,
}

}
