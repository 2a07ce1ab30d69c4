//! Runs the program on a database of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use nicol_migrate::Migrations;
use testkit::TestDatabase;

#[tokio::test]
async fn each_run_adds_a_post() {
    let database = TestDatabase::create().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prisma/migrations");
    let migrations = Migrations::from_folder(&folder).unwrap();
    nicol_migrate::deploy(database.url(), &migrations, |_| {}).await.unwrap();

    assert_eq!(run(&database), "Hello by ann@example.com: 1 views\n1 posts\n");
    assert_eq!(
        run(&database),
        "Hello by ann@example.com: 1 views\nHello by ann@example.com: 2 views\n2 posts\n"
    );
}

fn run(database: &TestDatabase) -> String {
    let program = env!("CARGO_BIN_EXE_example-quickstart");
    let output = Command::new(program).env("DATABASE_URL", database.url_text()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
