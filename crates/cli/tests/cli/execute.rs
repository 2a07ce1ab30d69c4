use std::io::Write;
use std::process::Stdio;

use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

#[tokio::test]
async fn a_script_is_run_from_a_file() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("schema.prisma", SCHEMA), ("s.sql", "create table t (); select 1;")]);
    let folder = folder.with_env("DIRECT_URL", &database.url_text());
    let run = folder.run(&["db", "execute", "--file", "s.sql"]).check(0, &["the script is executed"]);
    assert_eq!(run.out, "");
    database.connect().await.batch_execute("select from t").await.unwrap();
    folder.run(&["db", "execute", "--file", "none.sql"]).check(1, &["`none.sql`"]);
}

#[tokio::test]
async fn a_script_is_read_from_standard_input_and_needs_no_schema() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[]);
    let mut child = folder
        .command(&["db", "execute", "--stdin", "--url", &database.url_text()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"create table t ()").unwrap();
    folder.outcome(child.wait_with_output().unwrap()).check(0, &["executed"]);
    database.connect().await.batch_execute("select from t").await.unwrap();
}

#[tokio::test]
async fn a_script_that_fails_has_done_nothing_and_its_line_is_told() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("s.sql", "create table t ();\ncreate table u (id no_type);")]);
    let run = folder.run(&["db", "execute", "--file", "s.sql", "--url", &database.url_text()]);
    run.check(1, &["error: the script failed in line 2", "42704"]);
    database.connect().await.batch_execute("select from t").await.unwrap_err();
}

/// Names of objects are not secret, values of rows are.
#[tokio::test]
async fn what_the_server_adds_to_its_message_is_told_unless_it_may_hold_values() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let objects = "create table u (id int primary key, old text, secret text unique); create view uv as select old from u;
        create view second as select id, old from u; insert into u values (1, 'x', 'hunter2');
        create table part (id int, constraint big check (id > 5))";
    client.batch_execute(objects).await.unwrap();
    let folder = Folder::new(&[]);
    let url = database.url_text();
    let run = |script: &str| {
        folder.write("s.sql", script);
        folder.run(&["db", "execute", "--file", "s.sql", "--url", &url])
    };
    run("alter table u drop column old").check(
        1,
        &[
            "(SQLSTATE 2BP01)\ndetail: view uv depends on column old of table u\n  view second depends on",
            "\nhint: Use DROP ... CASCADE to drop the dependent objects too.\n",
        ],
    );
    run("alter table u add constraint u_fk foreign key (id) references u (secret)")
        .check(1, &["(SQLSTATE 42804)\ndetail: Key columns \"id\" "]);
    run("select * from u where old = any(1)").check(1, &["(SQLSTATE 42809)"]);
    run("select olld from u").check(1, &["\nhint: Perhaps you meant to reference the column \"u.old\".\n"]);
    run("do $$ begin raise exception 'stop' using hint = 'look here', detail = 'hunter2'; end $$")
        .check(1, &["stop (SQLSTATE P0001)\nhint: look here\n"]);
    // A script's own details may contain anything, under any code.
    let own = "do $$ begin raise exception 'stop' using errcode = '2BP01', detail = 'hunter2'; end $$";
    for script in [
        own,
        "do $$ begin raise exception 'stop' using hint = 'look here', detail = 'hunter2'; end $$",
        "insert into u values (2, 'y', 'hunter2')",
        "alter table u alter secret type varchar(3)",
        "alter table u add foreign key (secret) references u (old)",
        "insert into part select 1 from u where secret = 'hunter' || '2'",
        "create table v (s text not null, n text not null); insert into v select secret, null from u",
        "alter table u add constraint short check (length(secret) < 3)",
    ] {
        let run = run(script).check(1, &["(SQLSTATE "]);
        assert!(!run.err.contains("hunter2") && !run.err.contains("detail: "), "{script}: {run:?}");
    }
}

#[tokio::test]
async fn ctrl_c_cancels_the_script() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("s.sql", "create table t (); select pg_sleep(60)")]);
    let client = database.connect().await;
    let is_running = async {
        let sql =
            "select from pg_stat_activity where datname = current_database() and query like '%sleep(60)%'
            and pid <> pg_backend_pid() and state = 'active'";
        while client.query(sql, &[]).await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let url = database.url_text();
    let arguments = ["db", "execute", "--file", "s.sql", "--url", &url];
    let output = folder.signal(&arguments, "-INT", Box::pin(is_running)).await;
    folder.outcome(output).check(130, &["interrupted"]);
    client.batch_execute("select from t").await.unwrap_err();
}

#[test]
fn one_script_and_one_database_have_to_be_given() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    folder.run(&["db", "execute"]).check(1, &["--file", "--stdin"]);
    folder.run(&["db", "execute", "--file", "a", "--stdin"]).check(1, &["cannot be used with"]);
    let both = ["db", "execute", "--stdin", "--url", "postgresql://a/b", "--schema", "schema.prisma"];
    folder.run(&both).check(1, &["cannot be used with"]);
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped_and_bytes_that_are_no_text_are_named() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("bom.sql", "\u{feff}create table t ();")]);
    std::fs::write(folder.path().join("latin1.sql"), b"select 1;\nselect '\xfc'").unwrap();
    let url = database.url_text();
    folder.run(&["db", "execute", "--file", "bom.sql", "--url", &url]).check(0, &["executed"]);
    database.connect().await.batch_execute("select from t").await.unwrap();
    folder
        .run(&["db", "execute", "--file", "latin1.sql", "--url", &url])
        .check(1, &["`latin1.sql` cannot be run: byte 0xFC at offset 18 (line 2)", "help: save it as UTF-8"]);
}

#[tokio::test]
async fn what_only_psql_can_run_is_told() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[
        ("meta.sql", "create table t ();\n\\d t\n"),
        ("client.sql", "create table t (id int);\n\\copy t from 'rows.csv'\n"),
        ("copy.sql", "create table t (id int);\ncopy t from stdin;\n1\n\\.\n"),
        ("quoted.sql", "create table u (a text default E'\\\\d'); -- \\d"),
    ]);
    let url = database.url_text();
    for (file, line) in [("meta.sql", "line 2"), ("client.sql", "line 2"), ("copy.sql", "line 2")] {
        let run = folder.run(&["db", "execute", "--file", file, "--url", &url]);
        run.check(1, &["the script cannot be run", line, "help: ", "`psql --file`"]);
    }
    database.connect().await.batch_execute("select from t").await.unwrap_err();
    folder.run(&["db", "execute", "--file", "quoted.sql", "--url", &url]).check(0, &["executed"]);
}
