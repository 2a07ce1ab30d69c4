//! Runs the program on a database of its own, and asks it over HTTP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nicol_migrate::Migrations;
use testkit::TestDatabase;

/// The running program, ended with the test.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(database: &TestDatabase) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_example-axum"))
            .env("DATABASE_URL", database.url_text())
            .env("ADDRESS", "localhost:0")
            .env("AUTH_SECRET", "a secret for tests, and for nothing else")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let rest = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("unexpected: {line}"));
        let address = rest.split(';').next().unwrap().to_owned();
        Self { child, address }
    }

    /// Sends a request and returns the status line and the body.
    fn ask(&self, head: &str, cookie: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json\r\n{cookie}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }
}

#[tokio::test]
async fn every_user_has_tasks_of_their_own() {
    let database = TestDatabase::create().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prisma/migrations");
    let migrations = Migrations::from_folder(&folder).unwrap();
    nicol_migrate::deploy(database.url(), &migrations, |_| {}).await.unwrap();
    // As a sign-in leaves them behind.
    let client = database.connect().await;
    client
        .batch_execute(
            r#"insert into "User" (id, email) values ('1', 'ann@example.com'), ('2', 'bob@example.com');
               insert into "Session" (id, "sessionToken", "userId", expires)
               values ('1', 'token-of-ann', '1', now() + '1 day'), ('2', 'token-of-bob', '2', now() + '1 day')"#,
        )
        .await
        .unwrap();
    let server = Server::start(&database);
    let (ann, bob) =
        ("Cookie: authjs.session-token=token-of-ann\r\n", "Cookie: authjs.session-token=token-of-bob\r\n");

    let (status, page) = server.ask("GET /api/auth/signin", "", "");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(page.contains("<form"), "{page}");

    assert_eq!(server.ask("GET /tasks", "", "").0, "HTTP/1.1 401 Unauthorized");
    let (status, task) = server.ask("POST /tasks", ann, r#"{"title":"Buy milk"}"#);
    assert_eq!(status, "HTTP/1.1 201 Created");
    assert_eq!(task, r#"{"id":1,"title":"Buy milk","done":false,"userId":"1"}"#);
    assert_eq!(server.ask("GET /tasks", ann, "").1, format!("[{task}]"));
    assert_eq!(server.ask("GET /tasks", bob, "").1, "[]");
}
