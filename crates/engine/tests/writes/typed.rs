//! The nested writes of the typed client beside the same requests: they leave the same rows and take as many round trips.

use std::sync::atomic::Ordering;

use nicol::Handle as _;
use serde_json::Value;
use testkit::TestDatabase;

use super::db::{Client, post, profile, tag, user};
use super::round_trips::counted;
use super::{ROWS, ask, database, engine};

/// Runs the call that is the request of the case with this name.
#[allow(clippy::too_many_lines, reason = "a list of calls")]
async fn call(db: &Client, name: &str) -> Result<(), nicol::Error> {
    let new_user = |email: &str| user::New { email: email.into() };
    let new_post = |title: &str| post::New { title: title.into() };
    let new_tag = |name: &str| tag::New { name: name.into() };
    let new_profile = |bio: &str| profile::New { bio: bio.into() };
    let user = || db.user().update(user::by_id(1));
    let post = || db.post().update(post::by_id(1));
    let profile = || db.profile().update(profile::by_id(2));
    let posts = |posts: [i32; 2]| posts.map(post::by_id);
    let tags = |tags: [i32; 2]| tags.map(tag::by_id);
    match name {
        "create: two rows on the other side" => {
            drop(db.user().create(new_user("n")).with(user::posts.create(["x", "y"].map(new_post))).await?);
        }
        "create: a row on this side" => {
            drop(db.post().create(new_post("n")).with(post::author.create(new_user("n"))).await?);
        }
        "create: connect one row on this side" => {
            drop(db.post().create(new_post("n")).with(post::author.connect(user::by_id(1))).await?);
        }
        "create: connect two rows on the other side" => {
            drop(db.user().create(new_user("n")).with(user::posts.connect(posts([1, 3]))).await?);
        }
        "create: connect or create" => {
            let author = post::author.connect_or_create(user::by_email("u1"), new_user("u1"));
            drop(db.post().create(new_post("n")).with(author).await?);
        }
        "create: three levels" => {
            let post =
                post::create_in_author(new_post("x")).with(post::tags.create(["n1", "n2"].map(new_tag)));
            drop(db.user().create(new_user("n")).with(user::posts.create([post])).await?);
        }
        "one-to-many: create" => drop(user().with(user::posts.create(["x", "y"].map(new_post))).await?),
        "one-to-many: createMany" => {
            drop(user().with(user::posts.create_many(["x", "y"].map(new_post))).await?);
        }
        "one-to-many: connect" => drop(user().with(user::posts.connect(posts([3, 4]))).await?),
        "one-to-many: connectOrCreate" => {
            drop(user().with(user::posts.connect_or_create(post::by_id(3), new_post("x"))).await?);
        }
        "one-to-many: disconnect" => drop(user().with(user::posts.disconnect(posts([1, 2]))).await?),
        "one-to-many: set" => drop(user().with(user::posts.set(posts([1, 3]))).await?),
        "one-to-many: update" => {
            drop(user().with(user::posts.update(post::by_id(1), |post| post.title("x"))).await?);
        }
        "one-to-many: updateMany" => {
            drop(user().with(user::posts.update_many(|post| post.title("x"))).await?);
        }
        "one-to-many: upsert that updates" => {
            let post = user::posts.upsert(post::by_id(1), new_post("y"), |post| post.title("x"));
            drop(user().with(post).await?);
        }
        "one-to-many: upsert that creates" => {
            let post = user::posts.upsert(post::by_id(3), new_post("y"), |post| post.title("x"));
            drop(user().with(post).await?);
        }
        "one-to-many: delete" => drop(user().with(user::posts.delete(posts([1, 2]))).await?),
        "one-to-many: deleteMany" => {
            drop(user().with(user::posts.delete_many().filter(post::title.eq("a"))).await?);
        }
        "one-to-many: update, two levels" => {
            let post =
                user::posts.update(post::by_id(1), |post| post.with(post::tags.connect(tag::by_id(3))));
            drop(user().with(post).await?);
        }
        "many-to-one: create" => drop(post().with(post::author.create(new_user("n"))).await?),
        "many-to-one: connect" => drop(post().with(post::author.connect(user::by_id(2))).await?),
        "many-to-one: connectOrCreate" => {
            drop(post().with(post::author.connect_or_create(user::by_email("u2"), new_user("n"))).await?);
        }
        "many-to-one: disconnect" => drop(post().with(post::author.disconnect()).await?),
        "many-to-one: update" => drop(post().with(post::author.update(|user| user.email("x"))).await?),
        "many-to-one: upsert" => {
            drop(post().with(post::author.upsert(new_user("y"), |user| user.email("x"))).await?);
        }
        "many-to-one: delete" => drop(post().with(post::author.delete()).await?),
        "one-to-one: create" => drop(user().with(user::profile.create(new_profile("x"))).await?),
        "one-to-one: connect" => drop(user().with(user::profile.connect(profile::by_id(2))).await?),
        "one-to-one: connectOrCreate" => {
            drop(user().with(user::profile.connect_or_create(profile::by_id(2), new_profile("x"))).await?);
        }
        "one-to-one: disconnect" => drop(user().with(user::profile.disconnect()).await?),
        "one-to-one: update" => drop(user().with(user::profile.update(|profile| profile.bio("x"))).await?),
        "one-to-one: upsert" => {
            drop(user().with(user::profile.upsert(new_profile("y"), |profile| profile.bio("x"))).await?);
        }
        "one-to-one: delete" => drop(user().with(user::profile.delete()).await?),
        "one-to-one, key here: create" => drop(profile().with(profile::user.create(new_user("n"))).await?),
        "one-to-one, key here: connect" => {
            drop(profile().with(profile::user.connect(user::by_id(1))).await?);
        }
        "one-to-one, key here: connectOrCreate" => {
            drop(profile().with(profile::user.connect_or_create(user::by_id(2), new_user("n"))).await?);
        }
        "many-to-many: create" => drop(post().with(post::tags.create(["n1", "n2"].map(new_tag))).await?),
        "many-to-many: connect" => drop(post().with(post::tags.connect(tags([2, 3]))).await?),
        "many-to-many: connectOrCreate" => {
            drop(post().with(post::tags.connect_or_create(tag::by_name("hot"), new_tag("hot"))).await?);
        }
        "many-to-many: disconnect" => drop(post().with(post::tags.disconnect(tags([1, 2]))).await?),
        "many-to-many: set" => drop(post().with(post::tags.set(tags([2, 3]))).await?),
        "many-to-many: update" => {
            drop(post().with(post::tags.update(tag::by_id(1), |tag| tag.name("x"))).await?);
        }
        "many-to-many: updateMany" => {
            drop(post().with(post::tags.update_many(|tag| tag.name("x")).filter(tag::id.eq(1))).await?);
        }
        "many-to-many: upsert" => {
            drop(post().with(post::tags.upsert(tag::by_id(3), new_tag("y"), |tag| tag.name("x"))).await?);
        }
        "many-to-many: delete" => drop(post().with(post::tags.delete(tag::by_id(1))).await?),
        "many-to-many: deleteMany" => {
            drop(post().with(post::tags.delete_many()).await?);
        }
        "upsert with a nested create" => {
            let new = user::create(new_user("n")).with(user::posts.create(new_post("x")));
            drop(db.user().upsert(user::by_email("n"), new, |user| user.email("u1")).await?);
        }
        other => panic!("the case `{other}` has no call"),
    }
    Ok(())
}

/// All rows of all tables.
async fn rows(database: &TestDatabase) -> String {
    let sql = r#"SELECT concat_ws(E'\n',
        (SELECT string_agg(t::text, ' ' ORDER BY id) FROM "User" t),
        (SELECT string_agg(t::text, ' ' ORDER BY id) FROM "Profile" t),
        (SELECT string_agg(t::text, ' ' ORDER BY id) FROM "Post" t),
        (SELECT string_agg(t::text, ' ' ORDER BY id) FROM "Tag" t),
        (SELECT string_agg(t::text, ' ' ORDER BY t) FROM "_PostToTag" t))"#;
    database.connect().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_leave_the_rows_of_the_requests_and_take_their_round_trips() {
    let database = database().await;
    let admin = database.connect().await;
    let engine = engine(&database.url_text());
    let (url, counter) = counted(&database).await;
    let db = Client::from_client(nicol::Client::lazy(&url).unwrap());
    let cases: Vec<Value> = serde_json::from_str(include_str!("cases.json")).unwrap();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        admin.batch_execute(ROWS).await.unwrap();
        let before = rows(&database).await;
        let answer = ask(&engine, &case["request"]).await;
        assert!(answer.get("error").is_none(), "{name}: {answer}");
        let expected = rows(&database).await;
        let mut trips = usize::MAX;
        for _ in 0..4 {
            admin.batch_execute(ROWS).await.unwrap();
            counter.has_answered.store(true, Ordering::SeqCst);
            let before = counter.trips.load(Ordering::SeqCst);
            call(&db, name).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            trips = trips.min(counter.trips.load(Ordering::SeqCst) - before);
            assert_eq!(rows(&database).await, expected, "{name}");
        }
        assert_eq!(case["roundTrips"], trips, "{name}");
        if !name.contains("connect") {
            assert_ne!(before, expected, "{name}");
        }
    }
}
