//! Nested writes of updates, new rows and upserts: the rows that are left, those of other parents among them, and errors.

#[path = "../../../codegen/tests/data/relations/out/mod.rs"]
mod db;

use db::{Client, comment, member, post, profile, room, tag, team, user};
use nicol::{Error, Handle as _, Kind};
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

/// The users 1 (posts 1 and 2, a profile), 2 (post 3) and 3; user 2 reports to 1; the tags `a` and `b`, of which post 1 has `a`; comments of
/// post 1 and of none.
async fn database() -> (Client, TestDatabase) {
    let server = TestDatabase::from_template("nicol/tests/nested/writes", async |url| {
        let schema = include_str!("../../../codegen/tests/data/relations/schema.prisma");
        let schema = nicol_schema::validate(schema).schema.unwrap();
        let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        let (client, connection) = nicol_pg::connect(url).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&script).await.unwrap();
        let rows = r#"
            INSERT INTO auth.users (email, "managerId") VALUES ('u1', NULL), ('u2', 1), ('u3', NULL);
            INSERT INTO app."Profile" ("userId", bio) VALUES (1, 'p1');
            INSERT INTO app."Post" (title, "authorId", "reviewerId") VALUES ('t1', 1, 2), ('t2', 1, NULL), ('t3', 2, NULL);
            INSERT INTO app."Tag" (name) VALUES ('a'), ('b');
            INSERT INTO app."_PostToTag" ("A", "B") VALUES (1, 'a');
            INSERT INTO app."Comment" (id, text, "postId")
                VALUES ('00000000-0000-0000-0000-000000000001', 'c1', 1), ('00000000-0000-0000-0000-000000000002', 'c2', NULL);"#;
        client.batch_execute(rows).await.unwrap();
    })
    .await;
    (Client::from_client(nicol::Client::connect(&server.url_text()).await.unwrap()), server)
}

/// The posts as `id title author reviewer tags`.
async fn posts(db: &Client) -> Vec<String> {
    let posts = db.post().find_many().order_by(post::id.asc()).include(post::tags.order_by(tag::name.asc()));
    let posts = posts.await.unwrap().into_iter().map(|post| {
        let tags: Vec<&str> = post.tags().iter().map(|tag| tag.name.as_str()).collect();
        let reviewer = post.reviewer_id.map_or("-".to_owned(), |id| id.to_string());
        format!("{} {} {} {reviewer} {}", post.id, post.title, post.author_id, tags.join(","))
    });
    posts.collect()
}

/// The comments as `text post`, and the profiles as `bio user`.
async fn others(db: &Client) -> (Vec<(String, Option<i32>)>, Vec<(String, i32)>) {
    let comments =
        db.comment().find_many().order_by(comment::text.asc()).select((comment::text, comment::post_id));
    let profiles =
        db.profile().find_many().order_by(profile::bio.asc()).select((profile::bio, profile::user_id));
    (comments.await.unwrap(), profiles.await.unwrap())
}

fn new_post(title: &str) -> post::NewInAuthor {
    post::NewInAuthor { title: title.into() }
}

fn comment_id(number: u128) -> nicol::Unique<db::Comment> {
    comment::by_id(nicol::types::Uuid::from_u128(number))
}

const BEFORE: [&str; 3] = ["1 t1 1 2 a", "2 t2 1 - ", "3 t3 2 - "];

#[tokio::test]
async fn an_update_writes_all_relations_in_order() {
    let (db, _server) = database().await;
    let user = db
        .user()
        .update(user::by_id(1))
        .email("ann")
        .with(user::written.create([new_post("n1")]))
        .with(user::written.create(post::create_in_author(new_post("n2")).reviewer_id(3)))
        .with(user::written.update(post::by_id(1), |post| {
            post.title("t1!").with(post::tags.set([tag::by_name("b")])).with(post::comments.delete_many())
        }))
        .with(user::written.delete(post::by_id(2)))
        .with(user::profile.update(|profile| profile.bio("p1!")))
        .with(user::reports.disconnect(user::by_id(2)))
        .with(user::followers.connect([user::by_id(2), user::by_email("u3")]))
        .with(user::follows.create(user::New { email: "u4".into() }))
        .include(user::written.order_by(post::id.asc()))
        .include(user::followers.count())
        .include(user::reports.count())
        .await
        .unwrap();
    assert_eq!((user.email.as_str(), user.followers_count(), user.reports_count()), ("ann", 2, 0));
    assert_eq!(user.written().iter().map(|post| post.id).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(posts(&db).await, ["1 t1! 1 2 b", "3 t3 2 - ", "4 n1 1 - ", "5 n2 1 3 "]);
    assert_eq!(others(&db).await, (vec![("c2".to_owned(), None)], vec![("p1!".to_owned(), 1)]));
    assert_eq!(db.user().count().await.unwrap(), 4);
}

#[tokio::test]
async fn rows_of_another_parent_are_not_touched() {
    let (db, _server) = database().await;
    let user = || db.user().update(user::by_id(1)).email("changed");
    let code = |error: Error| error.code();
    // Post 3 belongs to user 2.
    let update = user().with(user::written.update(post::by_id(3), |post| post.title("x")));
    assert_eq!(code(update.await.unwrap_err()), "P2025");
    let delete = user().with(user::written.delete([post::by_id(1), post::by_id(3)])).await.unwrap_err();
    assert!(matches!(delete.kind(), Kind::NotConnected { .. }) && delete.code() == "P2017", "{delete}");
    assert_eq!(
        (posts(&db).await, db.user().count().filter(user::email.eq("changed")).await.unwrap()),
        (BEFORE.map(String::from).to_vec(), 0)
    );

    let many = user().with(user::written.update_many(|post| post.title("x")).filter(post::id.gte(2)));
    many.await.unwrap();
    assert_eq!(posts(&db).await, ["1 t1 1 2 a", "2 x 1 - ", "3 t3 2 - "]);
    user().with(user::written.delete_many().filter(post::title.ne("t1"))).await.unwrap();
    assert_eq!(posts(&db).await, ["1 t1 1 2 a", "3 t3 2 - "]);
    let upsert = user::written.upsert(post::by_id(3), new_post("own"), |post| post.title("x"));
    user().with(upsert).await.unwrap();
    assert_eq!(
        posts(&db).await,
        ["1 t1 1 2 a", "3 t3 2 - ", "4 own 1 - "],
        "that of another user is not found"
    );
}

#[tokio::test]
async fn rows_that_are_missing_or_required_undo_everything() {
    let (db, _server) = database().await;
    let user = || db.user().update(user::by_id(1)).email("changed");
    let missing = user().with(user::written.connect([post::by_id(3), post::by_id(9)])).await.unwrap_err();
    assert!(
        matches!(missing.kind(), Kind::ConnectedNotFound { .. }) && missing.code() == "P2018",
        "{missing}"
    );
    let missing =
        db.post().update(post::by_id(1)).with(post::tags.connect(tag::by_name("z"))).await.unwrap_err();
    assert_eq!(missing.code(), "P2025");
    let missing = db.post().update(post::by_id(1)).title("x").with(post::reviewer.connect(user::by_id(9)));
    assert_eq!(missing.await.unwrap_err().code(), "P2025");
    let missing = db.user().update(user::by_id(2)).with(user::profile.update(|profile| profile.bio("x")));
    assert_eq!(missing.await.unwrap_err().code(), "P2025");
    let missing = db.user().update(user::by_id(2)).with(user::profile.delete()).await.unwrap_err();
    assert_eq!(missing.code(), "P2025");
    let missing =
        db.user().update(user::by_id(9)).with(user::written.create(new_post("x"))).await.unwrap_err();
    assert_eq!((missing.code(), missing.is_not_found()), ("P2025", true));

    // A post requires its author, and a profile its user.
    for required in [
        user().with(user::written.disconnect(post::by_id(1))),
        user().with(user::written.set([post::by_id(1)])),
        user().with(user::written.set([])),
        user().with(user::profile.disconnect()),
    ] {
        let error = required.await.unwrap_err();
        assert!(matches!(error.kind(), Kind::RequiredRelation { .. }) && error.code() == "P2014", "{error}");
    }
    assert_eq!(posts(&db).await, BEFORE);
    assert_eq!(db.user().count().filter(user::email.eq("changed")).await.unwrap(), 0);
    assert_eq!(others(&db).await.1, [("p1".to_owned(), 1)]);
}

#[tokio::test]
async fn relations_to_one_row_take_a_filter() {
    let (db, _server) = database().await;
    let user = || db.user().update(user::by_id(1));
    let update = |bio: &str| user::profile.update(|profile| profile.bio("x")).filter(profile::bio.eq(bio));
    assert_eq!(user().with(update("other")).await.unwrap_err().code(), "P2025");
    user().with(update("p1")).await.unwrap();
    assert_eq!(others(&db).await.1, [("x".to_owned(), 1)]);
    let delete = |bio: &str| user::profile.delete().filter(profile::bio.eq(bio));
    assert_eq!(user().with(delete("p1")).await.unwrap_err().code(), "P2025");
    user().with(delete("x")).await.unwrap();
    assert_eq!(others(&db).await.1, []);
    let upsert =
        |bio: &str| user::profile.upsert(profile::NewInUser { bio: bio.into() }, |profile| profile.bio("y"));
    user().with(upsert("new")).await.unwrap();
    assert_eq!(others(&db).await.1, [("new".to_owned(), 1)]);
    user().with(upsert("newer").filter(profile::bio.eq("new"))).await.unwrap();
    assert_eq!(others(&db).await.1, [("y".to_owned(), 1)]);

    let post = || db.post().update(post::by_id(1));
    post().with(post::reviewer.disconnect().filter(user::email.eq("other"))).await.unwrap();
    assert_eq!(posts(&db).await, BEFORE);
    post().with(post::reviewer.disconnect().filter(user::email.eq("u2"))).await.unwrap();
    assert_eq!(posts(&db).await[0], "1 t1 1 - a");
    post()
        .with(post::author.update(|user| user.with(user::written.update_many(|post| post.title("deep")))))
        .await
        .unwrap();
    assert_eq!(posts(&db).await, ["1 deep 1 - a", "2 deep 1 - ", "3 t3 2 - "]);
}

#[tokio::test]
async fn new_rows_create_and_connect_their_owners() {
    let (db, _server) = database().await;
    let created = db
        .post()
        .create(new_post("n"))
        .with(post::author.create(
            user::create(user::New { email: "new".into() }).with(user::manager.connect(user::by_id(1))),
        ))
        .with(post::reviewer.connect_or_create(user::by_email("u3"), user::New { email: "u3".into() }))
        .with(post::tags.connect_or_create(tag::by_name("c"), tag::New { name: "c".into() }))
        .with(post::tags.connect(tag::by_name("a")))
        .with(post::comments.create_many([comment::New { text: "c3".into() }]))
        .with(post::comments.connect(comment_id(2)))
        .include(post::author)
        .include(post::tags.count())
        .await
        .unwrap();
    assert_eq!(
        (created.author().email.as_str(), created.author().manager_id, created.tags_count()),
        ("new", Some(1), 2)
    );
    assert_eq!(posts(&db).await[3], "4 n 4 3 a,c");
    let comments = [("c1", Some(1)), ("c2", Some(4)), ("c3", Some(4))];
    assert_eq!(others(&db).await.0, comments.map(|(text, post)| (text.to_owned(), post)));

    // A row without its owner becomes one with it wherever a row is created.
    let with_owner = |title: &str| new_post(title).with(post::author.connect(user::by_email("u2")));
    let upsert = || db.post().upsert(post::by_id(9), with_owner("up"), |post| post.title("down"));
    assert_eq!(
        (upsert().await.unwrap().author_id, db.post().create(with_owner("plain")).await.unwrap().author_id),
        (2, 2)
    );
    let comment = comment::New { text: "c4".into() };
    let created = db.comment().create(comment).with(comment::post.create(with_owner("owned"))).await.unwrap();
    assert_eq!(created.post_id, Some(7));

    // Two keys that share a column.
    db.team().create(team::New { tenant: 1, number: 2 }).await.unwrap();
    let member = db
        .member()
        .create(member::NewInUser { tenant: 1, team_number: 2 })
        .with(member::user.connect(user::by_id(1)));
    assert_eq!(member.await.unwrap().user_id, 1);
    let room = db.room().create(room::New { tenant: 1, name: "r".into() });
    let room = room.with(room::members.connect(member::by_tenant_and_team_number_and_user_id(1, 2, 1)));
    room.await.unwrap();
    assert_eq!(db.member().count().filter(member::room_name.eq("r")).await.unwrap(), 1);
}

#[tokio::test]
async fn both_halves_of_an_upsert_take_nested_writes() {
    let (db, _server) = database().await;
    let upsert = |email: &str| {
        let new =
            user::create(user::New { email: email.into() }).with(user::written.create(new_post("created")));
        db.user().upsert(user::by_email(email), new, |user| {
            user.with(user::written.create(new_post("updated"))).with(
                user::profile
                    .upsert(profile::NewInUser { bio: "first".into() }, |profile| profile.bio("second")),
            )
        })
    };
    assert_eq!(upsert("u9").include(user::written).await.unwrap().written()[0].title, "created");
    assert_eq!(upsert("u9").include(user::written.count()).await.unwrap().written_count(), 2);
    assert_eq!(others(&db).await.1, [("first".to_owned(), 4), ("p1".to_owned(), 1)]);
    upsert("u9").await.unwrap();
    assert_eq!(others(&db).await.1, [("p1".to_owned(), 1), ("second".to_owned(), 4)]);
    assert_eq!(posts(&db).await[3..], ["4 created 4 - ", "5 updated 4 - ", "6 updated 4 - "]);
    assert_eq!(posts(&db).await[..3], BEFORE);
}

#[tokio::test]
async fn an_update_without_changes_ends_nothing() {
    let (db, _server) = database().await;
    let user = db.user().update(user::by_id(1));
    let user = user.with(user::written.update(post::by_id(1), |post| post));
    user.with(user::written.update(post::by_id(2), |post| post.title("x"))).await.unwrap();
    assert_eq!(posts(&db).await, ["1 t1 1 2 a", "2 x 1 - ", "3 t3 2 - "]);
    let rows = [comment::New { text: "n".into() }, comment::New { text: "m".into() }];
    let twice = rows.map(|row| comment::create_in_post(row).id(nicol::types::Uuid::from_u128(1)));
    let skipped = post::comments.create_many(twice.clone()).skip_duplicates();
    db.post().update(post::by_id(2)).with(skipped).await.unwrap();
    assert_eq!(db.comment().count().await.unwrap(), 2, "both have the key of a comment");
    let refused = db.post().update(post::by_id(2)).with(post::comments.create_many(twice)).await.unwrap_err();
    assert_eq!(refused.code(), "P2002");
}

#[tokio::test]
async fn a_key_is_set_by_its_field_or_by_its_relation() {
    let (db, _server) = database().await;
    let refused = |error: Error| {
        assert!(matches!(error.kind(), Kind::SetTwice { .. }) && error.code() == "P2009", "{error}");
        error.to_string().lines().next().unwrap().to_owned()
    };
    let both = "`reviewerId` is set twice: by its value and by the relation `Post.reviewer`";
    let new = || db.post().create(post::New { title: "n".into(), author_id: 1 });
    let error = new().reviewer_id(2).with(post::reviewer.connect(user::by_id(3))).await.unwrap_err();
    assert_eq!(refused(error), both);
    let update = db.post().update(post::by_id(1)).reviewer_id(2);
    assert_eq!(refused(update.with(post::reviewer.disconnect()).await.unwrap_err()), both);
    let author = new().with(post::author.connect(user::by_id(2))).await.unwrap_err();
    assert_eq!(refused(author), "`authorId` is set twice: by its value and by the relation `Post.author`");
    let author = new().with(post::author.connect(user::by_email("u1"))).await.unwrap_err();
    assert_eq!(refused(author), "`authorId` is set twice: by its value and by the relation `Post.author`");
    let child = comment::create_in_post(comment::New { text: "x".into() }).post_id(2);
    let below = "`postId` is set twice: by its value and by the relation `Post.comments`";
    assert_eq!(refused(new().with(post::comments.create(child)).await.unwrap_err()), below);
    let deep = user::written.update(post::by_id(1), |post| {
        post.reviewer_id(nicol::NULL).with(post::reviewer.create(user::New { email: "x".into() }))
    });
    let deep = db.user().update(user::by_id(1)).with(deep);
    let batch =
        db.batch(vec![db.user().delete_many().filter(user::id.eq(3)).boxed(), deep.boxed().map(|_| 0)]);
    assert_eq!(refused(batch.await.unwrap_err()), both);
    assert_eq!((posts(&db).await, db.user().count().await.unwrap()), (BEFORE.map(String::from).to_vec(), 3));

    // A field may repeat the key of the connected row. The row has to be there, with its filter.
    let author =
        |filter: &str| post::author.connect(user::by_id(1).filter(user::email.eq(filter.to_owned())));
    let missing = new().with(author("other")).await.unwrap_err();
    assert_eq!(missing.code(), "P2025");
    let row = new().with(author("u1")).include(post::author).await.unwrap();
    assert_eq!((row.author_id, row.author().id), (1, 1));
    let with_comment = post::comments.create(comment::New { text: "x".into() });
    let row = new()
        .with(author("u1"))
        .with(with_comment)
        .reviewer_id(2)
        .with(post::reviewer.connect(user::by_id(2)));
    assert_eq!(row.await.unwrap().reviewer_id, Some(2));
    let update = db.post().update(post::by_id(3)).author_id(1).with(author("u1"));
    assert_eq!(update.await.unwrap().author_id, 1);

    let row = user::update(user::by_id(1).filter(user::email.eq("other"))).email("x");
    assert!(matches!(db.user().update_each([row]).await.unwrap_err().kind(), Kind::Unsupported { .. }));
}
