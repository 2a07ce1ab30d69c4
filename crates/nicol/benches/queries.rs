//! What a query costs beside bare tokio-postgres, in the same run: `cargo bench -p nicol`.
//!
//! Each case runs both ways in turns, so that what else the machine does meets both. The figures are medians of one call after the
//! other on one connection; the ratio is what counts.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

#[path = "../tests/client/db/mod.rs"]
mod db;

use std::hint::black_box;
use std::time::{Duration, Instant};

use db::{Client, account, person, user};
use testkit::TestDatabase;
use tokio_postgres::types::ToSql;

const ROUNDS: usize = 40;
const CALLS: u32 = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let database = TestDatabase::create().await;
    let bare = database.connect().await;
    let schema =
        nicol_schema::validate(include_str!("../tests/client/schema.prisma")).schema.expect("a valid schema");
    let (nothing, tables) = (nicol_migrate::catalog::Catalog::default(), nicol_migrate::from_model(&schema));
    bare.batch_execute(&nicol_migrate::plan(&nothing, &tables).script()).await.expect("the tables are made");
    let db = Client::connect(&database.url_text()).await.expect("the server is there");
    for index in 0..200 {
        let email = format!("{index}@example.com");
        let new =
            person::New { name: format!("Person {index}"), email: email.clone(), phone_number: "1".into() };
        db.person().create(new).await.expect("a row");
        let accounts = (0..3).map(|n| account::NewInUser {
            r#type: "oauth".into(),
            provider: format!("provider {n}"),
            provider_account_id: email.clone(),
        });
        let accounts: Vec<_> = accounts.collect();
        db.user().create(user::New { email }).accounts(accounts).await.expect("a row");
    }
    let id = db.person().find_first().or_not_found().await.expect("a row").id;

    println!("{:<34}{:>12}{:>12}{:>8}", "median of one call", "bare", "nicol", "ratio");
    let by_id = bare
        .prepare("SELECT id, name, email, phone_number, created_at, updated_at FROM people WHERE id = $1")
        .await
        .expect("prepared");
    compare(
        "find a person by id",
        async || read_people(&bare, &by_id, &[&id]).await,
        async || {
            black_box(db.person().find_unique(person::by_id(&id)).await.expect("a row"));
        },
    )
    .await;
    let page = bare
        .prepare("SELECT id, name, email, phone_number, created_at, updated_at FROM people WHERE name LIKE $1 ORDER BY name, id LIMIT 20")
        .await
        .expect("prepared");
    compare(
        "find 20 people by name",
        async || read_people(&bare, &page, &[&"Person 1%"]).await,
        async || {
            let page = db.person().find_many().filter(person::name.starts_with("Person 1"));
            black_box(page.order_by((person::name.asc(), person::id.asc())).take(20).await.expect("rows"));
        },
    )
    .await;
    let update = bare.prepare("UPDATE people SET name = $2, updated_at = now() WHERE id = $1 RETURNING id, name, email, phone_number, created_at, updated_at").await.expect("prepared");
    compare(
        "update a person",
        async || read_people(&bare, &update, &[&id, &"Ann"]).await,
        async || {
            black_box(db.person().update(person::by_id(&id)).name("Ann").await.expect("a row"));
        },
    )
    .await;
    // Without a client's help: one query for the parents, one for the children.
    let users = bare.prepare("SELECT id, name, email FROM users").await.expect("prepared");
    let accounts = bare.prepare("SELECT id, user_id, type, provider, provider_account_id, scope FROM accounts WHERE user_id = ANY ($1)").await.expect("prepared");
    compare(
        "200 users with 3 accounts each",
        async || {
            let parents = bare.query(&users, &[]).await.expect("rows");
            let ids: Vec<String> = parents.iter().map(|row| row.get(0)).collect();
            let children = bare.query(&accounts, &[&ids]).await.expect("rows");
            let mut grouped: std::collections::HashMap<String, Vec<[Option<String>; 5]>> =
                std::collections::HashMap::new();
            for row in children {
                let cells = [row.get(0), row.get(2), row.get(3), row.get(4), row.get(5)];
                grouped.entry(row.get(1)).or_default().push(cells);
            }
            black_box(grouped);
        },
        async || {
            black_box(db.user().find_many().include(user::accounts).await.expect("rows"));
        },
    )
    .await;
}

async fn read_people(
    bare: &tokio_postgres::Client,
    statement: &tokio_postgres::Statement,
    params: &[&(dyn ToSql + Sync)],
) {
    let rows = bare.query(statement, params).await.expect("rows");
    for row in rows {
        let text: [String; 4] = [row.get(0), row.get(1), row.get(2), row.get(3)];
        let times: [std::time::SystemTime; 2] = [row.get(4), row.get(5)];
        black_box((text, times));
    }
}

async fn compare(name: &str, bare: impl AsyncFn(), nicol: impl AsyncFn()) {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(time(&bare).await);
        ours.push(time(&nicol).await);
    }
    let (theirs, ours) = (median(theirs), median(ours));
    println!("{name:<34}{theirs:>12.1?}{ours:>12.1?}{:>8.2}", ours.as_secs_f64() / theirs.as_secs_f64());
}

async fn time(call: &impl AsyncFn()) -> Duration {
    let started = Instant::now();
    for _ in 0..CALLS {
        call().await;
    }
    started.elapsed() / CALLS
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
