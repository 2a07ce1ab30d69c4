//! Hazards and the rows behind them.

use nicol_migrate::catalog::Catalog;

use crate::support::{TestResult, client, empty};

const PREVIOUS: &str = "
model Empty {
  id Int @id
}
model Full {
  id    Int     @id
  used  String?
  blank String?
  big   BigInt
  one   Int     @unique
}
";

const NEXT: &str = "
model Full {
  id    String  @id @db.Uuid
  used  String
  big   Int
  one   Int[]
  more  String  @default(uuid())
}
";

fn catalog(models: &str) -> Catalog {
    let text =
        format!("datasource db {{\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}}\n{models}");
    nicol_migrate::from_model(&nicol_schema::validate(&text).into_result().expect("it is valid"))
}

#[tokio::test]
async fn only_what_rows_make_real_is_found() -> TestResult {
    let database = empty().await;
    let client = client(database.url()).await;
    let (previous, next) = (catalog(PREVIOUS), catalog(NEXT));
    client.batch_execute(&nicol_migrate::plan(&Catalog::default(), &previous).script()).await?;
    let plan = nicol_migrate::plan(&previous, &next);
    let hazards = nicol_migrate::hazards(&plan);
    assert_eq!(hazards.len(), 8, "{hazards:?}");

    let found = nicol_migrate::check(&client, &hazards).await?;
    assert_eq!(found, [], "there are no rows");

    client
        .batch_execute(
            r#"insert into "Full" (id, used, blank, big, one) values (1, null, null, 1, 1), (2, 'a', null, 2, 2)"#,
        )
        .await?;
    let found = nicol_migrate::check(&client, &hazards).await?;
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "the primary key of table `Full` goes or becomes another one; the table has 2 rows",
            "required column `Full.more` is added with a default that only the client can make, which fails \
             because the table has 2 rows",
            "required column `Full.id` is dropped and made anew with another type, which fails because the table \
             has 2 rows",
            "column `Full.used` becomes required, but is null in 1 row",
            "column `Full.big` changes from `BIGINT` to `INTEGER`: of its 2 values, those that do not fit are cut, \
             rounded or refused",
            "column `Full.one` is dropped and made anew with another type: its 2 values are lost",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_connection_can_be_used_after_a_check_that_failed() -> TestResult {
    let database = empty().await;
    let client = client(database.url()).await;
    let previous = catalog(PREVIOUS);
    let empty = Catalog::default();
    let hazards = nicol_migrate::hazards(&nicol_migrate::plan(&previous, &empty));
    let error = nicol_migrate::check(&client, &hazards).await.expect_err("the tables are not there");
    assert!(error.to_string().contains("42P01"), "{error}");
    client.batch_execute("create table t ()").await?;
    Ok(())
}
