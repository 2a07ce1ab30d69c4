//! The types of rows with relations, and taking them apart.

use nicol::Error;

use crate::db::{self, Client, Post, Profile, Tag, User, post, tag, user};
use crate::support::Database;

type Row = nicol::row!(db::post { author { profile }, tags });

#[derive(Debug, PartialEq, nicol::Select)]
#[select(db::tag)]
struct Label {
    name: String,
}

async fn included(db: &Client) -> Result<Row, Error> {
    let post = db.post().find_unique(post::by_id(1)).or_not_found();
    post.include(post::author.include(user::profile)).include(post::tags.order_by(tag::id.asc())).await
}

async fn selected(db: &Client) -> Result<Vec<Row>, Error> {
    db.post().find_many().order_by(post::id.asc()).select_as().await
}

fn describe(row: &Row) -> (&str, &str, Option<&str>, usize) {
    let author = row.author();
    (&row.title, &author.name, author.profile().as_ref().map(|profile| &*profile.bio), row.tags().len())
}

#[tokio::test]
async fn a_row_with_relations_has_a_name_and_is_read_by_it() -> Result<(), Error> {
    let test = Database::new().await;
    let row = included(&test.db).await?;
    assert_eq!(describe(&row), ("first", "ann", Some("likes tea"), 3));
    let rows = selected(&test.db).await?;
    assert_eq!(test.statements().len(), 2);
    assert_eq!(describe(&rows[0]), describe(&row));
    assert_eq!(describe(&rows[2]), ("third", "bob", None, 0));
    let plain: Vec<nicol::row!(post)> = test.db.post().find_many().select_as::<Post>().await?;
    assert_eq!(plain.len(), 3);
    Ok(())
}

#[tokio::test]
async fn the_type_has_parts_of_rows_and_counts() -> Result<(), Error> {
    type Counted =
        nicol::row!(db::user { posts { tags as Label, comments.count() }, posts.count(), profile });
    let test = Database::new().await;
    let posts = user::posts.include(post::tags.select_as::<Label>()).include(post::comments.count());
    let ann = test.db.user().find_unique(user::by_id(1)).or_not_found();
    let included: Counted = ann.include(posts).include(user::posts.count()).include(user::profile).await?;
    let selected = test.db.user().find_unique(user::by_id(1)).select_as::<Counted>().or_not_found().await?;
    for ann in [&included, &selected] {
        assert_eq!((ann.posts_count(), ann.profile().is_some()), (2, true));
        assert_eq!((ann.posts()[0].tags().len(), ann.posts()[0].comments_count()), (3, 2));
    }
    assert_eq!(included.posts()[1].tags(), selected.posts()[1].tags());
    Ok(())
}

#[derive(Debug, nicol::Select)]
#[select(db::post)]
struct Wrapped {
    author: nicol::row!(db::user { profile }),
}

#[tokio::test]
async fn a_struct_holds_a_row_with_relations() -> Result<(), Error> {
    let test = Database::new().await;
    let post =
        test.db.post().find_first().order_by(post::id.asc()).select_as::<Wrapped>().or_not_found().await?;
    assert!(post.author.profile().is_some());
    Ok(())
}

#[tokio::test]
async fn loaded_relations_are_taken_apart_by_name() -> Result<(), Error> {
    let test = Database::new().await;
    let (post, (tags, author)) = included(&test.db).await?.into_parts((post::tags, post::author));
    let (ann, (profile,)) = author.into_parts((user::profile,));
    let (_, ()): (Post, ()) = included(&test.db).await?.into_parts(());
    let parts: (Post, Vec<Tag>, User, Option<Profile>) = (post, tags, ann, profile);
    assert_eq!(
        (&*parts.0.title, parts.1.len(), &*parts.2.name, parts.3.is_some()),
        ("first", 3, "ann", true)
    );
    let counted =
        test.db.post().find_unique(post::by_id(1)).include(post::tags.count()).or_not_found().await?;
    let (_, (count,)) = counted.into_parts((post::tags.count(),));
    assert_eq!(count, 3);
    Ok(())
}
