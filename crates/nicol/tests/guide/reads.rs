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
        9 => Box::pin(fields_beside_fields_numbers_and_times_1(db)).await,
        10 => Box::pin(fields_beside_fields_texts_1(db)).await,
        11 => Box::pin(fields_beside_fields_texts_2(db)).await,
        12 => Box::pin(fields_beside_fields_lists_1(db)).await,
        13 => Box::pin(fields_beside_fields_lists_2(db)).await,
        14 => Box::pin(values_lists_1(db)).await,
        15 => Box::pin(values_by_reference_1(db)).await,
        16 => Box::pin(values_by_reference_2(db)).await,
        17 => Box::pin(values_a_value_that_may_be_missing_1(db)).await,
        18 => Box::pin(j_s_o_n_nulls_1(db)).await,
        19 => Box::pin(j_s_o_n_nulls_2(db)).await,
        20 => Box::pin(j_s_o_n_paths_1(db)).await,
        21 => Box::pin(j_s_o_n_without_a_path_1(db)).await,
        22 => Box::pin(full_text_search_full_text_search_1(db)).await,
        23 => Box::pin(aggregates_of_some_rows_1(db)).await,
        24 => Box::pin(aggregates_groups_1(db)).await,
        25 => Box::pin(aggregates_groups_2(db)).await,
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

async fn fields_beside_fields_numbers_and_times_1(db: &Client) -> Result<Answers, Error> {
    let equal = db.post().find_many().filter(post::views.eq(post::likes)).order_by(post::id.asc()).select((post::id,)).await?;
    let unequal = db.post().find_many().filter(post::views.ne(post::likes)).order_by(post::id.asc()).select((post::id,)).await?;
    let less = db.post().find_many().filter(post::views.lt(post::likes)).order_by(post::id.asc()).select((post::id,)).await?;
    let less_or_equal = db.post().find_many().filter(post::views.lte(post::likes)).order_by(post::id.asc());
    let less_or_equal = less_or_equal.select((post::id,)).await?;
    let greater = db.post().find_many().filter(!post::views.gt(post::likes)).order_by(post::id.asc()).select((post::id,)).await?;
    let late = db.order().find_many().filter(order::paid_at.gt(order::due_at)).order_by(order::id.asc()).select((order::id,)).await?;
    let in_time = db.order().find_many().filter(order::due_at.gte(order::paid_at)).order_by(order::id.asc()).select((order::id,)).await?;
    let never = db.order().find_many().filter(order::paid_at.eq(order::due_at)).order_by(order::id.asc()).select((order::id,)).await?;
    let reviewed = db.post().find_many().filter(post::reviewer_id.ne(post::author_id)).order_by(post::id.asc()).select((post::id,)).await?;
    let within = db.user().find_many().filter(user::posts.some(post::likes.gt(post::views))).order_by(user::id.asc()).select((user::id,)).await?;
    Ok(answers![equal, unequal, less, less_or_equal, greater, late, in_time, never, reviewed, within])
}

async fn fields_beside_fields_texts_1(db: &Client) -> Result<Answers, Error> {
    let contains = db.post().find_many().filter(post::body.contains(post::slug)).order_by(post::id.asc()).select((post::id,)).await?;
    let insensitive = db.post().find_many().filter(post::title.eq(post::slug).insensitive()).order_by(post::id.asc());
    let insensitive = insensitive.select((post::id,)).await?;
    let starts = db.post().find_many().filter(post::title.starts_with(post::slug)).order_by(post::id.asc()).select((post::id,)).await?;
    let ends = db.post().find_many().filter(post::title.ends_with(post::slug).insensitive()).order_by(post::id.asc());
    let ends = ends.select((post::id,)).await?;
    let in_address = db.user().find_many().filter(user::email.contains(user::name).insensitive()).order_by(user::id.asc());
    let in_address = in_address.select((user::id,)).await?;
    Ok(answers![contains, insensitive, starts, ends, in_address])
}

async fn fields_beside_fields_texts_2(db: &Client) -> Result<Answers, Error> {
    db.post().update(post::by_id(1)).title("100%").body("100 cats").await?;
    db.post().update(post::by_id(2)).title("a_b").body("xa_b").await?;
    db.post().update(post::by_id(3)).title(r"\d").body(r"the \D").await?;
    let found = db.post().find_many().filter(post::body.contains(post::title)).order_by(post::id.asc()).select((post::id,)).await?;
    assert_eq!(found, [(2,)]);
    let found = db.post().find_many().filter(post::body.contains(post::title).insensitive()).select((post::id,)).await?;
    assert_eq!(found, [(2,), (3,)]);
    Ok(answers![])
}

async fn fields_beside_fields_lists_1(db: &Client) -> Result<Answers, Error> {
    let has = db.post().find_many().filter(post::keywords.has(post::slug)).order_by(post::id.asc()).select((post::id,)).await?;
    let in_list = db.post().find_many().filter(post::slug.is_in(post::keywords)).order_by(post::id.asc()).select((post::id,)).await?;
    let not_in_list = db.post().find_many().filter(post::slug.not_in(post::keywords)).order_by(post::id.asc()).select((post::id,)).await?;
    let every = db.post().find_many().filter(post::keywords.has_every(post::keywords)).order_by(post::id.asc()).select((post::id,)).await?;
    let some = db.post().find_many().filter(post::keywords.has_some(post::keywords)).order_by(post::id.asc()).select((post::id,)).await?;
    Ok(answers![has, in_list, not_in_list, every, some])
}

async fn fields_beside_fields_lists_2(db: &Client) -> Result<Answers, Error> {
    assert_eq!(db.post().count().filter(post::keywords.eq(post::keywords)).await?, 5);
    assert_eq!(db.post().count().filter(post::keywords.ne(post::keywords)).await?, 0);
    Ok(answers![])
}

async fn values_lists_1(db: &Client) -> Result<Answers, Error> {
    let equal = db.post().find_many().filter(post::keywords.eq(["animals", "cats"])).order_by(post::id.asc()).select((post::id,)).await?;
    let other_order = db.post().find_many().filter(post::keywords.eq(&["cats", "animals"])).select((post::id,)).await?;
    let empty = db.post().find_many().filter(post::keywords.is_empty(true)).order_by(post::id.asc()).select((post::id,)).await?;
    let not_empty = db.post().find_many().filter(post::keywords.is_empty(false)).order_by(post::id.asc()).select((post::id,)).await?;
    let has = db.post().find_many().filter(post::keywords.has("code")).order_by(post::id.asc()).select((post::id,)).await?;
    let every = db.post().find_many().filter(post::keywords.has_every(["code", "data"])).select((post::id,)).await?;
    let wanted: &[String] = &["cats".to_owned(), "data".to_owned()];
    let some = db.post().find_many().filter(post::keywords.has_some(wanted)).order_by(post::id.asc()).select((post::id,)).await?;
    let nothing: [&str; 0] = [];
    let every_of_none = db.post().find_many().filter(post::keywords.has_every(nothing)).order_by(post::id.asc()).select((post::id,)).await?;
    let some_of_none = db.post().find_many().filter(post::keywords.has_some(nothing)).order_by(post::id.asc()).select((post::id,)).await?;
    let unequal = db.post().find_many().filter(!post::keywords.eq(["code"])).order_by(post::id.asc()).select((post::id,)).await?;
    Ok(answers![equal, other_order, empty, not_empty, has, every, some, every_of_none, some_of_none, unequal])
}

async fn values_by_reference_1(db: &Client) -> Result<Answers, Error> {
    let ids: Vec<i32> = vec![2, 1, 9];
    let set: HashSet<i32> = ids.iter().copied().collect();
    let references: HashSet<&i32> = ids.iter().collect();
    for filter in [
        post::id.is_in(&ids),
        post::id.is_in(ids.as_slice()),
        post::id.is_in(ids.iter()),
        post::id.is_in(&set),
        post::id.is_in(&references),
        post::id.is_in([&1, &2]),
        post::id.is_in(ids.clone()),
        post::id.is_in(1..=2),
    ] {
        assert_eq!(db.post().find_many().filter(filter).order_by(post::id.asc()).select((post::id,)).await?, [(1,), (2,)]);
    }
    assert_eq!(db.post().count().filter(post::id.not_in(&ids)).await?, 3);
    let (slug, name) = ("cats".to_owned(), Some("Ann".to_owned()));
    let slugs: Vec<&str> = vec!["cats", "none"];
    let owned: HashSet<String> = slugs.iter().map(|slug| slug.to_string()).collect();
    for filter in [post::slug.is_in(&slugs), post::slug.is_in(&owned), post::slug.is_in([&slug]), post::slug.eq(&slug), post::slug.eq(&&*slug)] {
        assert_eq!(db.post().find_many().filter(filter).select((post::id,)).await?, [(1,)]);
    }
    for filter in [user::name.eq(&name), user::name.eq(name.as_ref()), user::name.eq(name.as_deref()), user::name.eq(name.clone())] {
        assert_eq!(db.user().find_many().filter(filter).select((user::id,)).await?, [(1,)]);
    }
    let nobody: Option<String> = None;
    for filter in [user::name.eq(&nobody), user::name.eq(nobody.as_ref()), user::name.eq(nobody.as_deref()), user::name.eq(NULL)] {
        assert_eq!(db.user().find_many().filter(filter).select((user::id,)).await?, [(3,)]);
    }
    let role = Role::Admin;
    for filter in [user::role.eq(role), user::role.eq(&role), user::role.is_in([role]), user::role.is_in(&[role])] {
        assert_eq!(db.user().find_many().filter(filter).select((user::id,)).await?, [(1,)]);
    }
    let (number, amount) = (1001_i64, "10.50".parse::<Decimal>().unwrap());
    let filter = order::number.eq(&number).and(order::amount.eq(&amount)).and(order::weight.eq(&Some(1.25)));
    assert_eq!(db.order().find_many().filter(filter).select((order::id,)).await?, [(1,)]);
    assert!(db.post().find_unique(post::by_id(&ids[0])).await?.is_some());
    Ok(answers![])
}

async fn values_by_reference_2(db: &Client) -> Result<Answers, Error> {
    let (title, labels) = ("Title".to_owned(), ["new", "old"]);
    let post = db.post().update(post::by_id(1)).title(&title).keywords(&labels).reviewer_id(&Some(1)).await?;
    assert_eq!((&post.title, &*post.keywords, post.reviewer_id), (&title, &["new".to_owned(), "old".to_owned()][..], Some(1)));
    let post = db.post().update(post::by_id(1)).keywords(push(["newer"])).reviewer_id(&None::<i32>).await?;
    assert_eq!((&*post.keywords[2], post.reviewer_id), ("newer", None));
    let post = db.post().update(post::by_id(1)).keywords(push(&title.split('t').map(str::to_owned).collect::<Vec<_>>())).await?;
    assert_eq!(post.keywords.len(), 5);
    let post = db.post().update(post::by_id(1)).keywords(["only"]).await?;
    assert_eq!(post.keywords, ["only"]);
    Ok(answers![])
}

async fn values_a_value_that_may_be_missing_1(db: &Client) -> Result<Answers, Error> {
    let (some, none) = (Some("Anna"), None::<&str>);
    let visits = Some(increment(2));
    let ann = db.user().update(user::by_id(1)).name(if_some(some)).email(if_some(none)).visits(if_some(visits)).await?;
    let bob = db.user().update(user::by_id(2)).name(if_some(Some(NULL))).await?;
    let eve = db.user().create(user::New { email: "eve@example.com".into() }).name(if_some(none));
    let eve = eve.visits(if_some(Some(5))).role(if_some(None::<Role>)).await?;
    let filters = Filter::all(none.map(|name| user::name.eq(name))).and(user::role.eq(Role::Reader));
    let filtered = db.user().find_many().filter(filters).order_by(user::id.asc()).select((user::id,)).await?;
    Ok(answers![ann, bob, eve, filtered])
}

async fn j_s_o_n_nulls_1(db: &Client) -> Result<Answers, Error> {
    let find = async |filter: Filter<db::Profile>| db.profile().find_many().filter(filter).order_by(profile::id.asc()).select((profile::id,)).await;
    let json_null = find(profile::settings.eq(JSON_NULL).into()).await?;
    let db_null = find(profile::settings.eq(NULL).into()).await?;
    let any_null = find(profile::settings.eq(ANY_NULL).into()).await?;
    let not_json_null = find(profile::settings.ne(JSON_NULL).into()).await?;
    let not_db_null = find(profile::settings.ne(NULL).into()).await?;
    let not_any_null = find(profile::settings.ne(ANY_NULL).into()).await?;
    let theme_null = find(profile::settings.path(["theme"]).eq(NULL)).await?;
    let theme_not_null = find(profile::settings.path(["theme"]).ne(NULL)).await?;
    let theme_any_null = find(profile::settings.path(["theme"]).eq(ANY_NULL)).await?;
    let theme_json_null = find(profile::settings.path(["theme"]).eq(JSON_NULL)).await?;
    let theme_not_json_null = find(profile::settings.path(["theme"]).ne(JSON_NULL)).await?;
    let theme_not_any_null = find(profile::settings.path(["theme"]).ne(ANY_NULL)).await?;
    assert_eq!((json_null.len(), db_null.len(), any_null.len()), (1, 1, 2));
    Ok(answers![json_null, db_null, any_null, not_json_null, not_db_null, not_any_null, theme_null, theme_not_null, theme_any_null, theme_json_null, theme_not_json_null, theme_not_any_null])
}

async fn j_s_o_n_nulls_2(db: &Client) -> Result<Answers, Error> {
    db.profile().update(profile::by_id(1)).settings(JSON_NULL).await?;
    db.profile().update(profile::by_id(2)).settings(NULL).await?;
    db.profile().update(profile::by_id(3)).settings(json!({ "pins": [null] })).await?;
    db.profile().create(profile::New { bio: "Null.".into(), user_id: 4 }).settings(JSON_NULL).await?;
    let nulls = db.profile().find_many().filter(profile::settings.eq(JSON_NULL)).order_by(profile::id.asc()).select((profile::id,)).await?;
    let pin = db.profile().find_many().filter(profile::settings.path(["pins", "0"]).eq(JSON_NULL)).select((profile::id,)).await?;
    assert_eq!((nulls.len(), pin.len()), (2, 1));
    Ok(answers![nulls, pin])
}

async fn j_s_o_n_paths_1(db: &Client) -> Result<Answers, Error> {
    db.profile().update(profile::by_id(3)).settings(json!({ "theme": "Darkest", "fonts": { "size": "12" }, "pins": ["a", 2] })).await?;
    let find = async |filter: Filter<db::Profile>| db.profile().find_many().filter(filter).order_by(profile::id.asc()).select((profile::id,)).await;
    let (size, theme, pins) = (|| profile::settings.path(["fonts", "size"]), || profile::settings.path(["theme"]), || profile::settings.path(["pins"]));
    let equal = find(size().eq(json!(12))).await?;
    let text = find(size().eq(json!("12"))).await?;
    let object = find(profile::settings.path(["fonts"]).eq(json!({ "size": 12 }))).await?;
    let unequal = find(theme().ne(json!("dark"))).await?;
    let whole = find(profile::settings.eq(json!({ "theme": "Darkest", "fonts": { "size": "12" }, "pins": ["a", 2] })).into()).await?;
    let not_whole = find(profile::settings.ne(json!({ "theme": "dark" })).into()).await?;
    let less = find(size().lt(json!(13))).await?;
    let less_text = find(size().lte(json!("12"))).await?;
    let greater = find(size().gt(json!(2))).await?;
    let greater_or_equal = find(profile::settings.path(["pins", "1"]).gte(json!(2))).await?;
    let not_greater = find(!size().gt(json!(100))).await?;
    let contains = find(theme().string_contains("ark").into()).await?;
    let starts = find(theme().string_starts_with("dark").into()).await?;
    let starts_insensitive = find(theme().string_starts_with("dark").insensitive().into()).await?;
    let ends = find(theme().string_ends_with("est").into()).await?;
    let no_text = find(profile::settings.path(["pins", "1"]).string_contains("2").into()).await?;
    let not_contains = find(!theme().string_contains("est")).await?;
    let has = find(pins().array_contains(json!([2]))).await?;
    let has_one = find(pins().array_contains(json!(2))).await?;
    let has_all = find(pins().array_contains(json!([1, 2]))).await?;
    let first = find(pins().array_starts_with(json!("a"))).await?;
    let last = find(pins().array_ends_with(json!(2))).await?;
    let no_array = find(theme().array_contains(json!("dark"))).await?;
    let both = find(theme().string_contains("ark").and(theme().ne(json!("dark")))).await?;
    assert_eq!((starts_insensitive.len(), contains.len(), last.len(), no_text.len()), (2, 2, 2, 0));
    Ok(answers![equal, text, object, unequal, whole, not_whole, less, less_text, greater, greater_or_equal, not_greater, contains, starts, starts_insensitive, ends, no_text, not_contains, has, has_one, has_all, first, last, no_array, both])
}

async fn j_s_o_n_without_a_path_1(db: &Client) -> Result<Answers, Error> {
    for (id, settings) in [(1, json!("a text")), (2, json!([1, 2, 3])), (3, json!(17))] {
        db.profile().update(profile::by_id(id)).settings(settings).await?;
    }
    let find = async |filter: Filter<db::Profile>| db.profile().find_many().filter(filter).order_by(profile::id.asc()).select((profile::id,)).await;
    let contains = find(profile::settings.string_contains("text").into()).await?;
    let starts = find(profile::settings.string_starts_with("a").into()).await?;
    let starts_with_quote = find(profile::settings.string_starts_with("\"a").into()).await?;
    let ends = find(profile::settings.string_ends_with("text\"").into()).await?;
    let has = find(profile::settings.array_contains(json!([3, 1]))).await?;
    let first = find(profile::settings.array_starts_with(json!(1))).await?;
    let last = find(profile::settings.array_ends_with(json!(1))).await?;
    let less = find(profile::settings.lt(json!(18)).into()).await?;
    let greater = find(profile::settings.gte(json!("a")).into()).await?;
    let itself = find(profile::settings.eq(profile::settings).into()).await?;
    Ok(answers![contains, starts, starts_with_quote, ends, has, first, last, less, greater, itself])
}

async fn full_text_search_full_text_search_1(db: &Client) -> Result<Answers, Error> {
    let both = db.post().find_many().filter(post::body.search("cat & dog")).order_by(post::id.asc()).select((post::id,)).await?;
    let either = db.post().find_many().filter(post::body.search("mat | language")).order_by(post::id.asc()).select((post::id,)).await?;
    let without = db.post().find_many().filter(post::body.search("cat & !mat")).order_by(post::id.asc()).select((post::id,)).await?;
    let fields = search((post::title, post::body), "dogs & cat");
    let fields = db.post().find_many().filter(fields).order_by(post::id.asc()).select((post::id,)).await?;
    let not_found = db.post().find_many().filter(!post::body.search("cat")).order_by(post::id.asc()).select((post::id,)).await?;
    let best = relevance((post::title, post::body), "cat").desc();
    let best = db.post().find_many().order_by((best, post::id.desc())).select((post::id,)).await?;
    let worst = db.post().find_many().order_by((relevance(post::title, "dogs").asc(), post::id.asc())).select((post::id,)).await?;
    Ok(answers![both, either, without, fields, not_found, best, worst])
}

async fn aggregates_of_some_rows_1(db: &Client) -> Result<Answers, Error> {
    let page = db.post().count().order_by(post::id.asc()).skip(1).take(3).await?;
    let after = db.post().count().cursor(post::by_id(3)).filter(post::published.eq(true)).await?;
    let of_fields = db.post().aggregate((count(), count_of(post::published_at), count_of(post::reviewer_id))).await?;
    let best = db.post().aggregate((sum(post::likes), min(post::views))).order_by(post::views.desc()).take(2).await?;
    let last = db.post().aggregate((sum(post::likes),)).order_by(post::id.asc()).take_last(2).await?;
    let from_third = db.post().aggregate((count(), max(post::views))).order_by(post::id.asc()).cursor(post::by_id(3)).skip(1).await?;
    Ok(answers![page, after, of_fields, best, last, from_third])
}

async fn aggregates_groups_1(db: &Client) -> Result<Answers, Error> {
    let by_size = db.post().group_by(post::author_id).aggregate((count_of(post::id),));
    let by_size = by_size.order_by((count_of(post::id).asc(), post::author_id.desc())).await?;
    let by_sum = db.post().group_by(post::published).aggregate((sum(post::views),)).order_by(sum(post::views).desc()).take(1).await?;
    let by_two = db.post().group_by((post::author_id, post::published)).aggregate((max(post::likes),));
    let by_two = by_two.order_by((post::author_id.asc(), post::published.desc())).skip(1).await?;
    let groups = || db.post().group_by(post::author_id).aggregate((count_of(post::id),)).order_by(post::author_id.asc());
    let between = groups().having(sum(post::views).gt(10).and(sum(post::views).lt(100))).await?;
    let field_and_count = groups().having(post::author_id.is_in([2, 3])).having(count_of(post::author_id).gte(2)).await?;
    let either = groups().having(max(post::likes).eq(12).or(post::author_id.eq(99))).await?;
    let not = groups().having(!max(post::likes).eq(12)).await?;
    let is_null = db.post().group_by(post::published).aggregate((count_of(post::id),)).order_by(post::published.asc());
    let is_null = is_null.having(max(post::published_at).is_null()).await?;
    let within = groups().having(min(post::likes).is_in([0, 7])).await?;
    let not_in = groups().having(min(post::likes).not_in([0, 7])).await?;
    let text = groups().having(min(post::title).starts_with("C")).await?;
    Ok(answers![by_size, by_sum, by_two, between, field_and_count, either, not, is_null, within, not_in, text])
}

async fn aggregates_groups_2(db: &Client) -> Result<Answers, Error> {
    let groups = db.post().group_by(post::author_id).aggregate((count(),)).having(count().is_in([2, 4]));
    assert_eq!(groups.order_by((count().desc(), post::author_id.asc())).await?, [(2, (2,))]);
    Ok(answers![])
}
