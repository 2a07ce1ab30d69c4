//! Runs the program on a database of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use testkit::TestDatabase;

#[tokio::test]
async fn the_first_run_applies_what_the_second_finds() {
    let database = TestDatabase::create().await;
    assert_eq!(
        run(&database),
        "0 applied, 2 pending\n\
         applying 20260101000000_init (1 of 2)\n\
         applying 20260201000000_add_done (2 of 2)\n"
    );
    assert_eq!(run(&database), "2 applied, 0 pending\n");

    let client = database.connect().await;
    client.batch_execute(r#"insert into "Task" (title) values ('x')"#).await.unwrap();
    let done: bool = client.query_one(r#"select done from "Task""#, &[]).await.unwrap().get(0);
    assert!(!done);
}

fn run(database: &TestDatabase) -> String {
    let program = env!("CARGO_BIN_EXE_example-migrate");
    let output = Command::new(program).env("DATABASE_URL", database.url_text()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
