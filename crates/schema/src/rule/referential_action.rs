//! Referential actions: `onDelete` and `onUpdate`.

super::rules! {

ACTION_UNKNOWN = Error "referential-action-unknown" {
    title: "`onDelete` and `onUpdate` must name a referential action",
    reason: "The actions are `Cascade`, `Restrict`, `NoAction`, `SetNull` and `SetDefault`.",
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
    title: "`onDelete` and `onUpdate` belong on the side with the foreign key",
    reason: "They define what happens to the row with the foreign key when the row that it refers to is \
        deleted or updated.",
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
    reason: "An entry of the join table is always deleted with either of its rows. For anything else, write \
        a model for the join table.",
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
    title: "`SetNull` needs optional columns",
    reason: "PostgreSQL accepts the definition but then refuses to delete or update the referenced row. \
        Prisma only warns about it.",
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
    title: "With `relationMode = \"prisma\"`, `SetNull` needs optional columns",
    reason: "The client emulates the action and cannot set a required column to null.",
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
    title: "With `relationMode = \"prisma\"`, only some referential actions are available",
    reason: "The client emulates the actions; it supports `Cascade`, `Restrict` and `SetNull`.",
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
    title: "With `relationMode = \"prisma\"`, referential actions must not form a cycle",
    reason: "The client executes each action itself and would loop forever. Set `onDelete` and `onUpdate` \
        to `Restrict` on one relation of the cycle. A self-relation is a cycle, too.",
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
