//! A `PgBouncer` in transaction mode in front of a server.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use tempfile::TempDir;

use crate::server::chain;

/// Runs a program until standard input is closed, which also happens if this process is killed.
const KEEPER: &str = r#""$@" < /dev/null & read -r _; kill -9 $!; wait"#;

/// What a pooler does with named prepared statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// They stay with the server connection, where the next transaction may not find them, or finds another client's:
    /// `PgBouncer` before 1.21 (Debian's), or with `max_prepared_statements = 0`.
    Lost,
    /// They follow the client: `PgBouncer` 1.21 or later.
    Kept,
}

/// A `PgBouncer` in transaction mode on a loopback address, for all databases and users of a server. It ends when it
/// is dropped or this process ends.
#[derive(Debug)]
pub struct Pooler {
    url: ConnectionUrl,
    command: Vec<String>,
    process: Option<Child>,
    _folder: TempDir,
}

impl Pooler {
    /// Starts a pooler in front of the first host of a URL, with these settings besides or instead of the usual ones.
    pub async fn start(server: &ConnectionUrl, prepared: Prepared, settings: &[(&str, &str)]) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port is free").port();
        let user = server.user().expect("the server's URL names a user");
        let url = ConnectionUrl::new(
            Address::Tcp { name: "127.0.0.1".to_owned(), ip: None },
            port,
            server.database(),
        )
        .with_user(user, server.password())
        .with_parameter("sslmode", "disable")
        .expect("it can be set");

        let (program, can_keep) = program(prepared);
        let host = &server.hosts()[0];
        let upstream = match &host.address {
            Address::Socket(folder) => folder.display().to_string(),
            Address::Tcp { name, .. } => name.clone(),
        };
        let folder =
            tempfile::Builder::new().prefix("nicol-pooler-").tempdir().expect("a folder can be made");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut ini = format!("[databases]\n* = host={upstream} port={}\n[pgbouncer]\n", host.port);
        let port = port.to_string();
        let users = path("users");
        let usual = [
            ("pool_mode", "transaction"),
            ("listen_addr", "127.0.0.1"),
            ("listen_port", &port),
            ("unix_socket_dir", ""),
            ("auth_type", if server.password().is_some() { "scram-sha-256" } else { "trust" }),
            ("auth_file", &users),
            // Other users than that of the URL are looked up in the server.
            ("auth_user", user),
            ("admin_users", user),
            ("max_client_conn", "1000"),
        ];
        let keeps = (prepared == Prepared::Kept).then_some("100").or(can_keep.then_some("0"));
        let keeps = keeps.map(|count| ("max_prepared_statements", count));
        // The last value of a setting counts.
        for (name, value) in usual.iter().chain(&keeps).chain(settings) {
            ini.extend([name, " = ", value, "\n"]);
        }
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let entry = format!("{} {}\n", quoted(user), quoted(server.password().unwrap_or_default()));
        fs::write(&users, entry).and_then(|()| fs::write(path("ini"), ini)).expect("files can be written");

        let mut command = vec![program.display().to_string()];
        if rustix::process::geteuid().is_root() {
            // PgBouncer refuses to run as root.
            let id = account(&host.address);
            for path in [folder.path().to_owned(), path("ini").into(), users.into()] {
                chown(&path, Some(id), None).expect("root can give files away");
            }
            command.extend(["-u".to_owned(), said_by("id", &["-nu", &id.to_string()])]);
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("the folder is ours");
        command.push(path("ini"));
        let mut pooler = Self { url, command, process: None, _folder: folder };
        pooler.start_again().await;
        pooler
    }

    /// Returns the URL of the database through the pooler, with the password. Nothing in it tells that it is pooled.
    pub fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    /// Kills the pooler, which closes all its connections, and starts it again on the same port.
    pub async fn restart(&mut self) {
        self.stop();
        self.start_again().await;
    }

    /// Kills the pooler. Its port refuses connections until [`restart`](Self::restart).
    pub fn stop(&mut self) {
        if let Some(mut keeper) = self.process.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }

    /// Runs a command of `PgBouncer`'s console, such as `PAUSE`.
    pub async fn console(&self, command: &str) {
        let url = self.url.with_database("pgbouncer");
        let (client, connection) =
            nicol_pg::connect(&url).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        let connection = tokio::spawn(connection);
        client.simple_query(command).await.unwrap_or_else(|error| panic!("{command}: {}", chain(&error)));
        drop(client);
        let _ = connection.await;
    }

    async fn start_again(&mut self) {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).args(&self.command);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(keeper.spawn().expect("there is a shell"));
        let mut last = String::new();
        for _ in 0..400 {
            match nicol_pg::connect(&self.url).await {
                Ok(_) => return,
                Err(error) => last = chain(&error),
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("PgBouncer does not come up: {last}");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns the program to run, and whether it can keep prepared statements.
fn program(prepared: Prepared) -> (PathBuf, bool) {
    // Debian installs it outside of the search path of most users.
    let system = ["/usr/sbin/pgbouncer", "pgbouncer"];
    let system = system.into_iter().map(PathBuf::from).find_map(|path| Some((version(&path)?, path)));
    let reference = std::env::var_os("NICOL_REFERENCE_DIR").map(PathBuf::from);
    let recent = reference.map(|folder| folder.join("pgbouncer/pgbouncer"));
    let recent = recent.and_then(|path| Some((version(&path)?, path)));
    let is_recent = |version: (u32, u32)| version >= (1, 21);
    let found = match prepared {
        Prepared::Lost => system,
        Prepared::Kept => system.filter(|(version, _)| is_recent(*version)).or(recent),
    };
    let (version, path) = found.unwrap_or_else(|| {
        panic!(
            "this test needs PgBouncer ({prepared:?}), which is not installed\n\
             help: run `cargo xtask setup`, and set NICOL_REFERENCE_DIR to the folder `.reference`"
        )
    });
    (path, is_recent(version))
}

fn version(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.strip_prefix("PgBouncer ")?.split(['.', '\n']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Returns the user that a root's pooler runs as: only the server's user can access its socket.
fn account(server: &Address) -> u32 {
    let owner = match server {
        Address::Socket(folder) => fs::metadata(folder).ok().map(|it| it.uid()).filter(|uid| *uid != 0),
        Address::Tcp { .. } => None,
    };
    owner.unwrap_or_else(|| said_by("id", &["-u", "nobody"]).parse().expect("there is a user `nobody`"))
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("the program can be run");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
