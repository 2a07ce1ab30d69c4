//! How long calls take on each route, beside the bare driver on the same route.
//!
//! ```sh
//! NICOL_POOLER_ROUNDS=20 cargo nextest run -p nicol --all-features --no-capture poolers::figures
//! ```

use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::types::Type;
use testkit::{Pooler, Prepared};

use crate::db::{Client, person};
use crate::support::{Database, new_person};

const COLUMNS: &str = "select id, name, email, phone_number, created_at, updated_at from people";
const CALLS: u32 = 100;

/// The time of one call of each kind: by id, a page, an update.
type Times = [Duration; 3];

async fn nicol(db: &Client, id: &String) -> Times {
    let mut times = [Duration::ZERO; 3];
    let started = Instant::now();
    for _ in 0..CALLS {
        db.person().find_unique(person::by_id(id)).await.unwrap();
    }
    times[0] = started.elapsed() / CALLS;
    let started = Instant::now();
    for _ in 0..CALLS {
        db.person().find_many().order_by(person::id.asc()).take(100).await.unwrap();
    }
    times[1] = started.elapsed() / CALLS;
    let started = Instant::now();
    for _ in 0..CALLS {
        db.person().update(person::by_id(id)).phone_number("2").await.unwrap();
    }
    times[2] = started.elapsed() / CALLS;
    times
}

async fn driver(url: &ConnectionUrl, prepares: bool, id: &String) -> Times {
    let (client, connection) = nicol_pg::connect(url).await.unwrap();
    tokio::spawn(connection);
    let texts = [
        format!("{COLUMNS} where id = $1"),
        format!("{COLUMNS} where $1 <> '' order by id limit 100"),
        "update people set phone_number = '2', updated_at = now() where id = $1 \
         returning id, name, email, phone_number, created_at, updated_at"
            .to_owned(),
    ];
    let mut times = [Duration::ZERO; 3];
    for (time, text) in times.iter_mut().zip(&texts) {
        let prepared = if prepares { Some(client.prepare(text).await.unwrap()) } else { None };
        let started = Instant::now();
        for _ in 0..CALLS {
            match &prepared {
                Some(prepared) => drop(client.query(prepared, &[id]).await.unwrap()),
                None => drop(client.query_typed(text, &[(id, Type::TEXT)]).await.unwrap()),
            }
        }
        *time = started.elapsed() / CALLS;
    }
    times
}

#[tokio::test]
#[allow(clippy::print_stdout, reason = "it prints figures")]
async fn each_route_is_as_fast_as_the_driver() {
    let rounds = std::env::var("NICOL_POOLER_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let test = Database::new().await;
    for n in 0..200 {
        test.db.person().create(new_person(&format!("p{n:03}"))).await.unwrap();
    }
    let id = test.db.person().find_many().order_by(person::id.asc()).await.unwrap()[0].id.clone();
    let direct = test.server.direct_url();
    let lost = Pooler::start(&direct, Prepared::Lost, &[]).await;
    let kept = Pooler::start(&direct, Prepared::Kept, &[]).await;
    let unprepared = kept.url().with_parameter("pgbouncer", "true").unwrap();
    let routes = [
        ("direct", &direct, true),
        ("PgBouncer that loses statements", lost.url(), false),
        ("PgBouncer that keeps statements", kept.url(), true),
        ("the same, nothing prepared", &unprepared, false),
    ];
    let mut clients = Vec::new();
    for (_, url, _) in &routes {
        clients.push(Client::connect(&url.to_url_with_password()).await.unwrap());
    }
    let mut all = vec![Vec::new(); routes.len()];
    for round in 0..=rounds {
        for (index, (_, url, prepares)) in routes.iter().enumerate() {
            let times = (nicol(&clients[index], &id).await, driver(url, *prepares, &id).await);
            // The first round prepares.
            if round > 0 || rounds == 0 {
                all[index].push(times);
            }
        }
    }
    for ((name, ..), times) in routes.iter().zip(&all) {
        for (kind, what) in ["find by id", "a page of 100", "update"].iter().enumerate() {
            let mut drivers: Vec<_> =
                times.iter().map(|(_, driver)| driver[kind].as_secs_f64() * 1e6).collect();
            let ratio =
                |(nicol, driver): &(Times, Times)| nicol[kind].as_secs_f64() / driver[kind].as_secs_f64();
            let mut ratios: Vec<_> = times.iter().map(ratio).collect();
            for list in [&mut drivers, &mut ratios] {
                list.sort_by(f64::total_cmp);
            }
            let middle = times.len() / 2;
            println!("{name}: {what}: driver {:.0} µs, nicol {:.2} times", drivers[middle], ratios[middle]);
        }
    }
}
