//! Views.

super::rules! {

VIEWS_PREVIEW = Error "views-preview" {
    title: "Views need the preview feature `views`",
    reason: "They are a preview feature in Prisma 6 and must be enabled in a generator.",
    wrong: r#"
«view Author {
  id    Int @unique
  posts Int
}»
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int @unique
  posts Int
}
"#,
}

VIEW_PRIMARY_KEY = Error "view-primary-key" {
    title: "A view has no primary key",
    reason: "It has no rows of its own. Use `@unique` to tell the client what identifies a row.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int «@id»
  posts Int
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int @unique
  posts Int
}
"#,
}

VIEW_INDEX = Error "view-index" {
    title: "A view has no indexes",
    reason: "The tables that it reads can have them.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int @unique
  posts Int

  «@@index([posts])»
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int @unique
  posts Int
}
"#,
}

VIEW_UNIQUE_MAP = Error "view-unique-map" {
    title: "A unique key of a view has no name in the database",
    reason: "It is only a hint for the client; no index is created.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int «@unique(map: "author_id")»
  posts Int
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int @unique
  posts Int
}
"#,
}

VIEW_UNIQUE_ARGUMENTS = Error "view-unique-arguments" {
    title: "A unique key of a view has no sort order, length or operator class",
    reason: "It is only a hint for the client; no index is created.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int «@unique(sort: Desc)»
  posts Int
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

view Author {
  id    Int @unique
  posts Int
}
"#,
}

VIEW_MANY_TO_MANY = Error "view-many-to-many" {
    title: "A view cannot be part of a many-to-many relation",
    reason: "The join table could not refer to it.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

model Tag {
  id      Int      @id
  «authors Author[]»
}

view Author {
  id   Int   @unique
  «tags Tag[]»
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

model Tag {
  id Int @id
}

view Author {
  id Int @unique
}
"#,
}

}
