//! Writes of many rows that return them, their limits, and batches of different queries.

use nicol::{Filter, increment};

use crate::db::{Person, account, person, post, session, user};
use crate::support::{Database, new_account, new_person};

fn names(rows: &[Person]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn create_many_returns_the_rows_that_it_created() {
    let test = Database::new().await;
    let db = &test.db;
    let rows = db.person().create_many(["a", "b"].map(new_person)).and_return().await.unwrap();
    assert_eq!((names(&rows), test.statements()), (vec!["a", "b"], 1));
    let stored = db.person().find_many().order_by(person::name.asc()).await.unwrap();
    assert_eq!(format!("{rows:?}"), format!("{stored:?}"), "with the defaults");

    let more = || db.person().create_many(["b", "c"].map(new_person));
    assert_eq!(more().and_return().await.unwrap_err().code(), "P2002");
    assert_eq!(db.person().count().await.unwrap(), 2, "none or all");
    let new = more().skip_duplicates().and_return().select((person::name,)).await.unwrap();
    assert_eq!(new, [("c".to_owned(),)], "the one that exists is skipped");

    let none: [person::New; 0] = [];
    assert!(db.person().create_many(none).and_return().await.unwrap().is_empty());
}

#[tokio::test]
async fn returned_rows_have_the_relations_that_are_included() {
    let test = Database::new().await;
    let db = &test.db;
    let ann = db.user().create(user::New { email: "ann".into() }).await.unwrap();
    let session = |token: &str| session::New {
        session_token: token.into(),
        user_id: ann.id.clone(),
        expires: nicol::types::DateTime::default(),
    };
    test.statements();
    let created = db.session().create_many(["1", "2"].map(session)).and_return().include(session::user);
    let created = created.await.unwrap();
    assert_eq!(test.statements(), 1);
    assert!(created.iter().all(|row| row.user().email == "ann"));

    // The sessions of the user are those that the statement has just written.
    let deep = db.session().create_many([session("3")]).and_return();
    let deep = deep.include(session::user.include(user::sessions)).await.unwrap();
    assert_eq!((deep.len(), deep[0].user().sessions().len()), (1, 3));
    let updated =
        db.user().update_many().name("Ann").and_return().include(user::sessions.count()).await.unwrap();
    assert_eq!((updated.len(), updated[0].name.as_deref(), updated[0].sessions_count()), (1, Some("Ann"), 3));
}

#[tokio::test]
async fn a_limit_holds_for_updates_and_deletions() {
    let test = Database::new().await;
    let db = &test.db;
    db.post().create_many(vec![post::New {}; 5]).await.unwrap();
    assert_eq!(db.post().update_many().views(increment(1)).limit(2).await.unwrap(), 2);
    let viewed = |views: i32| db.post().count().filter(post::views.eq(views));
    assert_eq!((viewed(1).await.unwrap(), viewed(0).await.unwrap()), (2, 3));
    let rows =
        db.post().update_many().filter(post::views.eq(0)).views(7).limit(1).and_return().await.unwrap();
    assert_eq!((rows.len(), rows[0].views, viewed(7).await.unwrap()), (1, 7, 1));
    assert_eq!(db.post().delete_many().filter(post::views.eq(0)).limit(1).await.unwrap(), 1);
    assert_eq!(db.post().delete_many().limit(0).await.unwrap(), 0);
    assert_eq!(db.post().count().await.unwrap(), 4);
    assert_eq!(db.post().delete_many().limit(None).await.unwrap(), 4);
}

#[tokio::test]
async fn a_key_takes_a_further_filter() {
    let test = Database::new().await;
    let db = &test.db;
    let ann = db.user().create(user::New { email: "ann".into() }).name("Ann").await.unwrap();
    let named = |name: &str| user::by_email("ann").filter(user::name.eq(name));
    assert_eq!(db.user().find_unique(named("Ann")).await.unwrap().unwrap().id, ann.id);
    assert!(db.user().find_unique(named("Bob")).await.unwrap().is_none());
    let twice = named("Ann").filter(user::image.is_not_null());
    assert!(db.user().find_unique(twice).await.unwrap().is_none(), "both filters hold");
    assert_eq!(db.user().update(named("Bob")).image("x").await.unwrap_err().code(), "P2025");
    assert_eq!(db.user().delete(named("Bob")).await.unwrap_err().code(), "P2025");
    assert_eq!(
        db.user().find_unique(named("Ann")).await.unwrap().unwrap().image,
        None,
        "nothing has changed"
    );
    assert_eq!(db.user().update(named("Ann")).image("y").await.unwrap().image.as_deref(), Some("y"));

    // The row with this key does not match, so the upsert creates another one.
    let new = || user::New { email: "ann".into() };
    let taken = db.user().upsert(named("Bob"), new(), |user| user.image("z")).await.unwrap_err();
    assert_eq!(taken.code(), "P2002");
    let updated = db.user().upsert(named("Ann"), new(), |user| user.image("z")).await.unwrap();
    assert_eq!((updated.id.as_str(), updated.image.as_deref()), (ann.id.as_str(), Some("z")));

    let connect = |name: &str| {
        let new =
            account::NewInUser { r#type: "a".into(), provider: name.into(), provider_account_id: "1".into() };
        db.account().create(new).with(account::user.connect(named(name)))
    };
    assert_eq!(connect("Bob").await.unwrap_err().code(), "P2025");
    assert_eq!((connect("Ann").await.unwrap().user_id, db.account().count().await.unwrap()), (ann.id, 1));
}

#[tokio::test]
async fn a_batch_takes_different_queries() {
    let test = Database::new().await;
    let db = &test.db;
    let queries = vec![
        db.person().create(new_person("a")).boxed().map(|row| row.name),
        db.user()
            .create(user::New { email: "b".into() })
            .with(user::accounts.create(new_account("p", "1")))
            .boxed()
            .map(|row| row.email),
        db.user()
            .upsert(user::by_email("b"), user::New { email: "b".into() }, |user| user.name("B"))
            .boxed()
            .map(|row| row.name.unwrap_or_default()),
        db.person().update_many().name("c").boxed().map(|rows| format!("{rows} updated")),
        db.user().update(user::by_email("b")).with(user::accounts.delete_many()).boxed().map(|row| row.email),
        db.account().count().boxed().map(|rows| format!("{rows} accounts")),
    ];
    let results = db.batch(queries).await.unwrap();
    assert_eq!(results, ["a", "b", "B", "1 updated", "b", "0 accounts"]);

    // The last one fails, so all are undone.
    let queries = vec![
        db.person().delete_many().boxed(),
        db.user()
            .update(user::by_email("b"))
            .with(user::accounts.create(new_account("q", "1")))
            .boxed()
            .map(|_| 1),
        db.user().delete(user::by_email("nobody")).boxed().map(|_| 1),
    ];
    assert_eq!(db.batch(queries).await.unwrap_err().code(), "P2025");
    let left = (db.person().count().await.unwrap(), db.account().count().await.unwrap());
    assert_eq!(left, (1, 0));
    assert_eq!(db.person().count().boxed().map(|rows| rows + 1).await.unwrap(), 2, "by itself, too");
}

#[tokio::test]
async fn a_batch_of_known_statements_stays_one_round_trip() {
    let test = Database::new().await;
    let db = &test.db;
    let create = |name: &str| db.person().create(new_person(name));
    let all = (
        create("a"),
        create("b"),
        create("c"),
        create("d"),
        create("e"),
        create("f"),
        create("g"),
        create("h"),
        db.user().upsert(user::by_email("u"), user::New { email: "u".into() }, |user| user),
        db.person().update_many().filter(person::name.eq("a")).phone_number("2"),
        db.person().delete_many().filter(Filter::any([person::name.eq("b"), person::name.eq("c")])),
        db.person().count(),
    );
    let (.., updated, deleted, left) = db.batch(all).await.unwrap();
    assert_eq!((updated, deleted, left), (1, 2, 6));
}

#[tokio::test]
async fn writes_that_return_rows_are_part_of_batches_and_transactions() {
    let test = Database::new().await;
    let db = &test.db;
    let people = || db.person().create_many(["a", "b"].map(new_person)).and_return();
    let (created, updated) =
        db.batch((people(), db.person().update_many().name("c").and_return())).await.unwrap();
    assert_eq!((names(&created), names(&updated)), (vec!["a", "b"], vec!["c", "c"]));
    assert_eq!(db.batch((db.person().delete_many(), people(), people())).await.unwrap_err().code(), "P2002");
    assert_eq!(names(&db.person().find_many().await.unwrap()), ["c", "c"], "all are undone");

    let failed = db.transaction().run(async |tx| {
        let user = user::New { email: "ann".into() };
        tx.user().create(user).with(user::accounts.create(new_account("p", "1"))).await?;
        let moved = tx.user().update(user::by_email("ann")).with(user::accounts.delete_many());
        assert_eq!((moved.await?.email.as_str(), tx.account().count().await?), ("ann", 0));
        tx.user().update(user::by_email("ann")).with(user::accounts.connect(account::by_id("none"))).await
    });
    assert_eq!(failed.await.unwrap_err().code(), "P2018");
    assert_eq!(db.user().count().await.unwrap(), 0);

    db.user().create(user::New { email: "ann".into() }).await.unwrap();
    let nested = db.user().update(user::by_email("ann")).with(user::accounts.delete_many()).or_current();
    assert!(matches!(nested.await.unwrap_err().kind(), nicol::Kind::Unsupported { .. }));
}
