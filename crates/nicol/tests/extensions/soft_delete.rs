//! Deleted rows stay in their tables, and queries do not see them.

use nicol::{count, increment};

use crate::db::{Client, post, tag, user};
use crate::examples::soft_delete;
use crate::{database, refused};

/// A user with the posts 1 and 2, of which 2 is deleted; post 1 has the tags `a` and `b`, of which `b` is deleted.
async fn posts() -> (Client, Client, testkit::TestDatabase) {
    let (all, server) = database().await;
    let db = all.extend(soft_delete);
    all.user().create(user::New { email: "ann".into() }).await.unwrap();
    for title in ["one", "two"] {
        db.post().create(post::New { title: title.into() }).author_id(1).await.unwrap();
    }
    for name in ["a", "b"] {
        let tag = tag::New { name: name.into() };
        db.tag().create(tag).with(tag::posts.connect(post::by_id(1))).await.unwrap();
    }
    let deleted = db.post().delete(post::by_id(2)).await.unwrap();
    assert!(deleted.deleted_at.is_some());
    assert_eq!(db.tag().delete_many().filter(tag::name.eq("b")).await.unwrap(), 1);
    (db, all, server)
}

#[tokio::test]
async fn reads_do_not_see_deleted_rows() {
    let (db, all, _server) = posts().await;
    assert_eq!((all.post().count().await.unwrap(), all.tag().count().await.unwrap()), (2, 2));
    assert_eq!((db.post().count().await.unwrap(), db.tag().count().await.unwrap()), (1, 1));
    assert_eq!(db.post().find_many().await.unwrap().len(), 1);
    assert_eq!(db.post().find_unique(post::by_id(2)).await.unwrap(), None);
    assert!(
        db.post().find_first().filter(post::title.eq("two")).or_not_found().await.unwrap_err().is_not_found()
    );
    assert_eq!(db.post().find_many().and_count().await.unwrap().1, 1);
    assert_eq!(db.post().aggregate((count(),)).await.unwrap(), (1,));
    let groups = db.post().group_by(post::author_id).aggregate((count(),)).await.unwrap();
    assert_eq!(groups, [(Some(1), (1,))]);
    let mut stream = db.post().find_many().stream().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().title, "one");
    assert!(stream.next().await.is_none());
    let found = db.post().find_many().filter(post::title.eq("one").or(post::title.eq("two"))).await.unwrap();
    assert_eq!(found.len(), 1, "the filter of the extension holds for both sides");
}

#[tokio::test]
async fn relations_do_not_see_deleted_rows() {
    let (db, all, _server) = posts().await;
    let ann = || {
        let posts = user::posts.include(post::tags).include(post::tags.count());
        db.user().find_unique(user::by_id(1)).include(posts).include(user::posts.count())
    };
    let ann = ann().or_not_found().await.unwrap();
    assert_eq!((ann.posts().len(), ann.posts_count()), (1, 1));
    assert_eq!((ann.posts()[0].tags().len(), ann.posts()[0].tags_count()), (1, 1));
    let with = |filter| db.user().count().filter(filter);
    assert_eq!(with(user::posts.some(post::title.eq("two"))).await.unwrap(), 0);
    assert_eq!(with(user::posts.none(post::title.eq("two"))).await.unwrap(), 1);
    assert_eq!(with(user::posts.every(post::title.eq("one"))).await.unwrap(), 1);
    assert_eq!(with(user::posts.every(post::title.eq("two"))).await.unwrap(), 0);
    assert_eq!(with(!user::posts.some(post::title.eq("two"))).await.unwrap(), 1);
    assert_eq!(with(user::posts.some(post::tags.some(tag::name.eq("b")))).await.unwrap(), 0);
    assert_eq!(all.user().count().filter(user::posts.every(post::title.eq("one"))).await.unwrap(), 0);
    // Ann has fewer posts than Bob, once the deleted ones do not count.
    let bob = all.user().create(user::New { email: "bob".into() }).await.unwrap();
    for title in ["three", "four"] {
        all.post().create(post::New { title: title.into() }).author_id(bob.id).await.unwrap();
    }
    all.post()
        .create(post::New { title: "five".into() })
        .author_id(1)
        .deleted_at(chrono::Utc::now())
        .await
        .unwrap();
    let first = db.user().find_first().order_by(user::posts.count().desc()).or_not_found().await.unwrap();
    assert_eq!(first.email, "bob");
}

#[tokio::test]
async fn writes_do_not_see_deleted_rows() {
    let (db, all, _server) = posts().await;
    assert!(db.post().update(post::by_id(2)).title("x").await.unwrap_err().is_not_found());
    assert!(db.post().delete(post::by_id(2)).await.unwrap_err().is_not_found());
    assert_eq!(db.post().update_many().views(increment(1)).await.unwrap(), 1);
    // The deleted row has the key, so it cannot be created, and it is not changed.
    let upsert = db.tag().upsert(tag::by_name("b"), tag::New { name: "b".into() }, |tag| tag.name("c")).await;
    assert_eq!(upsert.unwrap_err().code(), "P2002");
    assert_eq!(all.tag().count().filter(tag::name.eq("b")).await.unwrap(), 1);
    let upserted =
        db.tag().upsert(tag::by_name("a"), tag::New { name: "a".into() }, |tag| tag.name("d")).await;
    assert_eq!(upserted.unwrap().name, "d");
    assert!(all.post().find_unique(post::by_id(2)).await.unwrap().is_some(), "it stays");
    refused(db.post().update(post::by_id(1)).title("x").or_current().await);
    refused(db.post().update_each([post::update(post::by_id(1)).title("x")]).await);
    refused(db.post().upsert_many(post::id, [post::create(post::New { title: "x".into() }).id(2)]).await);
    assert_eq!(all.post().count().filter(post::title.eq("x")).await.unwrap(), 0);
}

#[tokio::test]
async fn nested_writes_do_not_see_deleted_rows_and_delete_softly() {
    let (db, all, _server) = posts().await;
    let ann = || db.user().update(user::by_id(1));
    assert!(ann().with(user::posts.delete([post::by_id(2)])).await.is_err());
    assert!(ann().with(user::posts.update(post::by_id(2), |post| post.title("x"))).await.is_err());
    assert!(ann().with(user::posts.connect([post::by_id(2)])).await.is_err());
    ann().with(user::posts.update_many(|post| post.title("all"))).await.unwrap();
    assert_eq!(all.post().find_unique(post::by_id(2)).await.unwrap().unwrap().title, "two");
    // The deleted post stays connected.
    ann().with(user::posts.set([])).await.unwrap();
    assert_eq!(all.post().count().filter(post::author_id.eq(1)).await.unwrap(), 1);
    ann().with(user::posts.connect([post::by_id(1)])).await.unwrap();
    ann().with(user::posts.delete([post::by_id(1)])).await.unwrap();
    let deleted = all.post().find_unique(post::by_id(1)).await.unwrap().unwrap();
    assert!(deleted.deleted_at.is_some());
    db.post().create(post::New { title: "three".into() }).author_id(1).await.unwrap();
    ann().with(user::posts.delete_many()).await.unwrap();
    assert_eq!((db.post().count().await.unwrap(), all.post().count().await.unwrap()), (0, 3));
}

#[tokio::test]
async fn it_holds_in_transactions_and_batches() {
    let (db, all, _server) = posts().await;
    db.transaction()
        .run(async |tx| {
            assert_eq!(tx.post().count().await?, 1);
            assert_eq!(tx.without_extensions().post().count().await?, 2);
            tx.transaction().run(async |tx| tx.post().delete_many().await).await?;
            assert_eq!(tx.post().count().await?, 0);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!((db.post().count().await.unwrap(), all.post().count().await.unwrap()), (0, 2));
    let new = db.post().create(post::New { title: "new".into() });
    let (new, before, deleted, after) =
        db.batch((new, db.post().count(), db.post().delete_many(), db.post().count())).await.unwrap();
    assert_eq!((new.title.as_str(), before, deleted, after), ("new", 1, 1, 0));
    // A batch is rolled back.
    let error = db.batch((db.tag().delete_many(), db.post().delete(post::by_id(9)))).await;
    assert_eq!(error.err().unwrap().code(), "P2025");
    assert_eq!(db.tag().count().await.unwrap(), 1);
}
