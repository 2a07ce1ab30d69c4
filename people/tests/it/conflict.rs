//! Two people change one person: nothing is overwritten unseen.

use axum::http::StatusCode;
use nicol::params;
use people::db::{Person, person};
use people::version::Version;

use crate::test_app::{TestApp, Visitor};

#[tokio::test]
async fn the_second_of_two_edits_is_not_saved() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let token = user.get("/people/new").await.csrf();
    let seen = Version::of(&ann).to_string();

    assert_eq!(edit(&mut user, &ann, &seen, &token, "Ann Young").await, StatusCode::SEE_OTHER);
    assert_eq!(edit(&mut user, &ann, &seen, &token, "Ann Old").await, StatusCode::CONFLICT);
    let now = read(&app, &ann).await;
    assert_eq!(now.name, "Ann Young");
    let sent_again = edit(&mut user, &ann, &seen, &token, "Ann Young").await;
    assert_eq!(sent_again, StatusCode::SEE_OTHER, "what is saved already is no conflict");
    let seen = Version::of(&now).to_string();
    assert_eq!(edit(&mut user, &ann, &seen, &token, "Ann Old").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_change_by_another_program_counts_as_well() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann M\u{fc}ller", "ann@example.com", "12345").await;
    let token = user.get("/people/new").await.csrf();
    let seen = Version::of(&ann).to_string();
    app.db.execute("update people set phone_number = '999' where id = $1", params![&ann.id]).await.unwrap();
    assert_eq!(edit(&mut user, &ann, &seen, &token, "Ann Young").await, StatusCode::CONFLICT);
    let delete = [("csrfToken", &*token), ("version", &*seen)];
    let response = user.post(&format!("/people/{}/delete", ann.id), &delete).await;
    assert_eq!(response.status, StatusCode::CONFLICT);
    assert_eq!(app.db.person().count().await.unwrap(), 1);
}

#[tokio::test]
async fn the_database_computes_the_same_version() {
    #[derive(nicol::FromRow)]
    struct Computed {
        version: String,
    }
    let app = TestApp::start().await;
    for (name, email) in [("Ann", "a@example.com"), ("\u{c9}mile \u{674e}", "\u{e9}@example.com"), ("", "")] {
        let person = app.person(name, email, "+1 (2)").await;
        let sql = nicol::AssertSafe(format!(
            "select {} as version from people where id = $1",
            people::sql::VERSION
        ));
        let rows = app.db.query_as::<Computed>(sql, params![&person.id]).await.unwrap();
        assert_eq!(rows[0].version, Version::of(&person).as_str(), "{name}");
    }
}

async fn edit(user: &mut Visitor, person: &Person, version: &str, token: &str, name: &str) -> StatusCode {
    let fields = [
        ("csrfToken", token),
        ("version", version),
        ("name", name),
        ("email", &person.email),
        ("phone_number", &person.phone_number),
    ];
    user.post(&format!("/people/{}", person.id), &fields).await.status
}

async fn read(app: &TestApp, person: &Person) -> Person {
    app.db.person().find_unique(person::by_id(&person.id)).or_not_found().await.unwrap()
}
