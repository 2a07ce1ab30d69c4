//! A field is stored in another form than it is written.

use nicol::builder::{Having, IntoHaving as _};
use nicol::{NULL, count_of, max, min, relevance};

use crate::db::{User, post, user};
use crate::examples::encrypted;
use crate::{database, refused};

#[tokio::test]
async fn every_write_encrypts_and_filters_find() {
    let (all, _server) = database().await;
    let db = all.extend(encrypted);
    let new = |email: &str| user::create(user::New { email: email.into() });
    let ann = db.user().create(new("a").name("ann")).await.unwrap();
    assert_eq!((ann.name.as_deref(), ann.decrypted_name().as_deref()), (Some("~zmm"), Some("ann")));
    let stored = async || {
        let names = all.user().find_many().order_by(user::id.asc()).select((user::name,)).await.unwrap();
        names.into_iter().map(|(name,)| name.unwrap_or_default()).collect::<Vec<_>>()
    };
    db.user().create_many([new("b").name("bob"), new("c")]).await.unwrap();
    let cyd = || db.user().upsert(user::by_id(3), new("c").name("x"), |user| user.name("cyd"));
    cyd().await.unwrap();
    db.post()
        .create(post::New { title: "p".into() })
        .with(post::author.create(new("d").name("dan")))
        .await
        .unwrap();
    let rename = db.post().update(post::by_id(1)).with(post::author.update(|user| user.name("don")));
    let author = rename.include(post::author).await.unwrap().into_author().unwrap();
    assert_eq!(author.decrypted_name().as_deref(), Some("don"));
    assert_eq!(stored().await, ["~zmm", "~yly", "~xbw", "~wlm"]);
    db.user().update_each([user::update(user::by_id(1)).name("ana")]).await.unwrap();
    let eve = db.user().upsert_many(user::id, [new("b").id(2).name("eve")]).await;
    assert_eq!(eve.unwrap(), 1);
    db.user().update_many().filter(user::name.eq("don")).name(NULL).await.unwrap();
    assert_eq!(stored().await, ["~zmz", "~vev", "~xbw", ""]);

    let count = |filter| db.user().count().filter(filter);
    assert_eq!(count(user::name.eq("ana").into()).await.unwrap(), 1);
    assert_eq!(count(user::name.is_in(["ana", "cyd", "bob"]).into()).await.unwrap(), 2);
    assert_eq!(count(user::name.ne("ana").into()).await.unwrap(), 2);
    assert_eq!(count(user::name.is_null()).await.unwrap(), 1);
    assert_eq!(count(!user::name.eq("ana").and(user::email.eq("a"))).await.unwrap(), 3);
    assert_eq!(db.post().count().filter(post::author.is(user::name.eq("don"))).await.unwrap(), 0);
    refused(count(user::name.starts_with("a").into()).await);
    refused(count(user::name.gt("a").into()).await);
    refused(count(user::name.eq("ana").insensitive().into()).await);
    refused(db.post().count().filter(post::author.is(user::name.contains("a"))).await);
    assert_eq!(count(user::email.contains("a").into()).await.unwrap(), 1);

    let named = |condition: Having<User>| {
        db.user().group_by(user::name).aggregate((count_of(user::id),)).having(condition)
    };
    let groups = named(user::name.eq("ana").into_having()).await.unwrap();
    assert_eq!(groups, [(Some("~zmz".to_owned()), (1,))]);
    refused(named(min(user::name).eq("ana")).await);
    refused(named(max(user::name).contains("a")).await);
    assert_eq!(named(count_of(user::name).eq(1)).await.unwrap().len(), 3);
    refused(db.user().find_many().order_by(relevance(user::name, "ana").desc()).await);
}
