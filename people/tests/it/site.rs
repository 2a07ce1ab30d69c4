//! The running binary at a database of its own, for tests with a browser: who signs in needs a row and no mail.

use std::time::Instant;

use nicol::params;
use people::db::Client;
use testkit::TestDatabase;
use testkit::browser::Browser;
use tokio::task::block_in_place;

use crate::http_client::signed_in;
use crate::running::{PATIENCE, Project, Running};
use crate::test_app;

/// A site with numbered people.
pub(crate) struct Site {
    pub(crate) running: Running,
    pub(crate) origin: String,
    pub(crate) db: Client,
    metrics: String,
    _database: TestDatabase,
    _project: Project,
}

impl Site {
    /// A site with `Person 01`, `Person 02` and so on, the last of whom was added last.
    pub(crate) async fn with_people(count: i32) -> Self {
        let database = test_app::database().await;
        let sql = "insert into people (id, name, email, phone_number, created_at, updated_at)
            select 'p' || lpad(n::text, 2, '0'), 'Person ' || lpad(n::text, 2, '0'), 'p' || n || '@example.com', '12345',
                now() + n * interval '1 second', now() from generate_series(1, $1::int) n";
        Client::lazy(&database.url_text()).unwrap().execute(sql, params![count]).await.unwrap();
        Self::start(database, &[])
    }

    /// A site with the ten people that development begins with.
    pub(crate) async fn with_samples() -> Self {
        Self::start(test_app::database().await, &[])
    }

    /// An empty site with more in its environment.
    pub(crate) async fn with_environment(more: &[(&str, &str)]) -> Self {
        Self::start(test_app::database().await, more)
    }

    fn start(database: TestDatabase, more: &[(&str, &str)]) -> Self {
        let db = Client::lazy(&database.url_text()).unwrap();
        let project = Project::new();
        let (url, direct) = (database.url_text(), database.unpooled_url_text());
        let own =
            [("DATABASE_URL", &*url), ("DATABASE_URL_UNPOOLED", &*direct), ("METRICS_LISTEN", "127.0.0.1:0")];
        let environment = [&own, more].concat();
        let mut running = block_in_place(|| Running::start(project.path(), &environment));
        let line = block_in_place(|| running.wait_for("metrics are at http://"));
        let (_, metrics) = line.rsplit_once("http://").unwrap();
        Self {
            origin: format!("http://localhost:{}", running.port),
            metrics: metrics.strip_suffix("/metrics").unwrap().to_owned(),
            running,
            db,
            _database: database,
            _project: project,
        }
    }

    /// Gives a browser the session of somebody new, and opens the list.
    pub(crate) async fn sign_in(&self, browser: &Browser, email: &str) {
        browser.set_cookie(&self.origin, &signed_in(&self.db, email).await).await;
        self.open(browser, "/people").await;
    }

    /// Opens a page.
    pub(crate) async fn open(&self, browser: &Browser, path: &str) {
        browser.goto(&format!("{}{path}", self.origin)).await.unwrap();
    }

    /// Runs SQL as psql would.
    pub(crate) async fn sql(&self, sql: &'static str) {
        self.db.execute(sql, params![]).await.unwrap();
    }

    /// Puts one more person there, as another program would.
    pub(crate) async fn add(&self, name: &str) {
        let sql = "insert into people (id, name, email, phone_number, updated_at)
            values ($1, $1, $1 || '@example.com', '12345', now())";
        self.db.execute(sql, params![name]).await.unwrap();
    }

    /// Waits until as many pages as this are told of changes by a stream of their own.
    pub(crate) async fn wait_for_streams(&self, count: usize) {
        let began = Instant::now();
        let expected = format!("people_live_streams {count}");
        loop {
            let metrics = block_in_place(|| Running::answer_at(&self.metrics, "/metrics"));
            let line =
                metrics.lines().find(|line| line.starts_with("people_live_streams ")).unwrap_or_default();
            if line == expected {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "there are never {count}: {line}");
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
    }
}
