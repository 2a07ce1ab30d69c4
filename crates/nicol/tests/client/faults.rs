//! The server is restarted while streams, transactions with savepoints, batches and nested writes run. `NICOL_FAULTS=all` does so many times.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use nicol::{Error, Handle};
use nicol_migrate::catalog::Catalog;
use testkit::{PrivateServer, Stop};

use crate::db::{Client, account, user};
use crate::support::new_account;

const LIMIT: i64 = 5;

/// The user and the accounts that each write makes.
const ACCOUNTS: i64 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Stream,
    Nested,
    Batch,
    Transaction,
}

async fn attempt(db: &Client, work: Work, email: &str) -> Result<(), Error> {
    let accounts = || vec![new_account(email, "1"), new_account(email, "2")];
    let new = || user::New { email: email.to_owned() };
    match work {
        Work::Stream => {
            let mut rows = db.account().find_many().stream().await?;
            while let Some(row) = rows.next().await {
                row?;
            }
        }
        Work::Nested => {
            db.user().create(new()).with(user::accounts.create(accounts())).await?;
        }
        Work::Batch => {
            let one = |id: &str| {
                let new = account::NewInUser { provider_account_id: id.to_owned(), ..new_account(email, id) };
                db.account().create(new).with(account::user.connect(user::by_email(email)))
            };
            db.batch((db.user().create(new()), one("1"), one("2"))).await?;
        }
        Work::Transaction => {
            let body = async |tx: Client| {
                tx.user().create(new()).await?;
                for id in ["1", "2"] {
                    let add = async |tx: Client| {
                        let new = new_account(email, id);
                        tx.account().create(new).with(account::user.connect(user::by_email(email))).await
                    };
                    tx.transaction().run(add).await?;
                }
                Ok(())
            };
            db.transaction().run(body).await?;
        }
    }
    Ok(())
}

/// Returns what was asked for, and whether it was done.
async fn worker(
    db: Client,
    work: Work,
    number: usize,
    over: Arc<AtomicBool>,
    progress: Arc<[AtomicUsize]>,
) -> (BTreeMap<String, bool>, usize) {
    let (mut log, mut failures) = (BTreeMap::new(), 0);
    for attempt_number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let email = format!("{work:?}-{number}-{attempt_number}");
        let result = attempt(&db, work, &email).await;
        if let Err(error) = &result {
            assert!(matches!(error.code(), "P1001" | "P1017"), "{email}: {error:?}");
            failures += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        } else {
            progress[number].fetch_add(1, Ordering::Relaxed);
        }
        if work != Work::Stream {
            log.insert(email, result.is_ok());
        }
    }
    (log, failures)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_restarted_under_load_loses_and_halves_nothing() {
    let rounds = if std::env::var_os("NICOL_FAULTS").is_some_and(|faults| faults == "all") { 12 } else { 1 };
    let mut server = PrivateServer::start(&[("synchronous_commit", "on")]).await;
    let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.unwrap();
    let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
    server.connect().await.batch_execute(&script).await.unwrap();
    let url = format!("{}&connection_limit={LIMIT}&pool_timeout=60", server.url().to_url_with_password());
    let db = Client::from_client(nicol::Client::lazy(&url).unwrap());

    let works = [Work::Stream, Work::Nested, Work::Batch, Work::Transaction].repeat(3);
    let progress: Arc<[AtomicUsize]> = works.iter().map(|_| AtomicUsize::new(0)).collect();
    let over = Arc::new(AtomicBool::new(false));
    let workers = works.iter().enumerate();
    let workers = workers.map(|(number, work)| {
        tokio::spawn(worker(db.clone(), *work, number, Arc::clone(&over), Arc::clone(&progress)))
    });
    let workers: Vec<_> = workers.collect();
    for round in 0..rounds {
        for how in [Stop::Fast, Stop::Immediate] {
            tokio::time::sleep(Duration::from_millis(150 + 41 * round)).await;
            server.restart(how).await;
            for one in &*progress {
                let before = one.load(Ordering::Relaxed);
                let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
                while one.load(Ordering::Relaxed) == before {
                    assert!(tokio::time::Instant::now() < deadline, "it does not recover after {how:?}");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
    over.store(true, Ordering::Relaxed);

    let (mut acknowledged, mut failures) = (0, 0);
    let sql = "select u.email, count(a.id) from users u left join accounts a on a.user_id = u.id group by 1";
    let mut logs = Vec::new();
    for task in workers {
        logs.push(task.await.unwrap());
    }
    let admin = server.connect().await;
    let rows = admin.query(sql, &[]).await.unwrap();
    let found: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for (log, failed) in logs {
        failures += failed;
        for (email, done) in log {
            let accounts = found.get(&email).copied();
            let is_whole = accounts == Some(ACCOUNTS);
            assert!(is_whole || (accounts.is_none() && !done), "{email}: {accounts:?}, done: {done}");
            acknowledged += usize::from(done);
        }
    }
    eprintln!("{acknowledged} writes acknowledged, {failures} requests failed");
    assert!(acknowledged > 20 && failures > 0, "there was work to disturb");
    let sql = "select count(*) filter (where xact_start is not null), count(*) from pg_stat_activity \
        where pid <> pg_backend_pid() and backend_type = 'client backend'";
    let row = admin.query_one(sql, &[]).await.unwrap();
    let (transactions, connections) = (row.get::<_, i64>(0), row.get::<_, i64>(1));
    assert!(
        transactions == 0 && connections <= LIMIT,
        "{transactions} transactions, {connections} connections"
    );
    assert_eq!(db.pool_status().busy, 0);
}
