//! A temporary server with TLS on a loopback port. `nicol-local` cannot be used: it depends on this crate, and its
//! servers only listen on a socket.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "s3cr3t/@:?#";

pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) dir: TempDir,
    account: Option<(u32, u32)>,
}

/// A server's certificate and its authority.
pub(crate) struct Certificate {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Server {
    /// Starts a server. `hba` contains its access rules; without a certificate, it has no TLS.
    pub(crate) fn start(certificate: Option<&Certificate>, client_ca: Option<&str>, hba: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("nicol-pg-").tempdir_in(base()).unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let account = unprivileged();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let server = Self { port, dir, account };

        let data = server.dir.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
        server.write("password", PASSWORD);
        server.own(&data);
        let dir = server.dir.path().to_owned();
        server.run(
            "initdb",
            &[
                "--no-sync",
                "-A",
                "scram-sha-256",
                "-U",
                "ann",
                "-E",
                "UTF8",
                "--locale=C",
                &format!("--pwfile={}", dir.join("password").display()),
                "-D",
                data.to_str().unwrap(),
            ],
        );
        let mut settings = format!(
            "listen_addresses = 'localhost'\nport = {port}\nfsync = off\nunix_socket_directories = '{}'\n",
            data.display()
        );
        if let Some(Certificate { certificate, key }) = certificate {
            let (certificate, key) =
                (server.write("server.crt", certificate), server.write("server.key", key));
            writeln!(
                settings,
                "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'",
                certificate.display(),
                key.display()
            )
            .unwrap();
        }
        if let Some(authority) = client_ca {
            writeln!(settings, "ssl_ca_file = '{}'", server.write("clients.crt", authority).display())
                .unwrap();
        }
        fs::write(data.join("postgresql.auto.conf"), settings).unwrap();
        fs::write(data.join("pg_hba.conf"), hba).unwrap();
        server.run(
            "pg_ctl",
            &["-w", "-s", "-D", data.to_str().unwrap(), "-l", data.join("log").to_str().unwrap(), "start"],
        );
        server
    }

    /// Returns a URL of this server; `rest` follows the port.
    pub(crate) fn url(&self, rest: &str) -> String {
        format!("postgresql://ann:s3cr3t%2F%40%3A%3F%23@localhost:{}/{rest}", self.port)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file that only the server can read.
    pub(crate) fn write(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        self.own(&path);
        path
    }

    fn own(&self, path: &Path) {
        if let Some((uid, gid)) = self.account {
            chown(path, Some(uid), Some(gid)).unwrap();
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(binary(program));
        command
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        assert!(command.status().unwrap().success(), "{program} failed");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-w", "-s", "-m", "immediate", "-D", &self.path("data"), "stop"]);
    }
}

/// In memory if there is room: a data directory has a thousand files.
fn base() -> &'static str {
    let roomy = rustix::fs::statvfs("/dev/shm")
        .is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) > 4 << 30);
    if roomy { "/dev/shm" } else { "/tmp" }
}

fn binary(name: &str) -> PathBuf {
    let folders = (14..=18).rev().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let given = std::env::var_os("NICOL_POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    given
        .into_iter()
        .chain(folders)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("no `{name}` found: install PostgreSQL, or set NICOL_POSTGRES_BIN"))
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
