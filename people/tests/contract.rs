//! The API against its own document: schemathesis asks the running server whatever the document allows, and what it does
//! not allow, and compares the answers with it.
//!
//! It is run by `cargo xtask test api-contract`, which installs schemathesis; the usual test run leaves it out.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::print_stderr, reason = "whoever starts it by hand has to be told what is missing")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, ExitCode};

use chrono::Utc;
use people::db::{Client, person, session, user};
use testkit::TestDatabase;

#[path = "it/running.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod running;

/// What stands for signing in: it is the name of the row, and the value of the cookie.
const SESSION: &str = "5a0c7f6e-1d2b-4c3a-9e8f-7b6a5d4c3e2f";

#[tokio::main]
async fn main() -> ExitCode {
    let Some(schemathesis) = std::env::var_os("NICOL_SCHEMATHESIS") else {
        eprintln!(
            "error: `NICOL_SCHEMATHESIS` has to name the program\nhelp: run `cargo xtask test api-contract`"
        );
        return ExitCode::FAILURE;
    };
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let running = running::Running::start(folder.path(), &[("DATABASE_URL", &database.url_text())]);
    sign_in(&database.url_text()).await;

    // A file, for the address of the document asks who one is, and schemathesis can only say so to operations.
    std::fs::write(folder.path().join("openapi.json"), document(running.port)).unwrap();
    let status = Command::new(schemathesis)
        .arg("--config-file")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/schemathesis.toml"))
        .args(["run", "--url", &format!("http://localhost:{}", running.port)])
        .args(std::env::args().skip(1))
        .arg("openapi.json")
        .env("PEOPLE_SESSION", SESSION)
        .current_dir(folder.path())
        .status()
        .unwrap();
    let is_alive = running.status("/api/auth/signin", "") == 200;
    let log = running.stop();
    let faults: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    if status.success() && is_alive && faults.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: the API is not what its document says; alive: {is_alive}\n{}", faults.join("\n"));
    ExitCode::FAILURE
}

/// The document as the server has it.
fn document(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "GET /api/openapi.json HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\
         cookie: authjs.session-token={SESSION}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}

/// A session as signing in makes it, and people to work with: the samples are few.
async fn sign_in(url: &str) {
    let db = Client::connect(url).await.unwrap();
    let me = db.user().create(user::New { email: "me@example.com".into() }).await.unwrap();
    let expires = Utc::now() + chrono::Duration::days(1);
    let new = session::New { session_token: SESSION.into(), user_id: me.id, expires };
    db.session().create(new).await.unwrap();
    for number in 0..40 {
        let email = format!("person{number}@example.com");
        let new =
            person::New { name: format!("Person {number}"), email, phone_number: "+61 2 5550 1234".into() };
        db.person().create(new).await.unwrap();
    }
}
