//! A script runs, the database is read back, and no change is left. Prisma's script leads to the same database.

use std::path::{Path, PathBuf};

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Scope, align, from_model, introspect_with, plan};
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;

use crate::support::{client, dump, empty};

#[tokio::test]
async fn scripts_round_trip_through_the_server() {
    let mut failures = Vec::new();
    for path in cases() {
        let text = std::fs::read_to_string(&path).expect("it is text");
        if let Err(failure) = round_trip(&text).await {
            failures.push(format!("=== {}\n{failure}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Prisma's script lies beside the schema file; `UPDATE_EXPECT=1` asks it again.
#[tokio::test]
async fn both_deploy_the_same_database_of_a_schema_file() {
    // Prisma does not double the quotes in these names.
    let refused = ["names", "schemas"];
    for path in cases() {
        let golden = path.with_extension("sql");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&golden, prisma(&path, empty().await.url())).expect("it can be written");
        }
        let text = std::fs::read_to_string(&path).expect("it is text");
        let next = from_model(&nicol_schema::validate(&text).into_result().expect("it is valid"));
        let (ours, theirs) = (empty().await, empty().await);
        let script = plan(&Catalog::default(), &next).script();
        client(ours.url()).await.batch_execute(&script).await.expect("ours can be run");
        let script = std::fs::read_to_string(&golden).expect("it is text");
        let is_run = client(theirs.url()).await.batch_execute(&script).await.is_ok();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert_eq!(is_run, !refused.contains(&name.as_str()), "{name}");
        if is_run {
            assert_eq!(dump(&ours), dump(&theirs), "{name}");
        }
    }
}

/// It looks for a database, though it needs none.
fn prisma(schema: &Path, url: &ConnectionUrl) -> String {
    let output = testkit::reference_command(Some(url))
        .args(["migrate", "diff", "--script", "--from-empty", "--to-schema-datamodel"])
        .arg(schema)
        .output()
        .expect("the reference can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/roundtrip");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut cases: Vec<_> = paths.filter(|it| it.extension().is_some_and(|it| it == "prisma")).collect();
    let wanted = std::env::var("NICOL_CASE").unwrap_or_default();
    cases.retain(|it| it.to_string_lossy().contains(&wanted));
    cases.sort();
    assert!(!cases.is_empty());
    cases
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
