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

/// The second edit waits for the first, and then knows what it has changed.
#[tokio::test]
async fn an_edit_at_the_same_moment_shows_what_the_other_has_saved() {
    #[derive(nicol::FromRow)]
    struct Waiting {
        waits: bool,
    }
    const WAITING: &str = "select exists (select from pg_stat_activity where datname = current_database() \
        and wait_event_type = 'Lock') as waits";
    let app = TestApp::start().await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let mut user = app.user("me@example.com").await;
    let token = user.get("/people/new").await.csrf();
    for (name, status) in [("Ann Old", StatusCode::CONFLICT), ("Ann 2", StatusCode::SEE_OTHER)] {
        let now = read(&app, &ann).await;
        let saved = format!("Ann {}", if now.name == "Ann Lee" { 1 } else { 2 });
        let (token, version) = (token.clone(), Version::of(&now).to_string());
        let mut posted = None;
        let (visitor, place) = (user, &mut posted);
        app.db
            .transaction()
            .run(async |tx: people::db::Client| {
                tx.person().update(person::by_id(&ann.id)).name(&*saved).await?;
                let path = format!("/people/{}", ann.id);
                let (mut user, email) = (visitor, ann.email.clone());
                *place = Some(tokio::spawn(async move {
                    let fields = [("csrfToken", &*token), ("version", &*version), ("name", name)];
                    let rest = [("email", &*email), ("phone_number", "12345")];
                    let page = user.post(&path, &[&fields[..], &rest].concat()).await;
                    (user, page)
                }));
                while !app.db.query_as::<Waiting>(WAITING, params![]).await?[0].waits {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                Ok(())
            })
            .await
            .unwrap();
        let page;
        (user, page) = posted.unwrap().await.unwrap();
        assert_eq!(page.status, status, "{name}");
        let now = read(&app, &ann).await;
        assert_eq!(now.name, saved);
        if status == StatusCode::CONFLICT {
            assert!(page.body.contains(&saved) && page.body.contains(Version::of(&now).as_str()));
        }
    }
}

#[tokio::test]
async fn both_versions_are_shown_and_one_can_be_chosen() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let edit = format!("/people/{}/edit", ann.id);
    let (action, fields) = user.get(&edit).await.form();
    user.submit(&edit, &[("name", "Ann Young"), ("phone_number", "67890")]).await;

    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (&**name, if name == "name" { "Ann <Old>" } else { value }))
        .collect();
    let page = user.post(&action, &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    for text in ["Ann &#60;Old&#62;", "Ann Young", "67890", "12345", "Yours", "Theirs", "changed by both"] {
        assert!(page.body.contains(text), "{text} is missing in {}", page.body);
    }
    let checked: Vec<_> = page.body.split("<input").filter(|input| input.contains(" checked")).collect();
    assert_eq!(checked.len(), 2);
    assert!(
        checked[0].contains("Ann &#60;Old&#62;"),
        "what both changed is yours unless you choose otherwise"
    );
    assert!(checked[1].contains("67890"), "what you left alone is theirs");
    assert_eq!(read(&app, &ann).await.name, "Ann Young", "nothing is saved before the choice");

    // A browser sends the hidden fields and one of each pair.
    let (action, mut chosen) = page.form();
    chosen.retain(|(name, value)| !(name == "name" && value == "Ann Young"));
    chosen.retain(|(name, value)| !(name == "phone_number" && value == "12345"));
    let chosen: Vec<(&str, &str)> = chosen.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(user.post(&action, &chosen).await.status, StatusCode::SEE_OTHER);
    let now = read(&app, &ann).await;
    assert_eq!((&*now.name, &*now.email, &*now.phone_number), ("Ann <Old>", "ann@example.com", "67890"));
}

#[tokio::test]
async fn who_was_deleted_meanwhile_can_be_added_again_with_what_was_typed() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let token = user.get("/people/new").await.csrf();
    app.db.person().delete(person::by_id(&ann.id)).await.unwrap();
    let version = Version::of(&ann).to_string();
    let fields = [("csrfToken", &*token), ("version", &version), ("name", "Ann Typed")];
    let rest = [("email", "ann@example.com"), ("phone_number", "12345")];
    let page = user.post(&format!("/people/{}", ann.id), &[&fields[..], &rest].concat()).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("Deleted in the meantime") && page.body.contains("value=\"Ann Typed\""));
    let (action, _) = page.form();
    assert_eq!(action, "/people");
}

#[tokio::test]
async fn a_deletion_of_who_was_changed_asks_again() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let question = format!("/people/{}/delete", ann.id);
    let (_, fields) = user.get(&question).await.form();
    app.db.execute("update people set name = 'Ann Young' where id = $1", params![&ann.id]).await.unwrap();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let page = user.post(&question, &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("Nothing was deleted") && page.body.contains("Ann Young"));
    let (_, fields) = page.form();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(user.post(&question, &fields).await.location(), "/people?done=deleted");
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
