//! Real poolers in transaction mode, of which the connection URL does not tell.

mod figures;

use futures_util::future::join_all;
use nicol::{AssertSafe, params};
use testkit::{Pooler, Prepared, TestDatabase};

use crate::db::{Client, person};
use crate::support::{Database, new_person};

/// A client whose queries all share two server connections.
async fn pooled(test: &TestDatabase, kind: Prepared, parameters: &str) -> (Pooler, Client) {
    let pooler = Pooler::start(&test.direct_url(), kind, &[("default_pool_size", "2")]).await;
    let url = format!("{}&connection_limit=4&{parameters}", pooler.url().to_url_with_password());
    let client = Client::connect(&url).await.expect("the pooler answers");
    (pooler, client)
}

/// Runs many different statements at the same time, some in transactions.
async fn work(db: &Client) {
    let tasks = (0..40).map(|n| async move {
        let name = format!("p{n}");
        let created = db.person().create(new_person(&name)).await?;
        let by_email = db.person().find_unique(person::by_email(&created.email)).await?;
        assert_eq!(by_email.map(|found| found.name), Some(name));
        let (all, updated) = db
            .batch((db.person().count(), db.person().update(person::by_id(&created.id)).phone_number("2")))
            .await?;
        assert!(all > 0 && updated.phone_number == "2");
        let inner = async |tx: Client| {
            tx.person().update(person::by_id(&created.id)).phone_number("3").await?;
            tx.person().find_many().filter(person::id.eq(&created.id)).await
        };
        let found = db.transaction().retry(3).run(inner).await?;
        assert_eq!(found[0].phone_number, "3");
        db.person().delete(person::by_id(&created.id)).await?;
        Ok::<_, nicol::Error>(())
    });
    for done in join_all(tasks).await {
        done.expect("nothing depends on a session");
    }
    assert_eq!(db.person().count().await.unwrap(), 0, "each write ran once");
}

/// The names of the statements that are prepared on a server connection.
async fn names(db: &Client) -> Vec<String> {
    db.query_as::<String>("select name from pg_prepared_statements", params![]).await.unwrap()
}

#[tokio::test]
async fn statements_are_not_prepared_if_the_pooler_loses_them() {
    let test = Database::new().await;
    for parameters in ["", "pgbouncer=true"] {
        let (_pooler, db) = pooled(&test.server, Prepared::Lost, parameters).await;
        for _ in 0..3 {
            work(&db).await;
            assert_eq!(names(&db).await, [""; 0]);
        }
    }
}

#[tokio::test]
async fn statements_are_prepared_if_the_pooler_keeps_them() {
    let test = Database::new().await;
    let (_pooler, db) = pooled(&test.server, Prepared::Kept, "").await;
    for _ in 0..3 {
        work(&db).await;
    }
    let names = names(&db).await;
    assert!(names.len() > 3 && names.iter().all(|name| name.starts_with("PGBOUNCER_")), "{names:?}");
}

#[tokio::test]
async fn a_wrong_url_is_put_right() {
    let test = Database::new().await;
    // The URL says that there is no such pooler.
    let (_pooler, db) = pooled(&test.server, Prepared::Lost, "pgbouncer=false").await;
    work(&db).await;
    work(&db).await;
    assert_eq!(db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_pooler_that_keeps_statements_may_be_replaced_by_one_that_does_not() {
    let test = Database::new().await;
    let (pooler, db) = pooled(&test.server, Prepared::Kept, "").await;
    work(&db).await;
    pooler.console("SET max_prepared_statements = 0").await;
    work(&db).await;
}

#[tokio::test]
async fn a_changed_table_fails_no_query_behind_a_pooler_that_keeps_statements() {
    let test = Database::new().await;
    let (_pooler, db) = pooled(&test.server, Prepared::Kept, "").await;
    let admin = test.server.connect().await;
    db.person().create(new_person("ann")).await.unwrap();
    for length in 100..105 {
        let sql = format!("alter table people alter column name type varchar({length})");
        admin.batch_execute(&sql).await.unwrap();
        for found in join_all((0..8).map(|_| async { db.person().find_many().await })).await {
            assert_eq!(found.unwrap().len(), 1);
        }
    }
}

/// An enum of the database, as it is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Sad,
    Happy,
}

impl nicol::DatabaseEnum for Mood {
    const META: &'static nicol::__private::EnumMeta =
        &nicol::__private::EnumMeta { schema: None, name: "Mood" };
    const ALL: &'static [Self] = &[Self::Sad, Self::Happy];

    fn name(self) -> &'static str {
        match self {
            Self::Sad => "sad",
            Self::Happy => "happy",
        }
    }
}

nicol::__private::impl_enum!(Mood);

/// Writes and reads enums with texts that are new to the driver.
async fn moods(db: Client, n: i32) -> Result<(), nicol::Error> {
    let both = || vec![Mood::Sad, Mood::Happy];
    let sql = format!("insert into days values ({n}, 'sad', '{{sad,happy}}') returning n, mood, moods");
    let made = db.query_as::<(i32, Mood, Vec<Mood>)>(AssertSafe(sql), params![]).await?;
    assert_eq!(made, [(n, Mood::Sad, both())]);
    let sql = "update days set mood = 'happy' where n = $1 returning mood, span";
    assert_eq!(db.execute(sql, params![n]).await?, 1);
    let read = "select mood, moods from days where n = $1";
    let inner = async |tx: Client| {
        let sql = AssertSafe(format!("select moods, mood from days where n = {n}"));
        assert_eq!(tx.query_as::<(Vec<Mood>, Mood)>(sql, params![]).await?, [(both(), Mood::Happy)]);
        tx.person().count().await?;
        tx.query_as::<(Mood, Vec<Mood>)>(read, params![n]).await
    };
    assert_eq!(db.transaction().retry(3).run(inner).await?, [(Mood::Happy, both())]);
    let read = db.query_as::<(Mood, Vec<Mood>)>(read, params![n]);
    let (found, _) = db.batch((read, db.person().count())).await?;
    assert_eq!(found, [(Mood::Happy, both())]);
    // What the rows are is looked up with a third statement of the driver.
    let error = db.query_as::<Mood>("select d from days d where n = $1", params![n]).await.unwrap_err();
    assert_eq!(error.code(), "P2023", "{error}");
    Ok(())
}

#[tokio::test]
async fn sql_of_the_application_returns_any_type_behind_a_pooler() {
    let test = Database::new().await;
    let admin = test.server.connect().await;
    let sql = "create type mood as enum ('sad', 'happy'); create type span as range (subtype = timestamptz); \
        create table days (n int, mood mood, moods mood[], span span)";
    admin.batch_execute(sql).await.unwrap();
    let routes =
        [(Prepared::Lost, ""), (Prepared::Lost, "pgbouncer=false"), (Prepared::Kept, "pgbouncer=true")];
    for (kind, parameters) in routes {
        admin.batch_execute("delete from days").await.unwrap();
        let (_pooler, db) = pooled(&test.server, kind, parameters).await;
        for done in join_all((0..40).map(|n| moods(db.clone(), n))).await {
            done.expect("nothing depends on a session");
        }
        let rows = db.query_as::<i64>("select count(*) from days", params![]).await.unwrap();
        assert_eq!(rows, [40], "each write ran once");
        if parameters.is_empty() {
            for found in join_all((0..8).map(|_| names(&db))).await {
                assert_eq!(found, [""; 0], "another program would meet them");
            }
        }
    }
}

#[tokio::test]
async fn refused_sql_of_the_application_is_the_same_behind_a_pooler() {
    let test = Database::new().await;
    let admin = test.server.connect().await;
    admin.batch_execute("create type mood as enum ('sad', 'happy')").await.unwrap();
    let (_pooler, db) = pooled(&test.server, Prepared::Lost, "").await;
    let wrong = "select 'sad'::mood from nowhere";
    let error = db.query_as::<Mood>(wrong, params![]).await.unwrap_err();
    assert_eq!((error.code(), error.sqlstate()), ("P2021", Some("42P01")));
    for is_first in [true, false] {
        let inner = async |tx: Client| {
            if !is_first {
                tx.query_as::<Mood>("select 'happy'::mood", params![]).await?;
            }
            let error = tx.query_as::<Mood>(wrong, params![]).await.unwrap_err();
            assert_eq!(error.sqlstate(), Some("42P01"));
            let error = tx.person().create(new_person("ann")).await.unwrap_err();
            assert_eq!(error.sqlstate(), Some("25P02"), "the transaction has failed");
            Ok::<_, nicol::Error>(())
        };
        db.transaction().run(inner).await.unwrap_err();
    }
    assert_eq!(db.person().count().await.unwrap(), 0);
    assert_eq!(db.query_as::<Mood>("select 'sad'::mood", params![]).await.unwrap(), [Mood::Sad]);
}

#[tokio::test]
async fn a_query_that_is_given_up_leaves_the_pooler_alive() {
    let test = Database::new().await;
    for kind in [Prepared::Lost, Prepared::Kept] {
        let (_pooler, db) = pooled(&test.server, kind, "").await;
        let admin = test.server.connect().await;
        for _ in 0..5 {
            let slow = db.execute("select pg_sleep(60)", params![]);
            assert!(tokio::time::timeout(std::time::Duration::from_millis(100), slow).await.is_err());
        }
        let sql = "select count(*) from pg_stat_activity where state = 'active' and query like '%sleep(60)'";
        while admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(db.person().count().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn listening_is_refused_behind_a_pooler_that_is_found_out() {
    let test = Database::new().await;
    for kind in [Prepared::Lost, Prepared::Kept] {
        let (_pooler, db) = pooled(&test.server, kind, "").await;
        let error = db.listen(["jobs"]).await.unwrap_err();
        assert!(
            error.to_string().starts_with("a transaction pooler delivers no notifications\nhelp: "),
            "{error}"
        );
    }
    let pooler = Pooler::start(&test.server.direct_url(), Prepared::Lost, &[("pool_mode", "session")]).await;
    let url = format!("{}&pgbouncer=false", pooler.url().to_url_with_password());
    let db = Client::connect(&url).await.unwrap();
    let mut heard = db.listen(["jobs"]).await.unwrap();
    db.notify("jobs", "1").await.unwrap();
    assert!(heard.next().await.is_some());
}
