//! Scripts that cannot run as one transaction.

use std::time::Duration;

use nicol_migrate::{Error, Left, Resolution, Standing, deploy, resolve, status};

use crate::support::{TestResult, client, empty, history, tables, three};

const NAME: &str = "20250102000000_two";

#[tokio::test]
async fn using_a_new_enum_value_takes_two_transactions() -> TestResult {
    let database = empty().await;
    let script = "create type role as enum ('user'); create table two (role role);\n\
        commit;\n\
        alter type role add value 'admin';\n\
        insert into two values ('admin');";
    deploy(database.url(), &three(script), |_| {}).await?;
    let client = client(database.url()).await;
    assert_eq!(client.query_one("select role::text from two", &[]).await?.get::<_, &str>(0), "admin");
    assert!(history(&client).await.iter().all(|row| row.1 && row.3 == 1 && row.4.is_none()));
    Ok(())
}

/// Nothing in the text says that the value is used.
#[tokio::test]
async fn pieces_are_learned_from_errors_of_the_server() -> TestResult {
    let database = empty().await;
    let other = client(database.url()).await;
    other.batch_execute("create schema other; create type other.role as enum ('user')").await?;
    let script = "create table two (n int);\n\
        create procedure ends() language plpgsql as $$ begin insert into two values (1); commit; end $$;\n\
        alter type other.role add value 'admin';\n\
        insert into two select count(*) from unnest(enum_range(null::other.role));\n\
        call ends();";
    deploy(database.url(), &three(script), |_| {}).await?;
    let rows = other.query("select n from two order by n", &[]).await?;
    assert_eq!(rows.iter().map(|row| row.get::<_, i32>(0)).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(tables(&other).await, ["one", "three", "two"]);
    assert!(history(&other).await.iter().all(|row| row.1 && row.3 == 1 && row.4.is_none()));
    Ok(())
}

const UNIQUE: &str = "create table two (id int);\n\
    insert into two values (1), (1);\n\
    create unique index concurrently two_id on two (id);\n\
    create index concurrently two_other on two (id);\n\
    insert into two values (2);\n";

#[tokio::test]
async fn a_failure_between_pieces_can_be_fixed_and_resumed() -> TestResult {
    let database = empty().await;
    let url = database.url();
    let error = deploy(url, &three(UNIQUE), |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3018"));
    let text = error.to_string();
    for part in
        ["23505", "line 3", "2 of its 5 statements", "drop index concurrently public.two_id", "--resume"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let found = status(url, &three(UNIQUE)).await?;
    assert_eq!(
        found.unfinished[0].standing,
        Standing::Failed { left: Some(Left::Part { done: 2, total: 5 }) }
    );
    let error = deploy(url, &three(UNIQUE), |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3009"));
    assert!(error.to_string().contains("--resume"), "{error}");

    // As long as the index is there, there is nothing to go on from.
    let error = resolve(url, &three(UNIQUE), NAME, Resolution::Resumed).await.unwrap_err();
    assert!(
        matches!(&error, Error::InvalidIndex { index, line: 3, .. } if index == "public.two_id"),
        "{error}"
    );
    let client = client(url).await;
    client.batch_execute("drop index concurrently public.two_id").await?;
    client.batch_execute("delete from two where ctid in (select min(ctid) from two)").await?;
    // What has run may not change, what has not may.
    let changed = three("create table two (id bigint);\ninsert into two values (1), (1);\nselect 1;");
    let error = resolve(url, &changed, NAME, Resolution::Resumed).await.unwrap_err();
    assert!(matches!(error, Error::ChangedBeforeResuming { done: 2, .. }), "{error}");
    resolve(url, &three(UNIQUE), NAME, Resolution::Resumed).await?;
    let found = status(url, &three(UNIQUE)).await?;
    assert_eq!(found.unfinished[0].standing, Standing::GoesOn { from: 2, total: 5 });
    let applied = deploy(url, &three(UNIQUE), |_| {}).await?;
    assert_eq!(applied.migrations, [NAME, "20250103000000_three"]);
    let rows = history(&client).await;
    assert!(rows.len() == 3 && rows.iter().all(|row| row.1 && row.3 == 1 && row.4.is_none()), "{rows:?}");
    let row = client.query_one("select count(*), min(id), max(id) from two", &[]).await?;
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i32>(1), row.get::<_, i32>(2)), (2, 1, 2));
    Ok(())
}

#[tokio::test]
async fn an_invalid_index_after_a_kill_is_reported_and_rebuilt() -> TestResult {
    let database = empty().await;
    let url = database.url();
    let script = three(
        "create table two (id int);\ncreate index concurrently two_id on two (id);\ninsert into two values (1);",
    );
    let reader = client(url).await;
    let client = client(url).await;
    // The index waits for older transactions.
    let killer = async {
        let waits = "select pid from pg_stat_activity where datname = current_database() and query like 'create index%'
            and wait_event_type = 'Lock'";
        reader.batch_execute("begin isolation level repeatable read; select 1").await?;
        loop {
            if let Some(row) = client.query_opt(waits, &[]).await? {
                client.execute("select pg_terminate_backend($1)", &[&row.get::<_, i32>(0)]).await?;
                return reader.batch_execute("rollback").await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (deployed, killed) = tokio::join!(deploy(url, &script, |_| {}), killer);
    killed?;
    assert!(matches!(deployed, Err(Error::Lost { left: Left::Unclear, .. })), "{deployed:?}");
    let standing = Standing::InvalidIndex { index: "public.two_id".to_owned(), line: 2 };
    assert_eq!(status(url, &script).await?.unfinished[0].standing, standing);
    let error = deploy(url, &script, |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3009"));
    assert!(error.to_string().contains("drop index concurrently public.two_id"), "{error}");

    client.batch_execute("drop index concurrently public.two_id").await?;
    let applied = deploy(url, &script, |_| {}).await?;
    assert_eq!(applied.migrations, [NAME, "20250103000000_three"]);
    let valid =
        "select indisvalid, (select count(*) from two) from pg_index where indexrelid = 'two_id'::regclass";
    let row = client.query_one(valid, &[]).await?;
    assert_eq!((row.get::<_, bool>(0), row.get::<_, i64>(1)), (true, 1));
    Ok(())
}

#[tokio::test]
async fn scripts_that_no_server_can_run_are_refused_first() -> TestResult {
    let database = empty().await;
    for (script, part) in [
        ("create table two ();\n\\connect other\n", "line 2 is a psql command"),
        ("create table two ();\n\ncopy two from stdin;", "line 3 is `copy"),
    ] {
        let error = deploy(database.url(), &three(script), |_| {}).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        let client = client(database.url()).await;
        assert!(tables(&client).await.is_empty() && history(&client).await.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn a_failure_without_a_position_has_the_line_of_its_statement() -> TestResult {
    let database = empty().await;
    let error = deploy(database.url(), &three("select 1;\n\nselect\n  1 / 0;\n"), |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Failed { line: Some(3), left: Left::Nothing, .. }), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_script_may_switch_roles() -> TestResult {
    let database = empty().await;
    let role = format!("role_{}", std::process::id());
    let admin = client(database.url()).await;
    admin.batch_execute(&format!("create role {role}; grant all on schema public to {role}")).await?;
    let script: &'static str = format!("set role {role}; create table two (id int);").leak();
    let deployed = deploy(database.url(), &three(script), |_| {}).await;
    let owner =
        admin.query_one("select tableowner::text from pg_tables where tablename = 'two'", &[]).await?;
    assert_eq!(owner.get::<_, &str>(0), role);
    admin.batch_execute(&format!("drop owned by {role} cascade; drop role {role}")).await?;
    deployed?;
    Ok(())
}
