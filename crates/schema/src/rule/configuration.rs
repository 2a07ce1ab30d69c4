//! The `datasource` and the generators.

super::rules! {

DATASOURCE_MISSING = Error "datasource-missing" {
    title: "What not every database has needs a `datasource`",
    reason: "It says that the schema is for PostgreSQL. Without one there can be no lists in columns, no `Decimal`, no \
        `@db.…`, no `@@schema`, no other index than `BTree`, no `map:` of a primary or foreign key, no \
        `autoincrement()` but on the `@id`, no `SetNull` of a required column, and `references` have the order of \
        the key. Names in the database are then not looked at.",
    wrong: r#"
// There is no datasource.
model User {
  id   Int      @id
  «tags String[]»
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id   Int      @id
  tags String[]
}
"#,
}

DATASOURCE_TWICE = Error "datasource-twice" {
    title: "There is one `datasource`",
    reason: "A schema describes one database.",
    wrong: r#"
«datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}»

«datasource other {
  provider = "postgresql"
  url      = env("OTHER_URL")
}»
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

SETTING_MISSING = Error "setting-missing" {
    title: "A `datasource` has `provider` and `url`, a generator has `provider`",
    reason: "Everything else may be left out.",
    wrong: r#"
«datasource db {
  provider = "postgresql"
}»
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

URL_ELSEWHERE = Warning "url-elsewhere" {
    title: "A `datasource` without `url` is one of Prisma 7",
    reason: "Prisma 7 keeps the URL in `prisma.config.ts`; Prisma 6 refuses such a file (`setting-missing`). nicol reads \
        it and takes the URL from `[datasource] url` in `nicol.toml`, which also ends the warning, else from the \
        variable `DATABASE_URL`.",
    wrong: "",
    right: "",
}

SETTING_WITHOUT_VALUE = Error "setting-without-value" {
    title: "A setting has a value",
    reason: "It follows the `=`, on the same line.",
    wrong: r#"
«datasource db {
  provider = "postgresql"
  url      =
}»
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

SETTING_UNKNOWN = Error "setting-unknown" {
    title: "A `datasource` has only the settings that it knows",
    reason: "They are `provider`, `url`, `directUrl`, `shadowDatabaseUrl`, `relationMode`, `schemas` and \
        `extensions`. A generator may have any.",
    wrong: r#"
datasource db {
  provider  = "postgresql"
  url       = env("DATABASE_URL")
  «directURL = env("DIRECT_URL")»
}
"#,
    right: r#"
datasource db {
  provider  = "postgresql"
  url       = env("DATABASE_URL")
  directUrl = env("DIRECT_URL")
}
"#,
}

PROVIDER = Error "provider" {
    title: "The provider of the `datasource` is `\"postgresql\"`",
    reason: "nicol is for PostgreSQL; `\"postgres\"` means the same. It is written into the schema, since the schema \
        could not be checked without knowing it.",
    wrong: r#"
datasource db {
  provider = «"postgressql"»
  url      = env("DATABASE_URL")
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

ENV_ARGUMENT = Error "env-argument" {
    title: "`env` takes the name of one variable, as a string",
    reason: "The value is read from the environment when it is needed.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = «env()»
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

ENV_ARGUMENT_NAME = Warning "env-argument-name" {
    title: "The argument of `env` has no name",
    reason: "The name is passed over.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env(«name: "DATABASE_URL"»)
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

SHADOW_DATABASE_SHARED = Error "shadow-database-shared" {
    title: "The shadow database is a database of its own",
    reason: "It is emptied whenever migrations are tried out in it.",
    wrong: r#"
datasource db {
  provider          = "postgresql"
  url               = «env("DATABASE_URL")»
  shadowDatabaseUrl = env("DATABASE_URL")
}
"#,
    right: r#"
datasource db {
  provider          = "postgresql"
  url               = env("DATABASE_URL")
  shadowDatabaseUrl = env("SHADOW_DATABASE_URL")
}
"#,
}

RELATION_MODE_UNKNOWN = Error "relation-mode-unknown" {
    title: "`relationMode` is `\"foreignKeys\"` or `\"prisma\"`",
    reason: "With `\"foreignKeys\"`, the default, the database watches over the relations; with `\"prisma\"` the \
        client does, and the database has no foreign keys.",
    wrong: r#"
«datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "foreign-keys"
}»
"#,
    right: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "foreignKeys"
}
"#,
}

RELATION_MODE_TWICE = Error "relation-mode-twice" {
    title: "`relationMode` and `referentialIntegrity` do not stand together",
    reason: "They are the new and the old name of the same setting.",
    wrong: r#"
datasource db {
  provider             = "postgresql"
  url                  = env("DATABASE_URL")
  relationMode         = "prisma"
  «referentialIntegrity = "prisma"»
}
"#,
    right: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}
"#,
}

RELATION_MODE_OLD_NAME = Warning "relation-mode-old-name" {
    title: "`referentialIntegrity` is now called `relationMode`",
    reason: "The old name still works.",
    wrong: r#"
datasource db {
  provider             = "postgresql"
  url                  = env("DATABASE_URL")
  «referentialIntegrity = "prisma"»
}
"#,
    right: r#"
datasource db {
  provider     = "postgresql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}
"#,
}

SCHEMAS_EMPTY = Error "schemas-empty" {
    title: "`schemas` names at least one schema",
    reason: "Without the setting, all tables lie in the schema that the URL names, or in `public`.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = «[]»
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public"]
}
"#,
}

SCHEMAS_TWICE = Error "schemas-twice" {
    title: "`schemas` names each schema once",
    reason: "The second time adds nothing.",
    wrong: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = [«"public"», "billing", "public"]
}
"#,
    right: r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "billing"]
}
"#,
}

EXTENSIONS_PREVIEW = Error "extensions-preview" {
    title: "`extensions` needs the preview feature `postgresqlExtensions`",
    reason: "It is not finished in Prisma 6; whoever uses it says so in a generator.",
    wrong: r#"
datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  «extensions = [pgcrypto]»
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["postgresqlExtensions"]
}

datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  extensions = [pgcrypto]
}
"#,
}

EXTENSION_NAME = Error "extension-name" {
    title: "The name of an extension begins with a letter and has no `-`",
    reason: "An extension whose own name is not like that gets another here, and its own with `map:`.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["postgresqlExtensions"]
}

datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  extensions = [«uuid-ossp»]
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["postgresqlExtensions"]
}

datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  extensions = [uuidOssp(map: "uuid-ossp")]
}
"#,
}

EXTENSION_ARGUMENT = Error "extension-argument" {
    title: "An extension takes `map`, `schema` and `version`, each a string",
    reason: "`map` is its name in the database, `schema` where it is installed, `version` which of its versions.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["postgresqlExtensions"]
}

datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  extensions = [postgis(«release: "3.4"»)]
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["postgresqlExtensions"]
}

datasource db {
  provider   = "postgresql"
  url        = env("DATABASE_URL")
  extensions = [postgis(version: "3.4")]
}
"#,
}

PREVIEW_FEATURE_UNKNOWN = Error "preview-feature-unknown" {
    title: "A preview feature exists",
    reason: "Those of Prisma 6.19 for PostgreSQL are `fullTextSearchPostgres`, `nativeDistinct`, \
        `postgresqlExtensions`, `relationJoins`, `schemaEngineDriverAdapters`, `shardKeys`, `strictUndefinedChecks`, \
        `typedSql` and `views`.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = «["veiws"]»
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}
"#,
}

PREVIEW_FEATURE_FORMER = Warning "preview-feature-former" {
    title: "A preview feature is still one",
    reason: "Most that are no longer have become part of Prisma, and some were given up; either way the name has no \
        effect.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = «["multiSchema"]»
}
"#,
    right: r#"
generator client {
  provider = "nicol"
}
"#,
}

PREVIEW_FEATURE_RENAMED = Warning "preview-feature-renamed" {
    title: "For PostgreSQL, `fullTextSearch` is called `fullTextSearchPostgres`",
    reason: "For MySQL it has become part of Prisma, for PostgreSQL it is a preview still.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = «["fullTextSearch"]»
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["fullTextSearchPostgres"]
}
"#,
}

PREVIEW_FEATURE_DEPRECATED = Warning "preview-feature-deprecated" {
    title: "The preview feature `metrics` is going away",
    reason: "Later versions of Prisma do not have it.",
    wrong: r#"
generator client {
  provider        = "nicol"
  previewFeatures = «["metrics"]»
}
"#,
    right: r#"
generator client {
  provider = "nicol"
}
"#,
}

PREVIEW_FEATURES_PLACE = Error "preview-features-place" {
    title: "`previewFeatures` is a setting of a generator",
    reason: "The `datasource` has none.",
    wrong: r#"
datasource db {
  provider        = "postgresql"
  url             = env("DATABASE_URL")
  «previewFeatures = ["views"]»
}
"#,
    right: r#"
generator client {
  provider        = "nicol"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#,
}

}
