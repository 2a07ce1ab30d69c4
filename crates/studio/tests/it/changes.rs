//! Changes: all or nothing, never over those of others, and none if the studio is read-only.

use nicol_studio::Options;
use serde_json::{Value, json};

use crate::support::Subject;

const USERS: &str =
    "INSERT INTO users (id, email, name) VALUES (1, 'a', 'Ann'), (2, 'b', 'Bob'), (3, 'c', NULL)";

fn update(row: &Value, data: &Value) -> Value {
    json!({ "kind": "update", "model": "User", "key": row["key"], "version": row["version"], "data": data })
}

async fn user(subject: &Subject, id: &str) -> Value {
    subject.row("User", json!({ "id": id })).await
}

async fn names(subject: &Subject) -> String {
    subject.value("SELECT string_agg(coalesce(name, 'null'), ' ' ORDER BY id) FROM users").await
}

#[tokio::test]
async fn changes_are_one_transaction() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    let (ann, bob) = (user(&subject, "1").await, user(&subject, "2").await);
    let changes = json!([
        update(&ann, &json!({ "name": "Anna" })),
        { "kind": "create", "model": "User", "data": { "id": "8", "email": "d", "name": "Dan" } },
        update(&bob, &json!({ "email": "a" })),
    ]);
    let report = subject.apply(changes).await;
    assert_eq!(
        (&report["isApplied"], &report["failures"][0]["index"]),
        (&json!(false), &json!(2)),
        "{report}"
    );
    assert_eq!(report["failures"][0]["code"], "P2002");
    assert_eq!(names(&subject).await, "Ann Bob null");

    let changes = json!([
        update(&ann, &json!({ "name": "Anna", "email": "anna" })),
        { "kind": "create", "model": "User", "data": { "id": "9", "email": "d", "name": "Dan" } },
        { "kind": "delete", "model": "User", "key": bob["key"], "version": bob["version"] },
    ]);
    let report = subject.apply(changes).await;
    assert_eq!(report["isApplied"], true, "{report}");
    assert_eq!(names(&subject).await, "Anna null Dan");
}

#[tokio::test]
async fn changes_of_others_are_not_overwritten() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    let (ann, bob) = (user(&subject, "1").await, user(&subject, "2").await);
    subject.sql("UPDATE users SET name = 'Theirs' WHERE id = 1; DELETE FROM users WHERE id = 2").await;
    let other = user(&subject, "3").await;
    let changes =
        json!([update(&other, &json!({ "name": "Mine" })), update(&ann, &json!({ "email": "mine" }))]);
    let report = subject.apply(changes).await;
    let failure = &report["failures"][0];
    assert_eq!((&failure["index"], &failure["kind"]), (&json!(1), &json!("changed")), "{report}");
    assert_eq!(failure["current"]["cells"]["name"], "Theirs");
    for change in [
        update(&bob, &json!({ "name": "Mine" })),
        json!({ "kind": "delete", "model": "User", "key": bob["key"], "version": bob["version"] }),
    ] {
        let report = subject.apply(json!([change])).await;
        assert_eq!(report["failures"][0]["kind"], "gone", "{report}");
    }
    let delete = json!([{ "kind": "delete", "model": "User", "key": ann["key"], "version": ann["version"] }]);
    assert_eq!(subject.apply(delete).await["failures"][0]["kind"], "changed");
    assert_eq!(names(&subject).await, "Theirs null");
    // With the newest version, it is the user's decision.
    let ann = user(&subject, "1").await;
    assert_eq!(subject.apply(json!([update(&ann, &json!({ "name": "Mine" }))])).await["isApplied"], true);
}

#[tokio::test]
async fn a_change_at_the_same_moment_is_noticed() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    let ann = user(&subject, "1").await;
    // Another program has changed the row and commits while this one waits for it.
    let mut other = subject.database.connect().await;
    let transaction = other.transaction().await.unwrap();
    transaction.batch_execute("UPDATE users SET name = 'Theirs' WHERE id = 1").await.unwrap();
    let changes = json!([update(&ann, &json!({ "name": "Mine" }))]);
    let (report, ()) = tokio::join!(subject.apply(changes), async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while subject.value(waits).await == "0" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        transaction.commit().await.unwrap();
    });
    assert_eq!(report["failures"][0]["kind"], "changed", "{report}");
    assert_eq!(names(&subject).await, "Theirs Bob null");
}

#[tokio::test]
async fn connections_are_made_and_taken_back() {
    let subject = Subject::new().await;
    subject.sql(r#"INSERT INTO "Post" (id, title) VALUES ('a', 'A'); INSERT INTO "Tag" VALUES (1, 'x'), (2, 'y')"#).await;
    let link = |kind: &str, tag: &str| json!({ "kind": kind, "model": "Post", "key": { "id": "a" }, "relation": "tags", "target": { "id": tag } });
    let report = subject.apply(json!([link("link", "1"), link("link", "2"), link("unlink", "1")])).await;
    assert_eq!(report["isApplied"], true, "{report}");
    assert_eq!(subject.value(r#"SELECT string_agg("B"::text, ' ') FROM "_PostToTag""#).await, "2");
    let report = subject.apply(json!([link("link", "77")])).await;
    assert_eq!(report["isApplied"], false, "{report}");
}

#[tokio::test]
async fn changes_are_said_in_words_and_tried() {
    let subject = Subject::new().await;
    subject.sql(USERS).await;
    let ann = user(&subject, "1").await;
    let mut change = update(&ann, &json!({ "name": null }));
    change["before"] = json!({ "name": "Ann" });
    let changes = json!([
        change,
        { "kind": "create", "model": "Seat", "data": { "room": "", "number": "1" } },
        { "kind": "delete", "model": "User", "key": { "id": "3" }, "version": user(&subject, "3").await["version"] },
    ]);
    let described = subject.ask("changes", json!({ "mode": "describe", "changes": changes })).await;
    assert_eq!(
        described["words"],
        json!([
            "Change User “1”: name from “Ann” to null",
            "Add a Seat: number = “1”, room = “”",
            "Delete User “3”, and the rows of Profile that belong to it (onDelete: Cascade)",
        ])
    );
    let tried = subject.ask("changes", json!({ "mode": "try", "changes": changes })).await;
    assert_eq!((&tried["isApplied"], &tried["failures"]), (&json!(false), &json!([])), "{tried}");
    for (index, word) in ["UPDATE", "INSERT", "DELETE"].iter().enumerate() {
        let statements = tried["statements"][index].as_array().unwrap();
        assert!(statements.iter().any(|sql| sql.as_str().unwrap().contains(word)), "{word}: {tried}");
        assert!(!tried["statements"][index].to_string().contains("Ann"), "{tried}");
    }
    assert_eq!(names(&subject).await, "Ann Bob null");
}

#[tokio::test]
async fn a_read_only_studio_changes_nothing() {
    let subject = Subject::with(Options { is_read_only: true, ..Options::default() }).await;
    subject.sql(USERS).await;
    assert_eq!(subject.ask("schema", json!({})).await["readOnly"], true);
    let ann = user(&subject, "1").await;
    let changes = json!([update(&ann, &json!({ "name": "Anna" }))]);
    for mode in ["try", "apply"] {
        let answer = subject.post("changes", &json!({ "mode": mode, "changes": changes })).await;
        assert_eq!((answer.status, &answer.json()["kind"]), (403, &json!("readOnly")), "{answer:?}");
    }
    assert_eq!(names(&subject).await, "Ann Bob null");
}
