// The examples of guide/reads.md. `UPDATE_EXPECT=1 cargo nextest run -p nicol --test guide_text` writes this file.

use super::prelude::*;

pub(crate) async fn run(example: usize, db: &Client) -> Result<Answers, Error> {
    match example {
        0 => Box::pin(pages_cursor_1(db)).await,
        1 => Box::pin(pages_a_cursor_that_is_not_among_the_rows_1(db)).await,
        2 => Box::pin(pages_take_from_the_end_1(db)).await,
        3 => Box::pin(pages_distinct_1(db)).await,
        4 => Box::pin(orders_by_a_relation_1(db)).await,
        5 => Box::pin(orders_by_a_number_of_rows_1(db)).await,
        6 => Box::pin(orders_by_a_number_of_rows_2(db)).await,
        7 => Box::pin(orders_nulls_first_and_last_1(db)).await,
        8 => Box::pin(relations_is_null_1(db)).await,
        _ => Ok(Answers::new()),
    }
}

async fn pages_cursor_1(db: &Client) -> Result<Answers, Error> {
    let by_key = db.post().find_many().cursor(post::by_id(3)).select((post::id,)).await?;
    let after = db.post().find_many().cursor(post::by_slug("dogs")).skip(1).take(2).order_by(post::id.asc());
    let after = after.select((post::id,)).await?;
    let before = db.post().find_many().cursor(post::by_id(4)).skip(1).take_last(2).order_by(post::id.asc());
    let before = before.select((post::id,)).await?;
    let first = db.post().find_first().cursor(post::by_id(2)).skip(1).order_by(post::id.desc()).select((post::id,)).await?;
    let from_start = db.post().find_many().cursor(None).take(2).order_by(post::id.asc()).select((post::id,)).await?;
    Ok(answers![by_key, after, before, first, from_start])
}

async fn pages_a_cursor_that_is_not_among_the_rows_1(db: &Client) -> Result<Answers, Error> {
    let missing = db.post().find_many().cursor(post::by_id(99)).select((post::id,)).await?;
    let missing_backwards = db.post().find_many().cursor(post::by_id(99)).take_last(2).select((post::id,)).await?;
    let filtered_out = db.post().find_many().filter(post::published.eq(true)).cursor(post::by_id(3)).select((post::id,)).await?;
    let in_other_order = db.post().find_many().filter(post::published.eq(true)).cursor(post::by_id(3));
    let in_other_order = in_other_order.order_by(post::published_at.asc()).select((post::id,)).await?;
    let posts = user::posts.cursor(post::by_id(2)).select((post::id,));
    let user = db.user().find_unique(user::by_id(2)).include(posts).await?;
    let by_key = user.map(|user| user.into_posts());
    let posts = user::posts.cursor(post::by_id(2)).order_by(post::id.asc()).select((post::id,));
    let users = db.user().find_many().order_by(user::id.asc()).include(posts).await?;
    let by_filter: Vec<_> = users.into_iter().map(|user| user.into_posts()).collect();
    Ok(answers![missing, missing_backwards, filtered_out, in_other_order, by_key, by_filter])
}

async fn pages_take_from_the_end_1(db: &Client) -> Result<Answers, Error> {
    let last = db.post().find_many().take_last(2).order_by(post::views.asc()).select((post::id,)).await?;
    let last_by_key = db.post().find_many().take_last(2).skip(1).select((post::id,)).await?;
    let last_one = db.post().find_first().order_by(post::views.asc()).last().select((post::id,)).await?;
    let posts = user::posts.take_last(2).order_by(post::id.asc()).select((post::id,));
    let users = db.user().find_many().order_by(user::id.asc()).include(posts).await?;
    let last_posts: Vec<_> = users.into_iter().map(|user| user.into_posts()).collect();
    let none = db.post().find_many().take(0).select((post::id,)).await?;
    let all = db.post().find_many().take(None).order_by(post::id.asc()).select((post::id,)).await?;
    Ok(answers![last, last_by_key, last_one, last_posts, none, all])
}

async fn pages_distinct_1(db: &Client) -> Result<Answers, Error> {
    let authors = db.post().find_many().distinct(post::author_id).order_by(post::views.desc()).select((post::id,)).await?;
    let page = db.post().find_many().distinct((post::author_id, post::published)).order_by(post::id.asc()).skip(1).take(2);
    let page = page.select((post::id,)).await?;
    let nulls = db.post().find_many().distinct((post::reviewer_id,)).order_by(post::id.asc()).select((post::id,)).await?;
    let first = db.post().find_first().distinct(post::author_id).skip(1).order_by(post::id.asc()).select((post::id,)).await?;
    let kept = user::posts.distinct(post::published).order_by(post::id.desc()).select((post::id,));
    let posts = db.user().find_unique(user::by_id(1)).include(kept).await?.map(|user| user.into_posts());
    Ok(answers![authors, page, nulls, first, posts])
}

async fn orders_by_a_relation_1(db: &Client) -> Result<Answers, Error> {
    let by_author = db.post().find_many().order_by((post::author.by(user::email.desc()), post::id.asc())).select((post::id,)).await?;
    let reviewer = post::reviewer.by(user::name.desc().nulls_last());
    let by_reviewer = db.post().find_many().order_by((reviewer, post::id.asc())).select((post::id,)).await?;
    let author = comment::post.by(post::author.by(user::email.desc()));
    let by_team = db.comment().find_many().order_by((author, comment::id.desc())).select((comment::id,)).await?;
    let by_profile = db.user().find_many().order_by(user::profile.by(profile::bio.asc())).select((user::id,)).await?;
    Ok(answers![by_author, by_reviewer, by_team, by_profile])
}

async fn orders_by_a_number_of_rows_1(db: &Client) -> Result<Answers, Error> {
    let by_posts = db.user().find_many().order_by([user::posts.count().desc(), user::id.asc()]).select((user::id,)).await?;
    let by_tags = db.post().find_many().order_by(vec![post::tags.count().asc(), post::id.desc()]).select((post::id,)).await?;
    let of_author = post::author.by(user::posts.count().asc());
    let by_posts_of_author = db.post().find_many().order_by((of_author, post::id.asc())).select((post::id,)).await?;
    let page = db.user().find_many().order_by((user::posts.count().desc(), user::id.asc())).cursor(user::by_id(2)).take(2);
    let page = page.select((user::id,)).await?;
    Ok(answers![by_posts, by_tags, by_posts_of_author, page])
}

async fn orders_by_a_number_of_rows_2(db: &Client) -> Result<Answers, Error> {
    let by_published = user::posts.count().filter(post::published.eq(true)).desc();
    let users = db.user().find_many().order_by((by_published, user::id.desc())).select((user::id,)).await?;
    assert_eq!(users, [(1,), (2,), (4,), (3,)]);
    let by_tagged = post::tags.count().filter(tag::name.eq("code")).desc();
    let posts = db.post().find_many().order_by((by_tagged, post::id.asc())).select((post::id,)).await?;
    assert_eq!(posts, [(4,), (5,), (1,), (2,), (3,)]);
    Ok(answers![])
}

async fn orders_nulls_first_and_last_1(db: &Client) -> Result<Answers, Error> {
    let first = db.post().find_many().order_by((post::published_at.desc().nulls_first(), post::id.asc()));
    let first = first.select((post::id,)).await?;
    let last = db.post().find_many().order_by((post::published_at.asc().nulls_last(), post::id.asc()));
    let last = last.select((post::id,)).await?;
    Ok(answers![first, last])
}

async fn relations_is_null_1(db: &Client) -> Result<Answers, Error> {
    let unreviewed = db.post().find_many().filter(post::reviewer.is_null()).order_by(post::id.asc()).select((post::id,)).await?;
    let reviewed = db.post().find_many().filter(post::reviewer.is_not_null()).order_by(post::id.asc()).select((post::id,)).await?;
    let without = db.user().find_many().filter(user::profile.is_null()).order_by(user::id.asc()).select((user::id,)).await?;
    let not_bob = db.post().find_many().filter(post::reviewer.is_not(user::name.eq("Bob"))).order_by(post::id.asc());
    let not_bob = not_bob.select((post::id,)).await?;
    Ok(answers![unreviewed, reviewed, without, not_bob])
}
