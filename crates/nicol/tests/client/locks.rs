//! Locks on the rows that a query reads.

use std::time::Duration;

use nicol::{Error, Kind};

use crate::db::{Client, person, session, user};
use crate::support::{Database, new_account, new_person};

#[tokio::test]
async fn two_workers_take_each_job_once_and_wait_for_none() {
    let test = Database::new().await;
    for number in 10..30 {
        test.db.person().create(new_person(&number.to_string())).await.unwrap();
    }
    let (db, worked) = (&test.db, tokio::sync::Barrier::new(2));
    let worker = async || {
        let mut done = Vec::new();
        loop {
            let next = async |tx: Client| {
                let job =
                    tx.person().find_first().order_by(person::name.asc()).for_update().skip_locked().await?;
                // Each waits with its lock for the other, so neither can wait for that of the other.
                worked.wait().await;
                let Some(job) = job else { return Ok(None) };
                tx.person().delete(person::by_id(job.id)).await?;
                Ok(Some(job.name))
            };
            match db.transaction().run(next).await? {
                Some(job) => done.push(job),
                None => return Ok::<_, Error>(done),
            }
        }
    };
    let both = async { tokio::join!(worker(), worker()) };
    let (first, second) = tokio::time::timeout(Duration::from_mins(1), both).await.unwrap();
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.len(), second.len()), (10, 10));
    let mut all = [first, second].concat();
    all.sort();
    assert_eq!(all, (10..30).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_rows_of_the_model_are_locked() {
    let test = Database::new().await;
    let db = &test.db;
    for email in ["a", "b", "c"] {
        let accounts = vec![new_account("p", email), new_account("q", email)];
        db.user()
            .create(user::New { email: email.into() })
            .with(user::accounts.create(accounts))
            .await
            .unwrap();
    }
    let other = test.server.connect().await;
    let free = async |table: &str| {
        let sql = format!("select count(*) from (select from {table} for update skip locked) as free");
        other.query_one(&sql, &[]).await.unwrap().get::<_, i64>(0)
    };
    let body = async |tx: Client| {
        // `accounts.user_id` has no index: for many rows it would be read in groups, which cannot be locked.
        let users = tx.user().find_many().filter(user::email.is_in(["a", "b"])).order_by(user::email.asc());
        let users =
            users.include(user::accounts).include(user::sessions.count()).take(1).for_update().await?;
        assert_eq!((users.len(), users[0].accounts().len(), users[0].sessions_count()), (1, 2, 0));
        assert_eq!((free("users").await, free("accounts").await), (2, 6));
        let user = tx.user().find_unique(user::by_email("b")).or_not_found().include(user::accounts);
        assert_eq!(user.for_no_key_update().await?.accounts().len(), 2);
        assert_eq!((free("users").await, free("accounts").await), (1, 6));
        tx.user().find_first().filter(user::email.eq("c")).select((user::id,)).for_share().await?;
        assert_eq!(free("users").await, 0);
        Ok(())
    };
    db.transaction().run(body).await.unwrap();
    assert_eq!(free("users").await, 3, "the locks end with the transaction");
}

#[tokio::test]
async fn a_locked_row_is_waited_for_skipped_or_an_error() {
    let test = Database::new().await;
    let db = &test.db;
    db.person().create(new_person("a")).await.unwrap();
    db.person().create(new_person("b")).await.unwrap();
    let other = test.server.connect().await;
    other.batch_execute("begin; select from people where name = 'a' for update").await.unwrap();
    let by_name = |tx: &Client| tx.person().find_many().order_by(person::name.asc()).select((person::name,));
    let names = db.transaction().run(async |tx| by_name(&tx).for_share().skip_locked().await).await.unwrap();
    assert_eq!(names, [("b".to_owned(),)]);
    let error =
        db.transaction().run(async |tx| by_name(&tx).for_key_share().nowait().await).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.sqlstate()), (&Kind::Locked, "P1008", Some("55P03")));
    assert_eq!(error.to_string(), "another transaction did not release a lock in time");
    let waiting = db.transaction().run(async |tx| by_name(&tx).for_update().await);
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.batch_execute("update people set name = 'z' where name = 'a'; commit").await.unwrap();
    };
    let (names, ()) = tokio::join!(waiting, release);
    // PostgreSQL reads the row again after the wait, but does not sort again.
    assert_eq!(names.unwrap(), [("z".to_owned(),), ("b".to_owned(),)]);
    // With KEY SHARE, others may change what is not a key.
    let body = async |tx: Client| {
        by_name(&tx).for_key_share().await?;
        other.batch_execute("update people set name = 'y' where name = 'z'").await.unwrap();
        let delete = other.batch_execute("set lock_timeout = '50ms'; delete from people").await;
        assert_eq!(delete.unwrap_err().code().unwrap().code(), "55P03");
        Ok(())
    };
    db.transaction().run(body).await.unwrap();
}

#[tokio::test]
async fn a_lock_that_would_be_useless_or_impossible_is_refused() {
    let test = Database::new().await;
    let db = &test.db;
    let error = db.person().find_many().for_update().skip_locked().await.unwrap_err();
    assert_eq!(error.code(), "P2009");
    assert_eq!(
        error.to_string(),
        "a lock ends with its transaction, and this query is not part of one\nhelp: run it on the client that \
         `transaction().run(…)` passes to its closure"
    );
    let error =
        db.batch((db.person().find_many().for_update(), db.person().delete_many())).await.unwrap_err();
    assert_eq!(error.code(), "P2009");
    assert_eq!(test.statements(), 0);
    let batch =
        async |tx: Client| tx.batch((tx.session().find_first().for_update(), tx.session().count())).await;
    assert_eq!(db.transaction().run(batch).await.unwrap(), (None, 0));
    let missing =
        async |tx: Client| tx.session().find_unique(session::by_id("x")).or_not_found().for_update().await;
    assert_eq!(db.transaction().run(missing).await.unwrap_err().code(), "P2025");
}
