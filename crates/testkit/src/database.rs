//! A database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use nicol_pg::tokio_postgres::Client;
use nicol_pg::{ConnectionUrl, quote_ident};
use sha2::{Digest, Sha256};

use crate::pooler::{Pooler, Prepared};
use crate::route::Route;
use crate::server;

/// A database for one test, dropped at its end.
#[derive(Debug)]
pub struct TestDatabase {
    url: ConnectionUrl,
    admin: ConnectionUrl,
    /// In front of the database, if the route has one.
    pooler: Option<Pooler>,
}

impl TestDatabase {
    /// Creates an empty database.
    pub async fn create() -> Self {
        let admin = server::url().await;
        Self::clone_of(&admin, "template1").await
    }

    /// Creates an empty database in which text is sorted by its bytes and the time zone is UTC, as recorded answers have
    /// it. Case is that of Unicode.
    pub async fn create_sorted_by_bytes() -> Self {
        let admin = server::url().await;
        let template = "template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'";
        let database = Self::with(&admin, template).await;
        let name = quote_ident(database.url.database());
        let session = Session::open(&admin).await;
        session.run(&format!("alter database {name} set timezone = 'UTC'")).await;
        session.close().await;
        database
    }

    /// Creates a copy of the template `name`. The first test of a run that asks for the template creates it, with
    /// `migrate` on an empty database; all others, in any process, wait for it and take copies, which cost about as
    /// much as an empty database.
    pub async fn from_template(name: &str, migrate: impl AsyncFnOnce(&ConnectionUrl)) -> Self {
        let admin = server::url().await;
        let digest = Sha256::digest(format!("{name}\0{}", run()));
        let key = i64::from_be_bytes(digest[..8].try_into().expect("eight of 32 bytes"));
        let template = format!("template_{:016x}", key.cast_unsigned());

        let session = Session::open(&admin).await;
        session.run(&format!("select pg_advisory_lock({key})")).await;
        let exists = session
            .client
            .query_opt("select from pg_database where datname = $1", &[&template])
            .await
            .expect("the catalog can be read")
            .is_some();
        if !exists {
            // Renamed when it is complete, so that a failing test leaves no half-finished template.
            let draft = Self::clone_of(&admin, "template1").await;
            Box::pin(migrate(&draft.direct_url())).await;
            let (from, to) = (quote_ident(draft.url.database()), quote_ident(&template));
            // Connections closed by `migrate` may not have ended yet.
            session
                .run(&format!(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
                    draft.url.database()
                ))
                .await;
            session.run_patiently(&format!("alter database {from} rename to {to}")).await;
        }
        session.run(&format!("select pg_advisory_unlock({key})")).await;
        session.close().await;
        Self::clone_of(&admin, &template).await
    }

    /// Returns the URL of the database, with the password: at the server's socket, or on the route that `NICOL_TEST_ROUTE`
    /// names.
    pub fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    /// Returns the URL as text, for another program's environment.
    pub fn url_text(&self) -> String {
        self.url.to_url_with_password()
    }

    /// Returns the URL of the database at the server's socket, with the password, for proxies that read the protocol.
    pub fn direct_url(&self) -> ConnectionUrl {
        self.admin.with_database(self.url.database())
    }

    /// Returns the URL on the way to the server that is not encrypted, for proxies that read the protocol: through the pooler
    /// if there is one.
    pub fn plaintext_url(&self) -> ConnectionUrl {
        if self.pooler.is_some() { self.url.clone() } else { self.direct_url() }
    }

    /// Returns the URL of the server itself as text, for `DATABASE_URL_UNPOOLED`.
    pub fn unpooled_url_text(&self) -> String {
        if self.pooler.is_some() { self.direct_url().to_url_with_password() } else { self.url_text() }
    }

    /// Opens a connection with a session of its own, which runs on the current runtime.
    pub async fn connect(&self) -> Client {
        let url = if self.pooler.is_some() { &self.direct_url() } else { &self.url };
        let (client, connection) =
            nicol_pg::connect(url).await.unwrap_or_else(|error| panic!("{}", server::chain(&error)));
        tokio::spawn(connection);
        client
    }

    async fn clone_of(admin: &ConnectionUrl, template: &str) -> Self {
        // Boxed, because the futures of tests are large already.
        Box::pin(Self::with(admin, &quote_ident(template))).await
    }

    /// `template` may have further options after its name.
    async fn with(admin: &ConnectionUrl, template: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let session = Session::open(admin).await;
        // A killed process of an earlier run may have had the same id.
        session.run(&format!("drop database if exists {} with (force)", quote_ident(&name))).await;
        session.run_patiently(&format!("create database {} template {template}", quote_ident(&name))).await;
        session.close().await;
        let (route, direct) = (Route::chosen(), admin.with_database(&name));
        let pooler = Box::pin(pooler(route, &direct)).await;
        let url = pooler.as_ref().map_or_else(|| route.lead(&direct), |pooler| pooler.url().clone());
        Self { url, admin: admin.clone(), pooler }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("drop database if exists {} with (force)", quote_ident(self.url.database()));
        let admin = self.admin.clone();
        // The test's own runtime may be shutting down.
        let task = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async {
                let session = Session::open(&admin).await;
                session.run(&sql).await;
                session.close().await;
            });
        });
        // Leftovers are dropped at the next start of the server.
        let _ = task.join();
    }
}

/// Starts the pooler in front of a database, if the route has one.
async fn pooler(route: Route, direct: &ConnectionUrl) -> Option<Pooler> {
    let prepared = match route {
        Route::PgBouncer => Prepared::Lost,
        Route::PgBouncerPrepared => Prepared::Kept,
        Route::Socket | Route::Tls => return None,
    };
    // PgBouncer 1.18 would refuse connections with `options`.
    Some(Pooler::start(direct, prepared, &[("ignore_startup_parameters", "options")]).await)
}

/// Identifies the run: nextest's run id, or this process.
fn run() -> String {
    std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string())
}

/// A connection for creating and dropping databases.
struct Session {
    client: Client,
    connection: tokio::task::JoinHandle<Result<(), nicol_pg::tokio_postgres::Error>>,
}

impl Session {
    async fn open(url: &ConnectionUrl) -> Self {
        let (client, connection) =
            nicol_pg::connect(url).await.unwrap_or_else(|error| panic!("{}", server::chain(&error)));
        Self { client, connection: tokio::spawn(connection) }
    }

    async fn run(&self, sql: &str) {
        if let Err(error) = self.client.batch_execute(sql).await {
            panic!("{sql}: {}", server::chain(&error));
        }
    }

    /// Retries while the database is in use: a terminated session takes a moment to end.
    async fn run_patiently(&self, sql: &str) {
        for _ in 0..200 {
            match self.client.batch_execute(sql).await {
                Err(error) if error.code().is_some_and(|c| c.code() == nicol_pg::sqlstate::OBJECT_IN_USE) => {
                    tokio::time::sleep(std::time::Duration::from_millis(25)).await;
                }
                Ok(()) => return,
                Err(error) => panic!("{sql}: {}", server::chain(&error)),
            }
        }
        panic!("{sql}: the database stays in use");
    }

    async fn close(self) {
        drop(self.client);
        let _ = self.connection.await;
    }
}
