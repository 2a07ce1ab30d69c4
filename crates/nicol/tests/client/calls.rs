//! Every call of the guide, on a client as it is generated: does it read well, does it compile, is it `Send`.

use crate::db::{Client, account, order, person, post, session, transaction, user};
use chrono::Utc;
use nicol::types::{DateTime, Decimal};
use nicol::{Filter, Has, Isolation, NULL, count, increment, max, params, sum};

#[derive(Debug, nicol::Select)]
#[select(person)]
struct Card {
    id: String,
    email: String,
}

#[derive(Debug, nicol::FromRow)]
struct Month {
    month: DateTime,
    people: i64,
}

#[expect(clippy::too_many_lines, reason = "a list of calls")]
async fn every_call(db: Client) -> Result<(), nicol::Error> {
    let (now, id, token, e) = (Utc::now(), String::from("1"), "token", "ann@example.com");
    let _ann = db
        .person()
        .create(person::New { name: "Ann".into(), email: e.into(), phone_number: "+61 2 5550 1234".into() })
        .created_at(now)
        .await?;

    let _: Option<crate::db::Person> = db.person().find_unique(person::by_email("ann@example.com")).await?;
    let _: crate::db::Person = db.person().find_unique(person::by_id(&id)).or_not_found().await?;
    db.account().find_unique(account::by_provider_and_provider_account_id("google", "42")).await?;

    let _: Vec<crate::db::Person> = db
        .person()
        .find_many()
        .filter(person::name.starts_with("an").insensitive())
        .filter(person::email.ends_with("@example.com").or(person::phone_number.eq("0")))
        .filter(!person::name.eq("x").and(person::created_at.lt(now)))
        .filter(Filter::any(["a", "b"].map(|name| person::name.eq(name))))
        .order_by((person::name.asc(), person::id.asc()))
        .take(20)
        .await?;

    let _: Vec<(String, String)> = db.person().find_many().select((person::id, person::email)).await?;
    let cards: Vec<Card> = db.person().find_many().select_as::<Card>().await?;
    cards.into_iter().map(|Card { id, email }| (id, email)).for_each(drop);

    let ann = db
        .user()
        .find_unique(user::by_email("ann@example.com"))
        .include(user::accounts.filter(account::provider.eq("google")))
        .include(user::sessions.order_by(session::expires.desc()).take(1))
        .await?;
    if let Some(ann) = ann {
        let _ = format!("{} {:?} {}", ann.email, ann.accounts(), ann.sessions().len());
        takes_accounts(&ann);
    }
    let session = db
        .session()
        .find_unique(session::by_session_token(token))
        .include(session::user.include(user::accounts))
        .await?;
    let _ = session.map(|session| session.user().accounts().len());

    let users = db
        .user()
        .find_many()
        .filter(user::sessions.some(session::expires.gt(now)))
        .include(user::accounts.count())
        .await?;
    let _: i64 = users.iter().map(user::With::accounts_count).sum();

    db.person().update(person::by_id(&id)).name("Ann B").await?;
    db.user().update(user::by_id(&id)).image(NULL).await?;
    let _: u64 = db.person().update_many().filter(person::name.eq("x")).name("y").await?;
    db.post().update(post::by_id(7)).views(increment(1)).await?;
    let new = || person::New { name: "Ann".into(), email: e.into(), phone_number: "1".into() };
    db.person().upsert(person::by_email(e), new(), |p| p.name("Ann")).await?;
    db.person().delete(person::by_id(&id)).await?;
    let _: u64 = db
        .person()
        .create_many([new().into(), person::create(new()).created_at(now)])
        .skip_duplicates()
        .await?;

    db.user()
        .create(user::New { email: e.into() })
        .accounts(account::NewInUser {
            r#type: "oauth".into(),
            provider: "google".into(),
            provider_account_id: "42".into(),
        })
        .await?;
    db.session()
        .create(session::NewInUser { session_token: token.into(), expires: now })
        .connect_user(user::by_email(e))
        .await?;

    let _: i64 = db.person().count().filter(person::name.contains("a")).await?;
    let _: (i64, Option<Decimal>, Option<DateTime>) =
        db.order().aggregate((count(), sum(order::total), max(order::created_at))).await?;
    let _: Vec<(String, (i64,))> =
        db.account().group_by(account::provider).aggregate((count(),)).having(count().gt(5)).await?;

    let expires = now;
    let _: crate::db::Session = db
        .transaction()
        .isolation(Isolation::Serializable)
        .retry(3)
        .run(async |tx| {
            let u = tx.user().create(user::New { email: e.into() }).await?;
            tx.session().create(session::New { session_token: token.into(), user_id: u.id, expires }).await
        })
        .await?;
    let taken = String::from("moved into the closure");
    db.transaction().run(async move |tx| tx.person().update(person::by_id(taken)).name("x").await).await?;
    let (_, _) =
        db.batch((db.person().delete(person::by_id("a")), db.person().delete(person::by_id("b")))).await?;
    let _: Vec<u64> = db.batch(vec![db.person().delete_many()]).await?;

    let mut rows = db.person().find_many().stream().await?;
    while let Some(person) = rows.next().await {
        let _: crate::db::Person = person?;
    }

    let months = db
        .query_as::<Month>("select date_trunc('month', created_at) as month, count(*) as people from people where id = $1 group by 1", params![id])
        .await?;
    months.into_iter().map(|Month { month, people }| (month, people)).for_each(drop);
    db.execute("delete from people where email = $1", params![e]).await?;
    Ok(())
}

fn takes_accounts<R: Has<user::Accounts, I, Value = Vec<crate::db::Account>>, I>(
    user: &user::With<R>,
) -> usize {
    user.accounts().len()
}

/// Models and fields with the names of the generated code's own items.
async fn hostile_names(db: Client) -> Result<(), nicol::Error> {
    let row = db
        .transaction_()
        .create(transaction::New { r#match: 1, value: 2 })
        .include_("x")
        .filter_("y")
        .connect_transaction(transaction::by_id(1))
        .include(transaction::transaction)
        .include(transaction::with)
        .await?;
    let _ = (&row.self_, &row.Self_, row.transaction().is_some(), row.with().len());
    db.transaction_()
        .update(transaction::by_id(1))
        .filter(transaction::filter.is_null())
        .filter_(NULL)
        .await?;
    Ok(())
}

#[tokio::test]
async fn queries_run_within_spawned_tasks() {
    let db = Client::lazy("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1").unwrap();
    let error = tokio::spawn(every_call(db.clone())).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "P1001");
    let error = tokio::spawn(hostile_names(db)).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "P1001");
}
