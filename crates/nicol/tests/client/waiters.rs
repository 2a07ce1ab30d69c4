//! Ten thousand queries that wait for ten connections.

#![allow(clippy::print_stdout, reason = "the figures of a run are part of its result")]

use std::sync::{Arc, Mutex};

use nicol::{Error, Kind};
use tokio::task::JoinHandle;

use crate::db::Client;
use crate::pool::eventually;
use crate::support::Database;

const WAITERS: usize = 10_000;

/// How far one may end out of turn, unless its connection is slow while the nine others serve.
const OVERTAKEN: usize = 100;

/// What a waiting query may take, in bytes, with its task.
const LARGEST: usize = 16 * 1024;

/// Takes all connections of the pool until the result is dropped.
async fn hold(db: &Client) -> Vec<impl Sized + use<>> {
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(db.person().find_many().stream().await.unwrap());
    }
    held
}

/// Starts the queries and waits until all of them wait. Their numbers come into `order` as they are served.
async fn wait(db: &Client, order: &Arc<Mutex<Vec<usize>>>) -> Vec<JoinHandle<Result<i64, Error>>> {
    let start = |number| {
        let (db, order) = (db.clone(), Arc::clone(order));
        tokio::spawn(async move {
            let count = db.person().count().await;
            order.lock().unwrap().push(number);
            count
        })
    };
    let waiting = (0..WAITERS).map(start).collect();
    eventually("all wait", async || db.pool_status().waiting == WAITERS).await;
    waiting
}

/// The memory of this process, in bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}

#[tokio::test]
async fn ten_thousand_are_served_in_their_order_and_take_little_memory() {
    let test = Database::with("connection_limit=10&pool_timeout=120").await;
    let db = &test.db;
    let held = hold(db).await;
    let (order, before) = (Arc::default(), resident());
    let waiting = wait(db, &order).await;
    let each = resident().saturating_sub(before) / WAITERS;
    println!("a waiting query takes {each} bytes, with its task");
    assert!(each < LARGEST, "{each}");

    drop(held);
    for query in waiting {
        assert_eq!(query.await.unwrap().unwrap(), 0);
    }
    let order = order.lock().unwrap();
    let is_late = |(place, number): &(usize, &usize)| place.abs_diff(**number) > OVERTAKEN;
    let late = order.iter().enumerate().filter(is_late).count();
    println!("{late} ended more than {OVERTAKEN} places out of turn");
    assert!(order.len() == WAITERS && late < WAITERS / 20, "{late}");
    let status = db.pool_status();
    assert_eq!((status.busy, status.waiting), (0, 0));
}

#[tokio::test]
async fn ten_thousand_that_time_out_or_are_given_up_leave_nothing() {
    let test = Database::with("connection_limit=10&pool_timeout=1").await;
    let db = &test.db;
    let held = hold(db).await;
    let order = Arc::default();
    let mut timed_out = 0;
    let start = |_| {
        let db = db.clone();
        tokio::spawn(async move { db.person().count().await })
    };
    for query in (0..WAITERS).map(start).collect::<Vec<_>>() {
        let error = query.await.unwrap().unwrap_err();
        assert_eq!(*error.kind(), Kind::PoolTimeout { connections: 10, waited_ms: 1000 });
        timed_out += 1;
        if timed_out == 1 {
            let text = error.to_string();
            assert!(text.contains("one of the pool's 10 connections") && text.contains("help: "), "{text}");
        }
    }
    assert_eq!(db.pool_status().waiting, 0);
    drop(held);
    assert_eq!(db.person().count().await.unwrap(), 0, "the next query is served");

    let test = Database::with("connection_limit=10&pool_timeout=120").await;
    let db = &test.db;
    let held = hold(db).await;
    for query in wait(db, &order).await {
        query.abort();
    }
    eventually("none waits", async || db.pool_status().waiting == 0).await;
    drop(held);
    drop(hold(db).await);
    assert!(order.lock().unwrap().is_empty(), "none was served");

    let held = hold(db).await;
    let waiting = wait(db, &order).await;
    db.close();
    for query in waiting {
        assert_eq!(*query.await.unwrap().unwrap_err().kind(), Kind::ClientClosed);
    }
    drop(held);
}
