//! A database with the tables of `schema.prisma`, and a client that counts its statements.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nicol::Handle;
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

use crate::db::{Client, account, person, user};

/// A client of a database of its own.
pub(crate) struct Database {
    pub(crate) db: Client,
    pub(crate) server: TestDatabase,
    statements: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl Database {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With parameters of the connection URL: `connection_limit=1`.
    pub(crate) async fn with(parameters: &str) -> Self {
        let database = Self::template().await;
        let url = database.url_text();
        Self::at(database, &url, parameters).await
    }

    /// At the server's socket on every route of the tests, because the test is about what belongs to a session.
    pub(crate) async fn in_session(_reason: &str, parameters: &str) -> Self {
        let database = Self::template().await;
        let url = database.direct_url().to_url_with_password();
        Self::at(database, &url, parameters).await
    }

    async fn template() -> TestDatabase {
        let template = TestDatabase::from_template("nicol/tests/client", async |url| {
            let schema =
                nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
            let (nothing, tables) = (Catalog::default(), nicol_migrate::from_model(&schema));
            let script = nicol_migrate::plan(&nothing, &tables).script();
            let (client, connection) = nicol_pg::connect(url).await.expect("the server is there");
            tokio::spawn(connection);
            client.batch_execute(&script).await.expect("the tables are made");
        });
        template.await
    }

    async fn at(database: TestDatabase, url: &str, parameters: &str) -> Self {
        let separator = if url.contains('?') { '&' } else { '?' };
        let client = nicol::Client::connect(&format!("{url}{separator}{parameters}"))
            .await
            .expect("the server is there");
        let statements = Arc::new(AtomicUsize::new(0));
        let last = Arc::new(Mutex::new(String::new()));
        let db = Client::from_client(client.on_query({
            let (statements, last) = (Arc::clone(&statements), Arc::clone(&last));
            move |event| {
                if event.is_transaction() {
                    return;
                }
                statements.fetch_add(1, Ordering::Relaxed);
                event.sql.clone_into(&mut last.lock().unwrap());
            }
        }));
        Self { db, server: database, statements, last }
    }

    /// How many statements ran since this was last asked.
    pub(crate) fn statements(&self) -> usize {
        self.statements.swap(0, Ordering::Relaxed)
    }

    /// The text of the last statement.
    pub(crate) fn last_statement(&self) -> String {
        self.last.lock().unwrap().clone()
    }

    /// Users `u0` … with as many accounts (`p0` …) as their number.
    pub(crate) async fn users_with_accounts(&self, users: usize) {
        for index in 0..users {
            let email = format!("u{index}@example.com");
            let accounts: Vec<_> =
                (0..index).map(|number| new_account(&format!("p{number}"), &email)).collect();
            self.db.user().create(user::New { email }).with(user::accounts.create(accounts)).await.unwrap();
        }
        self.statements();
    }
}

pub(crate) fn new_person(name: &str) -> person::New {
    person::New { name: name.into(), email: format!("{name}@example.com"), phone_number: "1".into() }
}

pub(crate) fn new_account(provider: &str, id: &str) -> account::NewInUser {
    account::NewInUser { r#type: "oauth".into(), provider: provider.into(), provider_account_id: id.into() }
}
