//! Prisma Client on `nicol query-engine`.

use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

/// The arguments that Prisma Client passes.
const ARGUMENTS: [&str; 7] = [
    "--enable-raw-queries",
    "--enable-metrics",
    "--enable-open-telemetry",
    "--port",
    "0",
    "--engine-protocol",
    "json",
];

fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()))
}

/// Runs a plain application twice: on Prisma's own engine and, unmodified, on nicol. All that it prints must be equal.
#[tokio::test]
async fn an_unmodified_application_of_prisma_client_runs_on_nicol() {
    let (schema, app) = (source("schema.prisma"), source("app.mjs"));
    let folder = Folder::new(&[("schema.prisma", &schema), ("app.mjs", &app)]);
    let reference = testkit::reference();
    let modules = reference.parent().expect("a folder").join("node_modules");
    std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).unwrap();
    let node = |arguments: &[&str], url: &str| {
        let mut command = Command::new("node");
        command.args(arguments).current_dir(folder.path()).env("DATABASE_URL", url).env("NO_COLOR", "1");
        // No telemetry and no advertisements. Prisma looks for engines even if it uses none; any program will do.
        command.env("CHECKPOINT_DISABLE", "1").env("PRISMA_HIDE_UPDATE_MESSAGE", "1");
        command.env("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true");
        command
    };
    let mut generate = node(&["node_modules/prisma/build/index.js", "generate"], "postgresql://none");
    let generated = generate.env("PRISMA_QUERY_ENGINE_BINARY", "/bin/true").output().expect("there is Node");
    assert!(generated.status.success(), "{generated:?}");

    let mut outputs = Vec::new();
    for client in ["prisma", "nicol"] {
        let database = TestDatabase::create().await;
        let url = database.url_text();
        let push =
            folder.command(&["db", "push", "--schema", "schema.prisma"]).env("DATABASE_URL", &url).output();
        folder.outcome(push.unwrap()).check(0, &[]);
        let mut app = node(&["app.mjs", client], &url);
        let run = app.env("PRISMA_QUERY_ENGINE_BINARY", env!("CARGO_BIN_EXE_nicol")).output().unwrap();
        let errors = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.success(), "on {client}: {errors}");
        outputs.push(String::from_utf8(run.stdout).expect("text"));
        // The engine ends with the application: no connection is left.
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let client = database.connect().await;
        for _ in 0..100 {
            if client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
    }
    let (prisma, nicol): (Vec<&str>, Vec<&str>) =
        (outputs[0].lines().collect(), outputs[1].lines().collect());
    assert!(prisma.len() > 50, "the application has many steps: {prisma:?}");
    let different = prisma.iter().zip(&nicol).filter(|(prisma, nicol)| prisma != nicol);
    let different: Vec<String> =
        different.map(|(prisma, nicol)| format!("prisma {prisma}\nnicol  {nicol}")).collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!(prisma.len(), nicol.len());
}

/// A running engine.
struct Engine {
    process: Child,
    output: Option<BufReader<std::process::ChildStdout>>,
    port: u16,
}

impl Engine {
    fn start(folder: &Folder, environment: &[(&str, &str)]) -> Self {
        let mut command = folder.command(&ARGUMENTS);
        let command = command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the command can be started");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let started = line(&mut output);
        assert_eq!(started["target"], "query_engine::server", "{started}");
        assert_eq!(started["fields"]["ip"], "127.0.0.1");
        let port = started["fields"]["port"].as_str().and_then(|port| port.parse().ok());
        Self { process, output: Some(output), port: port.expect("a port") }
    }

    /// Sends a request and returns the status and the body of the answer.
    fn request(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let length = body.len();
        write!(stream, "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
            .expect("it can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("there is an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a header and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }

    fn signal(&self, signal: &str) {
        let killed = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(killed.expect("there is a `kill`").success());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn line(output: &mut impl std::io::BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("there is a line");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

const TABLE: &str = r#"CREATE TABLE "Note" (id int PRIMARY KEY, text text NOT NULL)"#;
const CREATE: &str = r#"{"modelName":"Note","action":"createOne","query":{"arguments":{"data":{"id":1,"text":"x"}},"selection":{"id":true}}}"#;
const SLEEP: &str = r#"{"action":"queryRaw","query":{"arguments":{"query":"SELECT pg_sleep(0.5)::text, 7 AS seven"},"selection":{}}}"#;

#[tokio::test]
async fn schema_and_database_come_from_the_environment() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLE).await.unwrap();
    let folder = Folder::new(&[("a.prisma", SCHEMA)]);
    let url = database.url_text();
    let overwrite = serde_json::json!([{ "name": "db", "url": url }]).to_string();
    let encoded = SCHEMA.bytes().collect::<Vec<_>>();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, encoded);
    let elsewhere = "postgresql://u@127.0.0.1:1/d";
    for (id, environment) in [
        (1, &[("PRISMA_DML_PATH", "a.prisma"), ("DATABASE_URL", &*url)][..]),
        (
            2,
            &[("PRISMA_DML", &*encoded), ("DATABASE_URL", elsewhere), ("OVERWRITE_DATASOURCES", &*overwrite)],
        ),
    ] {
        let engine = Engine::start(&folder, environment);
        assert_eq!(engine.request("GET /status", ""), (200, r#"{"status":"ok"}"#.to_owned()));
        let create = CREATE.replace("\"id\":1", &format!("\"id\":{id}"));
        assert_eq!(
            engine.request("POST /", &create),
            (200, format!(r#"{{"data":{{"createOne":{{"id":{id}}}}}}}"#))
        );
    }
}

#[tokio::test]
async fn statements_are_printed_if_prisma_client_asks() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLE).await.unwrap();
    let folder = Folder::new(&[("a.prisma", SCHEMA)]);
    let url = database.url_text();
    let environment = [("PRISMA_DML_PATH", "a.prisma"), ("DATABASE_URL", &*url), ("LOG_QUERIES", "true")];
    let mut engine = Engine::start(&folder, &environment);
    engine.request("POST /", CREATE);
    let event = line(engine.output.as_mut().unwrap());
    let fields = &event["fields"];
    assert!(fields["query"].as_str().is_some_and(|sql| sql.starts_with("INSERT INTO")), "{event}");
    assert_eq!((&fields["params"], fields["duration_ms"].is_u64()), (&Value::from(r#"[1,"x"]"#), true));

    // Otherwise nothing is printed.
    let mut engine = Engine::start(&folder, &environment[..2]);
    engine.request("POST /", CREATE);
    engine.signal("-TERM");
    let mut rest = String::new();
    engine.output.as_mut().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[tokio::test]
async fn a_signal_lets_requests_come_to_their_end() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("a.prisma", SCHEMA)]);
    let url = database.url_text();
    let mut engine = Engine::start(&folder, &[("PRISMA_DML_PATH", "a.prisma"), ("DATABASE_URL", &url)]);
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| engine.request("POST /", SLEEP));
        std::thread::sleep(std::time::Duration::from_millis(200));
        engine.signal("-TERM");
        let (status, body) = answer.join().unwrap();
        assert_eq!((status, body.contains(r#"["",7]"#)), (200, true), "{body}");
    });
    assert_eq!(engine.process.wait().unwrap().code(), Some(0));
    TcpStream::connect(("127.0.0.1", engine.port)).unwrap_err();
}

/// An application that is killed leaves no engine behind.
#[tokio::test]
async fn the_engine_ends_when_nobody_reads_its_output() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("a.prisma", SCHEMA)]);
    let url = database.url_text();
    let mut engine = Engine::start(&folder, &[("PRISMA_DML_PATH", "a.prisma"), ("DATABASE_URL", &url)]);
    engine.output = None;
    assert_eq!(engine.process.wait().unwrap().code(), Some(0));
}

/// Prisma Client reads the reason as JSON, and throws it as `PrismaClientInitializationError`.
#[tokio::test]
async fn a_start_that_fails_says_why_as_json() {
    let folder = Folder::new(&[("a.prisma", SCHEMA), ("broken.prisma", "model {")]);
    for (environment, code, part) in [
        (&[][..], None, "no schema is given"),
        (&[("PRISMA_DML_PATH", "none.prisma")], None, "none.prisma"),
        (&[("PRISMA_DML_PATH", "broken.prisma")], Some("P1012"), "the schema has errors"),
        (&[("PRISMA_DML_PATH", "a.prisma")], Some("P1012"), "`DATABASE_URL` is not set"),
        (&[("PRISMA_DML_PATH", "a.prisma"), ("DATABASE_URL", "mysql://x")], Some("P1013"), ""),
        (
            &[("PRISMA_DML_PATH", "a.prisma"), ("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/d")],
            Some("P1001"),
            "`127.0.0.1:1`: Connection refused",
        ),
    ] {
        let output = folder.command(&ARGUMENTS).envs(environment.iter().copied()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let error = line(&mut BufReader::new(&*output.stderr));
        assert_eq!(
            (&error["is_panic"], error["error_code"].as_str()),
            (&Value::from(false), code),
            "{error}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(part) && !message.contains("hunter2"), "{message}");
    }
}
