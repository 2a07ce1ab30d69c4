//! A server with a certificate, on a loopback port. `nicol-local` cannot be used: its servers only listen on a socket.

use std::fs::{self, Permissions};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use tempfile::TempDir;

use crate::certificate::{Authority, Certificate};
use crate::memory;

/// Access rules that ask for a password, over TCP with or without TLS and over the socket.
pub const WITH_PASSWORD: &str = "host all all all scram-sha-256\nlocal all all scram-sha-256\n";

/// Without TLS, only over the socket: a connection over TCP proves that it is encrypted.
const ONLY_TLS: &str = "hostssl all all all scram-sha-256\nlocal all all scram-sha-256\n";

/// A server with TLS, stopped and removed at the end of its test. The superuser is `postgres`.
#[derive(Debug)]
pub struct TlsServer {
    files: Files,
    port: u16,
    _folder: TempDir,
}

/// What a server presents and accepts.
#[derive(Debug, Clone, Copy)]
pub struct TlsOptions<'a> {
    /// The server's certificate; without one, it has no TLS.
    pub certificate: Option<&'a Certificate>,
    /// The certificate of the authority of clients (`ssl_ca_file`).
    pub client_authority: Option<&'a str>,
    /// The access rules (`pg_hba.conf`).
    pub access: &'a str,
    /// Other settings of `postgresql.conf`.
    pub settings: &'a [(&'a str, &'a str)],
    /// The folder of the server's programs; by default that of all tests.
    pub programs: Option<&'a Path>,
}

impl Default for TlsOptions<'_> {
    fn default() -> Self {
        Self {
            certificate: None,
            client_authority: None,
            access: WITH_PASSWORD,
            settings: &[],
            programs: None,
        }
    }
}

impl TlsServer {
    /// Starts a server.
    #[must_use]
    pub fn start(options: &TlsOptions<'_>) -> Self {
        let folder = tempfile::Builder::new().prefix("nicol-tls-").tempdir_in(memory::base());
        let folder = folder.expect("a folder can be made");
        let files = Files::new(folder.path(), options.programs);
        let port = files.start(options);
        Self { files, port, _folder: folder }
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the superuser's password, which has characters that are special in a URL.
    pub fn password(&self) -> String {
        self.files.password()
    }

    /// Returns the folder, for names of files in URLs. `data` has the socket.
    pub fn folder(&self) -> &Path {
        &self.files.folder
    }

    /// Returns a URL of the database `postgres` at `localhost`, with the password.
    pub fn url(&self) -> ConnectionUrl {
        self.files.url(Address::Tcp { name: "localhost".to_owned(), ip: None }, self.port)
    }

    /// Writes a file into the folder that only the server and root can read.
    pub fn write(&self, name: &str, contents: &str) -> PathBuf {
        self.files.write(name, contents)
    }
}

/// For [`PrivateServer`](crate::PrivateServer), on the route of TLS.
impl TlsServer {
    /// Starts a server that accepts nothing but TLS over TCP, with a certificate of an authority of its own.
    pub(crate) fn start_private(settings: &[(&str, &str)]) -> Self {
        let authority = Authority::new("nicol test authority");
        let certificate = authority.server(&["localhost"]);
        let server = Self::start(&TlsOptions {
            certificate: Some(&certificate),
            access: ONLY_TLS,
            settings,
            ..TlsOptions::default()
        });
        server.files.write_root(&authority);
        server
    }

    pub(crate) fn socket_url(&self) -> ConnectionUrl {
        self.files.socket_url()
    }

    pub(crate) fn stop(&self, mode: &str) {
        self.files.control(&["-m", mode, "stop"]);
    }

    pub(crate) fn start_again(&self) {
        assert!(self.files.control(&["-l", utf8(&self.files.log()), "start"]), "the server does not start");
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.files.control(&["-m", "immediate", "stop"]);
    }
}

/// The files of a server.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    programs: Option<PathBuf>,
    account: Option<(u32, u32)>,
}

impl Files {
    pub(crate) fn new(folder: &Path, programs: Option<&Path>) -> Self {
        // The server runs as another user if the tests run as root.
        fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder is this process's");
        Self { folder: folder.to_owned(), programs: programs.map(Path::to_owned), account: unprivileged() }
    }

    /// Creates a cluster, starts its server and returns its port.
    pub(crate) fn start(&self, options: &TlsOptions<'_>) -> u16 {
        let data = self.data();
        fs::create_dir(&data).expect("the folder is empty");
        fs::set_permissions(&data, Permissions::from_mode(0o700)).expect("the folder is this process's");
        self.own(&data);
        self.write("password", &password());
        let password = format!("--pwfile={}", self.folder.join("password").display());
        let initdb = ["--no-sync", "-A", "scram-sha-256", "-U", "postgres", "-E", "UTF8", "--locale=C"];
        let arguments = [&initdb[..], &["--lc-ctype=C.UTF-8", &password, "-D", utf8(&data)]].concat();
        assert!(self.run("initdb", &arguments), "initdb failed");
        fs::write(data.join("pg_hba.conf"), options.access).expect("the folder is this process's");
        // Another process may take the port between this and the start.
        for _ in 0..5 {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
            let port = listener.local_addr().expect("it is bound").port();
            drop(listener);
            fs::write(data.join("postgresql.auto.conf"), self.settings(options, port))
                .expect("the folder is this process's");
            if self.control(&["-l", utf8(&self.log()), "start"]) {
                return port;
            }
        }
        panic!("the server does not start: {}", fs::read_to_string(self.log()).unwrap_or_default());
    }

    fn settings(&self, options: &TlsOptions<'_>, port: u16) -> String {
        let mut settings = vec![
            ("listen_addresses", "localhost".to_owned()),
            ("port", port.to_string()),
            ("unix_socket_directories", self.data().display().to_string()),
            ("fsync", "off".to_owned()),
            ("timezone", "UTC".to_owned()),
        ];
        let file = |name, contents: &str| self.write(name, contents).display().to_string();
        if let Some(Certificate { certificate, key, .. }) = options.certificate {
            settings.push(("ssl", "on".to_owned()));
            settings.push(("ssl_cert_file", file("server.crt", certificate)));
            settings.push(("ssl_key_file", file("server.key", key)));
        }
        if let Some(authority) = options.client_authority {
            settings.push(("ssl_ca_file", file("clients.pem", authority)));
        }
        settings.extend(options.settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let lines: Vec<_> = settings.iter().map(|(name, value)| format!("{name} = '{value}'\n")).collect();
        lines.concat()
    }

    /// Whether the server is running.
    pub(crate) fn is_running(&self) -> bool {
        self.control(&["status"])
    }

    /// Returns the server's process id.
    pub(crate) fn pid(&self) -> Option<u32> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        file.lines().next()?.trim().parse().ok()
    }

    /// Returns the URL of a server at its socket, whose name has the port.
    pub(crate) fn socket_url(&self) -> ConnectionUrl {
        let file = fs::read_to_string(self.data().join("postgresql.auto.conf"));
        let file = file.expect("the server has been started");
        let port = file.lines().find_map(|line| line.strip_prefix("port = '")?.strip_suffix('\''));
        let port = port.and_then(|port| port.parse().ok()).expect("the settings have the port");
        self.url(Address::Socket(self.data()), port)
    }

    fn url(&self, address: Address, port: u16) -> ConnectionUrl {
        ConnectionUrl::new(address, port, "postgres").with_user("postgres", Some(&self.password()))
    }

    fn password(&self) -> String {
        fs::read_to_string(self.folder.join("password")).expect("the server has been started")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.data().join("log")
    }

    /// Writes a file that only the server and root can read.
    pub(crate) fn write(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, contents).expect("the folder is this process's");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("the file is this process's");
        self.own(&path);
        path
    }

    /// Writes the file that `Route` names as `sslrootcert`.
    fn write_root(&self, authority: &Authority) {
        let path = self.write("ca.pem", authority.pem());
        fs::set_permissions(path, Permissions::from_mode(0o644)).expect("the file is this process's");
    }

    fn own(&self, path: &Path) {
        if let Some((uid, gid)) = self.account {
            chown(path, Some(uid), Some(gid)).expect("root may give a file away");
        }
    }

    /// Runs `pg_ctl` and returns whether it succeeded.
    fn control(&self, arguments: &[&str]) -> bool {
        self.run("pg_ctl", &[&["-w", "-s", "-D", utf8(&self.data())], arguments].concat())
    }

    fn run(&self, name: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program(name, self.programs.as_deref()));
        command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command.status().is_ok_and(|status| status.success())
    }
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("the name of a temporary folder is UTF-8")
}

fn password() -> String {
    let mut bytes = [0_u8; 16];
    let random = fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    random.expect("the system has random numbers");
    bytes.iter().fold("/@:?#".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// Returns a program of PostgreSQL.
fn program(name: &str, folder: Option<&Path>) -> PathBuf {
    let mut options = nicol_local::Options::new("/");
    options.postgres_bin =
        folder.map(Path::to_owned).or_else(|| std::env::var_os("NICOL_POSTGRES_BIN").map(PathBuf::from));
    options.search_path = std::env::var_os("PATH");
    nicol_local::program(&options, name)
        .unwrap_or_else(|| panic!("there is no `{name}`\nhelp: run `cargo xtask setup`"))
}

/// PostgreSQL refuses to run as root.
fn unprivileged() -> Option<(u32, u32)> {
    if id(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|user| Some((id(&["-u", user])?, id(&["-g", user])?)))
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Starts the server of a folder, unless it is running, with a certificate of an authority of its own: `ca.pem` in the
/// folder. Returns whether it has been started now.
pub(crate) fn ensure(files: &Files, settings: &[(&str, &str)]) -> bool {
    if files.is_running() {
        return false;
    }
    let data = files.data();
    if data.exists() {
        fs::remove_dir_all(&data).expect("the folder is this process's");
    }
    let authority = Authority::new("nicol test authority");
    files.write_root(&authority);
    files.start(&TlsOptions {
        certificate: Some(&authority.server(&["localhost"])),
        access: ONLY_TLS,
        settings,
        ..TlsOptions::default()
    });
    true
}
