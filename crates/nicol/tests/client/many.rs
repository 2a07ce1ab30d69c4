//! Writing many rows, each with its own values.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use nicol::{Kind, Upserted, increment, multiply, params};

use crate::db::{account, person, post, user};
use crate::support::{Database, new_account, new_person};

/// Long enough for the time in milliseconds to move.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

#[tokio::test]
async fn an_upsert_of_many_creates_some_and_updates_others() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    let bob = test.db.person().create(new_person("bob")).await.unwrap();
    a_moment().await;
    test.statements();
    let named = |name: &str, new: &str| person::New { name: new.into(), ..new_person(name) };
    let rows = || [named("cid", "Cid"), named("ann", "Ann")];
    assert_eq!(test.db.person().upsert_many(person::email, rows()).await.unwrap(), 2);
    assert_eq!(test.statements(), 1);
    let now = test.db.person().find_unique(person::by_email("ann@example.com")).await.unwrap().unwrap();
    assert_eq!((&now.id, &*now.name, now.created_at), (&ann.id, "Ann", ann.created_at));
    assert!(now.updated_at > ann.updated_at);
    let cid = test.db.person().find_unique(person::by_email("cid@example.com")).await.unwrap().unwrap();
    assert!(cid.id.starts_with('c') && cid.name == "Cid" && cid.created_at == cid.updated_at, "{cid:?}");
    assert_eq!(test.db.person().find_unique(person::by_id(&bob.id)).await.unwrap(), Some(bob));

    // What is given for an id or a creation time is for new rows.
    let old = Utc::now() - TimeDelta::days(1);
    let given = |name: &str| person::create(new_person(name)).id(format!("id-{name}")).created_at(old);
    let given = test.db.person().upsert_many(person::email, [given("ann"), given("dan")]).and_return();
    let mut given = given.await.unwrap();
    given.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!((&given[0].id, given[0].created_at, &*given[0].name), (&ann.id, ann.created_at, "ann"));
    assert_eq!((&*given[1].id, given[1].created_at.timestamp_millis()), ("id-dan", old.timestamp_millis()));
}

#[tokio::test]
async fn an_upsert_of_many_tells_what_it_did() {
    let test = Database::new().await;
    let rows = |names: &[&str]| names.iter().map(|name| new_person(name)).collect::<Vec<_>>();
    let upsert = |names: &[&str]| test.db.person().upsert_many(person::email, rows(names));
    assert_eq!(upsert(&["a", "b"]).counts().await.unwrap(), Upserted { created: 2, updated: 0 });
    assert_eq!(upsert(&["b", "c", "a"]).counts().await.unwrap(), Upserted { created: 1, updated: 2 });
    assert_eq!(
        upsert(&["b", "d"]).skip_unchanged().counts().await.unwrap(),
        Upserted { created: 1, updated: 0 }
    );
    assert_eq!(upsert(&["b", "d"]).skip_unchanged().await.unwrap(), 0);
    assert_eq!(upsert(&[]).counts().await.unwrap(), Upserted::default());
    assert_eq!((upsert(&[]).await.unwrap(), upsert(&[]).and_return().await.unwrap()), (0, vec![]));
    let mut names = upsert(&["e", "a"]).select((person::name,)).await.unwrap();
    names.sort();
    assert_eq!(names, [("a".to_owned(),), ("e".to_owned(),)]);
    let (counts, all) =
        test.db.batch((upsert(&["e", "f"]).counts(), test.db.person().count())).await.unwrap();
    assert_eq!((counts, all), (Upserted { created: 1, updated: 1 }, 6));
}

#[tokio::test]
async fn unchanged_rows_are_left_alone_on_request() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    let bob = test.db.person().create(new_person("bob")).await.unwrap();
    a_moment().await;
    let rows = || [new_person("ann"), person::New { phone_number: "2".into(), ..new_person("bob") }];
    let changed = test.db.person().upsert_many(person::email, rows()).skip_unchanged().and_return();
    let changed = changed.await.unwrap();
    assert_eq!((changed.len(), &*changed[0].phone_number, &changed[0].id), (1, "2", &bob.id));
    assert!(changed[0].updated_at > bob.updated_at);
    assert_eq!(test.db.person().find_unique(person::by_id(&ann.id)).await.unwrap(), Some(ann));
}

#[tokio::test]
async fn an_upsert_of_many_updates_only_what_is_said() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    a_moment().await;
    let other = || person::New { name: "x".into(), phone_number: "2".into(), ..new_person("ann") };
    let upsert = || test.db.person().upsert_many(person::email, [other()]);
    let changed = upsert().update(person::phone_number).and_return().await.unwrap().remove(0);
    assert_eq!((&*changed.name, &*changed.phone_number), ("ann", "2"));
    assert!(changed.updated_at > ann.updated_at);
    // The key only: the row comes back, and nothing changes.
    let same = upsert().update(person::id).update(person::email).and_return().await.unwrap().remove(0);
    assert_eq!((&same.id, &same.name), (&ann.id, &ann.name));
    // A field that a row does not set stays as it is, though another row sets it.
    let user = |email: &str| user::create(user::New { email: email.into() });
    test.db.user().create_many([user("a").name("A"), user("b").name("B")]).await.unwrap();
    test.statements();
    let rows = || [user("a"), user("b").name("C"), user("c")];
    let counts = test.db.user().upsert_many(user::email, rows()).counts().await.unwrap();
    assert_eq!((counts, test.statements()), (Upserted { created: 1, updated: 2 }, 2));
    let names = test.db.user().find_many().order_by(user::email.asc()).select((user::name,)).await.unwrap();
    assert_eq!(names, [(Some("A".to_owned()),), (Some("C".to_owned()),), (None,)]);
    let cleared = user("a").name(nicol::NULL);
    test.db.user().upsert_many(user::email, [cleared]).await.unwrap();
    let a = test.db.user().find_unique(user::by_email("a")).await.unwrap().unwrap();
    assert_eq!(a.name, None);
}

#[tokio::test]
async fn of_rows_with_one_key_the_last_is_written() {
    let test = Database::new().await;
    test.db.person().create(new_person("ann")).await.unwrap();
    let named = |name: &str, new: &str| person::New { name: new.into(), ..new_person(name) };
    let rows =
        [named("ann", "1"), named("bob", "2"), named("ann", "3"), named("bob", "4"), named("bob", "5")];
    let counts = test.db.person().upsert_many(person::email, rows).counts().await.unwrap();
    assert_eq!(counts, Upserted { created: 1, updated: 1 });
    let names =
        test.db.person().find_many().order_by(person::email.asc()).select((person::name,)).await.unwrap();
    assert_eq!(names, [("3".to_owned(),), ("5".to_owned(),)]);
}

#[tokio::test]
async fn an_upsert_of_many_takes_any_unique_key() {
    let test = Database::new().await;
    let ann = test
        .db
        .user()
        .create(user::New { email: "ann".into() })
        .with(user::accounts.create(new_account("a", "1")));
    let ann = ann.await.unwrap();
    let new = |provider: &str, id: &str, scope: &str| {
        let new = account::New {
            user_id: ann.id.clone(),
            r#type: "oauth".into(),
            provider: provider.into(),
            provider_account_id: id.into(),
        };
        account::create(new).scope(scope.to_owned())
    };
    let rows = || [new("b", "1", "x"), new("a", "1", "y"), new("a", "2", "z")];
    // The order of the fields does not matter.
    let key = (account::provider_account_id, account::provider);
    let counts = test.db.account().upsert_many(key, rows()).counts().await.unwrap();
    assert_eq!(counts, Upserted { created: 2, updated: 1 });
    let scope = test.db.account().find_unique(account::by_provider_and_provider_account_id("a", "1"));
    assert_eq!(scope.await.unwrap().unwrap().scope.as_deref(), Some("y"));
    // By id, which the rows then set.
    let post = test.db.post().create(post::New {}).await.unwrap();
    let rows =
        [(post.id, 5), (post.id + 100, 6)].map(|(id, views)| post::create(post::New {}).id(id).views(views));
    let counts = test.db.post().upsert_many(post::id, rows).counts().await.unwrap();
    assert_eq!(counts, Upserted { created: 1, updated: 1 });
    assert_eq!(test.db.post().find_unique(post::by_id(post.id)).await.unwrap().unwrap().views, 5);
}

#[tokio::test]
async fn an_upsert_of_many_refuses_what_it_cannot_do() {
    let test = Database::new().await;
    let person = || [new_person("ann")];
    let refused = |error: nicol::Error| {
        assert!(matches!(error.kind(), Kind::Unsupported { .. }) && error.code() == "P2009", "{error:?}");
        error.to_string()
    };
    let no_key = test.db.person().upsert_many(person::name, person()).await.unwrap_err();
    assert!(refused(no_key).contains("unique key"));
    let key = (person::email, person::name);
    refused(test.db.person().upsert_many(key, person()).await.unwrap_err());
    let part = account::provider;
    refused(test.db.account().upsert_many(part, Vec::<account::Create>::new()).await.unwrap_err());
    let without_id = test.db.person().upsert_many(person::id, person()).await.unwrap_err();
    assert!(refused(without_id).contains("does not set the unique key"));
    let nested =
        user::create(user::New { email: "ann".into() }).with(user::accounts.create(new_account("a", "1")));
    assert!(refused(test.db.user().upsert_many(user::email, [nested]).await.unwrap_err()).contains("nested"));
    assert_eq!(test.statements(), 0);
    // Another unique key: an error as anywhere else, and nothing is written.
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    let rows = [person::create(new_person("cid")), person::create(new_person("bob")).id(&ann.id)];
    let taken = test.db.person().upsert_many(person::email, rows).await.unwrap_err();
    assert!(taken.is_unique_violation(&["id"]) && !format!("{taken:?}").contains("bob"), "{taken:?}");
    assert_eq!(test.db.person().count().await.unwrap(), 1);
}

#[tokio::test]
async fn the_statement_does_not_depend_on_the_number_of_rows() {
    let test = Database::new().await;
    let people = |count: usize| (0..count).map(|index| new_person(&index.to_string()));
    test.db.person().upsert_many(person::email, people(1)).await.unwrap();
    let one = test.last_statement();
    test.statements();
    let counts = test.db.person().upsert_many(person::email, people(20_000)).counts().await.unwrap();
    assert_eq!((counts, test.statements()), (Upserted { created: 19_999, updated: 1 }, 1));
    assert_eq!(test.db.person().upsert_many(person::email, people(2)).await.unwrap(), 2);
    assert_eq!(test.last_statement(), one);
}

/// The same rows in different orders, so that they would wait for each other in a circle.
#[tokio::test]
async fn fifty_upserts_of_the_same_rows_at_once_succeed() {
    let test = Database::with("connection_limit=50").await;
    let tasks = (0..50).map(|task: usize| {
        let db = test.db.clone();
        tokio::spawn(async move {
            let mut names: Vec<usize> = (0..40).collect();
            names.rotate_left(task % 40);
            if task.is_multiple_of(2) {
                names.reverse();
            }
            let rows = names
                .iter()
                .map(|name| person::New { phone_number: task.to_string(), ..new_person(&name.to_string()) });
            db.person().upsert_many(person::email, rows.collect::<Vec<_>>()).counts().await
        })
    });
    let counts: Vec<Upserted> =
        join_all(tasks).await.into_iter().map(|task| task.unwrap().unwrap()).collect();
    assert_eq!(counts.iter().map(|counts| counts.created).sum::<u64>(), 40);
    assert!(counts.iter().all(|counts| counts.created + counts.updated == 40), "{counts:?}");
    let phones = test.db.person().group_by(person::phone_number).aggregate((nicol::count(),)).await.unwrap();
    assert_eq!(phones.len(), 1, "the last one wrote all rows: {phones:?}");
}

#[tokio::test]
async fn each_row_gets_its_own_values() {
    let test = Database::new().await;
    let names = ["ann", "bob", "cid", "dan"];
    test.db.person().create_many(names.map(new_person)).await.unwrap();
    let before = test.db.person().find_many().order_by(person::name.asc()).await.unwrap();
    a_moment().await;
    test.statements();
    let row =
        |name: &str, new: &str| person::update(person::by_email(format!("{name}@example.com"))).name(new);
    let rows = || [row("ann", "Ann"), row("nobody", "x"), row("bob", "Bob"), row("cid", "cid")];
    assert_eq!(test.db.person().update_each(rows()).await.unwrap(), 3);
    assert_eq!(test.statements(), 1);
    let after = test.db.person().find_many().order_by(person::email.asc()).await.unwrap();
    let names: Vec<&str> = after.iter().map(|person| &*person.name).collect();
    assert_eq!(names, ["Ann", "Bob", "cid", "dan"]);
    let moved: Vec<bool> = after.iter().zip(&before).map(|(a, b)| a.updated_at > b.updated_at).collect();
    assert_eq!(moved, [true, true, true, false]);
    assert!(after.iter().zip(&before).all(|(a, b)| a.created_at == b.created_at && a.id == b.id));

    a_moment().await;
    assert_eq!(test.db.person().update_each(rows()).skip_unchanged().await.unwrap(), 0);
    assert_eq!(test.db.person().find_many().order_by(person::email.asc()).await.unwrap(), after);
    let rows = [row("ann", "Ann"), row("bob", "B").created_at(before[0].created_at)];
    let changed = test.db.person().update_each(rows).skip_unchanged().and_return().await.unwrap();
    assert_eq!((changed.len(), &*changed[0].name, &changed[0].id), (1, "B", &after[1].id));
    let ids =
        test.db.person().update_each([row("dan", "Dan")]).select((person::id, person::name)).await.unwrap();
    assert_eq!(ids, [(after[3].id.clone(), "Dan".to_owned())]);
}

#[tokio::test]
async fn each_row_can_change_other_fields_by_another_key() {
    let test = Database::new().await;
    let posts = test.db.post().create_many((1..=3).map(|id| post::create(post::New {}).id(id).views(id)));
    posts.await.unwrap();
    test.statements();
    let row = |id: i32| post::update(post::by_id(id));
    let rows = [row(1).views(increment(10)), row(2).views(20), row(3).views(increment(30)), row(9).views(1)];
    assert_eq!(test.db.post().update_each(rows).await.unwrap(), 3);
    assert_eq!(test.statements(), 2, "one for what is set and one for what is added");
    let views =
        async || test.db.post().find_many().order_by(post::id.asc()).select((post::views,)).await.unwrap();
    assert_eq!(views().await, [(11,), (20,), (33,)]);
    // Of changes of one row the last one counts.
    let rows = [row(1).views(5), row(2).views(1).views(6), row(1).views(7)];
    assert_eq!(test.db.post().update_each(rows).await.unwrap(), 2);
    assert_eq!(views().await, [(7,), (6,), (33,)]);
    let rows = [row(1).views(increment(1)), row(2).views(multiply(2))];
    assert_eq!(test.db.post().update_each(rows).skip_unchanged().await.unwrap(), 2);
    assert_eq!(views().await, [(8,), (12,), (33,)]);
    // All or none.
    let rows = [row(1).views(100), row(2).views(increment(i32::MAX))];
    assert_eq!(test.db.post().update_each(rows).await.unwrap_err().code(), "P2020");
    assert_eq!(views().await, [(8,), (12,), (33,)]);
    // Without a change nothing is sent.
    test.statements();
    assert_eq!(test.db.post().update_each([row(1), row(2)]).await.unwrap(), 0);
    assert_eq!(test.db.post().update_each([]).await.unwrap(), 0);
    assert_eq!(test.statements(), 0);

    let ann = test.db.user().create(user::New { email: "ann".into() });
    let ann = ann.with(user::accounts.create([new_account("a", "1"), new_account("a", "2")])).await.unwrap();
    let account = |id: &str| account::update(account::by_provider_and_provider_account_id("a", id));
    let rows = [account("1").scope("x"), account("2").provider("b"), account("3").scope("z")];
    let mut changed = test.db.account().update_each(rows).and_return().await.unwrap();
    changed.sort_by(|a, b| a.provider_account_id.cmp(&b.provider_account_id));
    assert_eq!((changed[0].scope.as_deref(), &*changed[1].provider), (Some("x"), "b"));
    assert!(changed.len() == 2 && changed.iter().all(|account| account.user_id == ann.id));
    let orphan = [account("1").user_id("nobody")];
    assert_eq!(test.db.account().update_each(orphan).await.unwrap_err().code(), "P2003");
}

#[tokio::test]
async fn the_text_of_an_update_of_each_row_does_not_depend_on_their_number() {
    let test = Database::new().await;
    let people = |count: usize| (0..count).map(|index| new_person(&index.to_string()));
    test.db.person().create_many(people(20_000)).await.unwrap();
    let rows = |count: usize| {
        people(count).map(|new| person::update(person::by_email(new.email)).name("x").phone_number(new.name))
    };
    test.db.person().update_each(rows(1)).await.unwrap();
    let one = test.last_statement();
    test.statements();
    assert_eq!(test.db.person().update_each(rows(20_000)).await.unwrap(), 20_000);
    assert_eq!((test.statements(), test.last_statement()), (1, one));
    assert_eq!(test.db.person().count().filter(person::name.eq("x")).await.unwrap(), 20_000);
    assert_eq!(test.db.person().count().filter(person::phone_number.eq("19999")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_partitioned_table_can_be_written() {
    let test = Database::new().await;
    for sql in [
        "alter table \"Post\" rename to old",
        "create table \"Post\" (id int primary key, views int not null default 0) partition by hash (id)",
        "create table part partition of \"Post\" for values with (modulus 1, remainder 0)",
    ] {
        test.db.execute(sql, params![]).await.unwrap();
    }
    let rows = |views| [1, 2].map(|id| post::create(post::New {}).id(id).views(views));
    assert_eq!(test.db.post().upsert_many(post::id, rows(1)).await.unwrap(), 2);
    let rows = test.db.post().upsert_many(post::id, rows(2)).and_return().await.unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row.views == 2), "{rows:?}");
}
