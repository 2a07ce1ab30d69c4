//! Structs with `#[derive(Select)]`.

use nicol::types::Json;
use nicol::{Attempt, Error};

use crate::db::{self, Role, comment, post, tag, user};
use crate::support::Database;

#[derive(Debug, PartialEq, nicol::Select)]
#[select(db::post)]
struct Hit {
    id: i32,
    author: Author,
    title: String,
    reviewer: Option<Name>,
    tags: Vec<Label>,
    #[select(count = tags)]
    tag_count: i64,
    #[select(count)]
    comments: i64,
}

#[derive(Debug, PartialEq, nicol::Select)]
#[select(user)]
struct Author {
    profile: Option<Bio>,
    #[select(field = email)]
    mail: String,
    role: Role,
    nick: Vec<String>,
    settings: Option<Json>,
}

#[derive(Debug, PartialEq, nicol::Select)]
#[select(user)]
struct Name {
    name: String,
}

#[derive(Debug, PartialEq, nicol::Select)]
#[select(db::profile)]
struct Bio {
    bio: String,
}

#[derive(Debug, PartialEq, nicol::Select)]
#[select(tag)]
struct Label {
    name: String,
}

fn labels(names: &[&str]) -> Vec<Label> {
    names.iter().map(|name| Label { name: (*name).into() }).collect()
}

#[tokio::test]
async fn a_struct_reads_its_fields_and_relations_at_any_depth_and_nothing_else() -> Result<(), Error> {
    let test = Database::new().await;
    let posts = test.db.post().find_many().order_by(post::id.asc()).select_as::<Hit>().await?;
    let sql = test.statement();
    for unasked in ["password_hash", "body", "draft", "hidden", "text"] {
        assert!(!sql.contains(&format!("\"{unasked}\"")), "{unasked}: {sql}");
    }
    let expected = Hit {
        id: 1,
        author: Author {
            profile: Some(Bio { bio: "likes tea".into() }),
            mail: "ann@example.com".into(),
            role: Role::Writer,
            nick: vec!["a".into(), "an".into()],
            settings: None,
        },
        title: "first".into(),
        reviewer: Some(Name { name: "bob".into() }),
        tags: labels(&["a", "b", "c"]),
        tag_count: 3,
        comments: 2,
    };
    assert_eq!(posts[0], expected);
    assert_eq!((&posts[1].reviewer, posts[1].tag_count, posts[1].comments), (&None, 1, 0));
    assert_eq!((posts[2].author.profile.is_none(), posts[2].tags.len()), (true, 0));
    Ok(())
}

#[tokio::test]
async fn every_read_takes_a_struct() -> Result<(), Error> {
    let test = Database::new().await;
    let db = &test.db;
    let one = db.post().find_unique(post::by_id(1)).select_as::<Hit>().await?;
    assert_eq!(one.as_ref().map(|hit| hit.tags.len()), Some(3));
    let required = db.post().find_unique(post::by_id(1)).select_as::<Hit>().or_not_found().await?;
    assert_eq!(Some(required), one);
    assert_eq!(db.post().find_first().order_by(post::id.asc()).select_as::<Hit>().await?, one);
    let (page, total) =
        db.post().find_many().order_by(post::id.asc()).take(1).select_as::<Hit>().and_count().await?;
    assert_eq!((page.into_iter().next(), total), (one, 3));
    let mut stream = db.post().find_many().order_by(post::id.asc()).select_as::<Hit>().stream().await?;
    let mut ids = Vec::new();
    while let Some(hit) = stream.next().await {
        ids.push(hit?.id);
    }
    assert_eq!(ids, [1, 2, 3]);
    Ok(())
}

#[tokio::test]
async fn every_write_returns_a_struct() -> Result<(), Error> {
    let test = Database::new().await;
    let db = &test.db;
    let new = |title: &str| post::New { title: title.into(), author_id: 1 };
    let created = db.post().create(new("new")).select_as::<Hit>().await?;
    assert_eq!(
        (created.author.mail.as_str(), created.tags.len(), created.tag_count),
        ("ann@example.com", 0, 0)
    );
    let updated = db.post().update(post::by_id(1)).title("changed").select_as::<Hit>().await?;
    assert_eq!((updated.title.as_str(), updated.tag_count), ("changed", 3));
    let upserted =
        db.post().upsert(post::by_id(2), new("x"), |post| post.title("y")).select_as::<Hit>().await?;
    assert_eq!((upserted.title.as_str(), upserted.tags), ("y", labels(&["a"])));
    let deleted = db.post().delete(post::by_id(created.id)).select_as::<Hit>().await?;
    assert_eq!(deleted.author, created.author);
    let attempt =
        db.post().update(post::by_id(1)).filter(post::title.eq("other")).title("z").select_as::<Hit>();
    let attempt = attempt.or_current().await?;
    assert!(matches!(attempt, Attempt::Unmet(Hit { id: 1, tag_count: 3, .. })), "{attempt:?}");
    let each = [post::update(post::by_id(1)).title("each"), post::update(post::by_id(3)).title("each")];
    let each = db.post().update_each(each).select_as::<Hit>().refine(post::tags.filter(tag::name.ne("a")));
    let mut each = each.await?;
    each.sort_by_key(|hit| hit.id);
    assert_eq!(each.iter().map(|hit| (hit.id, hit.tags.len())).collect::<Vec<_>>(), [(1, 2), (3, 0)]);
    let tags = ["a", "d"].map(|name| tag::New { name: name.into() });
    let tags: Vec<Used> = db
        .tag()
        .upsert_many((tag::name,), tags)
        .update((tag::name,))
        .select_as()
        .refine(tag::posts.count().filter(post::id.eq(1)))
        .await?;
    let mut used: Vec<_> = tags.into_iter().map(|tag| (tag.posts, tag.name)).collect();
    used.sort_unstable();
    assert_eq!(used, [(0, "d".to_owned()), (1, "a".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn writes_of_many_rows_return_structs_tuples_and_partial_rows() -> Result<(), Error> {
    let test = Database::new().await;
    let db = &test.db;
    let rows = ["x", "y"].map(|title| post::New { title: title.into(), author_id: 2 });
    let created = db.post().create_many(rows).and_return().select_as::<Hit>().await?;
    assert_eq!(
        created.iter().map(|hit| (&*hit.author.mail, hit.tag_count)).collect::<Vec<_>>(),
        [("bob@example.com", 0); 2]
    );
    let update = || db.post().update_many().filter(post::id.lt(3)).draft(true).and_return();
    let mut updated = update().select_as::<Hit>().refine(post::tags.filter(tag::name.ne("a"))).await?;
    updated.sort_by_key(|hit| hit.id);
    assert_eq!((&updated[0].tags, &updated[1].tags), (&labels(&["b", "c"]), &labels(&[])));
    let mut updated =
        update().select((post::tags.count(), post::id, post::author.select((user::name,)))).await?;
    updated.sort_unstable();
    assert_eq!(updated, [(1, 2, ("ann".to_owned(),)), (3, 1, ("ann".to_owned(),))]);
    let partial = update().omit(post::body).include(post::reviewer).await?;
    let reviewed = partial.iter().filter(|post| post.loaded(post::reviewer).is_some()).count();
    assert_eq!((partial.len(), reviewed, partial[0].get(post::draft)?), (2, 1, true));
    Ok(())
}

#[tokio::test]
async fn a_refinement_takes_the_last_rows_and_distinct_ones() -> Result<(), Error> {
    let test = Database::new().await;
    let find = || test.db.post().find_unique(post::by_id(1)).select_as::<Hit>().or_not_found();
    let last = find().refine(post::tags.order_by(tag::name.asc()).take_last(2)).await?;
    assert_eq!(last.tags, labels(&["b", "c"]));
    let distinct = find().refine(post::tags.order_by(tag::name.asc()).distinct((tag::hidden,))).await?;
    assert_eq!(distinct.tags, labels(&["a", "c"]));
    let after = find().refine(post::tags.order_by(tag::name.asc()).cursor(tag::by_id(2))).await?;
    assert_eq!(after.tags, labels(&["b", "c"]));
    Ok(())
}

#[derive(nicol::Select)]
#[select(tag)]
struct Used {
    #[select(count)]
    posts: i64,
    name: String,
}

#[derive(nicol::Select)]
#[select(comment)]
struct Thread {
    text: String,
    parent: Option<db::Comment>,
    replies: Vec<Reply>,
}

#[derive(nicol::Select)]
#[select(comment)]
struct Reply {
    text: String,
    replies: Vec<db::Comment>,
}

#[tokio::test]
async fn a_relation_is_held_by_the_row_of_its_model_too() -> Result<(), Error> {
    let test = Database::new().await;
    let threads = test.db.comment().find_many().order_by(comment::id.asc()).select_as::<Thread>().await?;
    assert_eq!(threads[0].replies[0].text, "y");
    assert_eq!(threads[0].replies[0].replies, []);
    assert_eq!(threads[1].parent.as_ref().map(|parent| (parent.id, &*parent.text)), Some((1, "x")));
    assert_eq!(threads[2].text, "z");
    // No struct here implements `Debug`.
    let rows = test.db.comment().find_many().order_by(comment::id.asc());
    let (rows, count) = rows.include(comment::replies.select_as::<Reply>()).and_count().await?;
    assert_eq!((&*rows[0].replies()[0].text, count), ("y", 3));
    let update = test.db.comment().update(comment::by_id(1)).text("w").select_as::<Thread>();
    let many = test.db.comment().find_many().select((comment::id, comment::replies.select_as::<Reply>()));
    let (thread, rows) = test.db.batch((update, many)).await?;
    assert_eq!((&*thread.text, thread.replies.len(), rows.len()), ("w", 1, 3));
    Ok(())
}

#[tokio::test]
async fn an_included_relation_takes_a_struct() -> Result<(), Error> {
    let test = Database::new().await;
    let posts = user::posts.filter(post::title.ne("second")).select_as::<Hit>();
    let users = test.db.user().find_many().order_by(user::id.asc()).include(posts).await?;
    let titles: Vec<&str> = users[0].posts().iter().chain(users[1].posts()).map(|hit| &*hit.title).collect();
    assert_eq!(titles, ["first", "third"]);
    assert_eq!(users[0].posts()[0].tags, labels(&["a", "b", "c"]));
    Ok(())
}

#[tokio::test]
async fn what_a_struct_selects_is_refined() -> Result<(), Error> {
    let test = Database::new().await;
    let posts = || test.db.post().find_many().order_by(post::id.asc()).select_as::<Hit>();
    let tags = post::tags.filter(tag::hidden.eq(false)).order_by(tag::name.desc()).take(1);
    let refined = posts().refine(tags).await?;
    assert_eq!((&refined[0].tags, refined[0].tag_count), (&labels(&["b"]), 3), "the count is another thing");
    assert_eq!(refined[1].tags, labels(&["a"]));
    let counted = posts().refine(post::tags.count().filter(tag::hidden.eq(true))).await?;
    assert_eq!((counted[0].tag_count, counted[1].tag_count, counted[0].tags.len()), (1, 0, 3));
    let twice =
        posts().refine(post::tags.filter(tag::name.ne("a"))).refine(post::tags.filter(tag::name.ne("b")));
    assert_eq!(twice.await?[0].tags, labels(&["c"]));
    let skipped = posts().refine(post::tags.order_by(tag::name.asc()).skip(2)).await?;
    assert_eq!(skipped[0].tags, labels(&["c"]));
    let update = test.db.post().update(post::by_id(1)).title("x").select_as::<Hit>();
    assert_eq!(update.refine(post::tags.take(1)).await?.tags.len(), 1);
    Ok(())
}

#[derive(nicol::Select)]
#[select(user)]
struct Desk {
    posts: Vec<Hit>,
    profile: Option<Page>,
}

#[derive(nicol::Select)]
#[select(db::profile)]
struct Page {
    user: Pile,
}

#[derive(nicol::Select)]
#[select(user)]
struct Pile {
    posts: Vec<Hit>,
}

#[tokio::test]
async fn relations_of_relations_are_refined_within_the_refinement() -> Result<(), Error> {
    let test = Database::new().await;
    let desk = test.db.user().find_unique(user::by_id(1)).select_as::<Desk>().or_not_found();
    let tags = || post::tags.filter(tag::name.eq("b"));
    let desk = desk
        .refine(
            user::posts
                .filter(post::id.eq(1))
                .refine(tags())
                .refine(post::comments.count().filter(comment::text.eq("x"))),
        )
        .refine(
            user::profile
                .refine(db::profile::user.refine(user::posts.order_by(post::id.desc()).refine(tags()))),
        );
    let desk = desk.await?;
    assert_eq!((desk.posts.len(), desk.posts[0].comments), (1, 1));
    assert_eq!((&desk.posts[0].tags, desk.posts[0].tag_count), (&labels(&["b"]), 3));
    let pile = desk.profile.unwrap().user.posts;
    assert_eq!(pile.iter().map(|hit| (hit.id, hit.tags.len())).collect::<Vec<_>>(), [(2, 0), (1, 1)]);
    let included = user::posts.select_as::<Hit>().refine(tags());
    let ann = test.db.user().find_unique(user::by_id(1)).include(included).or_not_found().await?;
    assert_eq!(ann.posts()[0].tags, labels(&["b"]));
    Ok(())
}
