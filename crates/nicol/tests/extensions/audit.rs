//! What is written is recorded, with the transaction that writes it. Queries are logged.

use std::sync::{Arc, Mutex};

use nicol::Error;

use crate::db::{Client, audit, post, tag, user};
use crate::examples::{Auditor, Log, Statistics as _, Users as _, soft_delete};
use crate::{database, refused};

/// The audits since this was last asked: `Created Post 1`.
async fn audits(db: &Client) -> Vec<String> {
    let audits = db.audit().find_many().order_by(audit::id.asc()).await.unwrap();
    db.audit().delete_many().await.unwrap();
    assert!(audits.iter().all(|audit| audit.who == "ann"));
    audits.iter().map(|audit| format!("{} {} {}", audit.change, audit.model, audit.key["id"])).collect()
}

#[tokio::test]
async fn every_write_leaves_a_row() {
    let (all, _server) = database().await;
    let db = all.extend(Auditor { who: "ann".into() });
    let posts = ["a", "b"].map(|title| post::New { title: title.into() });
    db.user().create(user::New { email: "a".into() }).with(user::posts.create(posts)).await.unwrap();
    assert_eq!(audits(&all).await, ["Created User 1", "Created Post 1", "Created Post 2"]);
    db.user().update(user::by_id(1)).name("x").await.unwrap();
    assert_eq!(audits(&all).await, ["Updated User 1"]);
    let new = user::New { email: "a".into() };
    let key = || user::by_tenant_id_and_email(0, "a");
    db.user().upsert(key(), new.clone(), |user| user.name("y")).await.unwrap();
    assert_eq!(audits(&all).await, ["Updated User 1"]);
    db.user()
        .upsert(user::by_tenant_id_and_email(0, "b"), user::New { email: "b".into() }, |user| user)
        .await
        .unwrap();
    assert_eq!(audits(&all).await, ["Created User 2"]);
    let created = db.post().create_many(["c", "d"].map(|title| post::New { title: title.into() }));
    assert_eq!(created.await.unwrap(), 2);
    assert_eq!(audits(&all).await, ["Created Post 3", "Created Post 4"]);
    assert_eq!(db.post().update_many().filter(post::id.gte(3)).views(1).await.unwrap(), 2);
    assert_eq!(audits(&all).await.len(), 2);
    let nested = db.user().update(user::by_id(1)).with(user::posts.delete([post::by_id(1)]));
    nested.with(user::posts.update(post::by_id(2), |post| post.title("x"))).await.unwrap();
    assert_eq!(audits(&all).await, ["Deleted Post 1", "Updated Post 2"]);
    db.post().delete(post::by_id(2)).await.unwrap();
    assert_eq!(db.post().delete_many().await.unwrap(), 2);
    assert_eq!(audits(&all).await, ["Deleted Post 2", "Deleted Post 3", "Deleted Post 4"]);
    // Reads, and writes of other models, leave none; neither does a write of no row.
    let tag = db.tag().create(tag::New { name: "t".into() }).await.unwrap();
    db.post().find_many().await.unwrap();
    assert_eq!(db.post().delete_many().await.unwrap(), 0);
    assert_eq!(audits(&all).await, [""; 0]);
    let connected =
        db.post().create(post::New { title: "e".into() }).with(post::tags.connect([tag::by_id(tag.id)]));
    let post = connected.include(post::tags).await.unwrap();
    assert_eq!((post.tags().len(), audits(&all).await), (1, vec!["Created Post 5".to_owned()]));
    let tagged =
        db.tag().update(tag::by_id(tag.id)).with(tag::posts.create([post::New { title: "f".into() }]));
    tagged.await.unwrap();
    assert_eq!(audits(&all).await, ["Created Post 6"]);
    refused(db.post().update_each([post::update(post::by_id(5)).title("x")]).await);
    refused(db.post().update(post::by_id(5)).title("x").or_current().await);
}

#[tokio::test]
async fn a_row_is_rolled_back_with_its_write() {
    let (all, _server) = database().await;
    let db = all.extend(Auditor { who: "ann".into() });
    let new = |email: &str| user::New { email: email.into() };
    let failed: Result<(), Error> = db
        .transaction()
        .run(async |tx| {
            tx.user().create(new("a")).await?;
            assert_eq!(tx.audit().count().await?, 1);
            tx.user().create(new("a")).await.map(drop)
        })
        .await;
    assert_eq!((failed.unwrap_err().code(), all.audit().count().await.unwrap()), ("P2002", 0));
    assert_eq!(all.user().count().await.unwrap(), 0);
    let error = db.batch((db.user().create(new("a")), db.user().create(new("a")))).await;
    assert_eq!((error.err().unwrap().code(), all.audit().count().await.unwrap()), ("P2002", 0));
    // If the audit cannot be written, neither is the row.
    all.execute("alter table \"Audit\" add check (who <> 'bob')", vec![]).await.unwrap();
    let bob = all.extend(Auditor { who: "bob".into() });
    assert_eq!(bob.user().create(new("b")).await.unwrap_err().code(), "P2004");
    let kept = bob.transaction().run(async |tx| {
        tx.without_extensions().user().create(new("c")).await?;
        assert_eq!(tx.user().create(new("d")).await.unwrap_err().code(), "P2004");
        Ok(())
    });
    kept.await.unwrap();
    let emails = all.user().find_many().select((user::email,)).await.unwrap();
    assert_eq!(emails, [("c".to_owned(),)], "a savepoint keeps the transaction going");
}

#[tokio::test]
async fn a_soft_deletion_is_an_update() {
    let (all, _server) = database().await;
    let db = all.extend(soft_delete).extend(Auditor { who: "ann".into() });
    db.post().create(post::New { title: "a".into() }).await.unwrap();
    db.post().delete(post::by_id(1)).await.unwrap();
    assert_eq!(audits(&all).await, ["Created Post 1", "Updated Post 1"]);
}

#[tokio::test]
async fn queries_are_logged_with_their_names() {
    let (all, _server) = database().await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&log);
    let db = all.extend(soft_delete).extend(Log(move |line| seen.lock().unwrap().push(line)));
    db.user().create(user::New { email: "a@example.com".into() }).await.unwrap();
    let (users, posts) = db.totals().await.unwrap();
    assert_eq!((users, posts), (1, 0));
    let found = db.user().by_domain("example.com").await.unwrap();
    assert_eq!(found[0].display_name(), "a@example.com");
    db.post().delete_many().await.unwrap();
    db.execute("select", vec![]).await.unwrap();
    let expected =
        ["User.create 1 0", "User.count 1 0", "Post.count 1 0", "User.findMany 1 0", "Post.updateMany 0 0"];
    assert_eq!(*log.lock().unwrap(), expected);
}

#[tokio::test]
async fn an_extension_can_refuse() {
    let (all, _server) = database().await;
    let db = all.extend(|query: &mut nicol::extension::Query| {
        if !query.operation().is_read() {
            query.refuse("this client only reads");
        }
    });
    let error = db.user().create(user::New { email: "a".into() }).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("P2009", "this client only reads"));
    assert_eq!(db.user().count().await.unwrap(), 0);
}
