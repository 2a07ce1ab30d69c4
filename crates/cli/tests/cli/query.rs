use std::io::{ErrorKind, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::support::{Folder, Run, SCHEMA};

const TABLE: &str = r#"CREATE TABLE "Note" (id int PRIMARY KEY, text text NOT NULL)"#;
const FIND: &str = r#"{"modelName":"Note","action":"findMany","query":{"arguments":{},"selection":{"id":true,"text":true}}}"#;
const CREATE: &str = r#"{"modelName":"Note","action":"createOne","query":{"arguments":{"data":{"id":1,"text":"a\nb"}},"selection":{"id":true}}}"#;

impl Folder {
    /// Runs the command with this standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be started");
        // A command that has nothing to answer ends before it reads.
        match child.stdin.take().expect("it is piped").write_all(input.as_bytes()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("it cannot be written: {error}"),
            _ => {}
        }
        self.outcome(child.wait_with_output().expect("the command can be waited for"))
    }
}

/// Returns the answers, one a line.
fn answers(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[tokio::test]
async fn each_line_has_its_answer_in_the_same_order() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLE).await.unwrap();
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]).with_env("DATABASE_URL", &database.url_text());
    let input = format!("{FIND}\n\n{CREATE}\n{CREATE}\nno JSON\n{FIND}");
    for url in [&[][..], &["--url", &database.url_text()]] {
        let run = folder.run_with_input(&[&["query"], url].concat(), &input).check(0, &[]);
        let answers = answers(&run);
        let note = json!([{ "id": 1, "text": "a\nb" }]);
        assert_eq!(answers.len(), 5, "{run:?}");
        assert_eq!(answers[0], json!({ "data": { "findMany": [] } }));
        assert_eq!(answers[1], json!({ "data": { "createOne": { "id": 1 } } }));
        assert_eq!(answers[2]["error"]["code"], json!("P2002"));
        assert_eq!(answers[3]["error"]["code"], json!("P2009"));
        assert_eq!(answers[4], json!({ "data": { "findMany": note } }));
        database.connect().await.batch_execute(r#"DELETE FROM "Note""#).await.unwrap();
    }
}

#[tokio::test]
async fn one_process_opens_one_schema_after_the_other() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLE).await.unwrap();
    let other = SCHEMA.replace("model Note", "model Other").replace("text String", "text String @map(\"t\")");
    let folder = Folder::new(&[("a.prisma", SCHEMA), ("b.prisma", &other), ("c.prisma", "model {")]);
    let open = |path: &str| json!({ "open": { "schema": path, "url": database.url_text() } });
    let input = [
        FIND.to_owned(),
        open("a.prisma").to_string(),
        FIND.to_owned(),
        open("none.prisma").to_string(),
        open("c.prisma").to_string(),
        open("b.prisma").to_string(),
        FIND.to_owned(),
    ];
    let run = folder.run_with_input(&["query", "--persistent"], &input.join("\n")).check(0, &[]);
    let answers = answers(&run);
    assert_eq!(answers.len(), 7, "{run:?}");
    assert_eq!(answers[1], json!({ "opened": true }));
    assert_eq!(answers[2], json!({ "data": { "findMany": [] } }));
    assert_eq!(answers[5], json!({ "opened": true }));
    for (place, part) in
        [(0, "no schema is open"), (3, "none.prisma"), (4, "the schema has errors"), (6, "Note")]
    {
        let message = answers[place]["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(part), "{place}: {message}");
    }
}

#[tokio::test]
async fn without_schema_or_database_there_is_nothing_to_answer() {
    let folder = Folder::new(&[]);
    folder.run_with_input(&["query"], FIND).check(1, &["no schema file found"]);
    folder.write("schema.prisma", SCHEMA);
    folder.run_with_input(&["query"], FIND).check(1, &["`DATABASE_URL` is not set"]);
    folder.run_with_input(&["query", "--url", "mysql://x"], FIND).check(1, &["P1013"]);
    // A server that cannot be reached is the error of a request.
    let url = "postgresql://u:hunter2@127.0.0.1:1/d";
    let run = folder.run_with_input(&["query", "--url", url], FIND).check(0, &[]);
    let error = &answers(&run)[0]["error"];
    assert_eq!(error["code"], json!("P1001"));
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("`127.0.0.1:1`: Connection refused"), "{message}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
