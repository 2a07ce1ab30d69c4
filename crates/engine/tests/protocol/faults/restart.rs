//! The server is restarted under load: what was answered as done is there, everything else is whole or absent, and the engine goes on by itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use nicol_engine::Engine;
use nicol_migrate::catalog::Catalog;
use serde_json::{Value, json};
use testkit::{PrivateServer, Stop};

use super::{SCHEMA, error, failed, is_thorough, on};

const LIMIT: i64 = 5;

/// How rows are written, or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Read,
    Nested,
    Batch,
    Transaction,
}

/// What was asked for, and whether it was answered as done. Each writes one author and two books.
#[derive(Debug, Default)]
struct Log {
    done: BTreeMap<String, bool>,
    errors: BTreeMap<String, usize>,
}

fn book(title: &str) -> Value {
    on("Book", "createOne", &json!({ "data": { "title": title } }))
}

fn author(name: &str) -> Value {
    on("Author", "createOne", &json!({ "data": { "name": name } }))
}

async fn ask(engine: &Engine, request: &Value) -> Value {
    serde_json::from_str(&engine.answer_line(&request.to_string()).await).expect("an answer is JSON")
}

/// Asks in one way and returns the answer that failed, if any.
async fn attempt(engine: &Engine, kind: Kind, name: &str) -> Result<(), Value> {
    let checked = |answer: Value| if failed(&answer) { Err(answer) } else { Ok(answer) };
    let titles = [format!("{name} 1"), format!("{name} 2")];
    match kind {
        Kind::Read => {
            checked(ask(engine, &on("Author", "findMany", &json!({ "take": 10 }))).await)?;
        }
        Kind::Nested => {
            let books = json!({ "create": titles.map(|title| json!({ "title": title })) });
            let request = on("Author", "createOne", &json!({ "data": { "name": name, "books": books } }));
            checked(ask(engine, &request).await)?;
        }
        Kind::Batch => {
            let requests = [author(name), book(&titles[0]), book(&titles[1])];
            checked(ask(engine, &json!({ "batch": requests, "transaction": {} })).await)?;
        }
        Kind::Transaction => {
            let options = json!({ "maxWait": 60_000, "timeout": 60_000 });
            let start = json!({ "transaction": "start", "options": options });
            let id = checked(ask(engine, &start).await)?["data"]["id"].clone();
            for mut request in [author(name), book(&titles[0]), book(&titles[1])] {
                request["txId"] = id.clone();
                if let Err(answer) = checked(ask(engine, &request).await) {
                    // As Prisma Client does.
                    ask(engine, &json!({ "transaction": "rollback", "id": id })).await;
                    return Err(answer);
                }
            }
            checked(ask(engine, &json!({ "transaction": "commit", "id": id })).await)?;
        }
    }
    Ok(())
}

/// Asks again and again.
async fn work(engine: &Engine, kind: Kind, worker: usize, over: &AtomicBool, progress: &AtomicUsize) -> Log {
    let mut log = Log::default();
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{kind:?} {worker} {number}");
        let result = attempt(engine, kind, &name).await;
        if let Err(answer) = &result {
            let error = error(answer);
            let code = ["P1017", "P1001", "P2028"].into_iter().find(|code| error.contains(code));
            let code = code.unwrap_or_else(|| panic!("{name}: {answer}"));
            *log.errors.entry(code.to_owned()).or_default() += 1;
            // The next would fail as well, as long as the server is away.
            tokio::time::sleep(Duration::from_millis(5)).await;
        } else {
            progress.fetch_add(1, Ordering::Relaxed);
        }
        if kind != Kind::Read {
            log.done.insert(name, result.is_ok());
        }
    }
    log
}

/// Restarts the server again and again. After each time, every worker must come to an end with something.
async fn restart(server: &mut PrivateServer, progress: &[AtomicUsize]) {
    let rounds = if is_thorough() { 12 } else { 1 };
    for round in 0..rounds {
        for how in [Stop::Fast, Stop::Immediate] {
            tokio::time::sleep(Duration::from_millis(150 + 37 * round)).await;
            server.restart(how).await;
            for one in progress {
                let before = one.load(Ordering::Relaxed);
                let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
                while one.load(Ordering::Relaxed) == before {
                    assert!(tokio::time::Instant::now() < deadline, "it does not recover after {how:?}");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_restarted_under_load_loses_and_halves_nothing() {
    let mut server = PrivateServer::start(&[("synchronous_commit", "on")]).await;
    let schema = nicol_schema::validate(SCHEMA).schema.expect("the schema is valid");
    let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
    server.connect().await.batch_execute(&script).await.expect("the tables can be made");
    let url = format!("{}&connection_limit={LIMIT}&pool_timeout=60", server.url().to_url_with_password());
    let engine = Engine::new(schema, &url).expect("the URL is valid");

    let kinds = [Kind::Read, Kind::Nested, Kind::Batch, Kind::Transaction].repeat(3);
    let progress = [const { AtomicUsize::new(0) }; 12];
    let over = AtomicBool::new(false);
    let workers = kinds.iter().zip(&progress).enumerate();
    let workers = workers.map(|(worker, (kind, progress))| work(&engine, *kind, worker, &over, progress));
    let restarts = async {
        restart(&mut server, &progress).await;
        over.store(true, Ordering::Relaxed);
    };
    let (logs, ()) = tokio::join!(futures_util::future::join_all(workers), restarts);

    let admin = server.connect().await;
    let sql = r#"SELECT name, (SELECT count(*) FROM "Book" WHERE title IN (name || ' 1', name || ' 2')) FROM "Author""#;
    let rows = admin.query(sql, &[]).await.expect("the tables can be read");
    let found: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let books: i64 = admin.query_one(r#"SELECT count(*) FROM "Book""#, &[]).await.unwrap().get(0);
    assert_eq!(books, found.values().sum::<i64>(), "no book is without its author");
    let (mut acknowledged, mut lost, mut errors) = (0, 0, BTreeMap::new());
    for log in logs {
        for (name, done) in log.done {
            let books = found.get(&name).copied();
            assert!(books == Some(2) || (books.is_none() && !done), "{name}: {books:?} books, done: {done}");
            acknowledged += usize::from(done);
            lost += usize::from(!done);
        }
        for (code, count) in log.errors {
            *errors.entry(code).or_insert(0) += count;
        }
    }
    eprintln!("{acknowledged} writes acknowledged, {lost} not; errors: {errors:?}");
    assert!(acknowledged > 20 && !errors.is_empty(), "there was work to disturb");

    let sql = "SELECT count(*) FILTER (WHERE xact_start IS NOT NULL), count(*) FROM pg_stat_activity \
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let row = admin.query_one(sql, &[]).await.unwrap();
    let (transactions, connections) = (row.get::<_, i64>(0), row.get::<_, i64>(1));
    assert!(
        transactions == 0 && connections <= LIMIT,
        "{transactions} transactions, {connections} connections"
    );
}
