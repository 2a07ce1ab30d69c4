//! Updating and deleting a row only if it is unchanged.

use std::time::Duration;

use futures_util::future::join_all;
use nicol::{Attempt, Error, Isolation, Kind, NULL, increment, params};

use crate::db::{Client, Post, account, person, post, session, user};
use crate::support::{Database, new_account, new_person};

#[tokio::test]
async fn a_row_is_updated_only_if_the_filter_matches() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    test.db.person().create(new_person("bob")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2)).await;
    test.statements();
    let update = |id: &str, name: &str, new: &str| {
        test.db.person().update(person::by_id(id)).filter(person::name.eq(name)).name(new).or_current()
    };
    let Attempt::Done(changed) = update(&ann.id, "ann", "Ann").await.unwrap() else { panic!("not changed") };
    assert_eq!((&*changed.name, &changed.email, changed.created_at), ("Ann", &ann.email, ann.created_at));
    assert!(changed.updated_at > ann.updated_at);
    assert_eq!(update(&ann.id, "ann", "x").await.unwrap(), Attempt::Unmet(changed.clone()));
    assert_eq!(update("x", "ann", "x").await.unwrap(), Attempt::NotFound);
    assert_eq!(test.statements(), 3);
    let now = test.db.person().find_unique(person::by_id(&ann.id)).await.unwrap();
    assert_eq!(now.as_ref(), Some(&changed));
    assert_eq!(test.db.person().count().filter(person::name.eq("bob")).await.unwrap(), 1);
    // Without a change, and without a filter.
    let same = test.db.person().update(person::by_id(&ann.id)).filter(person::name.eq("Ann")).or_current();
    assert_eq!(same.await.unwrap(), Attempt::Done(changed.clone()));
    let other = test.db.person().update(person::by_id(&ann.id)).filter(person::name.eq("ann")).or_current();
    assert_eq!(other.await.unwrap(), Attempt::Unmet(changed.clone()));
    let any = test.db.person().update(person::by_email("ann@example.com")).name("A").select((person::name,));
    assert_eq!(any.or_current().await.unwrap(), Attempt::Done(("A".to_owned(),)));
    // Another person has the address: an error, as without the condition.
    let taken = test.db.person().update(person::by_id(&ann.id)).filter(person::name.eq("A"));
    let taken = taken.email("bob@example.com").or_current().await.unwrap_err();
    assert!(taken.is_unique_violation(&["email"]), "{taken:?}");
}

#[tokio::test]
async fn a_row_is_deleted_only_if_the_filter_matches() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    let bob = test.db.person().create(new_person("bob")).await.unwrap();
    test.statements();
    let delete = |name: &str| {
        test.db.person().delete(person::by_id(&ann.id)).filter(person::name.eq(name)).or_current()
    };
    assert_eq!(delete("x").await.unwrap(), Attempt::Unmet(ann.clone()));
    assert_eq!(delete("ann").await.unwrap(), Attempt::Done(ann.clone()));
    assert_eq!(delete("ann").await.unwrap(), Attempt::NotFound);
    assert_eq!(test.statements(), 3);
    assert_eq!(test.db.person().find_many().await.unwrap(), [bob]);
}

/// A filter that is neither true nor false, because a value is null, does not match.
#[tokio::test]
async fn nulls_and_relations_are_conditions_as_well() {
    let test = Database::new().await;
    test.users_with_accounts(3).await;
    let u2 = || test.db.user().update(user::by_email("u2@example.com"));
    let named = u2().filter(user::name.ne("x")).name("y").or_current().await.unwrap();
    assert!(matches!(&named, Attempt::Unmet(user) if user.name.is_none()), "{named:?}");
    let named =
        u2().filter(user::name.is_null()).name("y").include(user::accounts).or_current().await.unwrap();
    assert!(
        matches!(&named, Attempt::Done(user) if user.accounts().len() == 2 && user.name.as_deref() == Some("y"))
    );
    let cleared = u2().filter(user::sessions.is_not_empty()).name(NULL).include(user::accounts).or_current();
    let cleared = cleared.await.unwrap();
    assert!(matches!(&cleared, Attempt::Unmet(user) if user.accounts().len() == 2 && user.name.is_some()));
    let one = || account::by_provider_and_provider_account_id("p0", "u1@example.com");
    let owner = account::user.is(user::email.eq("u2@example.com"));
    let other =
        test.db.account().delete(one()).filter(owner).include(account::user).or_current().await.unwrap();
    assert!(
        matches!(&other, Attempt::Unmet(account) if account.user().email == "u1@example.com"),
        "{other:?}"
    );
    let owner = account::user.is(user::email.eq("u1@example.com"));
    let gone =
        test.db.account().delete(one()).filter(owner).include(account::user).or_current().await.unwrap();
    assert!(matches!(&gone, Attempt::Done(account) if account.user().email == "u1@example.com"), "{gone:?}");
    // What refers to the row goes with it.
    let u2 = test.db.user().delete(user::by_email("u2@example.com")).filter(user::name.eq("y")).or_current();
    assert!(matches!(u2.await.unwrap(), Attempt::Done(_)));
    assert_eq!(test.db.account().count().await.unwrap(), 0);
}

#[tokio::test]
async fn attempts_are_part_of_batches_and_transactions() {
    let test = Database::new().await;
    let post = test.db.post().create(post::New {}).await.unwrap();
    let update = |views: i32| {
        test.db
            .post()
            .update(post::by_id(post.id))
            .filter(post::views.eq(views))
            .views(increment(1))
            .or_current()
    };
    let [first, second, third] =
        test.db.batch(vec![update(0), update(0), update(1)]).await.unwrap().try_into().unwrap();
    let row = |views: i32| Post { id: post.id, views };
    assert_eq!(
        (first, second, third),
        (Attempt::Done(row(1)), Attempt::Unmet(row(1)), Attempt::Done(row(2)))
    );
    let user = user::New { email: "ann".into() };
    let ann = test.db.user().create(user).with(user::accounts.create(new_account("a", "1"))).await.unwrap();
    let expires = chrono::Utc::now();
    test.db
        .transaction()
        .run(async |tx: Client| {
            let named =
                tx.user().update(user::by_id(&ann.id)).filter(user::name.is_null()).name("x").or_current();
            assert!(matches!(named.await?, Attempt::Done(_)));
            let new = session::New { session_token: "1".into(), user_id: ann.id.clone(), expires };
            tx.session().create(new).await.map(drop)
        })
        .await
        .unwrap();
    assert_eq!(test.db.session().count().await.unwrap(), 1);
}

#[tokio::test]
async fn of_fifty_updates_at_once_exactly_one_wins() {
    let test = Database::with("connection_limit=50").await;
    let post = test.db.post().create(post::New {}).await.unwrap();
    for round in 0..5 {
        let start = round * 1000;
        test.db.post().update(post::by_id(post.id)).views(start).await.unwrap();
        let tasks = (1..=50).map(|task| {
            let db = test.db.clone();
            tokio::spawn(async move {
                let unchanged = db.post().update(post::by_id(post.id)).filter(post::views.eq(start));
                unchanged.views(start + task).or_current().await.unwrap()
            })
        });
        let results: Vec<Attempt<Post>> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        let done: Vec<i32> = results
            .iter()
            .filter_map(|result| match result {
                Attempt::Done(post) => Some(post.views),
                _ => None,
            })
            .collect();
        assert_eq!(done.len(), 1, "{results:?}");
        let others =
            results.iter().filter(|result| matches!(result, Attempt::Unmet(post) if post.views == done[0]));
        assert_eq!(others.count(), 49, "each knows what the winner has written: {results:?}");
    }
    // And of fifty deletions one.
    let tasks = (0..50).map(|_| {
        let db = test.db.clone();
        tokio::spawn(async move { db.post().delete(post::by_id(post.id)).or_current().await.unwrap() })
    });
    let results: Vec<Attempt<Post>> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| matches!(result, Attempt::Done(_))).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|result| **result == Attempt::NotFound).count(), 49, "{results:?}");
}

#[derive(nicol::FromRow)]
struct Number {
    n: i64,
}

/// Starts an attempt while another transaction has changed its row, and ends that when the attempt waits for it.
async fn beside<T: Send + 'static>(
    test: &Database,
    change: &'static str,
    commits: bool,
    attempt: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let mut started = None;
    let transaction = test.db.transaction().run(async |tx: Client| {
        tx.execute(change, params![]).await?;
        started = Some(tokio::spawn(attempt));
        let waiting = "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while test.db.query_as::<Number>(waiting, params![]).await?[0].n == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if commits { Ok(()) } else { Err(Kind::Timeout.into()) }
    });
    assert_eq!(transaction.await.is_ok(), commits);
    started.unwrap().await.unwrap()
}

#[tokio::test]
async fn an_attempt_waits_for_another_transaction_and_sees_what_it_wrote() {
    let test = Database::new().await;
    let post = test.db.post().create(post::New {}).await.unwrap();
    let row = |views: i32| Post { id: post.id, views };
    let update = |views: i32| {
        let update =
            test.db.post().update(post::by_id(post.id)).filter(post::views.eq(views)).views(increment(100));
        update.or_current().into_future()
    };
    let delete = |views: i32| {
        test.db.post().delete(post::by_id(post.id)).filter(post::views.eq(views)).or_current().into_future()
    };
    let plus = "update \"Post\" set views = views + 1";
    assert_eq!(beside(&test, plus, true, update(0)).await.unwrap(), Attempt::Unmet(row(1)));
    assert_eq!(beside(&test, plus, false, update(1)).await.unwrap(), Attempt::Done(row(101)));
    // The condition holds only since the other transaction.
    assert_eq!(beside(&test, plus, true, update(102)).await.unwrap(), Attempt::Done(row(202)));
    assert_eq!(beside(&test, plus, true, delete(202)).await.unwrap(), Attempt::Unmet(row(203)));
    assert_eq!(
        beside(&test, "delete from \"Post\"", false, delete(203)).await.unwrap(),
        Attempt::Done(row(203))
    );
    test.db.post().create(post::New {}).id(post.id).await.unwrap();
    assert_eq!(beside(&test, "delete from \"Post\"", true, update(0)).await.unwrap(), Attempt::NotFound);

    // A transaction that may not see what others write says so.
    test.db.post().create(post::New {}).id(post.id).await.unwrap();
    let (db, id) = (test.db.clone(), post.id);
    let attempt = async move {
        let transaction = db.transaction().isolation(Isolation::RepeatableRead);
        let update = async |tx: Client| {
            tx.post().count().await?;
            tx.post().update(post::by_id(id)).filter(post::views.eq(0)).views(5).or_current().await
        };
        transaction.run(update).await
    };
    assert_eq!(beside(&test, plus, true, attempt).await.unwrap_err().code(), "P2034");
}
