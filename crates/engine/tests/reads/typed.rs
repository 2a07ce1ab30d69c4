//! The same reads as calls of the typed client: each case needs a call, and its answer is that of Prisma 6.19.0.

use nicol::Handle as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::db::{self, Client, comment, group, person, post};

macro_rules! rows {
    ($($name:ident of $model:ident { $($field:ident: $type:ty),* })*) => {
        $(
            #[derive(Serialize, nicol::Select)]
            #[select(db::$model)]
            struct $name { $($field: $type),* }
        )*
    };
}

rows! {
    PersonId of person { id: i32 }
    GroupId of group { id: i32 }
    PostId of post { id: i32 }
    CommentId of comment { id: i32 }
    Thread of post { id: i32, comments: Vec<CommentId> }
    Author of person { id: i32, posts: Vec<Thread> }
    Titles of person { id: i32, posts: Vec<PostId> }
    PostOf of post { id: i32, person: PersonId }
    Reply of comment { id: i32, post: PostOf }
    Replies of post { id: i32, comments: Vec<Reply> }
    AuthorOfReplies of person { id: i32, posts: Vec<Replies> }
    Around of post { id: i32, comments: Vec<CommentId>, person: Author }
    CommentAround of comment { id: i32, post: Around }
    PostWithTitles of post { id: i32, person: Titles }
    CommentWithTitles of comment { id: i32, post: PostWithTitles }
    Member of person { id: i32, posts: Vec<Thread>, groups: Vec<GroupId> }
    Members of group { id: i32, people: Vec<Member> }
    Writers of group { id: i32, people: Vec<Titles> }
    Titled of post { id: i32, title: Option<String>, comments: Vec<CommentId> }
    CommentTitled of comment { id: i32, post: Titled }
}

/// The answer of the call that is the request of the case with this name, if there is one.
#[allow(clippy::too_many_lines, reason = "a list of calls")]
async fn call(db: &Client, name: &str) -> Result<Option<Value>, nicol::Error> {
    let people = || db.person().find_many().order_by(person::id.asc());
    let comments = || post::comments.order_by(comment::id.asc());
    let posts = || person::posts.order_by(post::id.asc());
    let threads = || posts().refine(comments());
    let answer = match name {
        "children of children" => json!(people().select_as::<Author>().refine(threads()).await?),
        "the first children of each child" => {
            let first =
                post::comments.order_by((comment::rank.desc().nulls_last(), comment::id.asc())).take(1);
            let posts = person::posts.order_by(post::id.desc()).refine(first);
            json!(people().select_as::<Author>().refine(posts).await?)
        }
        "the last children of each child" => {
            let posts = posts().take_last(2).refine(comments().take_last(1).skip(1));
            json!(people().select_as::<Author>().refine(posts).await?)
        }
        "pages of children and all of theirs" => {
            let posts = posts().take(1).skip(1).refine(comments());
            json!(people().take(2).skip(1).select_as::<AuthorOfReplies>().refine(posts).await?)
        }
        "children of children that match" => {
            let comments = comments().filter(comment::rank.gte(1));
            let posts = posts().filter(post::title.ne("b")).refine(comments);
            let people = people().filter(person::posts.some(post::title.eq("a")));
            json!(people.select_as::<Author>().refine(posts).await?)
        }
        "numbers of children of children" => {
            let count = post::comments.count().filter(comment::rank.eq(1));
            let posts = posts().select((post::id, count));
            let people =
                people().select((person::id, posts, person::posts.count(), person::groups.count())).await?;
            let post = |(id, comments): &(i32, i64)| json!({ "id": id, "_count": { "comments": comments } });
            let person = |(id, all, posts, groups): &(i32, Vec<(i32, i64)>, i64, i64)| {
                let all: Vec<Value> = all.iter().map(post).collect();
                json!({ "id": id, "posts": all, "_count": { "posts": posts, "groups": groups } })
            };
            people.iter().map(person).collect()
        }
        "one row and the children of its children" => {
            json!(db.person().find_unique(person::by_id(1)).select_as::<Author>().refine(threads()).await?)
        }
        "one row at the other end and its children" => {
            let post = comment::post.refine(comments()).refine(post::person.refine(threads()));
            json!(
                db.comment().find_unique(comment::by_id(4)).select_as::<CommentAround>().refine(post).await?
            )
        }
        "no row and its children" => {
            json!(db.person().find_unique(person::by_id(9)).select_as::<Author>().refine(threads()).await?)
        }
        "rows at the other end and their children" => {
            let post = comment::post.refine(post::person.refine(posts()));
            let find = db.comment().find_many().order_by(comment::id.asc()).take(5);
            json!(find.select_as::<CommentWithTitles>().refine(post).await?)
        }
        "children over a join table" => {
            let posts = posts().take(1).refine(comments());
            let people = group::people.order_by(person::id.asc());
            let people = people.refine(posts).refine(person::groups.order_by(group::id.asc()));
            let find = db.group().find_many().order_by(group::id.asc());
            json!(find.select_as::<Members>().refine(people).await?)
        }
        "limited children over a join table" => {
            let posts = person::posts.order_by((post::title.asc().nulls_first(), post::id.desc()));
            let people = group::people.order_by(person::id.asc()).take_last(1).refine(posts);
            let find = db.group().find_many().order_by(group::id.asc()).take_last(2);
            json!(find.select_as::<Writers>().refine(people).await?)
        }
        "distinct children" => {
            let posts = posts().distinct(post::title).refine(comments().distinct(comment::rank));
            json!(people().select_as::<Author>().refine(posts).await?)
        }
        "the last distinct children" => {
            json!(people().select_as::<Titles>().refine(posts().distinct(post::title).take_last(1)).await?)
        }
        "children from a cursor" => {
            let comments = comments().cursor(comment::by_id(4)).skip(1);
            let posts = posts().cursor(post::by_id(2)).take(2).refine(comments);
            json!(people().select_as::<Author>().refine(posts).await?)
        }
        "children from a cursor backwards" => {
            let posts = posts().cursor(post::by_id(3)).take_last(2).skip(1);
            json!(people().select_as::<Titles>().refine(posts).await?)
        }
        "a cursor among nulls" => {
            let find = db.post().find_many().order_by((post::title.desc().nulls_last(), post::id.asc()));
            json!(find.cursor(post::by_id(2)).take(2).select_as::<PostId>().await?)
        }
        "a cursor among equals, backwards" => {
            let find = db.person().find_many().order_by((person::name.asc(), person::id.desc()));
            let find = find.cursor(person::by_id(1)).take_last(3);
            json!(find.select_as::<Author>().refine(posts().take(1).refine(comments())).await?)
        }
        "a cursor that is gone" => {
            json!(people().cursor(person::by_id(9)).take(2).select_as::<Author>().refine(threads()).await?)
        }
        "distinct rows from a cursor" => {
            let find = people().distinct(person::name).cursor(person::by_id(2));
            json!(find.select_as::<Author>().refine(posts()).await?)
        }
        "the order of a count" => {
            let posts =
                person::posts.order_by((post::comments.count().desc(), post::id.asc())).refine(comments());
            let find =
                db.person().find_many().order_by((person::posts.count().desc(), person::id.desc())).take(3);
            json!(find.select_as::<Author>().refine(posts).await?)
        }
        "the order of a column at the other end" => {
            let order = (comment::post.by(post::title.asc().nulls_first()), comment::id.desc());
            let post = comment::post.refine(comments().take_last(1));
            let find = db.comment().find_many().order_by(order).take(4);
            json!(find.select_as::<CommentTitled>().refine(post).await?)
        }
        "no rows at all" => json!(people().take(0).select_as::<Author>().refine(threads()).await?),
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

#[tokio::test]
async fn calls_answer_as_prisma() {
    let (database, _) = super::database().await;
    let db = Client::from_client(nicol::Client::lazy(&database.url_text()).expect("the URL is valid"));
    let mut different = Vec::new();
    for case in super::cases() {
        let name = case["name"].as_str().expect("a case has a name");
        match call(&db, name).await {
            Ok(Some(answer)) if answer == case["answer"] => {}
            Ok(Some(answer)) => {
                different.push(format!("{name}: {answer}\n    instead of {}", case["answer"]));
            }
            Ok(None) => different.push(format!("{name}: the case has no call")),
            Err(error) => different.push(format!("{name}: {error}")),
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
