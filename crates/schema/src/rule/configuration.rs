//! The `datasource` and the generators.

super::rules! {

DATASOURCE_MISSING = Error "datasource-missing" {
    title: "Features that depend on the database need a `datasource`",
    reason: "It declares that the schema is for PostgreSQL. Without one, these are not available: lists of \
        scalars, `Decimal`, `@db.…`, `@@schema`, index types other than `BTree`, `map:` on a primary \
        or foreign key, `autoincrement()` outside of `@id`, `SetNull` on a required column, and \
        `references` in an order other than the key's. Names in the database are then not checked.",
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
    title: "There can be only one `datasource`",
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
    title: "A `datasource` must have `provider` and `url`, a generator `provider`",
    reason: "All other settings are optional.",
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
    title: "A `datasource` without `url` is a Prisma 7 schema",
    reason: "Prisma 7 keeps the URL in `prisma.config.ts`; Prisma 6 rejects such a file \
        (`setting-missing`). nicol accepts it and takes the URL from `[datasource] url` in \
        `nicol.toml`, which silences this warning, otherwise from the variable `DATABASE_URL`.",
    wrong: "",
    right: "",
}

SETTING_WITHOUT_VALUE = Error "setting-without-value" {
    title: "A setting must have a value",
    reason: "The value follows the `=` on the same line.",
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
    title: "A `datasource` accepts only known settings",
    reason: "They are `provider`, `url`, `directUrl`, `shadowDatabaseUrl`, `relationMode`, `schemas` and \
        `extensions`. A generator can have any settings.",
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
    title: "The provider of the `datasource` must be `\"postgresql\"`",
    reason: "nicol supports PostgreSQL only; `\"postgres\"` is an alias. The provider is part of the schema \
        because the schema cannot be validated without it.",
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
    reason: "The variable is read when the value is needed.",
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
    reason: "The name is ignored.",
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
    title: "The shadow database must be a separate database",
    reason: "It is emptied each time it is used.",
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
    title: "`relationMode` must be `\"foreignKeys\"` or `\"prisma\"`",
    reason: "With `\"foreignKeys\"` (the default), the database enforces relations. With `\"prisma\"`, the \
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
    title: "`relationMode` and `referentialIntegrity` cannot be combined",
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
    title: "`referentialIntegrity` has been renamed to `relationMode`",
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
    title: "`schemas` must name at least one schema",
    reason: "Without the setting, all tables are in the schema of the URL, or in `public`.",
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
    title: "`schemas` can name each schema only once",
    reason: "The second time has no effect.",
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
    reason: "It is a preview feature in Prisma 6 and must be enabled in a generator.",
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
    title: "The name of an extension starts with a letter and contains no `-`",
    reason: "For an extension with a different kind of name, choose another name and set the real one with \
        `map:`.",
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
    title: "An extension accepts `map`, `schema` and `version`, each a string",
    reason: "`map` is its name in the database, `schema` the schema that it is installed in, `version` the \
        version to install.",
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
    title: "A preview feature must exist",
    reason: "The preview features of Prisma 6.19 for PostgreSQL are `fullTextSearchPostgres`, \
        `nativeDistinct`, `postgresqlExtensions`, `relationJoins`, `schemaEngineDriverAdapters`, \
        `shardKeys`, `strictUndefinedChecks`, `typedSql` and `views`.",
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
    title: "A preview feature must still be one",
    reason: "Most former preview features have become part of Prisma, and some were abandoned; in both \
        cases the name has no effect.",
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
    reason: "For MySQL the feature has become part of Prisma; for PostgreSQL it is still a preview.",
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
    title: "The preview feature `metrics` is deprecated",
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
    title: "`previewFeatures` belongs in a generator",
    reason: "The `datasource` does not have this setting.",
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
