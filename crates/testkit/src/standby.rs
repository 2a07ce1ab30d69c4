//! A primary with a streaming standby.

use std::fs::{File, Permissions, create_dir, read_to_string, set_permissions, write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::{Client, Row};
use nicol_pg::url::Address;
use tempfile::TempDir;

use crate::memory;
use crate::server::{self, chain};

/// The time limit for each step.
const LIMIT: Duration = Duration::from_mins(1);

/// Runs the server until standard input ends, which also happens when the test is killed.
const GUARD: &str = r#""$@" </dev/null & server=$!; read -r _; kill -QUIT "$server" 2>/dev/null; wait"#;

const PASSWORD: &str = "standby-test";

/// A primary with a streaming standby for one test, removed at its end.
///
/// Both listen on a Unix socket and on 127.0.0.1. Their superuser `postgres` has a password.
#[derive(Debug)]
pub struct Standby {
    primary: Member,
    replica: Member,
    _folder: TempDir,
}

/// One of the two servers.
#[derive(Debug)]
pub struct Member {
    bin: PathBuf,
    /// The user and group to run as, if the test runs as root.
    account: Option<(u32, u32)>,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    /// `None` while it does not run.
    guard: Option<Child>,
}

impl Standby {
    /// Starts both servers with these settings besides the usual ones.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let base = memory::base();
        let folder = tempfile::Builder::new().prefix("nicol-standby-").tempdir_in(base);
        let folder = folder.expect("a folder can be made");
        set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is this process's");

        let mut primary = Member::new(&folder.path().join("primary"), settings);
        primary.initialize();
        primary.start().await;
        let mut standby = Member::new(&folder.path().join("standby"), settings);
        standby.follow(&primary);
        standby.start().await;
        Self { primary, replica: standby, _folder: folder }
    }

    /// Returns the server that was started as the primary.
    pub fn primary(&self) -> &Member {
        &self.primary
    }

    /// Returns the server that was started as the standby.
    pub fn standby(&self) -> &Member {
        &self.replica
    }

    /// As [`primary`](Self::primary), to kill or start it.
    pub fn primary_mut(&mut self) -> &mut Member {
        &mut self.primary
    }

    /// As [`standby`](Self::standby), to kill or start it.
    pub fn standby_mut(&mut self) -> &mut Member {
        &mut self.replica
    }

    /// Returns a URL with the TCP addresses of both servers, the primary first, with the password.
    pub fn urls(&self) -> ConnectionUrl {
        let (primary, standby) = (self.primary.port, self.replica.port);
        let url =
            format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{primary},127.0.0.1:{standby}/postgres");
        ConnectionUrl::parse(&url).expect("a valid URL")
    }

    /// Makes commits on the primary wait for the standby (`synchronous_standby_names`).
    pub async fn make_synchronous(&self) {
        self.primary.set("synchronous_standby_names", "standby").await;
        let primary = self.primary.connect().await;
        let sql = "select coalesce(bool_or(sync_state = 'sync'), false) from pg_stat_replication";
        until(async || value(&primary, sql).await, "a synchronous standby").await;
    }

    /// Waits until the standby has replayed what the primary has written.
    pub async fn wait_until_caught_up(&self) {
        let (primary, standby) = (self.primary.connect().await, self.replica.connect().await);
        let end: String = value(&primary, "select pg_current_wal_insert_lsn()::text").await;
        // What is not committed, or committed without waiting, may still be unflushed.
        let switch = "select pg_switch_wal()::text";
        let _: String = value(&primary, switch).await;
        let sql = format!("select pg_last_wal_replay_lsn() >= '{end}'::pg_lsn");
        until(async || value(&standby, &sql).await, "the standby to catch up").await;
    }

    /// Stops replaying on the standby, which goes on receiving and answering.
    pub async fn pause_replay(&self) {
        let standby = self.replica.connect().await;
        standby.execute("select pg_wal_replay_pause()", &[]).await.expect("it is a standby");
        let sql = "select pg_get_wal_replay_pause_state() = 'paused'";
        until(async || value(&standby, sql).await, "replay to pause").await;
    }

    /// Resumes replaying on the standby.
    pub async fn resume_replay(&self) {
        let standby = self.replica.connect().await;
        standby.execute("select pg_wal_replay_resume()", &[]).await.expect("it is a standby");
    }

    /// Kills the primary (`SIGKILL`).
    pub fn kill_primary(&mut self) {
        self.primary.kill();
    }

    /// Makes the standby a primary, and waits until it accepts writes.
    pub async fn promote(&self) {
        let standby = self.replica.connect().await;
        let promoted: bool = value(&standby, "select pg_promote()").await;
        assert!(promoted, "the standby is not promoted:\n{}", self.replica.log());
    }
}

impl Member {
    fn new(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let initdb = nicol_local::program(&server::options(), "initdb");
        let initdb = initdb.expect("PostgreSQL is missing\nhelp: run `cargo xtask setup`");
        let bin = initdb.parent().expect("a file is in a folder").to_owned();
        let account = account();
        create_dir(folder).expect("a folder can be made");
        if let Some((user, group)) = account {
            chown(folder, Some(user), Some(group)).expect("root may do so");
        }
        let port = free_port();
        let folder_text = folder.display().to_string();
        let mut all = vec![
            ("port", port.to_string()),
            ("listen_addresses", "127.0.0.1".to_owned()),
            ("unix_socket_directories", folder_text),
            ("wal_level", "replica".to_owned()),
            ("wal_keep_size", "256MB".to_owned()),
            ("fsync", "off".to_owned()),
            ("shared_buffers", "16MB".to_owned()),
            ("timezone", "UTC".to_owned()),
        ];
        all.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let settings = all.iter().map(|(name, value)| format!("--{name}={value}")).collect();
        Self { bin, account, folder: folder.to_owned(), port, settings, guard: None }
    }

    /// Returns the URL of the database `postgres` on the Unix socket, with the password.
    pub fn url(&self) -> ConnectionUrl {
        let address = Address::Socket(self.folder.clone());
        ConnectionUrl::new(address, self.port, "postgres").with_user("postgres", Some(PASSWORD))
    }

    /// Returns the URL of the database `postgres` on 127.0.0.1, with the password.
    pub fn tcp_url(&self) -> ConnectionUrl {
        let address = Address::Tcp { name: "127.0.0.1".to_owned(), ip: None };
        ConnectionUrl::new(address, self.port, "postgres").with_user("postgres", Some(PASSWORD))
    }

    /// Opens a connection, which runs on the current runtime.
    pub async fn connect(&self) -> Client {
        let (client, connection) =
            nicol_pg::connect(&self.url()).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        tokio::spawn(connection);
        client
    }

    /// Changes a setting of the running server (`ALTER SYSTEM`).
    pub async fn set(&self, name: &str, value: &str) {
        let client = self.connect().await;
        let sql = format!("alter system set {name} = '{}'", value.replace('\'', "''"));
        client.batch_execute(&sql).await.expect("the setting can be changed");
        client.batch_execute("select pg_reload_conf()").await.expect("the settings can be read");
    }

    /// Starts the server and waits until it answers queries.
    pub async fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log can be kept");
        let mut command = self.command("postgres", &["-c", GUARD, "sh"]);
        command.arg("-D").arg(self.data()).args(&self.settings).stdin(Stdio::piped());
        command.stdout(log.try_clone().expect("a file can be shared")).stderr(log);
        // Ctrl-C and the test runner's signals are for the test, whose end ends the server.
        let mut guard = command.process_group(0).spawn().expect("`sh` can be run");
        let started = Instant::now();
        while nicol_pg::connect(&self.url()).await.is_err() {
            let ended = self.postmaster().is_none() && started.elapsed() > Duration::from_secs(10);
            if ended || started.elapsed() > LIMIT {
                drop(guard.stdin.take());
                let _ = guard.wait();
                panic!("the server does not start:\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.guard = Some(guard);
    }

    /// Kills all processes of the server (`SIGKILL`).
    pub fn kill(&mut self) {
        if let Some((server, memory)) = self.postmaster() {
            let children = read_to_string(format!("/proc/{server}/task/{server}/children"));
            let children = children.unwrap_or_default();
            let mut kill = Command::new("kill");
            kill.arg("-KILL").arg(&server).args(children.split_ascii_whitespace()).stderr(Stdio::null());
            kill.status().expect("there is a program `kill`");
            self.end();
            // Nothing else would remove the memory segment by which PostgreSQL recognizes running servers.
            let mut remove = Command::new("ipcrm");
            let _ = remove.args(["-m", &memory]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }

    /// Stops the server at once (`pg_ctl stop -m immediate`).
    pub fn stop(&mut self) {
        self.end();
    }

    /// Returns the log of the server.
    pub fn log(&self) -> String {
        read_to_string(self.log_file()).unwrap_or_default()
    }

    fn initialize(&self) {
        let password = self.folder.join("password");
        write(&password, PASSWORD).expect("a file can be written");
        let mut command = self.command("initdb", &[]);
        command.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]);
        command.args(["--lc-ctype=C.UTF-8", "--no-sync", "--no-instructions"]);
        run(command.arg("--pwfile").arg(password).arg("--pgdata").arg(self.data()));
    }

    /// Copies a running server and makes this one its standby.
    fn follow(&self, primary: &Self) {
        let (folder, port) = (primary.folder.display(), primary.port);
        let source =
            format!("host={folder} port={port} user=postgres password={PASSWORD} application_name=standby");
        let mut command = self.command("pg_basebackup", &[]);
        command.args(["--dbname", &source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        run(command.args(["--create-slot", "--slot=standby", "--pgdata"]).arg(self.data()));
    }

    /// Returns a command that runs a program of PostgreSQL as the server's user. With arguments for `sh`, that runs it.
    fn command(&self, program: &str, shell: &[&str]) -> Command {
        let program = self.bin.join(program);
        let mut command = match shell {
            [] => Command::new(program),
            arguments => {
                let mut command = Command::new("sh");
                command.args(arguments).arg(program);
                command
            }
        };
        command.current_dir("/").env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command.stdin(Stdio::null());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Returns the ids of the server's first process and of its memory segment, if it has started and has not removed them.
    fn postmaster(&self) -> Option<(String, String)> {
        let file = read_to_string(self.data().join("postmaster.pid")).ok()?;
        let lines: Vec<&str> = file.lines().collect();
        let memory = lines.get(6)?.split_ascii_whitespace().nth(1)?;
        Some((lines[0].to_owned(), memory.to_owned()))
    }

    fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns the user and group that servers run as: none but the current one, unless that is root, which PostgreSQL refuses.
fn account() -> Option<(u32, u32)> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    if !is_root {
        return None;
    }
    let users = read_to_string("/etc/passwd").expect("there is a list of users");
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2);
        Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("there is a user `postgres` or `nobody`"))
}

/// Returns a free port that the system does not give to outgoing connections.
fn free_port() -> u16 {
    let seed = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos());
    let mut port = 15_000 + u16::try_from((seed ^ std::process::id().rotate_left(7)) % 15_000).unwrap_or(0);
    while TcpListener::bind(("127.0.0.1", port)).is_err() {
        port = 15_000 + (port - 15_000 + 1) % 15_000;
    }
    port
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn value<T: for<'a> nicol_pg::tokio_postgres::types::FromSql<'a>>(client: &Client, sql: &str) -> T {
    let row: Row = client.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    row.get(0)
}

async fn until(condition: impl AsyncFn() -> bool, what: &str) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < LIMIT, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
