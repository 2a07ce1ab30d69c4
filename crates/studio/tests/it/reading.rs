//! Pages, filters, orders, counts and relations.

use serde_json::{Value, json};

use crate::support::Subject;

/// 120 users: every third without a name, names that repeat, managers.
const USERS: &str = "INSERT INTO users (id, email, name, active, manager_id)
    SELECT i, 'u' || i || '@example.com', CASE WHEN i % 3 = 0 THEN NULL ELSE 'name ' || (i % 7) END, i % 2 = 0,
        CASE WHEN i > 1 THEN 1 END
    FROM generate_series(1, 120) i";

fn ids(page: &Value) -> Vec<String> {
    page["rows"].as_array().unwrap().iter().map(|row| row["key"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Reads all pages, forwards or backwards.
async fn walk(subject: &Subject, sorts: &Value, backwards: bool) -> Vec<String> {
    let mut all: Vec<Vec<String>> = Vec::new();
    let mut place = json!({});
    let mut skip = 0;
    loop {
        let mut request = json!({ "model": "User", "take": 25, "sorts": sorts, "backwards": backwards });
        match &place {
            Value::Object(position) if !position.is_empty() => request["position"] = place.clone(),
            _ => request["skip"] = skip.into(),
        }
        let page = subject.ask("rows", request).await;
        all.push(ids(&page));
        if page["more"] == false {
            break;
        }
        skip += 25;
        place = page[if backwards { "first" } else { "last" }].clone();
    }
    assert_eq!(all.len(), 5);
    if backwards {
        all.reverse();
    }
    all.concat()
}

#[tokio::test]
async fn pages_have_every_row_once_in_any_order_and_both_directions() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    for (sorts, sql) in [
        (json!([]), "id"),
        (json!([{ "field": "id", "descending": true }]), "id DESC"),
        (json!([{ "field": "name" }]), "name, id"),
        (json!([{ "field": "name", "descending": true }]), "name DESC, id DESC"),
        (json!([{ "field": "name", "descending": true }, { "field": "email" }]), "name DESC, email, id"),
        // Neither can be compared exactly, so rows are counted from the beginning.
        (json!([{ "field": "active" }]), "active, id"),
        (json!([{ "field": "role" }, { "field": "name" }]), "role, name, id"),
    ] {
        let expected =
            subject.value(&format!("SELECT string_agg(id::text, ' ' ORDER BY {sql}) FROM users")).await;
        for backwards in [false, true] {
            assert_eq!(walk(&subject, &sorts, backwards).await.join(" "), expected, "{sorts}, {backwards}");
        }
    }
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    subject.sql("INSERT INTO users (id, email, name, role) VALUES (200, 'x', '', 'writer-1'), (201, 'y', 'Na%me_', 'READER')").await;
    for (filter, expected) in [
        (json!({ "field": "id", "operator": "equals", "value": "7" }), 1),
        (json!({ "field": "id", "operator": "in", "value": ["7", "8", "999"] }), 2),
        (json!({ "field": "id", "operator": "gte", "value": "119" }), 4),
        (json!({ "field": "email", "operator": "contains", "value": "U11" }), 11),
        (json!({ "field": "email", "operator": "endsWith", "value": "@EXAMPLE.com" }), 120),
        (json!({ "field": "name", "operator": "contains", "value": "%" }), 1),
        (json!({ "field": "name", "operator": "equals", "value": "" }), 1),
        (json!({ "field": "name", "operator": "isNull" }), 40),
        (json!({ "field": "name", "operator": "isNotNull" }), 82),
        // What is null is different, too.
        (json!({ "field": "name", "operator": "not", "value": "" }), 121),
        (json!({ "field": "email", "operator": "isNull" }), 0),
        (json!({ "field": "role", "operator": "equals", "value": "WRITER" }), 1),
        (json!({ "field": "active", "operator": "equals", "value": "false" }), 60),
        (json!({ "field": "manager", "operator": "is", "row": { "id": "1" } }), 119),
        (json!({ "field": "manager", "operator": "is", "row": { "email": "u1@example.com" } }), 119),
        (json!({ "field": "manager", "operator": "isNull" }), 3),
        (json!({ "field": "reports", "operator": "isNotNull" }), 1),
        (json!({ "field": "reports", "operator": "is", "row": { "id": "5" } }), 1),
    ] {
        let page = subject.ask("rows", json!({ "model": "User", "filters": [filter], "take": 500 })).await;
        assert_eq!(page["rows"].as_array().unwrap().len(), expected, "{filter}");
        let count = subject.ask("count", json!({ "model": "User", "filters": [filter] })).await;
        assert_eq!(count, json!({ "exactly": expected }), "{filter}");
    }
    for filter in [
        json!({ "field": "nothing", "operator": "equals", "value": "1" }),
        json!({ "field": "id", "operator": "contains", "value": "1" }),
        json!({ "field": "id", "operator": "equals", "value": "x" }),
        json!({ "field": "id", "operator": "equals", "value": null }),
        json!({ "field": "posts", "operator": "equals", "value": "1" }),
        json!({ "field": "manager", "operator": "is", "row": {} }),
    ] {
        let answer = subject.post("rows", &json!({ "model": "User", "filters": [filter], "take": 5 })).await;
        assert!(matches!(answer.status, 400 | 422), "{filter}: {answer:?}");
    }
}

#[tokio::test]
async fn relations_are_followed_and_counted() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    subject
        .sql(
            r#"INSERT INTO "Post" (id, title, "authorId") VALUES ('a', 'A', 1), ('b', 'B', 1), ('c', 'C', 2);
            INSERT INTO "Tag" VALUES (1, 'x'), (2, 'y');
            INSERT INTO "_PostToTag" VALUES ('a', 1), ('a', 2), ('b', 1);
            INSERT INTO "Seat" VALUES ('r1', 1, 1), ('r1', 2, NULL)"#,
        )
        .await;
    let counts = subject
        .ask("related", json!({ "model": "User", "keys": [{ "id": "1" }, { "id": "2" }, { "id": "999" }] }))
        .await;
    assert_eq!(counts[0], json!({ "posts": 2, "reports": 119, "seats": 1 }));
    assert_eq!((&counts[1]["posts"], &counts[2]), (&json!(1), &json!({})));
    let tags = json!({ "model": "Tag", "filters": [{ "field": "posts", "operator": "is", "row": { "id": "a" } }], "take": 9 });
    assert_eq!(ids(&subject.ask("rows", tags).await), ["1", "2"]);
    let seats = subject.ask("rows", json!({ "model": "Seat", "take": 9, "sorts": [] })).await;
    assert_eq!(seats["rows"][1]["key"], json!({ "room": "r1", "number": "2" }));
    let seat = subject.row("Seat", json!({ "room": "r1", "number": "2" })).await;
    assert_eq!(seat["cells"]["userId"], Value::Null);
}

#[tokio::test]
async fn views_without_a_key_are_read_page_by_page() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    let request = json!({ "model": "Writer", "take": 50, "sorts": [{ "field": "email" }], "skip": 100 });
    let page = subject.ask("rows", request).await;
    assert_eq!(
        (page["rows"].as_array().unwrap().len(), &page["more"], &page["last"]),
        (20, &json!(false), &Value::Null)
    );
    assert_eq!(page["rows"][0]["key"], json!({}));
    let change = json!([{ "kind": "create", "model": "Writer", "data": { "email": "x", "posts": "1" } }]);
    assert_eq!(subject.apply(change).await["failures"][0]["kind"], "request");
}

#[tokio::test]
async fn counts_are_estimated_or_bounded() {
    let subject = Subject::new().await;
    subject.sql(r#"INSERT INTO "Nothing" SELECT generate_series(1, 20000); ANALYZE "Nothing""#).await;
    let count = async |request: Value| subject.ask("count", request).await;
    assert_eq!(count(json!({ "model": "Nothing" })).await, json!({ "about": 20_000 }));
    assert_eq!(count(json!({ "model": "Nothing", "exactly": true })).await, json!({ "exactly": 20_000 }));
    let many = json!([{ "field": "id", "operator": "gt", "value": "100" }]);
    assert_eq!(count(json!({ "model": "Nothing", "filters": many })).await, json!({ "moreThan": 10_000 }));
    assert_eq!(subject.ask("estimates", json!({})).await, json!({ "Nothing": 20_000 }));
}

#[tokio::test]
async fn slow_statements_are_stopped_and_reading_cannot_write() {
    let subject = Subject::new().await;
    // A view that takes too long, and one that would write.
    subject
        .sql(
            r#"CREATE FUNCTION slow() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_sleep(60)::text $$;
            CREATE FUNCTION writes() RETURNS text LANGUAGE sql VOLATILE AS $$ INSERT INTO "Nothing" VALUES (1) RETURNING 'x' $$;
            DROP VIEW "Writer"; CREATE VIEW "Writer" AS SELECT writes() AS email, 1::bigint AS posts"#,
        )
        .await;
    let answer = subject.post("rows", &json!({ "model": "Writer", "take": 5 })).await;
    assert_eq!((answer.status, &answer.json()["kind"]), (502, &json!("database")), "{answer:?}");
    assert_eq!(subject.value(r#"SELECT count(*) FROM "Nothing""#).await, "0");
    subject
        .sql(r#"DROP VIEW "Writer"; CREATE VIEW "Writer" AS SELECT slow() AS email, 1::bigint AS posts"#)
        .await;
    // Counting has two seconds.
    let filters = json!([{ "field": "email", "operator": "equals", "value": "x" }]);
    assert_eq!(subject.ask("count", json!({ "model": "Writer", "filters": filters })).await, "unknown");
}

#[tokio::test]
async fn a_table_that_is_not_there_is_said() {
    let subject = Subject::new().await;
    subject.sql(r#"DROP TABLE "Nothing""#).await;
    let answer = subject.post("rows", &json!({ "model": "Nothing", "take": 5 })).await;
    assert_eq!((answer.status, &answer.json()["code"]), (502, &json!("P2021")), "{answer:?}");
}

#[tokio::test]
async fn a_hundred_models_are_listed() {
    use std::fmt::Write as _;
    let mut schema =
        "datasource db {\n provider = \"postgresql\"\n url = env(\"DATABASE_URL\")\n}\n".to_owned();
    for number in 0..100 {
        writeln!(schema, "model M{number} {{\n id Int @id\n}}").unwrap();
    }
    let subject =
        Subject::on(testkit::TestDatabase::create().await, &schema, nicol_studio::Options::default()).await;
    let models = subject.ask("schema", json!({})).await;
    assert_eq!(models["models"].as_array().unwrap().len(), 100);
    assert_eq!(subject.ask("estimates", json!({})).await, json!({}));
}
