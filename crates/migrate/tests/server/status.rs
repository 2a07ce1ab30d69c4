use nicol_migrate::{Migrations, Resolution, deploy, resolve, status};

use crate::support::{TWO, TestResult, client, empty, three, unborn};

#[tokio::test]
async fn a_missing_database_has_everything_pending_and_stays_missing() -> TestResult {
    let database = unborn().await;
    let url = database.url().clone();
    let found = status(&url, &three(TWO)).await?;
    assert!(!found.has_database && !found.has_history && !found.is_up_to_date());
    assert_eq!(found.pending.len(), 3);
    assert_eq!(status(&url, &three(TWO)).await?, found);
    Ok(())
}

#[tokio::test]
async fn status_and_preview_change_nothing() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let found = status(&url, &three(TWO)).await?;
    assert!(found.has_database && !found.has_history);
    let sql = "select from pg_tables where tablename = '_prisma_migrations'";
    assert!(client(&url).await.query_opt(sql, &[]).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn an_applied_migration_is_up_to_date_whatever_its_line_endings() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    deploy(&url, &three("create table two (\n  id int\n);\n"), |_| {}).await?;
    for two in ["create table two (\n  id int\n);\n", "create table two (\r\n  id int\r\n);\r\n"] {
        let found = status(&url, &three(two)).await?;
        assert!(found.is_up_to_date() && found.edited.is_empty(), "{found:?}");
        assert_eq!(found.applied.len(), 3);
    }
    let found = status(&url, &three(TWO)).await?;
    assert!(found.is_up_to_date());
    assert_eq!(found.edited, ["20250102000000_two"]);
    Ok(())
}

#[tokio::test]
async fn the_status_lists_each_migration_by_its_state() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    deploy(&url, &three("nonsense"), |_| {}).await.unwrap_err();
    let found = status(&url, &three(TWO)).await?;
    assert_eq!(found.applied, ["20250101000000_one"]);
    assert_eq!(found.failed, ["20250102000000_two"]);
    assert_eq!(found.pending, ["20250103000000_three"]);

    let found = status(&url, &Migrations::default()).await?;
    assert_eq!(found.unknown, ["20250101000000_one"]);
    assert_eq!(found.failed, ["20250102000000_two"]);

    resolve(&url, &three(TWO), "20250102000000_two", Resolution::Applied).await?;
    let found = status(&url, &three(TWO)).await?;
    assert_eq!(found.applied, ["20250101000000_one", "20250102000000_two"]);
    let again = resolve(&url, &three(TWO), "20250102000000_two", Resolution::Applied).await;
    assert_eq!(again.unwrap_err().code(), Some("P3008"));
    let unknown = resolve(&url, &three(TWO), "nobody", Resolution::Applied).await;
    assert_eq!(unknown.unwrap_err().code(), Some("P3017"));
    Ok(())
}
