//! Places in the pool: who waits, who comes next, and what happens to those that are given up.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use nicol::{Error, Handle, Kind, params};
use nicol_pg::tokio_postgres::Client as Session;
use testkit::{Direction, Fault, PrivateServer, Proxy, Stop};
use tokio::task::JoinHandle;

use crate::db::{Client, person};
use crate::support::{Database, new_person};

/// Waits until something is so, for longer than any machine should take.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..6000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// Returns the number of sessions of the pool that run a statement or have a transaction open.
async fn at_work(admin: &Session) -> i64 {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() \
        and backend_type = 'client backend' and state <> 'idle'";
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

fn counting(db: &Client) -> JoinHandle<Result<i64, Error>> {
    let db = db.clone();
    tokio::spawn(async move { db.person().count().await })
}

#[tokio::test]
async fn an_idle_connection_is_closed_although_no_query_comes() {
    let test = Database::with("connection_limit=2&max_idle_connection_lifetime=1").await;
    let db = &test.db;
    for _ in 0..2 {
        let (one, two) = tokio::join!(counting(db), counting(db));
        assert_eq!((one.unwrap().unwrap(), two.unwrap().unwrap()), (0, 0));
        assert!(db.pool_status().idle > 0);
        eventually("they are closed", async || db.pool_status().idle == 0).await;
    }
}

#[tokio::test]
async fn places_are_given_in_the_order_of_asking_and_none_is_lost() {
    let test = Database::with("connection_limit=1").await;
    let db = &test.db;
    for given_up in [vec![], vec![0], vec![1], vec![0, 2], vec![4], vec![0, 1, 2, 3, 4]] {
        let mut rows = db.person().find_many().stream().await.unwrap();
        assert!(rows.next().await.is_none(), "the connection is not busy");
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for number in 0..5 {
            let (client, order) = (db.clone(), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                client.person().count().await.unwrap();
                order.lock().unwrap().push(number);
            }));
            eventually("it waits", async || db.pool_status().waiting == number + 1).await;
        }
        // The first is given the place here, and may be given up before it learns of that.
        drop(rows);
        for number in &given_up {
            waiting[*number].abort();
        }
        for task in waiting {
            assert!(!task.await.is_err_and(|error| !error.is_cancelled()));
        }
        let order = order.lock().unwrap();
        let expected: Vec<usize> = (0..5).filter(|number| !given_up.contains(number)).collect();
        assert_eq!(*order, expected, "{given_up:?} were given up");
        let status = db.pool_status();
        assert_eq!((status.busy, status.idle, status.waiting), (0, 1, 0));
    }
}

#[tokio::test]
async fn the_place_of_a_query_that_is_given_up_is_taken_until_the_server_has_ended_it() {
    let test = Database::with("connection_limit=2&pool_timeout=60&connect_timeout=60").await;
    let (db, admin) = (&test.db, test.server.connect().await);
    for milliseconds in [0, 1, 2, 5, 20, 80] {
        let sleeps = (0..4).map(|_| db.execute("select pg_sleep(3600)", params![]).into_future());
        let sleeps = futures_util::future::join_all(sleeps);
        assert!(tokio::time::timeout(Duration::from_millis(milliseconds), sleeps).await.is_err());
        // Whoever has a place now is alone with those that have one.
        let ones = (0..20).map(|_| async {
            db.person().count().await.unwrap();
            let running = at_work(&admin).await;
            assert!(running <= 2, "{running} statements run");
        });
        futures_util::future::join_all(ones).await;
        eventually("nothing runs", async || at_work(&admin).await == 0).await;
    }
    assert_eq!(db.pool_status().busy, 0);
}

#[tokio::test]
async fn a_stream_that_is_dropped_anywhere_ends_on_the_server() {
    let test = Database::with("connection_limit=1&pool_timeout=60&connect_timeout=60").await;
    let (db, admin) = (&test.db, test.server.connect().await);
    let many = "insert into people (id, name, email, phone_number, updated_at) \
        select n, repeat('x', 1000), n, '1', now() from generate_series(1, 20000) n";
    admin.batch_execute(many).await.unwrap();
    for read in [0, 1, 100, 19_999, 20_000] {
        let mut rows = db.person().find_many().stream().await.unwrap();
        for _ in 0..read {
            rows.next().await.unwrap().unwrap();
        }
        drop(rows);
        assert_eq!(db.person().count().await.unwrap(), 20_000);
        assert_eq!(at_work(&admin).await, 0, "after {read} rows");
    }
    assert_eq!(db.pool_status().busy, 0);
    // Ended by the server in the middle, it does not look as if it were complete.
    let mut rows = db.person().find_many().stream().await.unwrap();
    rows.next().await.unwrap().unwrap();
    let sql = "select pg_terminate_backend(pid, 60000) from pg_stat_activity \
        where datname = current_database() and pid <> pg_backend_pid()";
    admin.query(sql, &[]).await.unwrap();
    let error = loop {
        if let Err(error) = rows.next().await.expect("the rows do not end well") {
            break error;
        }
    };
    assert_eq!(error.code(), "P1017");
    drop(rows);
    assert_eq!(db.person().count().await.unwrap(), 20_000);
}

/// A client whose connections lead through a proxy.
async fn through(proxy: &Proxy, parameters: &str) -> Client {
    let client = nicol::Client::connect(&format!("{}&{parameters}", proxy.url_text())).await.unwrap();
    Client::from_client(client)
}

/// What a stalled connection is used for.
#[derive(Debug, Clone, Copy)]
enum Use {
    Query,
    Batch,
    Stream,
    Sql,
    Transaction,
}

async fn stall(test: &Database, direction: Direction, what: Use) {
    let proxy = Proxy::start(&test.server.direct_url()).await;
    let db = &through(&proxy, "connection_limit=1&pool_timeout=60&socket_timeout=5").await;
    assert_eq!(db.person().count().await.unwrap(), 3);
    let error = match what {
        Use::Query => {
            proxy.plan(direction, Fault::Stall, 0);
            db.person().count().await.err()
        }
        Use::Batch => {
            proxy.plan(direction, Fault::Stall, 0);
            db.batch((db.person().count(), db.person().find_many())).await.err()
        }
        Use::Stream => {
            proxy.plan(direction, Fault::Stall, 0);
            db.person().find_many().stream().await.err()
        }
        Use::Sql => {
            proxy.plan(direction, Fault::Stall, 0);
            db.execute("select 1", params![]).await.err()
        }
        Use::Transaction => {
            let body = async |tx: Client| {
                tx.person().create(new_person(&format!("{direction:?}"))).await?;
                proxy.plan(direction, Fault::Stall, 0);
                let first = tx.person().count().await;
                let second = tx.person().count().await.unwrap_err();
                assert_eq!(second.code(), "P1017", "what follows does not wait again");
                first
            };
            db.transaction().run(body).await.err()
        }
    };
    assert!(proxy.has_struck(), "{what:?} {direction:?}");
    let error = error.unwrap_or_else(|| panic!("{what:?} {direction:?} ends well"));
    assert_eq!((error.code(), error.kind()), ("P1008", &Kind::Timeout), "{what:?} {direction:?}");
    assert_eq!(db.person().count().await.unwrap(), 3, "{what:?} {direction:?}");
    assert_eq!((db.pool_status().busy, db.pool_status().idle), (0, 1));
}

#[tokio::test]
async fn a_server_that_stalls_is_given_up_after_the_socket_timeout() {
    let test = Database::new().await;
    for name in ["a", "b", "c"] {
        test.db.person().create(new_person(name)).await.unwrap();
    }
    let uses = [Use::Query, Use::Batch, Use::Stream, Use::Sql, Use::Transaction];
    let stalls = uses
        .into_iter()
        .flat_map(|what| [Direction::ToServer, Direction::ToClient].map(|direction| (what, direction)))
        .map(|(what, direction)| stall(&test, direction, what));
    futures_util::future::join_all(stalls).await;
    let admin = test.server.connect().await;
    eventually("nothing runs", async || at_work(&admin).await == 0).await;
}

#[tokio::test]
async fn the_socket_timeout_is_that_of_a_statement() {
    let test = Database::with("connection_limit=1&pool_timeout=60&socket_timeout=5").await;
    let (db, admin) = (&test.db, test.server.connect().await);
    let error = db.execute("select pg_sleep(3600)", params![]).await.unwrap_err();
    assert_eq!(error.code(), "P1008");
    assert_eq!(db.person().count().await.unwrap(), 0);
    assert_eq!(at_work(&admin).await, 0, "it was cancelled");
    // A statement that waits for others of its batch has its own time. Together these take longer.
    let slow = "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1.8); return null; end $$;
        create trigger slow after insert on people for each statement execute function slow()";
    admin.batch_execute(slow).await.unwrap();
    let creates = ["a", "b", "c"].map(|name| db.person().create(new_person(name)));
    assert_eq!(db.batch(Vec::from(creates)).await.unwrap().len(), 3);
    assert_eq!(db.person().count().await.unwrap(), 3);
}

/// Writes of every kind in one transaction: a nested one, a savepoint that is kept, one that is not, and a batch.
async fn everything(db: Client) -> Result<(), Error> {
    let body = async |tx: Client| {
        tx.person().create(new_person("a")).await?;
        tx.transaction().run(async |tx| tx.person().create(new_person("b")).await).await?;
        let refused = tx.transaction().run(async |tx| {
            tx.person().create(new_person("x")).await?;
            tx.person().create(new_person("a")).await
        });
        assert_eq!(refused.await.unwrap_err().code(), "P2002");
        tx.batch((tx.person().create(new_person("c")), tx.person().count())).await?;
        tx.person().update_many().phone_number("2").await?;
        Ok(())
    };
    db.transaction().run(body).await
}

#[tokio::test]
async fn a_transaction_that_is_dropped_at_any_await_is_done_as_a_whole_or_not_at_all() {
    let mut dropped = 0;
    for known in [false, true] {
        let test = Database::with("connection_limit=2").await;
        let (db, admin) = (&test.db, test.server.connect().await);
        if known {
            everything(db.clone()).await.unwrap();
            db.person().delete_many().await.unwrap();
        }
        for polls in 1.. {
            let done = {
                let (mut future, mut left) = (pin!(everything(db.clone())), polls);
                std::future::poll_fn(|context| {
                    if left == 0 {
                        return Poll::Ready(None);
                    }
                    left -= 1;
                    future.as_mut().poll(context).map(Some)
                })
                .await
            };
            let is_done = done.is_some();
            done.unwrap_or(Ok(())).unwrap();
            eventually("the transaction is over", async || at_work(&admin).await == 0).await;
            let people = db.person().find_many().order_by(person::name.asc());
            let people = people.select((person::name, person::phone_number)).await.unwrap();
            let all = ["a", "b", "c"].map(|name| (name.to_owned(), "2".to_owned()));
            assert!(people == all || (people.is_empty() && !is_done), "after {polls} polls: {people:?}");
            db.person().delete_many().await.unwrap();
            let status = db.pool_status();
            assert!(status.busy <= 1 && status.idle <= 2, "{status:?}");
            if is_done {
                break;
            }
            dropped += 1;
        }
    }
    assert!(dropped > 10, "{dropped}");
}

/// A server of six connections: one for the test, some for others, and the rest for pools.
struct Full {
    server: PrivateServer,
    admin: Session,
    others: Vec<Session>,
}

impl Full {
    /// Lets pools have this number of connections.
    async fn leave(&mut self, connections: usize) {
        self.others.truncate(5 - connections);
        let url = format!("{}&application_name=other", self.server.url().to_url_with_password());
        let url = nicol_pg::ConnectionUrl::parse(&url).unwrap();
        while self.others.len() < 5 - connections {
            // A connection that was closed may still be there.
            if let Ok((session, connection)) = nicol_pg::connect(&url).await {
                tokio::spawn(connection);
                self.others.push(session);
            }
        }
        let others = i64::try_from(self.others.len()).unwrap();
        let sql = "select count(*) from pg_stat_activity where application_name = 'other'";
        let admin = &self.admin;
        eventually("the others are so many", async || {
            admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == others
        })
        .await;
    }
}

#[tokio::test]
async fn a_server_without_connections_left_lets_queries_take_turns() {
    let server =
        PrivateServer::start(&[("max_connections", "6"), ("superuser_reserved_connections", "0")]).await;
    let admin = server.connect().await;
    let url = server.url().to_url_with_password();
    let sql = "create table people (id text primary key, name text not null, email text not null unique, \
        phone_number text not null, created_at timestamp(3) not null default now(), updated_at timestamp(3) not null)";
    admin.batch_execute(sql).await.unwrap();
    let mut full = Full { server, admin, others: Vec::new() };
    let separator = if url.contains('?') { '&' } else { '?' };
    let open = |parameters: &str| nicol::Client::lazy(&format!("{url}{separator}{parameters}")).unwrap();

    // Others have all of them.
    let db = Client::from_client(open("connection_limit=4&pool_timeout=1"));
    full.leave(0).await;
    for count in futures_util::future::join_all((0..6).map(|_| counting(&db))).await {
        let error = count.unwrap().unwrap_err();
        assert!(matches!(error.code(), "P2037" | "P2024") && error.is_unavailable(), "{error:?}");
    }
    assert_eq!((db.pool_status().busy, db.pool_status().waiting), (0, 0));
    let db = Client::from_client(open("connection_limit=4&pool_timeout=60"));
    let waiting: Vec<_> = (0..6).map(|_| counting(&db)).collect();
    eventually("they wait", async || db.pool_status().waiting == 6).await;
    full.leave(1).await;
    for task in waiting {
        assert_eq!(task.await.unwrap().unwrap(), 0);
    }

    // One is, which passes all those that have given up.
    let mut rows = db.person().find_many().stream().await.unwrap();
    assert!(rows.next().await.is_none(), "the connection is not busy");
    let given_up: Vec<_> = (0..2000).map(|_| counting(&db)).collect();
    eventually("they wait", async || db.pool_status().waiting == given_up.len()).await;
    // Those that wait for the place of another, and not for a permit.
    tokio::time::sleep(Duration::from_secs(3)).await;
    given_up.iter().for_each(JoinHandle::abort);
    eventually("none waits", async || db.pool_status().waiting == 0).await;
    drop(rows);
    assert_eq!(db.person().count().await.unwrap(), 0);

    // One is: the others take turns, in order, whatever becomes of each.
    for ends in ["well", "dropped"] {
        let mut rows = db.person().find_many().stream().await.unwrap();
        if ends == "well" {
            assert!(rows.next().await.is_none());
        }
        let mut waiting = Vec::new();
        for number in 1..=6 {
            waiting.push(counting(&db));
            eventually("it waits", async || db.pool_status().waiting == number).await;
        }
        waiting.remove(1).abort();
        eventually("it is gone", async || db.pool_status().waiting == 5).await;
        drop(rows);
        // Given up when it may have been given the connection.
        waiting.remove(0).abort();
        for task in waiting {
            assert_eq!(task.await.unwrap().unwrap(), 0);
        }
        eventually("all places are free", async || db.pool_status().busy == 0).await;
        assert_eq!(db.pool_status().waiting, 0);
    }

    // A lost connection is replaced by another's as well.
    let held = db.person().find_many().stream().await.unwrap();
    let waiting = counting(&db);
    eventually("it waits", async || db.pool_status().waiting == 1).await;
    drop(held);
    assert_eq!(waiting.await.unwrap().unwrap(), 0);
    db.close();

    // The time limit of the pool is that of this wait.
    let db = Client::from_client(open("connection_limit=4&pool_timeout=1"));
    let mut held = None;
    eventually("there is a connection", async || {
        held = db.person().find_many().stream().await.ok();
        held.is_some()
    })
    .await;
    let error = db.person().count().await.unwrap_err();
    assert_eq!(error.code(), "P2037");
    full.leave(2).await;
    eventually("it recovers beside the other", async || db.person().count().await.is_ok()).await;
    drop(held);
    eventually("it recovers", async || db.person().count().await.is_ok()).await;

    // Closing the pool ends the wait.
    db.close();
    full.leave(1).await;
    let db = Client::from_client(open("connection_limit=4&pool_timeout=60"));
    let _rows = db.person().find_many().stream().await.unwrap();
    let waiting = counting(&db);
    eventually("it waits", async || db.pool_status().waiting == 1).await;
    db.close();
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(*error.kind(), Kind::ClientClosed);
    full.server.stop(Stop::Fast).await;
}
