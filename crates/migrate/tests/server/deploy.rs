use std::time::Duration;

use nicol_migrate::{Error, Left, Migrations, Options, Progress, Resolution, deploy, deploy_with, resolve};

use tokio::sync::Notify;

use crate::support::{TWO, TestResult, client, empty, history, tables, three, unborn};

#[tokio::test]
async fn a_missing_database_is_created_and_migrated() -> TestResult {
    let database = unborn().await;
    let url = database.url().clone();
    let mut seen = Vec::new();
    let applied = deploy(&url, &three(TWO), |progress| {
        seen.push(match progress {
            Progress::DatabaseCreated { .. } => "created".to_owned(),
            Progress::Started { migration, position, total } => format!("{position}/{total} {migration}"),
            Progress::Finished { .. } => "finished".to_owned(),
            other => format!("{other:?}"),
        });
    })
    .await?;
    assert_eq!(applied.migrations, ["20250101000000_one", "20250102000000_two", "20250103000000_three"]);
    assert_eq!(seen[..3], ["created", "1/3 20250101000000_one", "finished"]);
    assert_eq!(tables(&client(&url).await).await, ["one", "three", "two"]);
    Ok(())
}

#[tokio::test]
async fn a_second_deployment_changes_nothing() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    deploy(&url, &three(TWO), |_| {}).await?;
    let applied = deploy(&url, &three(TWO), |progress| panic!("{progress:?}")).await?;
    assert!(applied.migrations.is_empty());
    let rows = history(&client(&url).await).await;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|(_, finished, rolled_back, steps, logs)| {
        *finished && !rolled_back && *steps == 1 && logs.is_none()
    }));
    Ok(())
}

#[tokio::test]
async fn concurrent_deployments_apply_each_migration_once() -> TestResult {
    let database = unborn().await;
    let url = database.url().clone();
    let migrations = three("select pg_sleep(0.3); create table two (id int primary key);");
    let (a, b) = tokio::join!(deploy(&url, &migrations, |_| {}), deploy(&url, &migrations, |_| {}));
    let (a, b) = (a?.migrations, b?.migrations);
    assert_eq!(a.len() + b.len(), 3, "{a:?} and {b:?}");
    assert_eq!(history(&client(&url).await).await.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_failed_migration_is_rolled_back_and_blocks_the_next_ones() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let bad = three("create table two (id int);\nalter table one add column x no_type;\n");
    let error = deploy(&url, &bad, |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3018"));
    let text = error.to_string();
    for part in ["`20250102000000_two`", "42704", "line 2", "--rolled-back 20250102000000_two"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let client = client(&url).await;
    assert_eq!(tables(&client).await, ["one"]);
    let (name, finished, rolled_back, steps, logs) = history(&client).await.pop().unwrap();
    assert_eq!((name.as_str(), finished, rolled_back, steps), ("20250102000000_two", false, false, 0));
    assert!(logs.is_some_and(|logs| logs.contains("42704")));

    let error = deploy(&url, &three(TWO), |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3009"));
    assert!(error.to_string().contains("20250102000000_two"));

    resolve(&url, &three(TWO), "20250102000000_two", Resolution::RolledBack).await?;
    let applied = deploy(&url, &three(TWO), |_| {}).await?;
    assert_eq!(applied.migrations, ["20250102000000_two", "20250103000000_three"]);
    assert_eq!(tables(&client).await, ["one", "three", "two"]);
    Ok(())
}

#[tokio::test]
async fn a_failure_within_its_own_transaction_is_recorded() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let error = deploy(&url, &three("begin; create table two (id int); select 1/0; commit;"), |_| {}).await;
    assert!(matches!(error, Err(Error::Failed { left: Left::Nothing, .. })), "{error:?}");
    let client = client(&url).await;
    assert_eq!(tables(&client).await, ["one"]);
    assert!(history(&client).await[1].4.as_ref().is_some_and(|logs| logs.contains("22012")));
    Ok(())
}

#[tokio::test]
async fn an_open_transaction_is_committed_with_its_record() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    deploy(&url, &three("begin; create table two (id int);"), |_| {}).await?;
    assert_eq!(tables(&client(&url).await).await, ["one", "three", "two"]);
    Ok(())
}

#[tokio::test]
async fn the_history_is_found_after_a_script_empties_the_search_path() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    deploy(&url, &three("select set_config('search_path', '', false); create table public.two ();"), |_| {})
        .await?;
    let client = client(&url).await;
    assert_eq!(tables(&client).await, ["one", "three", "two"]);
    assert_eq!(history(&client).await.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_missing_script_is_found_before_anything_is_run() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let folder = tempfile::tempdir()?;
    for name in ["20250101000000_one", "20250102000000_two"] {
        std::fs::create_dir(folder.path().join(name))?;
    }
    std::fs::write(folder.path().join("20250101000000_one/migration.sql"), "create table one ();")?;
    let error = deploy(&url, &Migrations::from_folder(folder.path())?, |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3015"));
    assert!(error.to_string().contains("20250102000000_two"));
    let client = client(&url).await;
    assert!(tables(&client).await.is_empty());
    assert!(history(&client).await.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_database_with_tables_and_no_history_is_refused() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let client = client(&url).await;
    client.batch_execute("create table foreign_to_us (id int)").await?;
    let error = deploy(&url, &three(TWO), |_| {}).await.unwrap_err();
    assert_eq!(error.code(), Some("P3005"));
    assert_eq!(tables(&client).await, ["foreign_to_us"]);

    resolve(&url, &three(TWO), "20250101000000_one", Resolution::Applied).await?;
    let applied = deploy(&url, &three(TWO), |_| {}).await?;
    assert_eq!(applied.migrations, ["20250102000000_two", "20250103000000_three"]);
    let first = &history(&client).await[0];
    assert_eq!((first.1, first.3, first.4.as_deref()), (true, 0, Some("")));
    Ok(())
}

#[tokio::test]
async fn objects_of_extensions_do_not_count_as_tables() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    client(&url).await.batch_execute("create extension pg_stat_statements").await?;
    deploy(&url, &three(TWO), |_| {}).await?;
    Ok(())
}

#[tokio::test]
async fn the_schema_of_the_url_holds_tables_and_history() -> TestResult {
    let database = unborn().await;
    let url = database.url().with_parameter("schema", "Te\"nant")?;
    deploy(&url, &three(TWO), |_| {}).await?;
    let sql = "select schemaname::text, count(*) from pg_tables where schemaname !~ '^(pg_|information)' group by 1";
    let rows = client(&url).await.query(sql, &[]).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].get::<_, &str>(0), rows[0].get::<_, i64>(1)), ("Te\"nant", 4));
    Ok(())
}

#[tokio::test]
async fn an_interrupted_migration_is_rolled_back_and_can_be_redeployed() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let slow = three("create table two (id int); select pg_sleep(60);");
    let second = Notify::new();
    let interrupt = async {
        second.notified().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let notify = |progress: Progress<'_>| {
        if matches!(progress, Progress::Started { position: 2, .. }) {
            second.notify_one();
        }
    };
    let error = deploy_with(&url, &slow, &Options::default(), notify, interrupt).await.unwrap_err();
    assert!(matches!(&error, Error::Interrupted { left: Left::Nothing, .. }), "{error}");
    let client = client(&url).await;
    assert_eq!(tables(&client).await, ["one"]);
    let applied = deploy(&url, &three(TWO), |_| {}).await?;
    assert_eq!(applied.migrations, ["20250102000000_two", "20250103000000_three"]);
    Ok(())
}

#[tokio::test]
async fn a_migration_is_rerun_after_a_lost_connection() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let slow = three("create table two (id int); select pg_sleep(60);");
    let killer = async {
        let client = client(&url).await;
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_sleep%'";
        while client.query(sql, &[]).await.is_ok_and(|rows| rows.is_empty()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let (deployed, ()) = tokio::join!(deploy(&url, &slow, |_| {}), killer);
    let error = deployed.unwrap_err();
    assert_eq!(error.code(), Some("P1017"));
    assert!(matches!(error, Error::Lost { left: Left::Nothing, .. }), "{error}");
    let client = client(&url).await;
    assert_eq!(tables(&client).await, ["one"]);
    let mut recovered = Vec::new();
    let applied = deploy(&url, &three(TWO), |progress| {
        if let Progress::Recovered { migration, left, .. } = progress {
            recovered.push((migration.to_owned(), left));
        }
    })
    .await?;
    assert_eq!(recovered, [("20250102000000_two".to_owned(), Left::Nothing)]);
    assert_eq!(applied.migrations, ["20250102000000_two", "20250103000000_three"]);
    let states: Vec<_> = history(&client).await.into_iter().map(|row| (row.1, row.2, row.3)).collect();
    assert_eq!(states, [(true, false, 1), (false, true, 0), (true, false, 1), (true, false, 1)]);
    assert_eq!(tables(&client).await, ["one", "three", "two"]);
    Ok(())
}
