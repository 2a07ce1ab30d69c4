//! Views.

super::rules! {

VIEWS_PREVIEW = Error "views-preview" {
    title: "Views need the preview feature `views`",
    reason: "They are not finished in Prisma 6; whoever uses them says so in a generator.",
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
    reason: "It has no rows of its own. With `@unique` the client knows what tells its rows apart.",
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
    reason: "The tables that it shows may have them.",
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
    title: "What is unique in a view has no name in the database",
    reason: "It is a remark for the client; no index is made for it.",
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
    title: "What is unique in a view has no order, length or operator class",
    reason: "It is a remark for the client; no index is made for it.",
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
    title: "A view is not part of a many-to-many relation",
    reason: "The table of the pairs could not refer to it.",
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
