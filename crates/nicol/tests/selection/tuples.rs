//! Tuples of fields and relations.

use nicol::Error;

use crate::db::{Role, comment, post, tag, user};
use crate::support::Database;

#[tokio::test]
async fn fields_and_relations_come_in_any_order() -> Result<(), Error> {
    let test = Database::new().await;
    let posts = test.db.post().find_many().order_by(post::id.asc()).select((
        post::tags.count(),
        post::id,
        post::author.select((user::id, user::profile, user::name, user::posts.count())),
        post::title,
        post::reviewer,
        post::tags.filter(tag::hidden.eq(false)).order_by(tag::name.desc()).select((tag::name,)),
    ));
    let posts = posts.await?;
    test.statement();
    let (tag_count, id, (author, profile, name, written), title, reviewer, tags) = &posts[0];
    assert_eq!((*tag_count, *id, *author, &**name, *written, &**title), (3, 1, 1, "ann", 2, "first"));
    assert_eq!(profile.as_ref().map(|profile| &*profile.bio), Some("likes tea"));
    assert_eq!(reviewer.as_ref().map(|user| user.role), Some(Role::Reader));
    assert_eq!(*tags, [("b".to_owned(),), ("a".to_owned(),)]);
    assert!(posts[1].4.is_none());
    Ok(())
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_read() -> Result<(), Error> {
    let test = Database::new().await;
    let selection = (post::author.select((user::email,)), post::comments.select((comment::text,)));
    let (author, comments) =
        test.db.post().find_unique(post::by_id(1)).select(selection).or_not_found().await?;
    assert_eq!((&*author.0, comments.len()), ("ann@example.com", 2));
    let sql = test.statement();
    for unasked in ["password_hash", "title", "role", "nick", "draft"] {
        assert!(!sql.contains(unasked), "{unasked}: {sql}");
    }
    Ok(())
}

#[tokio::test]
async fn writes_return_relations_too() -> Result<(), Error> {
    let test = Database::new().await;
    let db = &test.db;
    let selection = || (post::author.select((user::name,)), post::id, post::tags.count());
    let created = db.post().create(post::New { title: "x".into(), author_id: 2 }).select(selection()).await?;
    assert_eq!(created, (("bob".to_owned(),), 4, 0));
    let updated = db.post().update(post::by_id(1)).author_id(2).select(selection()).await?;
    assert_eq!(updated, (("bob".to_owned(),), 1, 3));
    assert_eq!(db.post().delete(post::by_id(4)).select(selection()).await?, created);
    let each = db.post().update_each([post::update(post::by_id(2)).title("y")]).select(selection()).await?;
    assert_eq!(each, [(("ann".to_owned(),), 2, 1)]);
    let (page, total) =
        db.post().find_many().order_by(post::id.asc()).take(1).select(selection()).and_count().await?;
    assert_eq!((page, total), (vec![updated], 3));
    Ok(())
}

#[tokio::test]
async fn a_tuple_has_up_to_twelve_elements() -> Result<(), Error> {
    let test = Database::new().await;
    let twelve = (
        user::id,
        user::email,
        user::name,
        user::password,
        user::role,
        user::nick,
        user::settings,
        user::profile,
        user::posts.count(),
        user::reviews.count(),
        user::posts.take(1),
        user::reviews.take(1),
    );
    let bob = test.db.user().find_unique(user::by_id(2)).select(twelve).or_not_found().await?;
    assert_eq!((bob.8, bob.9, bob.10.len(), bob.11.len()), (1, 1, 1, 1));
    Ok(())
}
