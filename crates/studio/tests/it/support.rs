//! A studio on a database with the tables of `schema.prisma`, and a browser's part of HTTP.

use std::fmt::Write as _;

use nicol_migrate::catalog::Catalog;
use nicol_studio::{Options, Studio};
use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const SCHEMA: &str = include_str!("schema.prisma");
const VIEW: &str = r#"CREATE VIEW "Writer" AS SELECT u.email, count(p.id) AS posts FROM users u
    LEFT JOIN "Post" p ON p."authorId" = u.id GROUP BY u.email"#;

pub(crate) struct Subject {
    pub(crate) database: TestDatabase,
    /// The URL with the token.
    pub(crate) url: String,
    pub(crate) host: String,
    pub(crate) cookie: String,
    server: JoinHandle<()>,
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        line.unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl Subject {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let database = TestDatabase::create_sorted_by_bytes().await;
        let schema = nicol_schema::validate(SCHEMA).into_result().expect("the schema is valid");
        let tables = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        let client = database.connect().await;
        client.batch_execute(&tables).await.expect("the tables can be made");
        client.batch_execute(VIEW).await.expect("the view can be made");
        Self::on(database, SCHEMA, options).await
    }

    /// Serves a database that has its tables already.
    pub(crate) async fn on(database: TestDatabase, schema: &str, options: Options) -> Self {
        let schema = nicol_schema::validate(schema).into_result().expect("the schema is valid");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let studio = Studio::new(schema, &database.url_text(), listener, "localhost", options)
            .expect("it can be made");
        let url = studio.url();
        let host = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let server = tokio::spawn(studio.serve(std::future::pending()));
        let mut subject = Self { database, url, host, cookie: String::new(), server };
        let path = subject.url.split_once(&subject.host).unwrap().1.to_owned();
        let answer = subject.send(&format!("GET {path}"), &[], "").await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        subject.cookie = cookie;
        subject
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.database
            .connect()
            .await
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Returns the first column of the first row as text.
    pub(crate) async fn value(&self, sql: &str) -> String {
        let rows = self.database.connect().await.simple_query(sql).await.expect("the query runs");
        let row = rows.iter().find_map(|message| match message {
            nicol_pg::tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        row.expect("there is a row").get(0).unwrap_or("null").to_owned()
    }

    /// Sends a request with these headers; `Host` is added if there is none.
    pub(crate) async fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let port = self.host.rsplit(':').next().unwrap();
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.expect("the studio listens");
        let mut head = format!("{line} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            write!(head, "Host: {}\r\n", self.host).unwrap();
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.expect("the studio reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the answer is text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("there is a head");
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("there is a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Sends what the page would send.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let origin = format!("http://{}", self.host);
        let headers = [("Cookie", &*self.cookie), ("Origin", &*origin), ("Content-Type", "application/json")];
        self.send(&format!("POST /api/{path}"), &headers, &body.to_string()).await
    }

    #[track_caller]
    fn ok(answer: &Answer) -> Value {
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub(crate) async fn ask(&self, path: &str, body: Value) -> Value {
        Self::ok(&self.post(path, &body).await)
    }

    pub(crate) async fn apply(&self, changes: Value) -> Value {
        self.ask("changes", json!({ "mode": "apply", "changes": changes })).await
    }

    pub(crate) async fn row(&self, model: &str, key: Value) -> Value {
        self.ask("row", json!({ "model": model, "key": key })).await
    }
}
