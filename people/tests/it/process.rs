//! The binary: how it starts, refuses to start, and stops.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::time::{Duration, Instant};

use crate::running::{PATIENCE, Project, Running, kill, people, server_pid};
use crate::test_app;

#[track_caller]
fn check_refused(output: &Output, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

#[test]
fn each_secret_is_new_and_long_enough() {
    let project = Project::new();
    let secret = || {
        let output = people(project.path()).arg("secret").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let (first, second) = (secret(), secret());
    assert_eq!(first.trim_end().len(), 44, "33 bytes in base64");
    assert_ne!(first, second);
}

#[test]
fn a_start_in_an_empty_folder_serves_a_site_and_keeps_its_data() {
    let project = Project::new();
    let mut first = Running::start(project.path(), &[]);
    for step in ["found PostgreSQL", "PostgreSQL is ready", "_init` applied", "10 sample people added"] {
        first.wait_for(step);
    }
    assert_eq!(first.status("/healthz", ""), 200);
    assert_eq!(first.status("/readyz", ""), 200);
    assert_eq!(first.status("/people", ""), 303);
    let output = first.stop();
    assert!(output.contains("People has stopped."), "{output}");
    assert_eq!(server_pid(&project.local), None, "the server that it started is stopped");

    let output = Running::start(project.path(), &[]).stop();
    assert!(output.contains("all migrations are applied"), "{output}");
    assert!(!output.contains("creating a data directory"), "the data is reused: {output}");
    assert!(!output.contains("sample people"), "{output}");
}

#[test]
fn migrate_and_seed_are_commands_of_their_own() {
    let project = Project::new();
    let run = |command: &str| {
        let output = people(project.path()).arg(command).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("migrate").contains("_init` applied"));
    assert!(run("migrate").contains("all migrations are applied"));
    assert!(run("seed").contains("10 sample people added."));
    assert!(run("seed").contains("All ten sample people already exist."));
    assert_eq!(server_pid(&project.local), None);
}

#[test]
fn a_busy_port_is_named() {
    let project = Project::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = people(project.path()).env("PORT", &port).output().unwrap();
    check_refused(&output, &[&format!("port {port} is in use"), "help:"]);
    assert_eq!(server_pid(&project.local), None, "no server is started in vain");
}

#[test]
fn unsafe_settings_are_refused() {
    let project = Project::new();
    let output = people(project.path()).env("HOST", "0.0.0.0").output().unwrap();
    check_refused(&output, &["`HOST` is 0.0.0.0", "help:"]);

    let deployed = [
        ("AUTH_URL", "https://people.example.com"),
        ("AUTH_ALLOWED_DOMAINS", "example.com"),
        ("EMAIL_SERVER", "smtps://ann:hush@smtp.example.com"),
        ("EMAIL_FROM", "people@example.com"),
        ("DATABASE_URL", "postgresql://ann:hush@db.example.com/people"),
    ];
    let output = people(project.path()).envs(deployed).output().unwrap();
    check_refused(&output, &["`AUTH_SECRET`", "`DATABASE_URL` names another machine without requiring TLS"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hush"));
}

#[test]
fn dotenv_is_read_and_config_shows_where_settings_come_from() {
    let project = Project::new();
    std::fs::write(
        project.path().join(".env"),
        "PORT=4321\nAUTH_SECRET=hush-hush-hush-hush-hush-hush-hush\n",
    )
    .unwrap();
    let output = people(project.path()).arg("config").env("HOST", "::1").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |name: &str| {
        text.lines().find(|line| line.starts_with(name)).unwrap().split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(line("PORT"), ["PORT", "4321", ".env"]);
    assert_eq!(line("HOST"), ["HOST", "::1", "environment"]);
    assert_eq!(line("AUTH_SECRET"), ["AUTH_SECRET", "hidden", ".env"]);
    assert!(!text.contains("hush"));
}

#[test]
fn any_folder_of_a_project_means_the_project() {
    let project = Project::new();
    let below = project.path().join("people/src");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(project.path().join(".env"), "PORT=4321\n").unwrap();
    let port = || {
        let output = people(&below).arg("config").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.starts_with("PORT")).unwrap().to_owned()
    };
    assert!(port().contains("3000"), "this is no project yet");
    std::fs::write(project.path().join("nicol.toml"), "").unwrap();
    assert!(port().contains("4321"));
}

#[test]
fn an_unavailable_database_is_explained() {
    let project = Project::new();
    let url = "postgresql://ann:hush@127.0.0.1:1/people?connect_timeout=1";
    let output = people(project.path()).env("DATABASE_URL", url).env("PORT", "0").output().unwrap();
    check_refused(&output, &["127.0.0.1:1"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hush"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_migration_stops_the_start() {
    let database = test_app::database().await;
    let fail = "update _prisma_migrations set finished_at = null, logs = 'it went wrong'";
    database.connect().await.batch_execute(fail).await.unwrap();
    let project = Project::new();
    let output =
        people(project.path()).env("DATABASE_URL", database.url_text()).env("PORT", "0").output().unwrap();
    check_refused(&output, &["_init", "failed earlier", "nicol migrate resolve"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_explained_and_not_shown() {
    let database = test_app::database().await;
    let url = database.url().with_user("nobody-known", Some("hush"));
    let project = Project::new();
    let output = people(project.path())
        .env("DATABASE_URL", url.to_url_with_password())
        .env("PORT", "0")
        .output()
        .unwrap();
    check_refused(&output, &["nobody-known"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hush"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_logs_json_adds_no_samples_and_accepts_any_host() {
    let database = test_app::database().await;
    let project = Project::new();
    let url = database.url_text();
    let settings = [
        ("AUTH_URL", "https://people.example.com"),
        ("AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
        ("AUTH_ALLOWED_DOMAINS", "example.com"),
        ("EMAIL_SERVER", "smtp://127.0.0.1:1"),
        ("EMAIL_FROM", "people@example.com"),
        ("DATABASE_URL", &*url),
        ("HOST", "0.0.0.0"),
    ];
    let mut running = Running::start(project.path(), &settings);
    assert_eq!(running.status("/people", ""), 303, "whatever name the proxy uses");
    let line = running.wait_for("\"route\":\"/people\"");
    assert!(line.starts_with('{') && line.ends_with('}') && line.contains("\"status\":303"), "{line}");
    let output = running.stop();
    assert!(output.contains("People is at https://people.example.com, listening on 0.0.0.0:"), "{output}");
    assert!(!output.contains("sample people"));
    let rows = database.connect().await.query("select 1 from people", &[]).await.unwrap();
    assert!(rows.is_empty());
    let refused = people(project.path()).arg("seed").envs(settings).output().unwrap();
    check_refused(&refused, &["sample people can be added only in development"]);
}

#[test]
fn a_request_in_flight_is_finished_before_the_stop() {
    let project = Project::new();
    let mut running = Running::start(project.path(), &[]);
    let mut slow = TcpStream::connect(("127.0.0.1", running.port)).unwrap();
    slow.set_read_timeout(Some(PATIENCE)).unwrap();
    let (host, body) = (format!("localhost:{}", running.port), "csrfToken=0");
    let length = body.len();
    write!(
        slow,
        "POST /api/auth/signout HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the body is waited for");
    running.signal("-TERM");
    running.wait_for("Stopping:");
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", running.port)).is_ok() {
        assert!(began.elapsed() < PATIENCE, "new connections are accepted");
        std::thread::sleep(Duration::from_millis(20));
    }
    slow.write_all(body.as_bytes()).unwrap();
    let mut response = String::new();
    slow.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 302"), "{response}");
    running.wait();
    assert!(running.output().contains("People has stopped."));
}

#[test]
fn a_start_can_be_interrupted() {
    let project = Project::new();
    let mut running = Running::spawn(project.path(), &[]);
    running.wait_for("creating a data directory");
    running.signal("-INT");
    running.wait();
    assert!(!running.output().contains("People is at"));
    assert_eq!(server_pid(&project.local), None, "the server that was being started is stopped");
    Running::start(project.path(), &[]).stop();
}

/// A session that is none: looking for it takes a query.
const SESSION: &str = "cookie: authjs.session-token=0b5d6b1e-9a5c-4f0e-8d9f-6d1d4d3c2b1a\r\n";

#[test]
fn without_a_database_the_response_is_503_until_it_is_back() {
    // A server that People did not start, so that it does not bring it back either.
    let server = Project::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start =
        || runtime.block_on(nicol_local::start(&server.local, |_| {})).unwrap().to_url_with_password();
    let url = start();
    let project = Project::new();
    let running = Running::start(project.path(), &[("DATABASE_URL", &url)]);
    assert_eq!(running.status("/people", SESSION), 303);

    kill("-KILL", server_pid(&server.local).unwrap());
    running.wait_for_status("/people", SESSION, 503);
    assert_eq!(running.status("/readyz", ""), 503);
    assert_eq!(running.status("/healthz", ""), 200);
    assert_eq!(start(), url);
    running.wait_for_status("/readyz", "", 200);
    for _ in 0..10 {
        assert_eq!(running.status("/people", SESSION), 303, "no connection of before is used");
    }
    running.stop();
    runtime.block_on(nicol_local::stop(&server.local)).unwrap();
}

#[test]
fn a_killed_local_database_is_restarted() {
    let project = Project::new();
    let running = Running::start(project.path(), &[]);
    let pid = server_pid(&project.local).unwrap();
    kill("-KILL", pid);
    let began = Instant::now();
    while server_pid(&project.local).is_none_or(|now| now == pid) {
        let status = running.status("/people", SESSION);
        assert!(matches!(status, 303 | 503), "{status}");
        assert!(began.elapsed() < PATIENCE, "it does not come back:\n{}", running.output());
    }
    running.wait_for_status("/readyz", "", 200);
    assert_eq!(running.status("/people", SESSION), 303);
    let output = running.stop();
    assert!(output.contains("the local database crashed"), "{output}");
    assert_eq!(server_pid(&project.local), None);
}

#[test]
fn the_next_start_adopts_the_server_of_a_killed_application() {
    let project = Project::new();
    let mut first = Running::start(project.path(), &[]);
    let pid = server_pid(&project.local).unwrap();
    first.kill();
    assert_eq!(server_pid(&project.local), Some(pid));
    let mut second = Running::start(project.path(), &[]);
    second.wait_for("using the running PostgreSQL server");
    assert_eq!(server_pid(&project.local), Some(pid));
    second.stop();
    assert_eq!(server_pid(&project.local), None);
}

#[test]
fn applications_share_a_server_within_a_folder_alone() {
    let project = Project::new();
    let other_project = Project::new();
    let one = Running::start(project.path(), &[]);
    let two = Running::start(project.path(), &[]);
    let other = Running::start(other_project.path(), &[]);
    let pid = server_pid(&project.local).unwrap();
    assert_ne!(server_pid(&other_project.local), Some(pid));

    one.stop();
    assert_eq!(server_pid(&project.local), Some(pid), "the second still uses it");
    assert_eq!(two.status("/readyz", ""), 200);
    two.stop();
    assert_eq!(server_pid(&project.local), None, "the last one out stops it");
    assert_eq!(other.status("/readyz", ""), 200);
    other.stop();
}

#[test]
fn the_log_contains_no_tokens_or_addresses_at_any_level() {
    let project = Project::new();
    let mut running = Running::start(
        project.path(),
        &[("RUST_LOG", "trace,tokio_postgres=trace,tokio_postgres::query=trace")],
    );
    let session = "cookie: authjs.session-token=5e551041-c0ff-4eee-8000-000000000001\r\n";
    running.status("/people?q=findme-value", session);
    running.status("/people/someone@example.com", session);
    running.status("/api/auth/callback/email?token=70ce4-70ce4&email=someone%40example.com", session);
    running.wait_for("/api/auth");
    let output = running.stop();
    for secret in ["5e551041", "findme", "70ce4", "someone", "john.doe@example.com"] {
        assert!(!output.contains(secret), "`{secret}` is in:\n{output}");
    }
    assert!(
        output.contains("/people/{id}") || output.contains("/people"),
        "the access log has routes:\n{output}"
    );
}

#[test]
fn the_development_secret_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new();
    Running::start(project.path(), &[]).stop();
    let secret = nicol_local::state_dir(&project.local).unwrap().join("auth-secret");
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    let made = std::fs::read(&secret).unwrap();
    Running::start(project.path(), &[]).stop();
    assert_eq!(std::fs::read(&secret).unwrap(), made);
}
