//! The local server that sleeps, with clients of other languages.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Folder, SCHEMA};

/// Stops the server even if the test fails.
struct Stop<'a>(&'a Folder);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.run(&["local", "stop"]);
    }
}

#[test]
fn any_client_wakes_a_server_that_sleeps() {
    let settings = "[local]\nidle_timeout = \"100ms\"\n";
    let folder = Folder::new(&[("schema.prisma", SCHEMA), ("nicol.toml", settings)]);
    let _stop = Stop(&folder);
    let started = folder.run(&["local", "start"]);
    started.check(0, &["running until `nicol local stop`, asleep after 100 ms without a connection"]);
    let wait_until_asleep = || {
        while !folder.run(&["local", "status"]).check(0, &[]).out.starts_with("asleep: PostgreSQL ") {
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait_until_asleep();
    let url = folder.run(&["local", "url"]).check(0, &[]).out.trim().to_owned();

    // Prisma's driver adapter and most other libraries for Node.js use node-postgres.
    wait_until_asleep();
    let modules = testkit::reference().with_file_name("node_modules");
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
    folder.write(
        "app.mjs",
        "import pg from 'pg';\n\
         const pool = new pg.Pool({ connectionString: process.argv[2], max: 5 });\n\
         const rows = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.query('SELECT $1::int AS n', [n])));\n\
         console.log(rows.map((row) => row.rows[0].n).join());\n\
         await pool.end();\n",
    );
    let mut node = Command::new("node");
    let node = node.args(["app.mjs", &url]).current_dir(folder.path()).output().expect("there is Node");
    assert_eq!(String::from_utf8_lossy(&node.stdout), "1,2,3,4,5\n", "{node:?}");

    // nicol's own commands, which hold a lease, and psql.
    wait_until_asleep();
    folder.run(&["db", "push"]).check(0, &["using the local server"]);
    wait_until_asleep();
    let run = folder.run(&["local", "psql", "--", "-Atc", "select 1"]).check(0, &[]);
    assert_eq!(run.out, "1\n");

    folder
        .run(&["local", "start", "--idle-timeout", "never"])
        .check(0, &["running until `nicol local stop`: "]);
    let run = folder.run(&["local", "status"]).check(0, &[]);
    assert!(run.out.starts_with("running: ") && !run.out.contains("asleep"), "{}", run.out);
    folder.run(&["local", "stop"]).check(0, &["stopped"]);
    let run = folder.run(&["local", "status"]).check(1, &[]);
    assert!(run.out.starts_with("stopped, with data"), "{}", run.out);
}

#[test]
fn an_idle_timeout_that_is_no_time_is_refused() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    folder
        .run(&["local", "start", "--idle-timeout", "soon"])
        .check(1, &["`90s`, `5min` or `1h`, or `never`"]);
    for (wrong, part) in
        [("\"soon\"", "cannot be `soon`"), ("-5", "cannot be `-5`"), ("true", "must be a string")]
    {
        folder.write("nicol.toml", &format!("[local]\nidle_timeout = {wrong}\n"));
        folder.run(&["local", "start"]).check(1, &["idle_timeout` in `<folder>/nicol.toml`", part]);
    }
    folder.run(&["local", "status"]).check(1, &[]);
}

/// Sends a request to a running `nicol query` and returns its answer and how long that took.
fn ask(query: &mut Child, answers: &mut impl BufRead, request: &str) -> (String, Duration) {
    let began = Instant::now();
    writeln!(query.stdin.as_mut().expect("it is piped"), "{request}").expect("it reads");
    let mut answer = String::new();
    answers.read_line(&mut answer).expect("it answers");
    (answer, began.elapsed())
}

#[test]
fn a_client_that_stays_sees_no_error_when_the_server_has_slept() {
    let settings = "[local]\nidle_timeout = \"100ms\"\n";
    let folder = Folder::new(&[("schema.prisma", SCHEMA), ("nicol.toml", settings)]);
    let _stop = Stop(&folder);
    folder.run(&["local", "start"]).check(0, &[]);
    folder.run(&["db", "push"]).check(0, &[]);
    let url = folder.run(&["local", "url"]).check(0, &[]).out.trim().to_owned();
    let url = format!("{url}{}max_idle_connection_lifetime=1", if url.contains('?') { '&' } else { '?' });
    let mut query = folder.command(&["query", "--url", &url]);
    let mut query = query.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut answers = BufReader::new(query.stdout.take().unwrap());

    let find = r#"{"modelName": "Note", "action": "findMany", "query": {"arguments": {}, "selection": {"id": true}}}"#;
    let create = |id: i32| {
        let data = format!(r#"{{"data": {{"id": {id}, "text": "x"}}}}"#);
        format!(
            r#"{{"modelName": "Note", "action": "createOne", "query": {{"arguments": {data}, "selection": {{"id": true}}}}}}"#
        )
    };
    let batch = format!(r#"{{"batch": [{}, {}], "transaction": {{}}}}"#, create(2), create(3));
    ask(&mut query, &mut answers, find);
    for (request, expected) in [
        (find.to_owned(), r#"{"data":{"findMany":[]}}"#),
        (create(1), r#"{"data":{"createOne":{"id":1}}}"#),
        (batch, r#"{"createOne":{"id":3}}"#),
    ] {
        let (_, awake) = ask(&mut query, &mut answers, find);
        while !folder.run(&["local", "status"]).out.starts_with("asleep: ") {
            std::thread::sleep(Duration::from_millis(10));
        }
        let (answer, first) = ask(&mut query, &mut answers, &request);
        println!("the first request after sleep took {first:?}, one before {awake:?}");
        assert!(answer.contains(expected), "{answer}");
    }
    let (answer, _) = ask(&mut query, &mut answers, find);
    assert_eq!(
        answer.trim(),
        r#"{"data":{"findMany":[{"id":1},{"id":2},{"id":3}]}}"#,
        "nothing is written twice"
    );
    drop(query.stdin.take());
    assert!(query.wait().unwrap().success());
}
