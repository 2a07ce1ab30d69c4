//! Every kind of call, as an application writes it: each runs on a database, within a spawned task, and its result is checked.

use chrono::{TimeDelta, Utc};
use nicol::types::{DateTime, Decimal};
use nicol::{Error, Filter, Has, Isolation, NULL, count, increment, max, params, sum};

use crate::db::{Client, Person, account, order, person, post, session, transaction, user};
use crate::support::{Database, new_person};

/// Runs the calls on a database of their own. A task can only be spawned if the futures of all its queries are `Send`.
async fn spawned<F>(calls: impl FnOnce(Client) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let test = Database::new().await;
    tokio::spawn(calls(test.db.clone())).await.unwrap().unwrap();
}

#[derive(Debug, PartialEq, nicol::Select)]
#[select(person)]
struct Card {
    email: String,
    name: String,
}

#[tokio::test]
async fn rows_are_created_and_read() {
    spawned(async |db: Client| {
        let yesterday = "2024-05-06T07:08:09Z".parse::<DateTime>().unwrap();
        let ann = db
            .person()
            .create(person::New {
                name: "Ann".into(),
                email: "ann@example.com".into(),
                phone_number: "+61 2 5550 1234".into(),
            })
            .created_at(yesterday)
            .await?;
        assert_eq!((&*ann.name, &*ann.phone_number, ann.created_at), ("Ann", "+61 2 5550 1234", yesterday));

        let found: Option<Person> = db.person().find_unique(person::by_email("ann@example.com")).await?;
        assert_eq!(found.as_ref(), Some(&ann));
        assert_eq!(db.person().find_unique(person::by_email("nobody@example.com")).await?, None);
        let found: Person = db.person().find_unique(person::by_id(&ann.id)).or_not_found().await?;
        assert_eq!(found, ann);
        let missing = db.person().find_unique(person::by_id("1")).or_not_found().await;
        assert!(missing.unwrap_err().is_not_found());
        let key = account::by_provider_and_provider_account_id("google", "42");
        assert_eq!(db.account().find_unique(key).await?, None);

        db.person().create_many(["Andrew", "Bob", "Anita"].map(new_person)).await?;
        let people: Vec<Person> = db
            .person()
            .find_many()
            .filter(person::name.starts_with("an").insensitive())
            .filter(person::email.ends_with("@example.com").or(person::phone_number.eq("0")))
            .filter(!person::name.eq("x").and(person::created_at.lt(Utc::now())))
            .filter(Filter::any(["Ann", "Anita", "Bob"].map(|name| person::name.eq(name))))
            .order_by((person::name.asc(), person::id.asc()))
            .take(20)
            .await?;
        let names: Vec<&str> = people.iter().map(|person| &*person.name).collect();
        assert_eq!(names, ["Anita", "Ann"]);

        let by_name = || db.person().find_many().order_by(person::name.desc()).skip(1).take(1);
        let pairs: Vec<(String, String)> = by_name().select((person::email, person::name)).await?;
        assert_eq!(pairs, [("ann@example.com".to_owned(), "Ann".to_owned())]);
        let cards: Vec<Card> = by_name().select_as::<Card>().await?;
        assert_eq!(cards, [Card { email: "ann@example.com".into(), name: "Ann".into() }]);
        Ok(())
    })
    .await;
}

/// A function that takes a user of whom the accounts were loaded.
fn providers<R: Has<user::Accounts, I, Value = Vec<crate::db::Account>>, I>(
    user: &user::With<R>,
) -> Vec<&str> {
    user.accounts().iter().map(|account| &*account.provider).collect()
}

#[tokio::test]
async fn relations_are_created_loaded_filtered_and_counted() {
    spawned(async |db: Client| {
        let now = Utc::now();
        let account = |provider: &str| account::NewInUser {
            r#type: "oauth".into(),
            provider: provider.into(),
            provider_account_id: "42".into(),
        };
        let ann = db
            .user()
            .create(user::New { email: "ann@example.com".into() })
            .with(user::accounts.create([account("google"), account("github")]))
            .await?;
        let token = "token";
        let session = db
            .session()
            .create(session::NewInUser { session_token: token.into(), expires: now + TimeDelta::hours(1) })
            .with(session::user.connect(user::by_email("ann@example.com")))
            .await?;
        assert_eq!(session.user_id, ann.id);
        let missing = session::NewInUser { session_token: "other".into(), expires: now };
        let missing =
            db.session().create(missing).with(session::user.connect(user::by_email("bob@example.com"))).await;
        assert_eq!(missing.unwrap_err().code(), "P2025");

        let ann = db
            .user()
            .find_unique(user::by_email("ann@example.com"))
            .include(user::accounts.filter(account::provider.eq("google")))
            .include(user::sessions.order_by(session::expires.desc()).take(1))
            .or_not_found()
            .await?;
        assert_eq!(providers(&ann), ["google"]);
        assert_eq!((&*ann.email, ann.sessions().len()), ("ann@example.com", 1));

        let session = db
            .session()
            .find_unique(session::by_session_token(token))
            .include(session::user.include(user::accounts))
            .or_not_found()
            .await?;
        assert_eq!(session.user().accounts().len(), 2);

        db.user().create(user::New { email: "bob@example.com".into() }).await?;
        let users = db
            .user()
            .find_many()
            .filter(user::sessions.some(session::expires.gt(now)))
            .include(user::accounts.count())
            .await?;
        let counts: Vec<_> = users.iter().map(|user| (&*user.email, user.accounts_count())).collect();
        assert_eq!(counts, [("ann@example.com", 2)]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn rows_are_changed_and_deleted() {
    spawned(async |db: Client| {
        let ann = db.person().create(new_person("Ann")).await?;
        let changed = db.person().update(person::by_id(&ann.id)).name("Ann B").await?;
        assert_eq!((&*changed.name, &changed.email), ("Ann B", &ann.email));

        let user = db.user().create(user::New { email: "a@example.com".into() }).image("a.png").await?;
        assert_eq!(user.image.as_deref(), Some("a.png"));
        assert_eq!(db.user().update(user::by_id(&user.id)).image(NULL).await?.image, None);

        let many: u64 = db.person().update_many().filter(person::name.eq("Ann B")).name("y").await?;
        assert_eq!(many, 1);

        let post = db.post().create(post::New {}).views(6).await?;
        assert_eq!(db.post().update(post::by_id(post.id)).views(increment(1)).await?.views, 7);

        let bob = db.person().upsert(person::by_email("Bob@example.com"), new_person("Bob"), |p| p.name("x"));
        assert_eq!(bob.await?.name, "Bob");
        let bob = db.person().upsert(person::by_email("Bob@example.com"), new_person("Bob"), |p| p.name("x"));
        assert_eq!(bob.await?.name, "x");

        let deleted = db.person().delete(person::by_id(&ann.id)).await?;
        assert_eq!((deleted.id, &*deleted.name), (ann.id, "y"));

        let rows = [new_person("Bob").into(), person::create(new_person("Cid")).created_at(Utc::now())];
        let created: u64 = db.person().create_many(rows).skip_duplicates().await?;
        assert_eq!(created, 1);
        assert_eq!(db.person().delete_many().filter(person::name.is_in(["x", "Cid"])).await?, 2);
        assert_eq!(db.person().find_first().await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn rows_are_counted_added_up_and_grouped() {
    spawned(async |db: Client| {
        db.person().create_many(["Ann", "Bob", "Cal"].map(new_person)).await?;
        let people: i64 = db.person().count().filter(person::name.contains("a")).await?;
        assert_eq!(people, 1);

        let day = |day: u32| format!("2024-01-0{day}T00:00:00Z").parse::<DateTime>().unwrap();
        let total = |text: &str| text.parse::<Decimal>().unwrap();
        for (index, text) in (1..).zip(["1.50", "2.25"]) {
            db.order().create(order::New { total: total(text) }).created_at(day(index)).await?;
        }
        let all: (i64, Option<Decimal>, Option<DateTime>) =
            db.order().aggregate((count(), sum(order::total), max(order::created_at))).await?;
        assert_eq!(all, (2, Some(total("3.75")), Some(day(2))));

        for (user, providers) in [("a", &["google", "github"][..]), ("b", &["google"])] {
            let accounts: Vec<_> =
                providers.iter().map(|provider| crate::support::new_account(provider, user)).collect();
            db.user().create(user::New { email: user.into() }).with(user::accounts.create(accounts)).await?;
        }
        let groups: Vec<(String, (i64,))> =
            db.account().group_by(account::provider).aggregate((count(),)).having(count().gt(1)).await?;
        assert_eq!(groups, [("google".to_owned(), (2,))]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn transactions_and_batches_run() {
    spawned(async |db: Client| {
        let expires = Utc::now();
        let session: crate::db::Session = db
            .transaction()
            .isolation(Isolation::Serializable)
            .retry(3)
            .run(async |tx| {
                let user = tx.user().create(user::New { email: "ann@example.com".into() }).await?;
                let session = session::New { session_token: "token".into(), user_id: user.id, expires };
                tx.session().create(session).await
            })
            .await?;
        assert_eq!(db.session().find_first().await?.map(|found| found.id), Some(session.id));

        let [a, b] = ["a", "b"].map(|name| person::create(new_person(name)).id(name));
        let (a, b) = db.batch((db.person().create(a), db.person().create(b))).await?;
        assert_eq!((&*a.id, &*b.id), ("a", "b"));

        let taken = a.id.clone();
        let update = async move |tx: Client| tx.person().update(person::by_id(taken)).name("x").await;
        assert_eq!(db.transaction().run(update).await?.name, "x");
        let (a, b) = db
            .batch((db.person().delete(person::by_id("a")), db.person().delete(person::by_id("b"))))
            .await?;
        assert_eq!((&*a.name, &*b.name), ("x", "b"));
        let deleted: Vec<u64> =
            db.batch(vec![db.session().delete_many(), db.session().delete_many()]).await?;
        assert_eq!(deleted, [1, 0]);
        Ok(())
    })
    .await;
}

#[derive(Debug, PartialEq, nicol::FromRow)]
struct Month {
    month: DateTime,
    people: i64,
}

#[tokio::test]
async fn rows_are_streamed_and_read_by_sql() {
    spawned(async |db: Client| {
        let may = "2024-05-06T07:08:09Z".parse::<DateTime>().unwrap();
        let rows = ["Ann", "Bob"].map(|name| person::create(new_person(name)).created_at(may));
        db.person().create_many(rows).await?;

        let mut rows = db.person().find_many().order_by(person::name.asc()).stream().await?;
        let mut names = Vec::new();
        while let Some(person) = rows.next().await {
            let person: Person = person?;
            names.push(person.name);
        }
        assert_eq!(names, ["Ann", "Bob"]);

        let sql = "select date_trunc('month', created_at) as month, count(*) as people from people where name <> $1 group by 1";
        let months = db.query_as::<Month>(sql, params!["Bob"]).read_only().await?;
        let month = "2024-05-01T00:00:00Z".parse().unwrap();
        assert_eq!(months, [Month { month, people: 1 }]);
        assert_eq!(db.execute("delete from people where name = $1", params!["Ann"]).await?, 1);
        assert_eq!(db.person().count().await?, 1);
        Ok(())
    })
    .await;
}

/// Models and fields with the names of the generated code's own items.
#[tokio::test]
async fn names_that_generated_code_uses_can_be_names_of_the_schema() {
    spawned(async |db: Client| {
        let parent = db.transaction_().create(transaction::New { r#match: 1, value: 2 }).self_("s").await?;
        assert_eq!((parent.self_.as_deref(), parent.Self_.as_deref()), (Some("s"), None));
        let row = db
            .transaction_()
            .create(transaction::New { r#match: 3, value: 4 })
            .include_("x")
            .filter_("y")
            .with(transaction::transaction.connect(transaction::by_id(parent.id)))
            .include(transaction::transaction)
            .include(transaction::with)
            .await?;
        assert_eq!(
            (row.include.as_deref(), row.filter.as_deref(), row.r#match, row.value),
            (Some("x"), Some("y"), 3, 4)
        );
        assert_eq!(row.transaction().as_ref(), Some(&parent));
        assert_eq!(row.with().len(), 0);
        let changed = db
            .transaction_()
            .update(transaction::by_id(row.id))
            .filter(transaction::filter.is_not_null())
            .filter_(NULL)
            .await?;
        assert_eq!((changed.id, changed.filter), (row.id, None));
        Ok(())
    })
    .await;
}
