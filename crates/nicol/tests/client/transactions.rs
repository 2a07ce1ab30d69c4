//! All or nothing: transactions, savepoints, batches, retries.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use nicol::{Error, Isolation, Kind, TransactionOptions};

use crate::db::{Client, person, session, user};
use crate::support::{Database, new_account, new_person};

async fn count(db: &Client) -> i64 {
    db.person().count().await.unwrap()
}

#[tokio::test]
async fn ok_commits_and_err_rolls_back() {
    let test = Database::new().await;
    test.db.transaction().run(async |tx| tx.person().create(new_person("a")).await).await.unwrap();
    let result: Result<(), Error> = test
        .db
        .transaction()
        .run(async |tx| {
            tx.person().create(new_person("b")).await?;
            assert_eq!(tx.person().count().await?, 2);
            Err(Kind::Timeout.into())
        })
        .await;
    assert_eq!((result.unwrap_err().code(), count(&test.db).await), ("P1008", 1));
}

#[derive(Debug, PartialEq)]
enum Refused {
    Database(&'static str),
    Full,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Database(error.code())
    }
}

impl nicol::MaybeConflict for Refused {
    fn is_conflict(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn a_closure_names_no_error_type_unless_it_has_its_own() {
    let test = Database::new().await;
    test.db
        .transaction()
        .run(async |tx| {
            tx.person().count().await?;
            Ok(())
        })
        .await
        .unwrap();
    test.db
        .transaction()
        .retry(1)
        .run(async |tx| {
            tx.person().count().await?;
            Ok(())
        })
        .await
        .unwrap();
    let full = async |tx: Client| {
        tx.person().create(new_person("a")).await?;
        if tx.person().count().await? > 0 { Err(Refused::Full) } else { Ok(()) }
    };
    assert_eq!(test.db.transaction().try_run(full).await, Err(Refused::Full));
    assert_eq!(test.db.transaction().retry(1).try_run(full).await, Err(Refused::Full));
    let taken = async |tx: Client| {
        tx.person().create(new_person("a")).await?;
        tx.person().create(new_person("a")).await?;
        Ok(())
    };
    assert_eq!(test.db.transaction().try_run(taken).await, Err(Refused::Database("P2002")));
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test]
async fn a_panic_or_a_drop_rolls_back_and_frees_the_connection() {
    let test = Database::with("connection_limit=1").await;
    let db = test.db.clone();
    let panicked = tokio::spawn(async move {
        let body = async |tx: Client| -> Result<(), Error> {
            tx.person().create(new_person("a")).await?;
            panic!("on purpose");
        };
        db.transaction().run(body).await
    });
    assert!(panicked.await.unwrap_err().is_panic());
    let dropped = test.db.transaction().run(async |tx| -> Result<(), Error> {
        tx.person().create(new_person("a")).await?;
        std::future::pending().await
    });
    assert!(tokio::time::timeout(Duration::from_millis(100), dropped).await.is_err());
    assert_eq!(count(&test.db).await, 0);
    let limited = test.db.transaction().timeout(Duration::from_millis(50));
    let limited = limited.run(async |tx| -> Result<(), Error> {
        tx.execute("select pg_sleep(10)", vec![]).await?;
        Ok(())
    });
    let started = std::time::Instant::now();
    assert_eq!(limited.await.unwrap_err().code(), "P1008");
    assert_eq!(count(&test.db).await, 0);
    assert!(started.elapsed() < Duration::from_secs(8), "the statement was cancelled, not waited for");
}

#[tokio::test]
async fn a_swallowed_error_does_not_commit() {
    let test = Database::new().await;
    let result = test.db.transaction().run(async |tx| -> Result<(), Error> {
        tx.person().create(new_person("a")).await?;
        let _ = tx.person().create(new_person("a")).await;
        Ok(())
    });
    assert_eq!(*result.await.unwrap_err().kind(), Kind::TransactionFailed);
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test]
async fn a_transaction_within_is_a_savepoint() {
    let test = Database::new().await;
    let body = async |tx: Client| {
        tx.person().create(new_person("a")).await?;
        let inner = tx.transaction().run(async |tx| {
            tx.person().create(new_person("b")).await?;
            tx.person().create(new_person("a")).await
        });
        assert_eq!(inner.await.unwrap_err().code(), "P2002");
        tx.transaction().run(async |tx| tx.person().create(new_person("c")).await).await
    };
    test.db.transaction().run(body).await.unwrap();
    let names =
        test.db.person().find_many().order_by(person::name.asc()).select((person::name,)).await.unwrap();
    assert_eq!(names, [("a".to_owned(),), ("c".to_owned(),)]);
}

#[tokio::test]
async fn each_of_three_levels_is_rolled_back_by_itself() {
    let test = Database::new().await;
    for fails_at in 1..=4 {
        let level = |number| if number == fails_at { Err(Error::from(Kind::TooLong)) } else { Ok(()) };
        let body = async |tx: Client| {
            tx.person().create(new_person("1")).await?;
            let second = tx.transaction().run(async |tx| {
                tx.person().create(new_person("2")).await?;
                let third = tx.transaction().run(async |tx| {
                    tx.person().create(new_person("3")).await?;
                    level(3)
                });
                // What it did is kept or not, and goes with the level above it.
                drop(third.await);
                level(2)
            });
            drop(second.await);
            tx.person().create(new_person("4")).await?;
            level(1)
        };
        drop(test.db.transaction().run(body).await);
        let names = test.db.person().find_many().order_by(person::name.asc()).select((person::name,));
        let names: String = names.await.unwrap().into_iter().map(|(name,)| name).collect();
        assert_eq!(names, ["", "14", "124", "1234"][fails_at - 1]);
        test.db.person().delete_many().await.unwrap();
    }
}

#[derive(Debug, nicol::FromRow)]
struct Settings {
    isolation: String,
    read_only: String,
}

async fn settings(db: &Client) -> Result<(String, String), Error> {
    let sql = "select current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as read_only";
    let Settings { isolation, read_only } = db.query_as::<Settings>(sql, vec![]).await?.remove(0);
    Ok((isolation, read_only))
}

#[tokio::test]
async fn a_transaction_has_the_options_of_its_client_and_its_own() {
    let test = Database::with("connection_limit=1").await;
    let error =
        test.db.transaction().read_only().run(async |tx| tx.person().create(new_person("a")).await).await;
    assert_eq!(error.unwrap_err().sqlstate(), Some("25006"));
    assert_eq!(count(&test.db).await, 0);
    let of = |isolation: &str, read_only: &str| (isolation.to_owned(), read_only.to_owned());
    let transaction = || test.db.transaction().read_only();
    let snapshot = transaction().isolation(Isolation::RepeatableRead).run(async |tx| settings(&tx).await);
    assert_eq!(snapshot.await.unwrap(), of("repeatable read", "on"));

    let options = TransactionOptions::default()
        .isolation(Isolation::Serializable)
        .read_only()
        .max_wait(Duration::from_millis(50))
        .timeout(Duration::from_millis(150));
    let db = test.db.transaction_options(options);
    let found = db.transaction().run(async |tx| settings(&tx).await).await.unwrap();
    assert_eq!(found, of("serializable", "on"));
    let own = db.transaction().isolation(Isolation::ReadCommitted);
    assert_eq!(own.run(async |tx| settings(&tx).await).await.unwrap(), of("read committed", "on"));
    let (_, error) = (settings(&db).await.unwrap(), db.batch((db.person().create(new_person("a")),)).await);
    assert_eq!(error.unwrap_err().sqlstate(), Some("25006"), "batches, too");
    assert_eq!(settings(&test.db).await.unwrap(), of("read committed", "off"));

    let slow = async |tx: Client| -> Result<(), Error> {
        tx.person().count().await?;
        tokio::time::sleep(Duration::from_mins(1)).await;
        Ok(())
    };
    assert_eq!(*db.transaction().run(slow).await.unwrap_err().kind(), Kind::Timeout);
    // A savepoint has its own limit, and not once more that of the client.
    let body = async |tx: Client| {
        let inner = tx.transaction().timeout(Duration::from_millis(20)).run(slow).await;
        assert_eq!(*inner.unwrap_err().kind(), Kind::Timeout);
        settings(&tx).await
    };
    assert_eq!(db.transaction().timeout(Duration::MAX).run(body).await.unwrap(), of("serializable", "on"));

    let busy = test.db.person().find_many().stream().await.unwrap();
    let started = std::time::Instant::now();
    let error = db.transaction().run(async |tx| settings(&tx).await).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::PoolTimeout { waited_ms: 50, .. }), "{error:?}");
    let own = test.db.transaction().max_wait(Duration::from_millis(20)).run(async |tx| settings(&tx).await);
    assert_eq!(own.await.unwrap_err().code(), "P2024");
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(busy);
    assert_eq!(settings(&test.db).await.unwrap(), of("read committed", "off"));
}

#[tokio::test]
async fn a_savepoint_that_is_dropped_is_rolled_back() {
    let test = Database::with("connection_limit=1").await;
    let db = &test.db;
    for ends_with_a_write in [false, true] {
        let body = async |tx: Client| {
            tx.person().create(new_person("outer")).await?;
            let inner = tx.transaction().run(async |tx| -> Result<(), Error> {
                tx.person().create(new_person("inner")).await?;
                let innermost = tx.transaction().run(async |tx| -> Result<(), Error> {
                    tx.person().create(new_person("innermost")).await?;
                    std::future::pending().await
                });
                innermost.await
            });
            assert!(tokio::time::timeout(Duration::from_millis(300), inner).await.is_err());
            if ends_with_a_write {
                assert_eq!(tx.person().count().await?, 1);
                tx.person().create(new_person("after")).await?;
            }
            Ok(())
        };
        db.transaction().run(body).await.unwrap();
        let names =
            db.person().find_many().order_by(person::name.asc()).select((person::name,)).await.unwrap();
        let expected: &[&str] = if ends_with_a_write { &["after", "outer"] } else { &["outer"] };
        assert_eq!(names.iter().map(|(name,)| &**name).collect::<Vec<_>>(), expected);
        db.person().delete_many().await.unwrap();
    }
    // A failure within it is no failure of the outer transaction.
    let body = async |tx: Client| {
        tx.person().create(new_person("outer")).await?;
        let inner = tx.transaction().run(async |tx| -> Result<(), Error> {
            tx.person().create(new_person("outer")).await.unwrap_err();
            std::future::pending().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(300), inner).await.is_err());
        tx.person().create(new_person("after")).await
    };
    db.transaction().run(body).await.unwrap();
    assert_eq!(db.person().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_transaction_whose_statement_was_given_up_is_not_committed() {
    let test = Database::with("connection_limit=1&pool_timeout=60").await;
    let body = async |tx: Client| -> Result<(), Error> {
        tx.person().create(new_person("a")).await?;
        let sleep = tx.execute("select pg_sleep(3600)", vec![]);
        assert!(tokio::time::timeout(Duration::from_millis(200), sleep).await.is_err());
        Ok(())
    };
    let error = test.db.transaction().run(body).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::TransactionFailed);
    assert_eq!(count(&test.db).await, 0);
}

#[tokio::test]
async fn a_nested_write_that_is_given_up_by_the_server_leaves_nothing_behind() {
    let options = "connection_limit=1&pool_timeout=60&options=-c%20statement_timeout%3D";
    let backend = async |db: &Client| {
        db.query_as::<Backend>("select pg_backend_pid() as pid", vec![]).await.unwrap()[0].pid
    };
    let create = |db: &Client, email: &str| {
        let accounts = ["1", "2"].map(|id| new_account("p", id));
        db.user().create(user::New { email: email.into() }).with(user::accounts.create(Vec::from(accounts)))
    };
    let taken = |id: &str| {
        format!(
            "insert into accounts (id, user_id, type, provider, provider_account_id) \
             select 'other' || {id}, id, 'oauth', 'p', '{id}' from users where email = 'other'"
        )
    };
    // It waits for the end of another transaction with the same key, for too long.
    let test =
        Database::in_session("PgBouncer passes on no `statement_timeout`", &format!("{options}300ms")).await;
    create(&test.db, "other").await.unwrap();
    test.db.account().delete_many().await.unwrap();
    let before = backend(&test.db).await;
    let admin = test.server.connect().await;
    admin.batch_execute("begin").await.unwrap();
    admin.batch_execute(&taken("2")).await.unwrap();
    let error = create(&test.db, "a").await.unwrap_err();
    assert_eq!((error.code(), error.sqlstate()), ("P1008", Some("57014")));
    assert_eq!(test.db.user().count().await.unwrap(), 1);
    assert_eq!(backend(&test.db).await, before, "the connection is kept");
    admin.batch_execute("rollback").await.unwrap();
    create(&test.db, "a").await.unwrap();

    // The other transaction waits for it as well. PostgreSQL ends either.
    let test = Database::with(&format!("{options}0")).await;
    create(&test.db, "other").await.unwrap();
    test.db.account().delete_many().await.unwrap();
    let before = backend(&test.db).await;
    let admin = test.server.connect().await;
    admin.batch_execute("begin").await.unwrap();
    admin.batch_execute(&taken("2")).await.unwrap();
    let other = async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while admin.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let result = admin.batch_execute(&taken("1")).await;
        admin.batch_execute("rollback").await.unwrap();
        result
    };
    let created = async { create(&test.db, "a").await };
    let (created, other) = tokio::join!(created, other);
    assert_eq!(created.is_ok(), other.is_err(), "{other:?}");
    let found = (test.db.user().count().await.unwrap(), test.db.account().count().await.unwrap());
    match created {
        Ok(_) => assert_eq!(found, (2, 2)),
        Err(error) => {
            assert_eq!((error.kind(), error.code(), found), (&Kind::Conflict, "P2034", (1, 0)));
        }
    }
    assert_eq!(backend(&test.db).await, before, "the connection is kept");
}

#[derive(Debug, nicol::FromRow)]
struct Backend {
    pid: i32,
}

#[tokio::test]
async fn a_client_of_a_finished_transaction_is_closed() {
    let test = Database::new().await;
    let kept: Result<Client, Error> = test.db.transaction().run(async |tx| Ok(tx)).await;
    let error = kept.unwrap().person().count().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (&Kind::TransactionClosed, "P2028"));
}

#[tokio::test]
async fn a_conflict_is_tried_again() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    let attempts = AtomicUsize::new(0);
    let (db, id) = (&test.db, &ann.id);
    let body = async |tx: Client| {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        let seen = tx.person().find_unique(person::by_id(id)).or_not_found().await?;
        if attempt == 0 {
            // Somebody else, in between.
            db.person().update(person::by_id(id)).name("other").await?;
        }
        tx.person().update(person::by_id(id)).name(format!("{}!", seen.name)).await
    };
    let serializable = db.transaction().isolation(Isolation::Serializable);
    assert_eq!(serializable.run(body).await.unwrap_err().code(), "P2034");
    attempts.store(0, Ordering::Relaxed);
    let row = db.transaction().isolation(Isolation::Serializable).retry(3).run(body).await.unwrap();
    assert_eq!((row.name.as_str(), attempts.load(Ordering::Relaxed)), ("other!", 2));
}

#[tokio::test]
async fn a_batch_is_all_or_nothing() {
    let test = Database::new().await;
    let (ann, rows) =
        test.db.batch((test.db.person().create(new_person("ann")), test.db.person().count())).await.unwrap();
    assert_eq!((ann.name.as_str(), rows), ("ann", 1));
    let again = (test.db.person().delete_many(), test.db.user().delete(user::by_id("nobody")));
    assert_eq!(test.db.batch(again).await.unwrap_err().code(), "P2025");
    // Each query that fails without a row takes the others with it.
    let write = |name: &str| test.db.person().create(new_person(name));
    let update = test.db.person().update(person::by_id("x"));
    assert_eq!(test.db.batch((write("x"), update.name("y"))).await.unwrap_err().code(), "P2025");
    let update = test.db.person().update(person::by_id("x"));
    assert_eq!(test.db.batch((write("x"), update)).await.unwrap_err().code(), "P2025");
    let find = test.db.person().find_unique(person::by_id("x")).or_not_found();
    assert_eq!(test.db.batch((write("x"), find)).await.unwrap_err().code(), "P2025");
    let connect =
        test.db.session().create(session::NewInUser { session_token: "1".into(), expires: Utc::now() });
    let connect = connect.with(session::user.connect(user::by_id("x")));
    assert_eq!(
        test.db.batch((write("x"), connect)).await.unwrap_err().to_string(),
        "there is no such `User`"
    );
    assert_eq!(test.db.person().find_many().await.unwrap(), [ann]);
    let (_, none) =
        test.db.batch((write("x"), test.db.person().find_unique(person::by_id("x")))).await.unwrap();
    assert_eq!((none, count(&test.db).await), (None, 2));
    // The first error is told, although the second one is the server's.
    let update = test.db.person().update(person::by_id("x")).name("y");
    let orphan = session::New { session_token: "2".into(), user_id: "x".into(), expires: Utc::now() };
    assert_eq!(test.db.batch((update, test.db.session().create(orphan))).await.unwrap_err().code(), "P2025");
    let twice = || test.db.person().create(new_person("bob"));
    assert_eq!(test.db.batch(vec![twice(), twice()]).await.unwrap_err().code(), "P2002");
    assert_eq!(test.db.person().count().filter(person::name.eq("bob")).await.unwrap(), 0);
}

#[tokio::test]
async fn a_batch_takes_upserts_and_writes_of_several_statements() {
    let test = Database::new().await;
    let db = &test.db;
    let upsert = |email: &str| {
        let new = user::New { email: email.into() };
        db.user().upsert(user::by_email(email), new, |user| user.name("old"))
    };
    let (a, users) = db.batch((upsert("a"), db.user().count())).await.unwrap();
    assert_eq!((a.name.as_deref(), users), (None, 1));
    // The key of the new row is another one, so the row is looked for first.
    let other =
        || db.user().upsert(user::by_id(&a.id), user::New { email: "b".into() }, |user| user.name("new"));
    let (_, b, users) = db.batch((upsert("a"), other(), db.user().count())).await.unwrap();
    assert_eq!((b.email.as_str(), b.name.as_deref(), users), ("a", Some("new"), 1));
    // All or nothing, also if the rows are known only at the end.
    let missing = db.user().delete(user::by_email("nobody"));
    let error = db.batch((db.user().delete_many(), other(), missing)).await.unwrap_err();
    assert_eq!((error.code(), db.user().count().await.unwrap()), ("P2025", 1));
}
