//! What a script has made is read back, and nothing is left to change.

use std::path::Path;

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Scope, align, from_model, introspect_with, plan};
use nicol_pg::tokio_postgres::Client;

use crate::support::{client, empty};

#[tokio::test]
async fn what_a_script_makes_is_read_back_as_it_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/roundtrip");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        count += 1;
        if let Err(failure) = round_trip(&text).await {
            failures.push(format!("=== {}\n{failure}", path.display()));
        }
    }
    assert!(count > 0 && failures.is_empty(), "{}", failures.join("\n"));
}

async fn round_trip(text: &str) -> Result<(), String> {
    let schema = nicol_schema::validate(text).into_result().map_err(|errors| format!("{errors:?}"))?;
    let next = from_model(&schema);
    let database = empty().await;
    let client = client(database.url()).await;
    let script = plan(&Catalog::default(), &next).script();
    client.batch_execute(&script).await.map_err(|error| format!("{:?}\n{script}", error.as_db_error()))?;
    let schemas = schema.datasource.map(|it| it.schemas).unwrap_or_default();
    is_up_to_date(&client, &Scope::of(&schemas, database.url()), &next).await
}

/// Both ways: what a plan would do, and what one from the schema file to the database would.
async fn is_up_to_date(client: &Client, scope: &Scope, next: &Catalog) -> Result<(), String> {
    let mut live = introspect_with(client, scope).await.map_err(|error| error.to_string())?;
    align(client, &mut live, next).await.map_err(|error| error.to_string())?;
    let (there, back) = (plan(&live, next), plan(next, &live));
    if there.is_empty() && back.is_empty() {
        return Ok(());
    }
    Err(format!("--- there\n{}--- back\n{}", there.script(), back.script()))
}
