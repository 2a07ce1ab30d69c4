//! Both applications, side by side.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use people::db::Client;
use testkit::TestDatabase;

use crate::guest::{Guest, Site};
use crate::running::{Project, Running};
use crate::smtp_server::MailServer;

const SECRET: &str = "one secret for both of them, long enough";
const SENDER: &str = "people@example.com";

/// What both are given: a database and a mail server.
pub(crate) struct Ground {
    pub(crate) database: TestDatabase,
    pub(crate) db: Client,
    pub(crate) mails: MailServer,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::from_template("people", async |url| {
            nicol_migrate::deploy(url, &people::database::migrations(), |_| {}).await.unwrap();
        })
        .await;
        let db = Client::connect(&database.url_text()).await.unwrap();
        Self { database, db, mails: MailServer::start().await }
    }

    /// People as it is deployed, at an origin and a port.
    pub(crate) fn people(&self, folder: &Project, origin: &str, port: u16) -> Running {
        let (url, mails, port) = (self.database.url_text(), self.mails.url(), port.to_string());
        let settings = [
            ("AUTH_URL", origin),
            ("AUTH_SECRET", SECRET),
            ("AUTH_ALLOWED_DOMAINS", "example.com"),
            ("EMAIL_SERVER", &*mails),
            ("EMAIL_FROM", SENDER),
            ("DATABASE_URL", &*url),
            ("RATE_LIMIT", "off"),
            ("RUST_LOG", "warn"),
            ("PORT", &*port),
        ];
        let mut running = Running::spawn(folder.path(), &settings);
        running.wait_for("People is at");
        running
    }

    /// The built Next.js application as it is deployed.
    pub(crate) fn next(&self, origin: &str, port: u16) -> Running {
        let mut command = Command::new("node");
        command
            .current_dir(nextjs())
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"))
            .envs([
                ("NODE_ENV", "production"),
                ("NEXT_TELEMETRY_DISABLED", "1"),
                ("AUTH_URL", origin),
                ("AUTH_SECRET", SECRET),
                ("EMAIL_SERVER", &self.mails.url()),
                ("EMAIL_FROM", SENDER),
                ("DATABASE_URL", &self.database.url_text()),
            ])
            .args(["node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port"])
            .arg(port.to_string())
            .stdin(Stdio::null());
        let mut running = Running::run(command);
        running.wait_for("Ready in");
        running
    }
}

/// The folder with the built application.
pub(crate) fn nextjs() -> PathBuf {
    let folder = std::env::var_os("NICOL_NEXTJS_DIR").unwrap_or_else(|| {
        panic!(
            "this test needs a Next.js application, which is not built\n\
             help: run `cargo xtask test interop`, or set NICOL_NEXTJS_DIR to its folder"
        )
    });
    folder.into()
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Both, running. Cookies are a host's, whatever the port, so that both are the same site to a browser.
pub(crate) struct Pair {
    pub(crate) people: Site,
    pub(crate) next: Site,
    pub(crate) ground: Ground,
    running: [Running; 2],
    _folder: Project,
}

impl Pair {
    /// Each at its own port of this machine.
    pub(crate) async fn start() -> Self {
        Self::at(|port| format!("http://localhost:{port}")).await
    }

    /// Both behind a proxy that speaks TLS for them, under one name.
    pub(crate) async fn behind_tls() -> Self {
        Self::at(|_| "https://people.example.com".to_owned()).await
    }

    async fn at(origin: impl Fn(u16) -> String) -> Self {
        let ground = Ground::new().await;
        let folder = Project::new();
        let site = || {
            let port = free_port();
            Site { port, origin: origin(port) }
        };
        let (people, next) = (site(), site());
        let running = tokio::task::block_in_place(|| {
            [ground.people(&folder, &people.origin, people.port), ground.next(&next.origin, next.port)]
        });
        Self { people, next, ground, running, _folder: folder }
    }

    /// The processes: People's and the other's.
    #[allow(dead_code, reason = "the benchmark asks what they use")]
    pub(crate) fn pids(&self) -> [u32; 2] {
        self.running.each_ref().map(Running::pid)
    }

    /// One and the other, both ways round.
    pub(crate) fn both_ways(&self) -> [(&Site, &Site); 2] {
        [(&self.people, &self.next), (&self.next, &self.people)]
    }

    /// Somebody who has signed in at a site with a link that it mailed.
    pub(crate) async fn signed_in(&self, site: &Site, email: &str) -> Guest {
        let mut guest = Guest::default();
        guest.ask_for_link(site, email).await;
        let link = self.ground.mails.mail_to(email).await.link();
        let used = guest.use_link(site, &link).await;
        assert_eq!(used.location(), site.origin, "{used:?}");
        guest
    }
}
