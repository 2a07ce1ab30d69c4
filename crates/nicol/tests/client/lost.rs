//! Connections that are lost: what is repeated, what is uncertain, and that nothing is done twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nicol::{AssertSafe, Error, Handle, Kind, increment, params};
use nicol_pg::tokio_postgres::Client as Session;
use testkit::{Direction, Fault, Proxy};

use crate::db::{Client, account, post, user};
use crate::support::{Database, new_account};

/// A client whose connections lead through a proxy.
async fn through(proxy: &Proxy, parameters: &str) -> Client {
    let url = format!("{}&{parameters}", proxy.url_text());
    Client::from_client(nicol::Client::connect(&url).await.unwrap())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Create,
    Update,
    Nested,
    /// Looks for a row before it is written.
    Steps,
    Batch,
    Transaction,
    Sql,
    Script,
}

const WORKS: [Work; 8] = [
    Work::Create,
    Work::Update,
    Work::Nested,
    Work::Steps,
    Work::Batch,
    Work::Transaction,
    Work::Sql,
    Work::Script,
];

/// Writes something that can be found by a number. Only in `Nested` and `Steps` something prevents that it is written twice.
async fn write(db: &Client, work: Work, number: i32) -> Result<(), Error> {
    match work {
        Work::Create => {
            db.post().create(post::New {}).views(number).await?;
        }
        Work::Update => {
            db.post().update(post::by_id(number)).views(increment(1)).await?;
        }
        Work::Nested => {
            let email = format!("{number}@example.com");
            let account = new_account(&email, "1");
            db.user().create(user::New { email }).with(user::accounts.create(vec![account])).await?;
        }
        Work::Steps => {
            let email = format!("{number}@example.com");
            let found = account::by_provider_and_provider_account_id(&email, "1");
            let accounts = user::accounts.connect_or_create(found, new_account(&email, "1"));
            db.user().create(user::New { email }).with(accounts).await?;
        }
        Work::Batch => {
            db.batch((db.post().create(post::New {}).views(number), db.user().count())).await?;
        }
        Work::Transaction => {
            let body = async |tx: Client| {
                tx.post().count().await?;
                tx.post().create(post::New {}).views(number).await
            };
            db.transaction().run(body).await?;
        }
        Work::Sql => {
            db.execute("insert into \"Post\" (views) values ($1)", params![number]).await?;
        }
        Work::Script => {
            let sql = format!("insert into \"Post\" (views) values ({number})");
            db.execute(AssertSafe(sql), params![]).await?;
        }
    }
    Ok(())
}

/// Returns how often it was written.
async fn written(db: &Client, work: Work, number: i32) -> i64 {
    match work {
        Work::Update => db.post().find_unique(post::by_id(number)).await.unwrap().unwrap().views.into(),
        Work::Nested | Work::Steps => {
            db.user().count().filter(user::email.eq(format!("{number}@example.com"))).await.unwrap()
        }
        _ => db.post().count().filter(post::views.eq(number)).await.unwrap(),
    }
}

#[tokio::test]
async fn a_write_that_loses_its_connection_at_any_message_is_done_at_most_once_and_never_in_doubt_without_a_word()
 {
    let test = Database::new().await;
    let seed = "insert into \"Post\" (id, views) select n, 0 from generate_series(1000000, 1001000) n";
    test.db.execute(seed, params![]).await.unwrap();
    let proxy = Proxy::start(&test.server.plaintext_url()).await;
    let db = &through(&proxy, "connection_limit=1").await;
    let mut number = 1_000_000;
    for (work, direction) in
        WORKS.iter().flat_map(|work| [Direction::ToServer, Direction::ToClient].map(|way| (*work, way)))
    {
        let mut uncertain = Vec::new();
        for fault in [Fault::Cut, Fault::HalfClose] {
            for before in 0.. {
                // Statements are known to the connection.
                number += 1;
                write(db, work, number).await.unwrap();
                number += 1;
                proxy.plan(direction, fault, before);
                let result = write(db, work, number).await;
                let has_struck = proxy.has_struck();
                let (place, found) = (
                    format!("{work:?}, {fault:?} at {before} {direction:?}"),
                    written(&test.db, work, number).await,
                );
                match &result {
                    Ok(()) => assert_eq!(found, 1, "{place}"),
                    Err(error) if error.is_uncertain() => {
                        assert!(found <= 1, "{place}: {found}");
                        assert_eq!((error.code(), error.is_unavailable()), ("P1017", true));
                        uncertain.push(found);
                    }
                    Err(error) => {
                        assert_eq!((found, error.kind()), (0, &Kind::Closed), "{place}");
                        assert_ne!(work, Work::Steps, "{place}: nothing was committed, so it is repeated");
                    }
                }
                if !has_struck {
                    assert!(result.is_ok() && before > 0, "{place}");
                    break;
                }
            }
        }
        let done = i64::from(direction == Direction::ToClient);
        assert!(uncertain.contains(&done), "{work:?} {direction:?}: {uncertain:?}");
    }
}

/// Ends the sessions of the database that wait for a lock.
async fn terminate(admin: &Session) {
    let sql = "select count(pg_terminate_backend(pid, 60000)) from pg_stat_activity \
        where datname = current_database() and wait_event_type = 'Lock'";
    while admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_statement_that_the_server_says_it_has_ended_is_repeated_once() {
    let test = Database::with("connection_limit=1").await;
    let (mut admin, db) = (test.server.connect().await, &test.db);
    let count = async |email: &str| db.user().count().filter(user::email.eq(email)).await.unwrap();
    db.user().create(user::New { email: "prepared".into() }).await.unwrap();
    for times in 1..=2 {
        let email = format!("{times}");
        // The other may still be rolled back, so the statement waits for it.
        let other = admin.transaction().await.unwrap();
        other.execute("insert into users (id, email) values ('x', $1)", &[&email]).await.unwrap();
        let killer = test.server.connect().await;
        let ends = async {
            for _ in 0..times {
                terminate(&killer).await;
            }
            other.rollback().await.unwrap();
        };
        let create = db.user().create(user::New { email: email.clone() });
        let (created, ()) = tokio::join!(create.into_future(), ends);
        if times == 1 {
            created.unwrap();
            assert_eq!(count(&email).await, 1);
        } else {
            // A statement may be what ends the server.
            let error = created.unwrap_err();
            assert_eq!((error.kind(), error.sqlstate()), (&Kind::Closed, Some("57P01")));
            assert_eq!(count(&email).await, 0);
        }
    }

    // A procedure may have committed before.
    db.execute("create procedure twice() language plpgsql as $$ begin insert into \"Post\" (views) values (2); commit; \
        lock table \"Order\"; insert into \"Post\" (views) values (2); end $$", params![]).await.unwrap();
    let lock = admin.transaction().await.unwrap();
    lock.batch_execute("lock table \"Order\"").await.unwrap();
    let killer = test.server.connect().await;
    let (called, ()) = tokio::join!(db.execute("call twice()", params![]).into_future(), terminate(&killer));
    lock.rollback().await.unwrap();
    let error = called.unwrap_err();
    assert!(error.is_uncertain(), "{error:?}");
    assert!(error.to_string().contains("may or may not have been executed\nhelp: look whether"), "{error}");
    assert_eq!(written(db, Work::Create, 2).await, 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_a_write_uncertain() {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.plaintext_url()).await;
    let db = &through(&proxy, "connection_limit=1&socket_timeout=1").await;
    write(db, Work::Create, 1).await.unwrap();
    proxy.plan(Direction::ToClient, Fault::Stall, 0);
    let error = write(db, Work::Create, 2).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (&Kind::Uncertain { code: "P1008" }, "P1008"));
    assert_eq!(written(&test.db, Work::Create, 2).await, 1);
    // The server's own time limit ends the statement.
    let sql = "with waited as (select pg_sleep(60)) insert into \"Post\" (views) select 3 from waited";
    let limited = db.with_context("statement_timeout", "100");
    let error = limited.execute(sql, params![]).await.unwrap_err();
    assert_eq!((error.kind(), error.sqlstate()), (&Kind::Timeout, Some("57014")));
    // In a transaction, nothing is uncertain before its end.
    let body = async |tx: Client| {
        tx.post().create(post::New {}).views(4).await?;
        proxy.plan(Direction::ToClient, Fault::Stall, 0);
        tx.post().create(post::New {}).views(4).await
    };
    assert_eq!(*db.transaction().run(body).await.unwrap_err().kind(), Kind::Timeout);
    assert_eq!(written(&test.db, Work::Create, 4).await, 0);
}

#[tokio::test]
async fn a_transaction_that_was_not_committed_is_run_again_if_it_may_be() {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.direct_url()).await;
    let db = &through(&proxy, "connection_limit=2").await;
    // The statement, its answer, COMMIT, and its answer.
    for (number, direction, before, commits) in [
        (1, Direction::ToServer, 0, false),
        (2, Direction::ToClient, 2, false),
        (3, Direction::ToServer, 3, true),
        (4, Direction::ToClient, 4, true),
    ] {
        // The connection knows the statements then.
        write(db, Work::Transaction, 0).await.unwrap();
        let runs = AtomicUsize::new(0);
        let body = async |tx: Client| {
            tx.post().create(post::New {}).views(number).await?;
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                proxy.plan(direction, Fault::Cut, before);
            }
            tx.post().count().await
        };
        let result = db.transaction().retry(3).run(body).await;
        let found = written(&test.db, Work::Transaction, number).await;
        assert!(proxy.has_struck(), "{number}");
        if commits {
            assert!(result.unwrap_err().is_uncertain(), "{number}");
            assert_eq!((runs.into_inner(), found), (1, i64::from(direction == Direction::ToClient)));
        } else {
            result.unwrap();
            assert_eq!((runs.into_inner(), found), (2, 1), "{number}");
        }
    }
}

#[tokio::test]
async fn one_lost_connection_tells_of_the_others() {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.plaintext_url()).await;
    let db = &through(&proxy, "connection_limit=3").await;
    let three = async || {
        let rows = (db.post().find_many().stream().await, db.post().find_many().stream().await);
        db.post().count().await.unwrap();
        for mut rows in [rows.0.unwrap(), rows.1.unwrap()] {
            assert!(rows.next().await.is_none());
        }
    };
    three().await;
    assert_eq!((db.pool_status().idle, proxy.connections()), (3, 3));
    proxy.plan(Direction::ToServer, Fault::Cut, 0);
    assert_eq!(db.post().count().await.unwrap(), 0);
    assert!(proxy.has_struck());
    assert_eq!(db.pool_status().idle, 1, "the others are not trusted");
    // A write that is uncertain tells as well.
    three().await;
    write(db, Work::Sql, 1).await.unwrap();
    assert_eq!(db.pool_status().idle, 3);
    proxy.plan(Direction::ToServer, Fault::Cut, 0);
    assert!(write(db, Work::Sql, 2).await.unwrap_err().is_uncertain());
    assert_eq!(db.pool_status().idle, 0);
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for_and_the_error_says_how_long() {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.direct_url()).await;
    let db = &through(&proxy, "connection_limit=1&pool_timeout=60").await;
    for work in WORKS {
        proxy.refuse(true);
        proxy.cut_all();
        let back = async {
            // It is tried in vain first.
            while db.pool_status().waiting == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            proxy.refuse(false);
        };
        test.db
            .execute(
                "insert into \"Post\" (id, views) values (9, 0) on conflict (id) do update set views = 0",
                params![],
            )
            .await
            .unwrap();
        tokio::join!(async { write(db, work, 9).await.unwrap() }, back);
        assert_eq!(written(&test.db, work, 9).await, 1, "{work:?}");
        test.db.post().delete_many().await.unwrap();
        test.db.user().delete_many().await.unwrap();
    }
    // Not for longer than the pool may take.
    let db = &through(&proxy, "connection_limit=1&pool_timeout=1").await;
    proxy.refuse(true);
    proxy.cut_all();
    // Reads are repeated until the client has noticed; a write might be sent before.
    assert!(db.post().count().await.unwrap_err().is_unavailable());
    let (one, other) = tokio::join!(write(db, Work::Create, 1), async { db.post().count().await });
    let (one, other) = (one.unwrap_err(), other.unwrap_err());
    assert!(matches!(one.kind(), Kind::Connect { code: "P1017" }), "{one:?}");
    assert!(one.to_string().starts_with("cannot connect to the database, after trying for "), "{one}");
    // Both have waited for as long, so that the other may still have come to try by itself.
    let text = other.to_string();
    assert!(
        match other.kind() {
            Kind::PoolTimeout { connections: 1, waited_ms: 1000 } =>
                text.contains("no connection could be opened: the database server at")
                    && !text.contains("slow queries"),
            kind => matches!(kind, Kind::Connect { code: "P1017" }),
        },
        "{text}"
    );
    proxy.refuse(false);
    write(db, Work::Create, 1).await.unwrap();

    // One that was never there is not waited for.
    let url = "postgresql://nobody@127.0.0.1:1/none?pool_timeout=600&connect_timeout=600";
    let never = Client::from_client(nicol::Client::lazy(url).unwrap());
    assert_eq!(never.post().count().await.unwrap_err().code(), "P1001");
}

#[tokio::test]
async fn a_password_that_has_become_wrong_is_not_waited_for() {
    let test = Database::new().await;
    let admin = test.server.connect().await;
    let role = format!("role_{}", test.server.url().database());
    admin.batch_execute(&format!("create role \"{role}\" login password 'secret'")).await.unwrap();
    let url = test.server.direct_url().with_user(&role, Some("secret")).to_url_with_password();
    let url =
        format!("{url}{}connection_limit=1&pool_timeout=600", if url.contains('?') { '&' } else { '?' });
    let db = Client::from_client(nicol::Client::connect(&url).await.unwrap());
    db.execute("select 1", params![]).await.unwrap();
    admin.batch_execute(&format!("alter role \"{role}\" nologin")).await.unwrap();
    let sql = "select pg_terminate_backend(pid, 60000) from pg_stat_activity where usename = $1";
    admin.query(sql, &[&role]).await.unwrap();
    let error = db.execute("select 1", params![]).await.unwrap_err();
    assert_eq!(error.code(), "P1010", "{error:?}");
    admin.batch_execute(&format!("drop role \"{role}\"")).await.unwrap();
}
