//! Differences between a database and its migrations.

use nicol_migrate::{Migrations, Shadow, deploy, diagnose, from_model};

use crate::support::{TestResult, client, empty};

/// The server repeats most of it in words of its own, and the schema file says none of the extension.
const MIGRATION: &str = "create extension pg_trgm;
create table t (
    id serial primary key,
    code char,
    until timestamp(3) not null default now() + '1 day',
    words tsvector,
    anything text default 'x' || 'y'
);
create index words on t using gin (anything gin_trgm_ops);
";

const SCHEMA: &str = r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model t {
  id       Int                      @id @default(autoincrement())
  code     String?                  @db.Char
  until    DateTime                 @default(dbgenerated("now() + '1 day'"))
  words    Unsupported("TSVECTOR")?
  anything String?                  @default(dbgenerated())

  @@index([anything(ops: raw("gin_trgm_ops"))], type: Gin, map: "words")
}
"#;

#[tokio::test]
async fn different_wording_is_no_drift() -> TestResult {
    let database = empty().await;
    let url = database.url();
    let migrations = Migrations::embedded(&[("20250101000000_one", MIGRATION)]);
    deploy(url, &migrations, |_| {}).await?;
    let next = from_model(&nicol_schema::validate(SCHEMA).into_result().expect("it is valid"));
    let never = || std::future::pending();
    let found = diagnose(url, &migrations, &Shadow::default(), &[], Some(&next), never()).await?;
    assert!(!found.needs_reset(), "{}", found.drift.plan().script());
    let left = nicol_migrate::plan(&found.end, &next);
    assert!(left.is_empty(), "{}", left.script());

    client(url).await.batch_execute("alter table t alter until set default now() + '2 days'").await?;
    let found = diagnose(url, &migrations, &Shadow::default(), &[], Some(&next), never()).await?;
    assert!(found.drift.plan().script().contains("2 days"), "{}", found.drift.plan().script());
    Ok(())
}
