use std::time::Duration;

use nicol_migrate::{Error, Options, Progress, deploy, deploy_with};

use crate::support::{TWO, TestResult, client, empty, tables, three};

#[tokio::test]
async fn a_timeout_names_the_holder_of_the_lock() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    let holder = client(&url.with_parameter("application_name", "the other one")?).await;
    holder.batch_execute("select pg_advisory_lock(72707369)").await?;
    let options = Options { lock_wait: Duration::from_millis(300), ..Options::default() };
    let mut waiting = None;
    let error = deploy_with(
        &url,
        &three(TWO),
        &options,
        |progress| {
            if let Progress::Waiting { holder, .. } = progress {
                waiting = holder.map(str::to_owned);
            }
        },
        std::future::pending(),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, Error::LockHeld { .. }));
    assert_eq!(error.code(), Some("P1002"));
    assert!(error.to_string().contains("the other one"), "{error}");
    assert!(waiting.is_some_and(|holder| holder.contains("the other one")));
    assert!(tables(&holder).await.is_empty());

    holder.batch_execute("select pg_advisory_unlock(72707369)").await?;
    deploy(&url, &three(TWO), |_| {}).await?;
    Ok(())
}

#[tokio::test]
async fn the_lock_is_free_after_a_failure() -> TestResult {
    let database = empty().await;
    let url = database.url().clone();
    deploy(&url, &three("nonsense"), |_| {}).await.unwrap_err();
    let row = client(&url).await.query_one("select pg_try_advisory_lock(72707369)", &[]).await?;
    assert!(row.get::<_, bool>(0));
    Ok(())
}
