//! A server for one test, which may stop it.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use nicol_local::{Options, Status};
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;
use tempfile::TempDir;

use crate::memory;
use crate::route::Route;
use crate::server::{self, chain};
use crate::tls_server::TlsServer;

/// A server for one test, removed at its end. It is reached as `NICOL_TEST_ROUTE` says.
#[derive(Debug)]
pub struct PrivateServer {
    server: Server,
    url: ConnectionUrl,
}

#[derive(Debug)]
enum Server {
    Local(Local),
    Tls(TlsServer),
}

/// A server of `nicol-local`.
#[derive(Debug)]
struct Local {
    options: Options,
    _folder: TempDir,
}

/// How a server stops: `pg_ctl stop -m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are PostgreSQL's")]
pub enum Stop {
    Fast,
    Immediate,
}

impl PrivateServer {
    /// Starts a server with these settings besides the usual ones.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        if Route::chosen() == Route::Tls {
            let server = TlsServer::start_private(&[server::SETTINGS, settings].concat());
            let url = Route::Tls.lead(&server.socket_url());
            return Self { server: Server::Tls(server), url };
        }
        let mut options = server::options();
        let base = memory::base();
        let folder = tempfile::Builder::new().prefix("nicol-server-").tempdir_in(base);
        let folder = folder.expect("a folder can be made");
        // The server runs as another user if the tests run as root.
        set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is this process's");
        options.project_dir = folder.path().to_owned();
        options.root_home = folder.path().join("home");
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        options.settings.extend(settings);
        let url = start(&options).await;
        Self { server: Server::Local(Local { options, _folder: folder }), url }
    }

    /// Returns the URL of the database `postgres`, with the password.
    pub fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    /// Opens a connection, which runs on the current runtime.
    pub async fn connect(&self) -> Client {
        let (client, connection) =
            nicol_pg::connect(&self.url).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        tokio::spawn(connection);
        client
    }

    /// Stops the server and starts it again.
    pub async fn restart(&mut self, how: Stop) {
        self.stop(how).await;
        match &self.server {
            Server::Local(local) => self.url = start(&local.options).await,
            Server::Tls(server) => server.start_again(),
        }
    }

    /// Stops the server and waits for its end.
    pub async fn stop(&self, how: Stop) {
        match (&self.server, how) {
            (Server::Local(local), how) => local.stop(how).await,
            (Server::Tls(server), Stop::Fast) => server.stop("fast"),
            (Server::Tls(server), Stop::Immediate) => server.stop("immediate"),
        }
    }
}

impl Local {
    async fn stop(&self, how: Stop) {
        if how == Stop::Immediate {
            while let Status::Running { pid, .. } = self.status().await {
                // It may have ended meanwhile, which is told on standard error.
                let mut kill = Command::new("kill");
                let kill = kill.args(["-QUIT", &pid.to_string()]).stderr(Stdio::null()).status();
                kill.expect("there is a program `kill`");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        nicol_local::stop(&self.options).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    }

    async fn status(&self) -> Status {
        nicol_local::status(&self.options).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let options = self.options.clone();
        // The test's own runtime may be shutting down.
        let task = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime
                .expect("a runtime can be made")
                .block_on(async { nicol_local::remove(&options).await.is_ok() })
        });
        let _ = task.join();
    }
}

async fn start(options: &Options) -> ConnectionUrl {
    nicol_local::start(options, |_| {}).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
}
