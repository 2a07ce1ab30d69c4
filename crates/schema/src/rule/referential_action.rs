//! Referential actions: `onDelete` and `onUpdate`.

super::rules! {

ACTION_UNKNOWN = Error "referential-action-unknown" {
    title: "`onDelete` and `onUpdate` name a referential action",
    reason: "There are `Cascade`, `Restrict`, `NoAction`, `SetNull` and `SetDefault`.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  author   User @relation(fields: [authorId], references: [id], onDelete: «Cascde»)
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
  author   User @relation(fields: [authorId], references: [id], onDelete: Cascade)
}
"#,
}

ACTION_WRONG_END = Error "referential-action-wrong-end" {
    title: "`onDelete` and `onUpdate` stand at the end with the foreign key",
    reason: "They say what happens to the row with the foreign key when the row that it refers to goes or changes.",
    wrong: r#"
model User {
  id    Int    @id
  «posts Post[] @relation(onDelete: Cascade)»
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
  author   User @relation(fields: [authorId], references: [id], onDelete: Cascade)
}
"#,
}

ACTION_MANY_TO_MANY = Error "referential-action-many-to-many" {
    title: "A many-to-many relation has no referential actions",
    reason: "A pair always goes with either of its two rows. For anything else write a model for the pairs.",
    wrong: r#"
model Post {
  id   Int   @id
  tags Tag[] @relation(onDelete: «Restrict»)
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

ACTION_SET_NULL = Warning "referential-action-set-null" {
    title: "`SetNull` needs columns that may be empty",
    reason: "PostgreSQL takes the definition, but then refuses to delete or change the row that is referred to. \
        Prisma warns of it only.",
    wrong: r#"
model User {
  id    Int    @id
  posts Post[]
}

model Post {
  id       Int  @id
  authorId Int
  «author   User @relation(fields: [authorId], references: [id], onDelete: SetNull)»
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
  author   User? @relation(fields: [authorId], references: [id], onDelete: SetNull)
}
"#,
}

ACTION_SET_NULL_EMULATED = Error "referential-action-set-null-emulated" {
    title: "With `relationMode = \"prisma\"`, `SetNull` needs columns that may be empty",
    reason: "The client does what the database would do, and cannot empty a required column.",
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
  «author   User @relation(fields: [authorId], references: [id], onDelete: SetNull)»

  @@index([authorId])
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
  id       Int   @id
  authorId Int?
  author   User? @relation(fields: [authorId], references: [id], onDelete: SetNull)

  @@index([authorId])
}
"#,
}

ACTION_EMULATED = Error "referential-action-emulated" {
    title: "With `relationMode = \"prisma\"`, only some referential actions are possible",
    reason: "The client does what the database would do, and knows `Cascade`, `Restrict` and `SetNull`.",
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
  authorId Int  @default(1)
  author   User @relation(fields: [authorId], references: [id], «onDelete: SetDefault»)

  @@index([authorId])
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
  authorId Int  @default(1)
  author   User @relation(fields: [authorId], references: [id], onDelete: Restrict)

  @@index([authorId])
}
"#,
}

ACTION_CYCLE = Error "referential-action-cycle" {
    title: "With `relationMode = \"prisma\"`, actions do not come back to where they began",
    reason: "The client follows each action itself and would go round in circles. One relation of the circle has to \
        have `Restrict` for `onDelete` and `onUpdate`. A relation of a model with itself is such a circle.",
    wrong: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}

model Category {
  id       Int        @id
  parentId Int?
  «parent   Category?  @relation("tree", fields: [parentId], references: [id], onDelete: SetNull)»
  children Category[] @relation("tree")

  @@index([parentId])
}
"#,
    right: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}

model Category {
  id       Int        @id
  parentId Int?
  parent   Category?  @relation("tree", fields: [parentId], references: [id], onDelete: Restrict, onUpdate: Restrict)
  children Category[] @relation("tree")

  @@index([parentId])
}
"#,
}

}
