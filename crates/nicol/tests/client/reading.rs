//! Filters, orders, pages, selections, relations: what comes back, in how many statements.

use chrono::{TimeDelta, Utc};
use nicol::{Filter, avg, count, max, sum};

use crate::db::{account, order, person, post, session, user};
use crate::support::{Database, new_person};

#[derive(Debug, nicol::Select)]
#[select(person)]
struct Card {
    email: String,
    name: String,
}

async fn people(test: &Database, names: &[&str]) {
    let people = names.iter().map(|name| new_person(name));
    test.db.person().create_many(people).await.unwrap();
    test.statements();
}

async fn names(test: &Database, filter: impl nicol::IntoFilter<person::Person>) -> Vec<String> {
    let found = test.db.person().find_many().filter(filter).order_by(person::name.asc());
    found.select((person::name,)).await.unwrap().into_iter().map(|(name,)| name).collect()
}

#[tokio::test]
async fn a_pattern_in_a_value_means_itself() {
    let test = Database::new().await;
    people(&test, &["100%", "100 percent", "a_b", "aXb", r"back\slash", "ANN"]).await;
    assert_eq!(names(&test, person::name.contains("0%")).await, ["100%"]);
    assert_eq!(names(&test, person::name.starts_with("a_")).await, ["a_b"]);
    assert_eq!(names(&test, person::name.ends_with(r"\slash")).await, [r"back\slash"]);
    assert_eq!(names(&test, person::name.eq("a_B").insensitive()).await, ["a_b"]);
    assert_eq!(names(&test, person::name.starts_with("an").insensitive()).await, ["ANN"]);
    assert_eq!(names(&test, person::name.is_in(["ann", "A_B"]).insensitive()).await, ["ANN", "a_b"]);
}

#[tokio::test]
async fn filters_combine() {
    let test = Database::new().await;
    people(&test, &["a", "b", "c", "d"]).await;
    let either = person::name.eq("a").or(person::name.eq("b")).or(person::name.eq("c"));
    assert_eq!(names(&test, either.clone()).await, ["a", "b", "c"]);
    assert_eq!(names(&test, either.clone().and(!person::name.eq("b"))).await, ["a", "c"]);
    assert_eq!(names(&test, !either).await, ["d"]);
    assert_eq!(names(&test, person::name.gte("b").and(person::name.lt("d"))).await, ["b", "c"]);
    assert_eq!(names(&test, person::name.not_in(["a", "d"])).await, ["b", "c"]);
    let any = |names: &[&str]| Filter::any(names.iter().map(|name| person::name.eq(*name)));
    assert_eq!(names(&test, any(&["a"])).await, ["a"]);
    assert_eq!(names(&test, any(&["a", "c"]).and(person::name.ne("c"))).await, ["a"]);
    assert_eq!(names(&test, Filter::all([person::name.gt("a"), person::name.lt("d")])).await, ["b", "c"]);
    let mixed = [Filter::from(person::name.eq("b")), person::created_at.lt(Utc::now()).into()];
    assert_eq!(names(&test, Filter::all(mixed)).await, ["b"]);
    let folded = ["b", "d"].into_iter().fold(Filter::none(), |any, name| any.or(person::name.eq(name)));
    assert_eq!(names(&test, folded).await, ["b", "d"]);
}

/// Prisma 6.19 gives the same rows: `OR: []` none, `AND: []` and `NOT: []` all, `in: []` none, `notIn: []` all, nulls among them.
#[tokio::test]
async fn an_empty_list_matches_what_it_matches_in_prisma() {
    let test = Database::new().await;
    test.users_with_accounts(3).await;
    let (nothing, nobody): ([Filter<user::User>; 0], [&str; 0]) = ([], []);
    let count = async |filter: Filter<user::User>| test.db.user().count().filter(filter).await.unwrap();
    assert_eq!(count(Filter::any(nothing.clone())).await, 0);
    assert_eq!(count(Filter::all(nothing.clone())).await, 3);
    assert_eq!(count(!Filter::any(nothing.clone())).await, 3);
    assert_eq!(count(!Filter::all(nothing.clone())).await, 0);
    assert_eq!(count(Filter::none()).await, 0);
    assert_eq!(count(Filter::any([Filter::none(), Filter::any(nothing.clone())])).await, 0);
    assert_eq!(count(Filter::none().and(user::email.contains("@"))).await, 0);
    assert_eq!(count(user::email.contains("u1").and(Filter::any(nothing.clone()))).await, 0);
    assert_eq!(count(Filter::any(nothing).or(user::email.starts_with("u1"))).await, 1);
    assert_eq!(count(user::email.is_in(nobody).into()).await, 0);
    assert_eq!(count(user::email.is_in(nobody).insensitive().into()).await, 0);
    assert_eq!(count(user::name.not_in(nobody).into()).await, 3, "a null is in no list");
    assert_eq!(count(user::name.not_in(nobody).insensitive().into()).await, 3);
    assert_eq!(count(!user::email.is_in(nobody)).await, 3);
    assert_eq!(count(user::accounts.some(Filter::none())).await, 0);
    assert_eq!(count(user::accounts.some(account::provider.is_in(nobody))).await, 0);
    assert_eq!(count(user::accounts.some(account::provider.not_in(nobody))).await, 2);
    assert_eq!(count(user::accounts.none(Filter::none())).await, 3);
    assert_eq!(count(user::accounts.every(Filter::none())).await, 1, "the user without any account");
    assert_eq!(count(user::accounts.is_empty()).await, 1);
    assert_eq!(count(user::accounts.is_not_empty()).await, 2);
    let related = test.db.account().count().filter(account::user.is(Filter::none()));
    assert_eq!(related.await.unwrap(), 0);
}

#[tokio::test]
async fn nothing_is_written_where_no_alternative_is_given() {
    let test = Database::new().await;
    people(&test, &["a", "b", "c"]).await;
    let wanted = |ids: &[&str]| Filter::any(ids.iter().map(|name| person::name.eq(*name)));
    assert_eq!(test.db.person().delete_many().filter(wanted(&[])).await.unwrap(), 0);
    assert_eq!(test.db.person().update_many().filter(wanted(&[])).name("x").await.unwrap(), 0);
    assert_eq!(test.db.person().update_many().filter(wanted(&[])).await.unwrap(), 0);
    let one = test.db.person().find_first().or_not_found().await.unwrap();
    let unchanged = test.db.person().update(person::by_id(&one.id)).filter(Filter::none()).name("x").await;
    assert_eq!(unchanged.unwrap_err().code(), "P2025");
    let kept = test.db.person().delete(person::by_id(&one.id)).filter(wanted(&[])).await;
    assert_eq!(kept.unwrap_err().code(), "P2025");
    assert_eq!(names(&test, Filter::all(Vec::<Filter<_>>::new())).await, ["a", "b", "c"]);
    assert_eq!(test.db.person().delete_many().filter(wanted(&["b"])).await.unwrap(), 1);
}

#[tokio::test]
async fn null_is_asked_for_and_not_found_otherwise() {
    let test = Database::new().await;
    let db = &test.db;
    db.user().create(user::New { email: "a".into() }).await.unwrap();
    db.user().create(user::New { email: "b".into() }).name("B").await.unwrap();
    let count = async |filter: nicol::Filter<user::User>| db.user().count().filter(filter).await.unwrap();
    assert_eq!(count(user::name.is_null()).await, 1);
    assert_eq!(count(user::name.eq(nicol::NULL).into()).await, 1);
    assert_eq!(count(user::name.is_not_null()).await, 1);
    assert_eq!(count(user::name.ne("x").into()).await, 1, "null is not unequal");
    let ordered = db.user().find_many().order_by(user::name.asc().nulls_first()).await.unwrap();
    assert_eq!(ordered[0].email, "a");
}

#[tokio::test]
async fn pages_follow_the_order() {
    let test = Database::new().await;
    people(&test, &["c", "a", "b", "d"]).await;
    let page = test.db.person().find_many().order_by((person::phone_number.asc(), person::name.desc()));
    let page: Vec<Card> = page.skip(1).take(2).select_as::<Card>().await.unwrap();
    assert_eq!(page.iter().map(|card| card.name.as_str()).collect::<Vec<_>>(), ["c", "b"]);
    assert_eq!(page[0].email, "c@example.com");
    let first = test.db.person().find_first().order_by(person::name.asc()).await.unwrap();
    assert_eq!(first.unwrap().name, "a");
    assert_eq!(test.statements(), 2);
}

#[tokio::test]
async fn a_page_comes_with_the_number_of_all_rows() {
    let test = Database::new().await;
    let many = || test.db.person().find_many().order_by(person::name.desc());
    assert_eq!(many().and_count().await.unwrap(), (vec![], 0));
    people(&test, &["ann", "bob", "cid", "dan", "eve"]).await;
    test.statements();
    let names = |(people, total): (Vec<person::Person>, i64)| {
        (people.into_iter().map(|person| person.name).collect::<Vec<_>>(), total)
    };
    let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let page = many().filter(person::name.ne("cid")).skip(1).take(2).and_count().await.unwrap();
    assert_eq!((names(page), test.statements()), ((own(&["dan", "bob"]), 4), 1));
    assert_eq!(names(many().skip(9).take(2).and_count().await.unwrap()), (own(&[]), 5));
    assert_eq!(names(many().take(0).and_count().await.unwrap()), (own(&[]), 5));
    assert_eq!(many().and_count().await.unwrap(), (many().await.unwrap(), 5));
    let pairs = many().select((person::name, person::id)).take(1).and_count().await.unwrap();
    assert!(matches!(&pairs, (rows, 5) if rows.len() == 1 && rows[0].0 == "eve"), "{pairs:?}");
    let (cards, total) = many().select_as::<Card>().take(1).and_count().await.unwrap();
    assert_eq!((&*cards[0].name, &*cards[0].email, total), ("eve", "eve@example.com", 5));
    let one = many().select((person::email,)).filter(person::name.eq("ann")).and_count().await.unwrap();
    assert_eq!(one, (vec![("ann@example.com".to_owned(),)], 1));
    let (page, count) = test.db.batch((many().take(1).and_count(), test.db.person().count())).await.unwrap();
    assert_eq!((page.0.len(), page.1, count), (1, 5, 5));

    test.users_with_accounts(4).await;
    let users =
        || test.db.user().find_many().filter(user::accounts.is_not_empty()).order_by(user::email.desc());
    let with =
        || users().include(user::accounts.order_by(account::provider.desc())).include(user::sessions.count());
    let (page, total) = with().skip(1).take(1).and_count().await.unwrap();
    let providers: Vec<_> = page[0].accounts().iter().map(|account| &*account.provider).collect();
    assert_eq!((page.len(), total, providers, page[0].sessions_count()), (1, 3, vec!["p1", "p0"], 0));
    let nested = test.db.account().find_many().include(account::user.include(user::accounts)).take(2);
    let (page, total) = nested.and_count().await.unwrap();
    assert!(
        (page.len(), total) == (2, 6) && page.iter().all(|account| !account.user().accounts().is_empty())
    );
}

/// Two statements would count rows that others write between them.
#[tokio::test]
async fn a_page_and_its_number_are_of_the_same_moment() {
    let test = Database::new().await;
    let db = test.db.clone();
    let writer = tokio::spawn(async move {
        for index in 0..200 {
            db.person().create(new_person(&index.to_string())).await.unwrap();
        }
    });
    let mut last = 0;
    while last < 200 {
        let (people, total) = test.db.person().find_many().and_count().await.unwrap();
        assert_eq!(i64::try_from(people.len()).unwrap(), total);
        last = total;
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn relations_of_any_depth_are_one_statement() {
    let test = Database::new().await;
    test.users_with_accounts(3).await;
    let user = test
        .db
        .user()
        .find_unique(user::by_email("u2@example.com"))
        .include(
            user::accounts.order_by(account::provider.desc()).include(account::user.include(user::sessions)),
        )
        .include(user::sessions)
        .await
        .unwrap()
        .unwrap();
    let providers: Vec<_> = user.accounts().iter().map(|account| account.provider.as_str()).collect();
    assert_eq!(providers, ["p1", "p0"]);
    assert_eq!(user.accounts()[0].user().email, user.email);
    assert!(user.accounts()[0].user().sessions().is_empty() && user.sessions().is_empty());
    assert_eq!(test.statements(), 1);
}

#[tokio::test]
async fn many_parents_read_children_without_an_index_once() {
    let test = Database::new().await;
    test.users_with_accounts(4).await;
    let users = test.db.user().find_many().order_by(user::email.desc()).take(3);
    let users =
        users.include(user::accounts.order_by(account::provider.asc())).include(user::sessions.count());
    let users = users.await.unwrap();
    let providers = |index: usize| -> Vec<&str> {
        users[index].accounts().iter().map(|account| account.provider.as_str()).collect()
    };
    assert_eq!((providers(0), providers(2)), (vec!["p0", "p1", "p2"], vec!["p0"]));
    assert!(users.iter().all(|user| user.sessions_count() == 0));
    assert_eq!(test.statements(), 1);
    assert!(test.last_statement().contains("GROUP BY"), "{}", test.last_statement());

    let some = user::accounts.order_by(account::provider.desc()).skip(1).take(1);
    let users = test.db.user().find_many().order_by(user::email.desc()).include(some).await.unwrap();
    let second = users.iter().map(|user| user.accounts().first().map(|account| account.provider.as_str()));
    assert_eq!(second.collect::<Vec<_>>(), [Some("p1"), Some("p0"), None, None]);
}

#[tokio::test]
async fn filters_reach_over_relations() {
    let test = Database::new().await;
    test.users_with_accounts(4).await;
    let emails = async |filter: nicol::Filter<user::User>| -> Vec<String> {
        let found = test.db.user().find_many().filter(filter).order_by(user::email.asc());
        found
            .select((user::email,))
            .await
            .unwrap()
            .into_iter()
            .map(|(email,)| email[..2].to_owned())
            .collect()
    };
    assert_eq!(emails(user::accounts.some(account::provider.eq("p1"))).await, ["u2", "u3"]);
    assert_eq!(emails(user::accounts.none(account::provider.eq("p1"))).await, ["u0", "u1"]);
    assert_eq!(emails(user::accounts.every(account::provider.lte("p1"))).await, ["u0", "u1", "u2"]);
    let of_u3 = account::user.is(user::email.starts_with("u3"));
    assert_eq!(test.db.account().count().filter(of_u3).await.unwrap(), 3);
    let filtered = user::accounts.filter(account::provider.ne("p0"));
    let user = test
        .db
        .user()
        .find_unique(user::by_email("u3@example.com"))
        .include(filtered)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(user.accounts().len(), 2);
}

#[tokio::test]
async fn a_row_that_is_missing_is_none_or_an_error() {
    let test = Database::new().await;
    assert!(test.db.person().find_unique(person::by_id("x")).await.unwrap().is_none());
    let error = test.db.person().find_unique(person::by_id("x")).or_not_found().await.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("P2025", "there is no such `Person`"));
    assert_eq!(test.db.session().find_first().or_not_found().await.unwrap_err().code(), "P2025");
}

#[tokio::test]
async fn aggregates_and_groups() {
    let test = Database::new().await;
    let db = &test.db;
    let empty = db.order().aggregate((count(), sum(order::total), max(order::created_at))).await.unwrap();
    assert_eq!(empty, (0, None, None));
    for total in ["12.50", "0.000000000000000000000000000001"] {
        db.order().create(order::New { total: total.parse().unwrap() }).await.unwrap();
    }
    let (rows, total) = db.order().aggregate((count(), sum(order::total))).await.unwrap();
    assert_eq!((rows, total), (2, Some("12.500000000000000000000000000001".parse().unwrap())));
    db.post().create(post::New {}).await.unwrap();
    assert_eq!(db.post().aggregate((avg(post::views),)).await.unwrap(), (Some(0.0),));

    test.users_with_accounts(4).await;
    let groups = db.account().group_by(account::provider).aggregate((count(),));
    let groups = groups.having(count().gt(1)).order_by(account::provider.asc()).await.unwrap();
    assert_eq!(groups, [("p0".to_owned(), (3,)), ("p1".to_owned(), (2,))]);
    assert_eq!(test.statements(), 1);
}

#[tokio::test]
async fn a_stream_holds_one_connection_and_gives_it_back() {
    let test = Database::with("connection_limit=1").await;
    people(&test, &["a", "b", "c"]).await;
    let mut rows = test.db.person().find_many().order_by(person::name.asc()).stream().await.unwrap();
    let mut names = Vec::new();
    while let Some(row) = rows.next().await {
        names.push(row.unwrap().name);
    }
    drop(rows);
    assert_eq!(names, ["a", "b", "c"]);
    let unread = test.db.person().find_many().stream().await.unwrap();
    drop(unread);
    assert_eq!(test.db.person().count().await.unwrap(), 3);
}

#[tokio::test]
async fn instants_are_utc_and_keep_their_milliseconds() {
    let test = Database::new().await;
    let before = Utc::now() - TimeDelta::milliseconds(1);
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    assert_eq!(ann.created_at, ann.updated_at, "one instant for the whole request");
    assert!(ann.created_at > before && ann.created_at <= Utc::now());
    assert_eq!(ann.created_at.timestamp_subsec_micros() % 1000, 0);
    let stored = test.db.person().find_first().or_not_found().await.unwrap();
    assert_eq!(stored, ann);
    let later = test.db.session().count().filter(session::expires.gt(Utc::now())).await.unwrap();
    assert_eq!(later, 0);
}

#[tokio::test]
async fn loaded_rows_are_moved_out_without_a_copy() {
    let test = Database::new().await;
    test.users_with_accounts(3).await;
    let find = || {
        let find = test.db.user().find_unique(user::by_email("u2@example.com"));
        find.include(user::sessions).include(user::accounts.include(account::user)).or_not_found()
    };
    let with = find().await.unwrap();
    let address = std::ptr::from_ref(with.accounts().as_slice()).cast::<u8>();
    let accounts = with.into_accounts();
    assert_eq!((accounts.len(), std::ptr::from_ref(accounts.as_slice()).cast::<u8>()), (2, address));
    let owner: user::User = accounts.into_iter().next().unwrap().into_user();
    assert_eq!(owner.email, "u2@example.com");
    // The row, and all that was loaded.
    let mut with = find().await.unwrap();
    let (accounts, sessions) = (with.take_accounts(), with.take_sessions());
    assert_eq!((accounts.len(), with.accounts().len(), sessions.len()), (2, 0, 0));
    let (row, ()) = with.into_parts(());
    assert_eq!(row, owner);
}

#[tokio::test]
async fn rows_are_objects_for_serde_with_the_names_of_the_schema() {
    let test = Database::new().await;
    test.users_with_accounts(2).await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    let expected = serde_json::json!({
        "id": ann.id, "name": "ann", "email": "ann@example.com", "phoneNumber": "1",
        "createdAt": ann.created_at, "updatedAt": ann.updated_at,
    });
    assert_eq!(serde_json::to_value(&ann).unwrap(), expected);
    let find = test.db.user().find_unique(user::by_email("u1@example.com"));
    let accounts = user::accounts.select((account::provider, account::scope));
    let user = find.include(user::sessions.count()).include(user::accounts.count()).include(accounts);
    let user = user.or_not_found().await.unwrap();
    let expected = format!(
        r#"{{"id":"{}","name":null,"email":"u1@example.com","emailVerified":null,"image":null,"accounts":[["p0",null]],"_count":{{"sessions":0,"accounts":1}}}}"#,
        user.id
    );
    assert_eq!(serde_json::to_string(&user).unwrap(), expected);
    let account = test.db.account().find_first().include(account::user).or_not_found().await.unwrap();
    let account = serde_json::to_value(&account).unwrap();
    assert_eq!(
        (&account["providerAccountId"], &account["user"]["id"]),
        (&"u1@example.com".into(), &user.id.as_str().into())
    );
    let order = test.db.order().create(order::New { total: "12.50".parse().unwrap() }).await.unwrap();
    let order = serde_json::to_value(&order).unwrap();
    assert!(
        order["id"].is_i64() && order["total"].as_str().is_some_and(|total| total.starts_with("12.5")),
        "{order}"
    );
}

#[tokio::test]
async fn queries_are_shown_without_values_and_without_end() {
    let Database { db, .. } = &Database::new().await;
    let find = db.user().find_many().filter(user::email.eq("secret")).include(user::sessions.take(1));
    let create = db.user().create(user::New { email: "secret".into() });
    let shown = format!("{find:?} {create:?} {:?}", user::sessions.take(1));
    assert!(shown.contains("ModelMeta(User)"), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.len() < 4000, "{shown}");
}
