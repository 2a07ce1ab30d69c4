//! A database with three posts, and the statements that run.

use std::sync::{Arc, Mutex};

use nicol::Handle as _;
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

use crate::db::{Client, Role, comment, post, profile, tag, user};

/// A client of a database of its own, and the statements that it has run.
pub(crate) struct Database {
    pub(crate) db: Client,
    statements: Arc<Mutex<Vec<String>>>,
    _server: TestDatabase,
}

impl Database {
    /// A database with users `ann` (a writer with a profile) and `bob`, and their posts:
    ///
    /// | id | author | reviewer | tags | comments |
    /// |---|---|---|---|---|
    /// | 1 | ann | bob | a, b, and hidden c | x, y (a reply to x) |
    /// | 2 | ann | | a | |
    /// | 3 | bob | ann | | z |
    pub(crate) async fn new() -> Self {
        let server = TestDatabase::from_template("nicol/tests/selection", async |url| {
            let schema =
                nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
            let script =
                nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
            let (client, connection) = nicol_pg::connect(url).await.expect("the server is there");
            tokio::spawn(connection);
            client.batch_execute(&script).await.expect("the tables are made");
        })
        .await;
        let client = nicol::Client::connect(&server.url_text()).await.expect("the server is there");
        let statements = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&statements);
        let db = Client::from_client(
            client.on_query(move |event| seen.lock().unwrap().push(event.sql.to_owned())),
        );
        fill(&db).await.unwrap();
        let test = Self { db, statements, _server: server };
        test.statements();
        test
    }

    /// The statements that ran since this was last asked.
    pub(crate) fn statements(&self) -> Vec<String> {
        std::mem::take(&mut self.statements.lock().unwrap())
    }

    /// The only statement that ran since this was last asked.
    pub(crate) fn statement(&self) -> String {
        let [statement] = self.statements().try_into().unwrap();
        statement
    }
}

async fn fill(db: &Client) -> Result<(), nicol::Error> {
    let new = |name: &str| user::New {
        email: format!("{name}@example.com"),
        name: name.into(),
        password: "secret".into(),
    };
    let ann = db.user().create(new("ann")).role(Role::Writer).nick(vec!["a".to_owned(), "an".to_owned()]);
    let ann = ann.with(user::profile.create(profile::NewInUser { bio: "likes tea".into() })).await?;
    let bob = db.user().create(new("bob")).await?;
    for (title, author, reviewer) in
        [("first", &ann, Some(&bob)), ("second", &ann, None), ("third", &bob, Some(&ann))]
    {
        let post = db.post().create(post::New { title: title.into(), author_id: author.id });
        post.reviewer_id(reviewer.map(|user| user.id)).await?;
    }
    for (name, hidden) in [("a", false), ("b", false), ("c", true)] {
        db.tag().create(tag::New { name: name.into() }).hidden(hidden).await?;
    }
    db.execute("INSERT INTO \"_PostToTag\" VALUES (1, 1), (1, 2), (1, 3), (2, 1)", nicol::params![]).await?;
    for (text, post_id, parent) in [("x", 1, None), ("y", 1, Some(1)), ("z", 3, None)] {
        db.comment().create(comment::New { text: text.into(), post_id }).parent_id(parent).await?;
    }
    Ok(())
}
