//! `nicol studio`: where it listens, what it prints, and what it may change.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

/// A running studio.
struct Studio {
    process: Child,
    url: String,
}

impl Studio {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.command(&[&["studio"], arguments].concat());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the command can be started");
        let mut url = String::new();
        let output = process.stdout.as_mut().expect("it is piped");
        BufReader::new(output).read_line(&mut url).expect("it prints its URL");
        Self { process, url: url.trim().to_owned() }
    }

    /// Returns the answer to a request, with its head.
    fn get(&self, path: &str) -> String {
        let host = self.url.trim_start_matches("http://").split('/').next().expect("a host");
        let port: u16 = host.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
            .expect("it can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("there is an answer");
        answer
    }

    /// Stops it as Ctrl-C does, and returns its exit code and what it has said.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = Pid::from_child(&self.process);
        kill_process(id, Signal::INT).expect("it runs");
        let mut errors = String::new();
        self.process.stderr.take().expect("it is piped").read_to_string(&mut errors).expect("text");
        (self.process.wait().expect("it ends").code(), errors)
    }
}

fn folder(url: &str) -> Folder {
    Folder::new(&[("schema.prisma", SCHEMA)]).with_env("DATABASE_URL", url)
}

#[tokio::test]
async fn the_studio_prints_its_url_and_stops_at_ctrl_c() {
    let database = TestDatabase::create().await;
    let folder = folder(&database.url_text());
    let studio = Studio::start(&folder, &["--browser", "none", "--port", "0"]);
    assert!(studio.url.starts_with("http://localhost:"), "{}", studio.url);
    let path = studio.url.rsplit('/').next().expect("a path");
    assert!(studio.get(&format!("/{path}")).starts_with("HTTP/1.1 303"));
    assert!(studio.get("/").starts_with("HTTP/1.1 401"));
    let (code, errors) = studio.stop();
    assert_eq!(code, Some(0), "{errors}");
    assert!(!errors.contains("read") && errors.contains("Ctrl-C stops the studio"), "{errors}");
}

#[tokio::test]
async fn a_browser_is_started_with_a_url_of_its_own() {
    let database = TestDatabase::create().await;
    let folder = folder(&database.url_text());
    // This "browser" tells what it was given.
    folder.write("browser", "#!/bin/sh\necho \"$1\" > given.new; mv given.new given\n");
    let browser = folder.path().join("browser");
    std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let studio = Studio::start(&folder, &["--browser", browser.to_str().unwrap(), "--port", "0"]);
    let given = folder.path().join("given");
    for _ in 0..200 {
        if given.exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let given = folder.read("given");
    assert_ne!(given.trim(), studio.url);
    let path = format!("/{}", given.trim().rsplit('/').next().unwrap());
    assert!(studio.get(&path).starts_with("HTTP/1.1 303"));
    assert!(studio.get(&path).starts_with("HTTP/1.1 401"), "it works once");
    studio.stop();
}

#[test]
fn databases_in_production_are_read_only_unless_asked_otherwise() {
    let folder = folder("postgresql://me:secret@localhost:1/shop_prod");
    for (arguments, expected) in [
        (&[][..], "rows can only be read"),
        (&["--write"], "Changes are applied to it"),
        (&["--read-only"], "Ctrl-C stops the studio"),
    ] {
        let studio = Studio::start(&folder, &[&["--browser", "none", "--port", "0"], arguments].concat());
        let (_, errors) = studio.stop();
        assert!(errors.contains(expected) && !errors.contains("secret"), "{arguments:?}: {errors}");
    }
    folder.run(&["studio", "--write", "--read-only"]).check(1, &["cannot be used with"]);
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = folder("postgresql://localhost:1/shop").run(&["studio", "--browser", "none", "--port", &port]);
    run.check(1, &["cannot listen on `127.0.0.1`", "help: choose another --port"]);
}
