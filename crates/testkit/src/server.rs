//! The server for all tests: one for the workspace and user, started by the first test that needs it.
//!
//! nextest runs every test in a separate process, so the server has to outlive the process that starts it, and no process
//! is left to stop it at the end. Each process therefore holds a shared lock while it lives, and a small background script
//! stops the server once no process has held the lock for a while.

use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use nicol_local::{Options, Progress, Status};
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::SimpleQueryMessage;
use sha2::{Digest as _, Sha256};

use crate::memory;
use crate::route::Route;
use crate::tls_server::{self, Files};

/// Stops process `$2` once `$1` could be locked exclusively for about 20 s.
const WATCHDOG: &str = r#"
idle=0
while kill -0 "$2" 2>/dev/null; do
  sleep 2
  if flock --nonblock "$1" true; then idle=$((idle + 1)); else idle=0; fi
  if [ "$idle" -ge 10 ]; then
    flock --nonblock "$1" sh -c '
      kill -INT "$1"
      for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || break; sleep 1; done' sh "$2"
    idle=0
  fi
done"#;

/// Durability does not matter here.
pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("min_wal_size", "32MB"),
    ("max_wal_size", "256MB"),
    ("max_connections", "300"),
];

struct Server {
    url: ConnectionUrl,
    /// Held until the process ends.
    _users: File,
}

static SERVER: Mutex<Option<Server>> = Mutex::new(None);

/// Returns the URL of the server's `postgres` database at its socket.
pub(crate) async fn url() -> ConnectionUrl {
    // Concurrent tests of one process each have their own runtime: one of them starts the server on a separate
    // thread, and the others wait.
    let task = std::thread::spawn(|| {
        let mut server = SERVER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(server) = &*server {
            return server.url.clone();
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let started = runtime.block_on(start());
        let url = started.url.clone();
        *server = Some(started);
        url
    });
    while !task.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    match task.join() {
        Ok(url) => url,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Returns the options of the server for all tests.
pub(crate) fn options() -> Options {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let postgres_bin = std::env::var_os("NICOL_POSTGRES_BIN").map(PathBuf::from);
    let mut folder = workspace.join("target/testkit");
    if let Some(bin) = &postgres_bin {
        // Data belong to one version of PostgreSQL.
        folder.push(bin.to_string_lossy().replace('/', "_"));
    }
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("cannot create {}: {error}", folder.display()));
    let mut options = Options::new(folder);
    options.postgres_bin = postgres_bin;
    options.search_path = std::env::var_os("PATH");
    "postgres".clone_into(&mut options.database);
    if let Some(folder) = memory::home() {
        options.root_home = folder;
    }
    for (name, value) in SETTINGS {
        options.settings.push(((*name).to_owned(), (*value).to_owned()));
    }
    options
}

async fn start() -> Server {
    if Route::chosen() == Route::Tls {
        return start_with_tls();
    }
    let options = options();
    let state = nicol_local::state_dir(&options).unwrap_or_else(|error| panic!("{error}"));
    let users_path = state.join("test-users");
    let (users, _setup) = locks(&users_path, &state.join("test-setup"));

    let mut started = false;
    let url = nicol_local::start(&options, |step| started |= step == Progress::Starting)
        .await
        .unwrap_or_else(|error| panic!("{}", chain(&error)));
    if started {
        drop_leftovers(&url).await;
        if let Ok(Status::Running { pid, .. }) = nicol_local::status(&options).await {
            start_watchdog(&users_path, pid);
        }
    }
    Server { url, _users: users }
}

fn start_with_tls() -> Server {
    // A folder for each workspace: its name is short, because it is part of the socket's.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let programs = std::env::var_os("NICOL_POSTGRES_BIN").unwrap_or_default();
    let digest = Sha256::digest(format!("{}\0{}", workspace.display(), programs.display()));
    let digest = u64::from_be_bytes(digest[..8].try_into().expect("eight of 32 bytes"));
    let folder = memory::base().join(format!("nicol-testkit-tls-{digest:016x}"));
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("cannot create {}: {error}", folder.display()));
    let users_path = folder.join("users");
    let (users, _setup) = locks(&users_path, &folder.join("setup"));

    let files = Files::new(&folder, None);
    if tls_server::ensure(&files, SETTINGS)
        && let Some(pid) = files.pid()
    {
        start_watchdog(&users_path, pid);
    }
    Server { url: files.socket_url(), _users: users }
}

/// Notes that this process uses the server, and waits until no other process starts it or cleans up.
fn locks(users: &Path, setup: &Path) -> (File, File) {
    let (users, setup) = (open(users), open(setup));
    users.lock_shared().expect("a lock on a file of our own can be had");
    setup.lock().expect("a lock on a file of our own can be had");
    (users, setup)
}

/// Drops databases of killed test processes, and templates of earlier runs.
async fn drop_leftovers(url: &ConnectionUrl) {
    let (client, connection) =
        nicol_pg::connect(url).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    let connection = tokio::spawn(connection);
    let list = "select datname from pg_database where datname like 'test\\_%' or datname like 'template\\_%'";
    for message in client.simple_query(list).await.expect("the catalog can be read") {
        if let SimpleQueryMessage::Row(row) = message {
            let name = nicol_pg::quote_ident(row.get(0).unwrap_or_default());
            client
                .batch_execute(&format!("drop database {name} with (force)"))
                .await
                .expect("a leftover can go");
        }
    }
    drop(client);
    let _ = connection.await;
}

/// Starts the watchdog. Without `flock` (macOS), there is none, and the server runs until it is stopped by hand.
fn start_watchdog(users: &Path, pid: u32) {
    let _ = Command::new("sh")
        .args(["-c", WATCHDOG, "sh"])
        .arg(users)
        .arg(pid.to_string())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
}

fn open(path: &Path) -> File {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()))
}

/// Formats an error with all its sources.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
