// The examples of docs/client.md. `UPDATE_EXPECT=1 cargo nextest run -p nicol --test guide_text` writes this file.

use super::prelude::*;

pub(crate) async fn run(example: usize, db: &Client) -> Result<Answers, Error> {
    match example {
        0 => Box::pin(read_rows_find_unique_1(db)).await,
        1 => Box::pin(read_rows_find_unique_or_throw_1(db)).await,
        2 => Box::pin(read_rows_find_first_1(db)).await,
        3 => Box::pin(read_rows_find_many_1(db)).await,
        4 => Box::pin(order_and_pages_order_by_1(db)).await,
        5 => Box::pin(order_and_pages_order_by_2(db)).await,
        6 => Box::pin(order_and_pages_take_skip_1(db)).await,
        7 => Box::pin(order_and_pages_cursor_1(db)).await,
        8 => Box::pin(order_and_pages_distinct_1(db)).await,
        9 => Box::pin(filters_equals_not_in_lt_gt_1(db)).await,
        10 => Box::pin(filters_null_1(db)).await,
        11 => Box::pin(filters_a_n_d_o_r_n_o_t_1(db)).await,
        12 => Box::pin(filters_a_n_d_o_r_n_o_t_2(db)).await,
        13 => Box::pin(filters_contains_starts_with_ends_with_mode_1(db)).await,
        14 => Box::pin(filters_search_relevance_1(db)).await,
        15 => Box::pin(filters_another_field_prisma_order_fields_1(db)).await,
        16 => Box::pin(filters_lists_has_has_every_has_some_is_empty_1(db)).await,
        17 => Box::pin(filters_json_path_string_contains_array_contains_1(db)).await,
        18 => Box::pin(filters_relations_some_every_none_is_is_not_1(db)).await,
        19 => Box::pin(choose_what_is_returned_select_1(db)).await,
        20 => Box::pin(choose_what_is_returned_select_2(db)).await,
        21 => Box::pin(choose_what_is_returned_include_1(db)).await,
        22 => Box::pin(choose_what_is_returned_omit_1(db)).await,
        23 => Box::pin(choose_what_is_returned_the_type_of_a_row_with_relations_1(db)).await,
        24 => Box::pin(choose_what_is_returned_count_1(db)).await,
        25 => Box::pin(write_rows_create_1(db)).await,
        26 => Box::pin(write_rows_create_many_1(db)).await,
        27 => Box::pin(write_rows_create_many_and_return_1(db)).await,
        28 => Box::pin(write_rows_update_1(db)).await,
        29 => Box::pin(write_rows_update_many_1(db)).await,
        30 => Box::pin(write_rows_update_many_and_return_limit_1(db)).await,
        31 => Box::pin(write_rows_a_value_that_may_be_missing_undefined_1(db)).await,
        32 => Box::pin(write_rows_a_unique_key_with_a_further_filter_1(db)).await,
        33 => Box::pin(write_rows_upsert_1(db)).await,
        34 => Box::pin(write_rows_upsert_2(db)).await,
        35 => Box::pin(write_rows_delete_1(db)).await,
        36 => Box::pin(write_rows_delete_many_1(db)).await,
        37 => Box::pin(nested_writes_create_1(db)).await,
        38 => Box::pin(nested_writes_create_2(db)).await,
        39 => Box::pin(nested_writes_create_many_1(db)).await,
        40 => Box::pin(nested_writes_connect_disconnect_1(db)).await,
        41 => Box::pin(nested_writes_connect_or_create_1(db)).await,
        42 => Box::pin(nested_writes_set_1(db)).await,
        43 => Box::pin(nested_writes_update_update_many_1(db)).await,
        44 => Box::pin(nested_writes_upsert_1(db)).await,
        45 => Box::pin(nested_writes_delete_delete_many_1(db)).await,
        46 => Box::pin(aggregates_count_1(db)).await,
        47 => Box::pin(aggregates_aggregate_count_sum_avg_min_max_1(db)).await,
        48 => Box::pin(aggregates_group_by_1(db)).await,
        49 => Box::pin(transactions_transaction_with_a_function_1(db)).await,
        50 => Box::pin(transactions_transaction_with_an_array_1(db)).await,
        51 => Box::pin(transactions_transaction_with_an_array_2(db)).await,
        53 => Box::pin(transactions_row_locks_1(db)).await,
        56 => Box::pin(extensions_extends_query_1(db)).await,
        57 => Box::pin(extensions_all_operations_1(db)).await,
        58 => Box::pin(extensions_extends_model_client_result_1(db)).await,
        59 => Box::pin(events_metrics_and_traces_on_query_1(db)).await,
        60 => Box::pin(events_metrics_and_traces_metrics_1(db)).await,
        61 => Box::pin(events_metrics_and_traces_notifications_l_i_s_t_e_n_1(db)).await,
        62 => Box::pin(s_q_l_query_raw_1(db)).await,
        63 => Box::pin(s_q_l_prisma_sql_prisma_join_prisma_empty_1(db)).await,
        64 => Box::pin(s_q_l_execute_raw_1(db)).await,
        65 => Box::pin(s_q_l_query_raw_unsafe_execute_raw_unsafe_1(db)).await,
        66 => Box::pin(s_q_l_conditions_in_s_q_l_1(db)).await,
        67 => Box::pin(calls_that_prisma_client_does_not_have_create_or_update_many_rows_1(db)).await,
        68 => Box::pin(calls_that_prisma_client_does_not_have_update_many_rows_each_with_its_own_values_1(db)).await,
        69 => Box::pin(calls_that_prisma_client_does_not_have_change_a_row_if_it_is_unchanged_1(db)).await,
        70 => Box::pin(calls_that_prisma_client_does_not_have_read_a_page_and_the_total_1(db)).await,
        _ => Ok(Answers::new()),
    }
}

async fn read_rows_find_unique_1(db: &Client) -> Result<Answers, Error> {
    let ann = db.user().find_unique(user::by_email("ann@example.com")).await?;
    let membership = db.membership().find_unique(membership::by_user_id_and_team_id(2, 1)).await?;
    Ok(answers![ann, membership])
}

async fn read_rows_find_unique_or_throw_1(db: &Client) -> Result<Answers, Error> {
    let user = db.user().find_unique(user::by_id(1)).or_not_found().await?;
    Ok(answers![user])
}

async fn read_rows_find_first_1(db: &Client) -> Result<Answers, Error> {
    let latest = db.post().find_first().filter(post::published.eq(true)).order_by(post::published_at.desc()).await?;
    let first = db.post().find_first().order_by(post::id.asc()).or_not_found().await?;
    Ok(answers![latest, first])
}

async fn read_rows_find_many_1(db: &Client) -> Result<Answers, Error> {
    let posts = db
        .post()
        .find_many()
        .filter(post::published.eq(true))
        .filter(post::views.gte(50))
        .order_by((post::views.desc(), post::id.asc()))
        .skip(1)
        .take(10)
        .await?;
    Ok(answers![posts])
}

async fn order_and_pages_order_by_1(db: &Client) -> Result<Answers, Error> {
    let posts = db.post().find_many().order_by((post::published_at.desc().nulls_last(), post::id.asc())).await?;
    let by_author = db.post().find_many().order_by((post::author.by(user::name.desc()), post::id.asc())).await?;
    let by_posts = db.user().find_many().order_by((user::posts.count().desc(), user::id.asc())).await?;
    Ok(answers![posts, by_author, by_posts])
}

async fn order_and_pages_order_by_2(db: &Client) -> Result<Answers, Error> {
    let (column, direction): (&str, SortOrder) = ("views", "desc".parse().expect("a direction"));
    let order: OrderBy<Post> = match column {
        "views" => post::views.order(direction),
        _ => post::title.order(direction),
    };
    let posts = db.post().find_many().order_by((order, post::id.asc())).await?;
    assert_eq!(posts[0].slug, "cats");
    Ok(answers![])
}

async fn order_and_pages_take_skip_1(db: &Client) -> Result<Answers, Error> {
    let page = db.post().find_many().order_by(post::id.asc()).skip(2).take(2).await?;
    let last = db.post().find_many().order_by(post::id.asc()).take_last(2).await?;
    Ok(answers![page, last])
}

async fn order_and_pages_cursor_1(db: &Client) -> Result<Answers, Error> {
    let next = db.post().find_many().order_by(post::id.asc()).cursor(post::by_id(2)).skip(1).take(2).await?;
    Ok(answers![next])
}

async fn order_and_pages_distinct_1(db: &Client) -> Result<Answers, Error> {
    let authors = db.post().find_many().distinct(post::author_id).order_by(post::views.desc()).await?;
    Ok(answers![authors])
}

async fn filters_equals_not_in_lt_gt_1(db: &Client) -> Result<Answers, Error> {
    let equal = db.user().count().filter(user::role.eq(Role::Reader)).await?;
    let different = db.user().count().filter(user::name.ne("Ann")).await?;
    let listed = db.user().count().filter(user::id.is_in([1, 3])).await?;
    let unlisted = db.user().count().filter(user::id.not_in([1, 3])).await?;
    let between = db.user().count().filter(user::visits.gt(0).and(user::visits.lte(7))).await?;
    let outside = db.user().count().filter(user::visits.lt(1).or(user::visits.gte(12))).await?;
    Ok(answers![equal, different, listed, unlisted, between, outside])
}

async fn filters_null_1(db: &Client) -> Result<Answers, Error> {
    let unnamed = db.user().count().filter(user::name.is_null()).await?;
    let named = db.user().count().filter(user::name.is_not_null()).await?;
    Ok(answers![unnamed, named])
}

async fn filters_a_n_d_o_r_n_o_t_1(db: &Client) -> Result<Answers, Error> {
    let both = db.post().count().filter(post::published.eq(true).and(post::author_id.eq(1))).await?;
    let any = db.post().count().filter(Filter::any(["cats", "sql"].map(|slug| post::slug.eq(slug)))).await?;
    let none = db.post().count().filter(!post::author_id.eq(1)).await?;
    Ok(answers![both, any, none])
}

async fn filters_a_n_d_o_r_n_o_t_2(db: &Client) -> Result<Answers, Error> {
    let author: Option<i32> = None;
    let posts = db.post().find_many().filter(author.map(|id| post::author_id.eq(id))).await?;
    assert_eq!(posts.len(), 5);
    Ok(answers![])
}

async fn filters_contains_starts_with_ends_with_mode_1(db: &Client) -> Result<Answers, Error> {
    let containing = db.user().count().filter(user::email.contains("example")).await?;
    let starting = db.user().count().filter(user::name.starts_with("an").insensitive()).await?;
    let ending = db.user().count().filter(user::email.ends_with(".org")).await?;
    Ok(answers![containing, starting, ending])
}

async fn filters_search_relevance_1(db: &Client) -> Result<Answers, Error> {
    let found = db
        .post()
        .find_many()
        .filter(post::body.search("cat & dog"))
        .order_by((relevance((post::title, post::body), "cat").desc(), post::id.asc()))
        .await?;
    Ok(answers![found])
}

async fn filters_another_field_prisma_order_fields_1(db: &Client) -> Result<Answers, Error> {
    let late = db.order().find_many().filter(order::paid_at.gt(order::due_at)).await?;
    Ok(answers![late])
}

async fn filters_lists_has_has_every_has_some_is_empty_1(db: &Client) -> Result<Answers, Error> {
    let animals = db.post().count().filter(post::keywords.has("animals")).await?;
    let every = db.post().count().filter(post::keywords.has_every(["animals", "cats"])).await?;
    let some = db.post().count().filter(post::keywords.has_some(["cats", "data"])).await?;
    let empty = db.post().count().filter(post::keywords.is_empty(true)).await?;
    let equal = db.post().count().filter(post::keywords.eq(["code", "data"])).await?;
    Ok(answers![animals, every, some, empty, equal])
}

async fn filters_json_path_string_contains_array_contains_1(db: &Client) -> Result<Answers, Error> {
    let dark = db.profile().find_many().filter(profile::settings.path(["theme"]).eq(json!("dark"))).await?;
    let large = db.profile().find_many().filter(profile::settings.path(["fonts", "size"]).gt(json!(10))).await?;
    let dim =
        db.profile().find_many().filter(profile::settings.path(["theme"]).string_contains("DARK").insensitive()).await?;
    let pinned = db.profile().find_many().filter(profile::settings.path(["pins"]).array_contains(json!([2]))).await?;
    let json_null = db.profile().find_many().filter(profile::settings.eq(JSON_NULL)).await?;
    let db_null = db.profile().find_many().filter(profile::settings.eq(NULL)).await?;
    let any_null = db.profile().find_many().filter(profile::settings.eq(ANY_NULL)).await?;
    Ok(answers![dark, large, dim, pinned, json_null, db_null, any_null])
}

async fn filters_relations_some_every_none_is_is_not_1(db: &Client) -> Result<Answers, Error> {
    let some = db.user().find_many().filter(user::posts.some(post::published.eq(true))).await?;
    let every = db.user().find_many().filter(user::posts.every(post::published.eq(true))).await?;
    let none = db.user().find_many().filter(user::posts.is_empty()).await?;
    let is = db.post().find_many().filter(post::author.is(user::name.eq("Ann"))).await?;
    let is_not = db.post().find_many().filter(post::reviewer.is_not(user::name.eq("Ann"))).await?;
    let unreviewed = db.post().find_many().filter(post::reviewer.is_null()).await?;
    Ok(answers![some, every, none, is, is_not, unreviewed])
}

async fn choose_what_is_returned_select_1(db: &Client) -> Result<Answers, Error> {
    let users = db
        .user()
        .find_many()
        .select((user::id, user::email, user::profile.select((profile::bio,)), user::posts.count()))
        .order_by(user::id.asc())
        .await?;
    let (id, email, profile, posts): &(i32, String, Option<(String,)>, i64) = &users[0];
    Ok(answers![users])
}

async fn choose_what_is_returned_select_2(db: &Client) -> Result<Answers, Error> {
    #[derive(Serialize, nicol::Select)]
    #[select(db::post)]
    struct Card {
        title: String,
        author: Name,
        tags: Vec<TagName>,
        comments: Vec<Comment>,
    }

    #[derive(Serialize, nicol::Select)]
    #[select(db::user)]
    struct Name {
        name: Option<String>,
    }

    #[derive(Serialize, nicol::Select)]
    #[select(db::tag)]
    struct TagName {
        name: String,
    }

    let posts: Vec<Card> = db
        .post()
        .find_many()
        .select_as::<Card>()
        .refine(post::tags.filter(tag::name.ne("pets")).order_by(tag::name.asc()).take(3))
        .order_by(post::id.asc())
        .await?;
    Ok(answers![posts])
}

async fn choose_what_is_returned_include_1(db: &Client) -> Result<Answers, Error> {
    let users = db
        .user()
        .find_many()
        .include(user::profile)
        .include(user::posts.filter(post::published.eq(true)).order_by(post::id.desc()).take(2).include(post::tags))
        .order_by(user::id.asc())
        .await?;
    for user in &users {
        let bio = user.profile().as_ref().map(|profile| &profile.bio);
        println!("{}: {bio:?}, {} posts", user.email, user.posts().len());
    }
    Ok(answers![users])
}

async fn choose_what_is_returned_omit_1(db: &Client) -> Result<Answers, Error> {
    let users = db.user().find_many().omit((user::password, user::created_at)).order_by(user::id.asc()).await?;
    let email: String = users[0].get(user::email)?;
    Ok(answers![users])
}

async fn choose_what_is_returned_the_type_of_a_row_with_relations_1(db: &Client) -> Result<Answers, Error> {
    type PostWithAuthor = nicol::row!(db::post { author { profile }, tags });

    async fn post(db: &Client, id: i32) -> Result<Option<PostWithAuthor>, Error> {
        let author = post::author.include(user::profile);
        db.post().find_unique(post::by_id(id)).include(author).include(post::tags).await
    }
    let post = post(db, 1).await?;
    Ok(answers![])
}

async fn choose_what_is_returned_count_1(db: &Client) -> Result<Answers, Error> {
    let users = db
        .user()
        .find_many()
        .include(user::posts.count().filter(post::published.eq(true)))
        .order_by(user::id.asc())
        .await?;
    let published: i64 = users[0].posts_count();
    Ok(answers![users])
}

async fn write_rows_create_1(db: &Client) -> Result<Answers, Error> {
    let user = db.user().create(user::New { email: "eve@example.com".into() }).name("Eve").visits(1).await?;
    Ok(answers![user])
}

async fn write_rows_create_many_1(db: &Client) -> Result<Answers, Error> {
    let rows = ["pets", "new"].map(|name| tag::New { name: name.into() });
    let created: u64 = db.tag().create_many(rows).skip_duplicates().await?;
    Ok(answers![created])
}

async fn write_rows_create_many_and_return_1(db: &Client) -> Result<Answers, Error> {
    let rows = ["a", "b"].map(|name| tag::New { name: name.into() });
    let tags: Vec<(String,)> = db.tag().create_many(rows).and_return().select((tag::name,)).await?;
    Ok(answers![tags])
}

async fn write_rows_update_1(db: &Client) -> Result<Answers, Error> {
    let post = db
        .post()
        .update(post::by_id(1))
        .title("All about cats")
        .views(increment(1))
        .keywords(push(["new"]))
        .published_at(NULL)
        .await?;
    let numbers = db.post().update(post::by_id(2)).views(divide(5)).likes(multiply(2)).await?;
    let user = db.user().update(user::by_id(1)).visits(decrement(2)).role(Role::Editor).await?;
    Ok(answers![post, numbers, user])
}

async fn write_rows_update_many_1(db: &Client) -> Result<Answers, Error> {
    let updated: u64 = db.post().update_many().filter(post::published.eq(false)).views(0).await?;
    Ok(answers![updated])
}

async fn write_rows_update_many_and_return_limit_1(db: &Client) -> Result<Answers, Error> {
    let posts = db.post().update_many().filter(post::author_id.eq(2)).published(true).and_return().await?;
    let updated = db.post().update_many().views(increment(1)).limit(10).await?;
    Ok(answers![posts, updated])
}

async fn write_rows_a_value_that_may_be_missing_undefined_1(db: &Client) -> Result<Answers, Error> {
    let name: Option<&str> = None;
    let user = db.user().update(user::by_id(1)).name(if_some(name)).visits(5).await?;
    Ok(answers![user])
}

async fn write_rows_a_unique_key_with_a_further_filter_1(db: &Client) -> Result<Answers, Error> {
    let user = db.user().find_unique(user::by_email("dee@example.com").filter(user::deleted_at.is_null())).await?;
    let bob = db.user().update(user::by_email("bob@example.com").filter(user::visits.lt(10))).visits(10).await?;
    Ok(answers![user, bob])
}

async fn write_rows_upsert_1(db: &Client) -> Result<Answers, Error> {
    let new = user::New { email: "ann@example.com".into() };
    let user = db.user().upsert(user::by_email("ann@example.com"), new, |user| user.visits(increment(1))).await?;
    Ok(answers![user])
}

async fn write_rows_upsert_2(db: &Client) -> Result<Answers, Error> {
    let new = user::New { email: "ann@example.com".into() }.and().name("Ann B").visits(1);
    let user = db.user().upsert(user::by_email("ann@example.com"), new, same).await?;
    Ok(answers![user])
}

async fn write_rows_delete_1(db: &Client) -> Result<Answers, Error> {
    let comment = db.comment().delete(comment::by_id(1)).await?;
    Ok(answers![comment])
}

async fn write_rows_delete_many_1(db: &Client) -> Result<Answers, Error> {
    let deleted: u64 = db.comment().delete_many().filter(comment::post_id.eq(4)).await?;
    Ok(answers![deleted])
}

async fn nested_writes_create_1(db: &Client) -> Result<Answers, Error> {
    let first = post::create_in_author(post::NewInAuthor { slug: "one".into(), title: "One".into() })
        .with(post::tags.create(tag::New { name: "first".into() }));
    let user = db
        .user()
        .create(user::New { email: "eve@example.com".into() })
        .with(user::profile.create(profile::NewInUser { bio: "New.".into() }))
        .with(user::posts.create([first]))
        .await?;
    let post = db
        .post()
        .create(post::NewInAuthor { slug: "two".into(), title: "Two".into() })
        .with(post::author.create(user::New { email: "fay@example.com".into() }))
        .await?;
    Ok(answers![user, post])
}

async fn nested_writes_create_2(db: &Client) -> Result<Answers, Error> {
    let membership = db
        .membership()
        .create(membership::NewByRelations {})
        .with(membership::user.connect(user::by_email("cy@example.org")))
        .with(membership::team.create(team::New { name: "Green".into() }))
        .role(Role::Editor)
        .await?;
    Ok(answers![membership])
}

async fn nested_writes_create_many_1(db: &Client) -> Result<Answers, Error> {
    let comments = ["a", "b"].map(|text| comment::NewInPost { text: text.into() });
    let post = db.post().update(post::by_id(3)).with(post::comments.create_many(comments)).await?;
    Ok(answers![post])
}

async fn nested_writes_connect_disconnect_1(db: &Client) -> Result<Answers, Error> {
    let post = db
        .post()
        .update(post::by_id(1))
        .with(post::reviewer.disconnect())
        .with(post::tags.connect(tag::by_id(2)))
        .with(post::tags.disconnect(tag::by_name("pets")))
        .await?;
    let created = db
        .post()
        .create(post::NewInAuthor { slug: "new".into(), title: "New".into() })
        .with(post::author.connect(user::by_email("bob@example.com")))
        .await?;
    Ok(answers![post, created])
}

async fn nested_writes_connect_or_create_1(db: &Client) -> Result<Answers, Error> {
    let news = post::tags.connect_or_create(tag::by_name("news"), tag::New { name: "news".into() });
    let post = db.post().update(post::by_id(3)).with(news).await?;
    Ok(answers![post])
}

async fn nested_writes_set_1(db: &Client) -> Result<Answers, Error> {
    let post = db.post().update(post::by_id(1)).with(post::tags.set([2, 3].map(tag::by_id))).await?;
    Ok(answers![post])
}

async fn nested_writes_update_update_many_1(db: &Client) -> Result<Answers, Error> {
    let user = db
        .user()
        .update(user::by_id(1))
        .with(user::profile.update(|profile| profile.bio("Writes a lot.")))
        .with(user::posts.update(post::by_id(1), |post| post.title("Cats!")))
        .with(user::posts.update_many(|post| post.published(true)).filter(post::published.eq(false)))
        .await?;
    Ok(answers![user])
}

async fn nested_writes_upsert_1(db: &Client) -> Result<Answers, Error> {
    let profile = profile::NewInUser { bio: "New.".into() };
    let post = post::NewInAuthor { slug: "dee".into(), title: "Dee".into() };
    let user = db
        .user()
        .update(user::by_id(4))
        .with(user::profile.upsert(profile, |profile| profile.bio("Changed.")))
        .with(user::posts.upsert(post::by_slug("dee"), post, |post| post.title("Dee again")))
        .await?;
    Ok(answers![user])
}

async fn nested_writes_delete_delete_many_1(db: &Client) -> Result<Answers, Error> {
    let post = db
        .post()
        .update(post::by_id(1))
        .with(post::comments.delete(comment::by_id(1)))
        .with(post::comments.delete_many().filter(comment::text.contains("dogs")))
        .await?;
    Ok(answers![post])
}

async fn aggregates_count_1(db: &Client) -> Result<Answers, Error> {
    let published: i64 = db.post().count().filter(post::published.eq(true)).await?;
    Ok(answers![published])
}

async fn aggregates_aggregate_count_sum_avg_min_max_1(db: &Client) -> Result<Answers, Error> {
    let views = db
        .post()
        .aggregate((
            count(),
            count_of(post::reviewer_id),
            sum(post::views),
            avg(post::views),
            min(post::published_at),
            max(post::published_at),
        ))
        .filter(post::published.eq(true))
        .await?;
    let (rows, reviewed, sum, average, first, last): (i64, i64, Option<i64>, Option<f64>, Option<DateTime>, Option<DateTime>) = views;
    Ok(answers![views])
}

async fn aggregates_group_by_1(db: &Client) -> Result<Answers, Error> {
    let authors: Vec<(i32, (i64, Option<i32>))> = db
        .post()
        .group_by(post::author_id)
        .aggregate((count(), max(post::views)))
        .having(sum(post::views).gt(100))
        .order_by(post::author_id.asc())
        .await?;
    Ok(answers![authors])
}

async fn transactions_transaction_with_a_function_1(db: &Client) -> Result<Answers, Error> {
    let comment = db
        .transaction()
        .isolation(Isolation::Serializable)
        .timeout(Duration::from_secs(10))
        .run(async |tx| {
            tx.post().update(post::by_id(1)).views(increment(1)).await?;
            tx.comment().create(comment::New { text: "Seen".into(), post_id: 1 }).await
        })
        .await?;
    Ok(answers![comment])
}

async fn transactions_transaction_with_an_array_1(db: &Client) -> Result<Answers, Error> {
    let (tag, deleted) = db
        .batch((
            db.tag().create(tag::New { name: "news".into() }),
            db.comment().delete_many().filter(comment::post_id.eq(2)),
        ))
        .await?;
    Ok(answers![tag, deleted])
}

async fn transactions_transaction_with_an_array_2(db: &Client) -> Result<Answers, Error> {
    let queries = vec![
        db.tag().create(tag::New { name: "c".into() }).boxed().map(|tag| tag.id),
        db.post().update(post::by_id(1)).views(0).boxed().map(|post| post.id),
    ];
    let ids: Vec<i32> = db.batch(queries).await?;
    assert_eq!(ids.len(), 2);
    Ok(answers![])
}

async fn transactions_options_of_a_transaction_1(db: &Client) -> Result<Answers, Error> {
    let options = TransactionOptions::default().max_wait(Duration::from_secs(2)).timeout(Duration::from_secs(5));
    let db = db.transaction_options(options);
    Ok(answers![])
}

async fn transactions_row_locks_1(db: &Client) -> Result<Answers, Error> {
    let done = db
        .transaction()
        .run(async |tx| {
            let next = tx.post().find_first().filter(post::published.eq(false)).order_by(post::id.asc());
            let Some(draft) = next.for_update().skip_locked().await? else { return Ok(false) };
            tx.post().update(post::by_id(draft.id)).published(true).await?;
            Ok(true)
        })
        .await?;
    assert!(done);
    Ok(answers![])
}

async fn transactions_settings_for_row_level_security_1(db: &Client) -> Result<Answers, Error> {
    let user_id = 7;
    let own = db.with_context("app.user_id", user_id);
    let posts = own.post().find_many().await?;
    Ok(answers![])
}

async fn transactions_another_postgre_s_q_l_schema_1(db: &Client) -> Result<Answers, Error> {
    let posts = db.with_schema("tenant_1").post().find_many().await?;
    Ok(answers![])
}

async fn extensions_extends_query_1(db: &Client) -> Result<Answers, Error> {
    let now: DateTime = "2026-04-01T00:00:00Z".parse().expect("a time");
    let extended = db.extend(move |query: &mut Query| {
        query.filter(user::deleted_at.is_null());
        query.delete_as::<User>(|user| user.deleted_at(now));
    });
    let deleted = extended.user().delete(user::by_id(3)).await?;
    let users = extended.user().find_many().order_by(user::id.asc()).await?;
    Ok(answers![deleted, users])
}

async fn extensions_all_operations_1(db: &Client) -> Result<Answers, Error> {
    struct Log;

    impl Extension for Log {
        async fn around(&self, query: Query, next: Next<'_>) -> Result<Answer, Error> {
            let (model, operation, started) = (query.model(), query.operation(), Instant::now());
            let answer = next.run(query).await;
            println!("{model}.{operation} took {:?}", started.elapsed());
            answer
        }
    }

    let posts = db.extend(Log).post().count().await?;
    Ok(answers![])
}

async fn extensions_extends_model_client_result_1(db: &Client) -> Result<Answers, Error> {
    trait Users {
        async fn named(&self, name: &str) -> Result<Vec<User>, Error>;
    }

    impl Users for Table<User> {
        async fn named(&self, name: &str) -> Result<Vec<User>, Error> {
            self.find_many().filter(user::name.eq(name)).await
        }
    }

    impl db::User {
        fn display_name(&self) -> &str {
            self.name.as_deref().unwrap_or(&self.email)
        }
    }

    for user in db.user().named("Ann").await? {
        println!("{}", user.display_name());
    }
    Ok(answers![])
}

async fn events_metrics_and_traces_on_query_1(db: &Client) -> Result<Answers, Error> {
    let logged = db.on_query(|event| {
        println!("{} took {:?} and returned {} rows", event.sql, event.duration, event.rows);
    });
    let slow = logged.on_slow_query(Duration::from_millis(500), |event| println!("slow: {}", event.sql));
    let posts = slow.post().count().await?;
    Ok(answers![])
}

async fn events_metrics_and_traces_metrics_1(db: &Client) -> Result<Answers, Error> {
    let metrics = db.metrics();
    let text: String = metrics.to_prometheus();
    Ok(answers![])
}

async fn events_metrics_and_traces_notifications_l_i_s_t_e_n_1(db: &Client) -> Result<Answers, Error> {
    let mut notifications = db.listen(["posts"]).await?;
    db.notify("posts", "changed").await?;
    while let Some(notification) = notifications.next().await {
        if let Notification::Received { channel, payload } = notification {
            println!("{channel}: {payload}");
            break;
        }
    }
    Ok(answers![])
}

async fn s_q_l_query_raw_1(db: &Client) -> Result<Answers, Error> {
    let author = 1;
    let titles: Vec<(String, i32)> =
        db.query_raw(sql!("select title, views from {db.post()} where {post::author_id} = {author} order by id")).await?;
    Ok(answers![titles])
}

async fn s_q_l_prisma_sql_prisma_join_prisma_empty_1(db: &Client) -> Result<Answers, Error> {
    let words = ["cat", "dog"];
    let published = true;
    let conditions = Sql::join(words.map(|word| sql!("body like '%' || {word} || '%'")), " or ");
    let only = published.then(|| sql!("and published"));
    let titles: Vec<String> =
        db.query_raw(sql!("select title from {db.post()} where ({conditions}) {only} order by id")).await?;
    Ok(answers![titles])
}

async fn s_q_l_execute_raw_1(db: &Client) -> Result<Answers, Error> {
    let changed = db.execute_raw(sql!("update {db.post()} set views = 0 where not published")).await?;
    Ok(answers![changed])
}

async fn s_q_l_query_raw_unsafe_execute_raw_unsafe_1(db: &Client) -> Result<Answers, Error> {
    let titles: Vec<String> = db.query_as(r#"select title from "Post" where id = $1"#, params![1]).await?;
    Ok(answers![titles])
}

async fn s_q_l_conditions_in_s_q_l_1(db: &Client) -> Result<Answers, Error> {
    let loud = Filter::sql(sql!("length({post::title}) = {}", 4));
    let posts = db.post().find_many().filter(post::published.eq(true)).filter(loud).order_by(post::id.asc()).await?;
    assert_eq!(posts.len(), 3);
    Ok(answers![])
}

async fn calls_that_prisma_client_does_not_have_create_or_update_many_rows_1(db: &Client) -> Result<Answers, Error> {
    let rows = [("ann@example.com", "Ann"), ("eve@example.com", "Eve")]
        .map(|(email, name)| user::create(user::New { email: email.into() }).name(name));
    let done: Upserted = db.user().upsert_many(user::email, rows).skip_unchanged().counts().await?;
    assert_eq!((done.created, done.updated), (1, 0));
    Ok(answers![])
}

async fn calls_that_prisma_client_does_not_have_update_many_rows_each_with_its_own_values_1(db: &Client) -> Result<Answers, Error> {
    let rows = [(1, 100), (2, 50)].map(|(id, views)| post::update(post::by_id(id)).views(views));
    let updated: u64 = db.post().update_each(rows).skip_unchanged().await?;
    assert_eq!(updated, 1);
    Ok(answers![])
}

async fn calls_that_prisma_client_does_not_have_change_a_row_if_it_is_unchanged_1(db: &Client) -> Result<Answers, Error> {
    let seen = 90;
    let update = db.post().update(post::by_id(1)).filter(post::views.eq(seen)).title("Cats!").views(increment(1));
    match update.or_current().await? {
        Attempt::Done(post) => println!("{} is saved", post.title),
        Attempt::Unmet(post) => println!("it has {} views by now", post.views), // another transaction was faster
        Attempt::NotFound => println!("it is gone"),
    }
    Ok(answers![])
}

async fn calls_that_prisma_client_does_not_have_read_a_page_and_the_total_1(db: &Client) -> Result<Answers, Error> {
    let page = 0;
    let posts = db.post().find_many().filter(post::published.eq(true)).order_by((post::title.asc(), post::id.asc()));
    let (posts, total): (Vec<Post>, i64) = posts.skip(20 * page).take(20).and_count().await?;
    assert_eq!(total, 3);
    Ok(answers![])
}
