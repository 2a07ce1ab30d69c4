//! How long the pages of a table with a million rows take. It prints figures: `cargo xtask test studio`.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::support::Subject;

const SCHEMA: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Owner {
  id     Int     @id
  events Event[]
}

model Event {
  id      Int      @id
  kind    String
  code    String
  note    String?
  at      DateTime
  ownerId Int
  owner   Owner    @relation(fields: [ownerId], references: [id])

  @@index([code])
  @@index([at])
  @@index([ownerId])
}
"#;

const TABLES: &str = r#"CREATE TABLE "Owner" (id int PRIMARY KEY);
    CREATE TABLE "Event" (id int PRIMARY KEY, kind text NOT NULL, code text NOT NULL, note text, at timestamp(3) NOT NULL,
        "ownerId" int NOT NULL REFERENCES "Owner");
    INSERT INTO "Owner" SELECT generate_series(1, 1000);
    INSERT INTO "Event" SELECT i, 'kind ' || i % 7, md5(i::text), CASE WHEN i % 3 > 0 THEN 'note of event ' || i END,
        timestamp '2026-01-01' + i * interval '17 seconds', 1 + i % 1000 FROM generate_series(1, 1000000) i;
    CREATE INDEX ON "Event" (code); CREATE INDEX ON "Event" (at); CREATE INDEX ON "Event" ("ownerId");
    ANALYZE"#;

#[tokio::test]
async fn a_million_rows() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLES).await.unwrap();
    let subject = Subject::on(database, SCHEMA, nicol_studio::Options::default()).await;
    let rows = |extra: Value| {
        let mut request = json!({ "model": "Event", "take": 50 });
        request.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        request
    };
    let filter = |field: &str, operator: &str, value: &str| json!([{ "field": field, "operator": operator, "value": value }]);
    let by = |field: &str| json!([{ "field": field }]);
    let code = subject.value(r#"SELECT code FROM "Event" WHERE id = 500000"#).await;
    let middle = json!({ "id": "500000" });
    println!("median and most of 7, in ms, of the whole request over HTTP");
    for (name, path, request) in [
        ("first page", "rows", rows(json!({}))),
        ("count (estimate)", "count", json!({ "model": "Event" })),
        ("page in the middle", "rows", rows(json!({ "position": middle }))),
        ("last page", "rows", rows(json!({ "backwards": true }))),
        ("filter: key", "rows", rows(json!({ "filters": filter("id", "equals", "500000") }))),
        ("filter: index", "rows", rows(json!({ "filters": filter("code", "equals", &code) }))),
        (
            "filter: relation",
            "rows",
            rows(json!({ "filters": [{ "field": "owner", "operator": "is", "row": { "id": "77" } }] })),
        ),
        (
            "filter: no index, many match",
            "rows",
            rows(json!({ "filters": filter("kind", "equals", "kind 3") })),
        ),
        (
            "filter: no index, one matches",
            "rows",
            rows(json!({ "filters": filter("note", "equals", "note of event 500000") })),
        ),
        (
            "filter: no index, none contains it",
            "rows",
            rows(json!({ "filters": filter("note", "contains", "nowhere") })),
        ),
        (
            "count of many matches (bounded)",
            "count",
            json!({ "model": "Event", "filters": filter("kind", "equals", "kind 3") }),
        ),
        ("sort: index", "rows", rows(json!({ "sorts": by("at") }))),
        (
            "sort: index, page in the middle",
            "rows",
            rows(
                json!({ "sorts": by("at"), "position": { "at": "2026-04-09T09:13:20.000Z", "id": "500000" } }),
            ),
        ),
        ("sort: no index", "rows", rows(json!({ "sorts": by("note") }))),
        (
            "related counts of 50 owners",
            "related",
            json!({ "model": "Owner", "keys": (1..=50).map(|id| json!({ "id": id.to_string() })).collect::<Vec<_>>() }),
        ),
    ] {
        let mut times = Vec::new();
        let mut answer = Value::Null;
        for _ in 0..7 {
            let started = Instant::now();
            answer = subject.ask(path, request.clone()).await;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let remark = if answer["readsAll"] == true { ", said to read the whole table" } else { "" };
        println!("{name:36} {:7.1} {:7.1}{remark}", times[3], times[6]);
    }
    let answer = subject.ask("rows", rows(json!({ "filters": filter("note", "contains", "nowhere") }))).await;
    assert_eq!(answer["readsAll"], true);
    let answer = subject.ask("rows", rows(json!({ "filters": filter("code", "equals", &code) }))).await;
    assert_eq!((&answer["readsAll"], answer["rows"].as_array().unwrap().len()), (&json!(false), 1));
}
