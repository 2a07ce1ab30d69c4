//! Attributes, where they may stand, and their arguments.

super::rules! {

ATTRIBUTE_UNKNOWN = Error "attribute-unknown" {
    title: "An attribute must exist and be allowed where it is used",
    reason: "Field attributes start with `@`, block attributes with `@@`; most exist in only one of the two \
        forms. Relation fields can only have `@relation` and `@ignore`.",
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
    title: "An attribute can be used only once on a field or block",
    reason: "Only `@@index` and `@@unique` are repeatable. All occurrences are reported, because it is \
        unclear which was intended.",
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
    title: "An attribute accepts only its own arguments",
    reason: "Silently ignoring an unknown argument would hide mistakes.",
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
    title: "An attribute must have its required arguments",
    reason: "The name of the required argument can be omitted.",
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
    title: "An argument can be given only once",
    reason: "An argument whose name can be omitted counts as the same argument with and without the name.",
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
    title: "Only one argument can be unnamed",
    reason: "To pass several values, write a list in brackets.",
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
    title: "An argument must have a value",
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
    reason: "After a comma, another argument is expected.",
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
    title: "A given name must not be empty",
    reason: "Omit the argument to use the automatic name.",
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
    title: "A value must be of the expected kind",
    reason: "Strings are in quotes. Names of fields, referential actions and other keywords are bare words. \
        Lists are in brackets.",
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
    title: "Attributes for columns are not allowed on relation fields",
    reason: "A relation field has no column of its own: it represents the rows that the columns in `fields` \
        refer to.",
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
    title: "`@relation` is only allowed on a field whose type is a model",
    reason: "The foreign key column is a scalar field. Next to it, add a field of the other model's type \
        that names the column in `fields`.",
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
    title: "`@updatedAt` is only allowed on `DateTime` fields",
    reason: "The client sets the field to the time of each update.",
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
    title: "`@updatedAt` is not allowed on lists",
    reason: "The field holds one value, the time of the last update.",
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
    reason: "The client already omits the whole model.",
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
    reason: "The client already omits such fields.",
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
