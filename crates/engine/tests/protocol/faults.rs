//! The connection breaks at any message, or a request is given up at any point: what was written is whole or absent, and no connection and no
//! transaction is left behind.
//!
//! The usual run breaks every third message; `NICOL_FAULTS=all` breaks all of them, in every way.

mod restart;

use std::pin::pin;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use nicol_engine::Engine;
use nicol_migrate::catalog::Catalog;
use nicol_pg::tokio_postgres::Client;
use serde_json::{Value, json};
use testkit::{Direction, Fault, Proxy, TestDatabase};

const SCHEMA: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Author {
  id    Int    @id @default(autoincrement())
  name  String @unique
  rank  Int    @default(0)
  books Book[]
  tags  Tag[]
}

model Book {
  id       Int     @id @default(autoincrement())
  title    String  @unique
  authorId Int?
  author   Author? @relation(fields: [authorId], references: [id])
}

model Tag {
  id      Int      @id @default(autoincrement())
  name    String   @unique
  authors Author[]
}
"#;

/// Author 1 has the books 1, 2 and 4 and the tag 1; the book 3 and the tag 2 are nobody's.
const ROWS: &str = r#"
    TRUNCATE "Author", "Book", "Tag", "_AuthorToTag" RESTART IDENTITY;
    INSERT INTO "Author" (name) VALUES ('a1');
    INSERT INTO "Book" (title, "authorId") VALUES ('b1', 1), ('b2', 1), ('b3', NULL), ('b4', 1);
    INSERT INTO "Tag" (name) VALUES ('t1'), ('t2');
    INSERT INTO "_AuthorToTag" ("A", "B") VALUES (1, 1);
"#;

/// Without generated ids: an attempt that is rolled back and repeated takes some.
const STATE: &str = r#"SELECT concat_ws(' ',
    (SELECT string_agg(concat_ws(',', name, rank), ' ' ORDER BY name) FROM "Author"),
    (SELECT string_agg(concat_ws(',', title, name), ' ' ORDER BY title, name)
        FROM "Book" b LEFT JOIN "Author" a ON a.id = "authorId"),
    (SELECT string_agg(name, ' ' ORDER BY name) FROM "Tag"),
    (SELECT string_agg(concat_ws(',', a.name, t.name), ' ' ORDER BY a.name, t.name)
        FROM "_AuthorToTag" JOIN "Author" a ON a.id = "A" JOIN "Tag" t ON t.id = "B"))"#;

const LIMIT: i64 = 2;

/// A value of every write, which no error may contain.
const SECRET: &str = "s3cret";

/// Requests that are written together: one, or those of an interactive transaction.
struct Work {
    name: &'static str,
    requests: Vec<Value>,
    interactive: bool,
}

fn on(model: &str, action: &str, arguments: &Value) -> Value {
    let mut selection = json!({ "$scalars": true });
    if model == "Author" && action.ends_with("One") {
        for relation in ["books", "tags"] {
            selection[relation] = json!({ "arguments": {}, "selection": { "$scalars": true } });
        }
    }
    if action.ends_with("Many") && action != "findMany" {
        selection = json!({ "count": true });
    }
    json!({ "modelName": model, "action": action, "query": { "arguments": arguments, "selection": selection } })
}

/// Every kind of nested write, beneath a new row and beneath one that is there.
fn nested(is_new: bool) -> Value {
    let mut books = json!({
        "create": [{ "title": SECRET }],
        "createMany": { "data": [{ "title": "s3cret2" }, { "title": "s3cret3" }] },
        "connect": [{ "id": 3 }],
        "connectOrCreate": [{ "where": { "id": 900 }, "create": { "title": "s3cret4" } }],
    });
    if !is_new {
        books["update"] = json!([{ "where": { "id": 4 }, "data": { "title": "s3cret5" } }]);
        books["updateMany"] = json!([{ "where": { "id": 4 }, "data": { "title": "s3cret6" } }]);
        books["upsert"] =
            json!([{ "where": { "id": 800 }, "create": { "title": "s3cret7" }, "update": { "title": "x" } }]);
        books["disconnect"] = json!([{ "id": 1 }]);
        books["delete"] = json!([{ "id": 2 }]);
        books["deleteMany"] = json!([{ "title": "s3cret2" }]);
    }
    let tags = if is_new { json!({ "connect": [{ "id": 1 }] }) } else { json!({ "set": [{ "id": 2 }] }) };
    json!({ "rank": 1, "books": books, "tags": tags })
}

fn works() -> Vec<Work> {
    let one = |name, request| Work { name, requests: vec![request], interactive: false };
    let mut new = nested(true);
    new["name"] = json!("s3cret name");
    let by_id = |id: i32| json!({ "id": id });
    let upsert = |id: i32| json!({ "where": by_id(id), "create": new.clone(), "update": nested(false) });
    let book = |title: &str| on("Book", "createOne", &json!({ "data": { "title": title } }));
    let rename = on("Book", "updateMany", &json!({ "where": {}, "data": { "authorId": 1 } }));
    vec![
        one("find", on("Author", "findMany", &json!({}))),
        one("create", on("Author", "createOne", &json!({ "data": new.clone() }))),
        one("update", on("Author", "updateOne", &json!({ "where": by_id(1), "data": nested(false) }))),
        one("upsert, new", on("Author", "upsertOne", &upsert(7))),
        one("upsert, there", on("Author", "upsertOne", &upsert(1))),
        one(
            "create many",
            on("Book", "createMany", &json!({ "data": [{ "title": SECRET }, { "title": "y" }] })),
        ),
        one("update many", rename.clone()),
        one("batch", json!({ "batch": [book(SECRET), rename.clone()], "transaction": {} })),
        Work {
            name: "transaction",
            requests: vec![
                book("s3cret0"),
                on("Author", "updateOne", &json!({ "where": by_id(1), "data": nested(false) })),
                rename,
            ],
            interactive: true,
        },
    ]
}

struct Library {
    admin: Client,
    proxy: Proxy,
    engine: Engine,
    _database: TestDatabase,
}

impl Library {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let admin = database.connect().await;
        let schema = nicol_schema::validate(SCHEMA).schema.expect("the schema is valid");
        let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        admin.batch_execute(&script).await.expect("the tables can be made");
        let proxy = Proxy::start(&database.direct_url()).await;
        // How long a connection that stalls is waited for.
        let limit = if is_thorough() { 1 } else { 5 };
        let url = format!("{}&connection_limit={LIMIT}&connect_timeout={limit}", proxy.url_text());
        let engine = Engine::new(schema, &url);
        Self { admin, proxy, engine: engine.expect("the URL is valid"), _database: database }
    }

    async fn ask(&self, request: &Value) -> Value {
        serde_json::from_str(&self.engine.answer_line(&request.to_string()).await).expect("an answer is JSON")
    }

    async fn state(&self) -> String {
        self.admin.query_one(STATE, &[]).await.expect("the tables can be read").get(0)
    }

    /// Does the work. `transaction` is the one that is open meanwhile.
    async fn perform(&self, work: &Work, transaction: &Mutex<Option<Value>>) -> Vec<Value> {
        let mut answers = Vec::new();
        let mut requests = work.requests.clone();
        if work.interactive {
            let options = json!({ "maxWait": 60_000, "timeout": 60_000 });
            let started = self.ask(&json!({ "transaction": "start", "options": options })).await;
            if failed(&started) {
                return vec![started];
            }
            let id = &started["data"]["id"];
            *transaction.lock().expect("nothing panics with the lock") = Some(id.clone());
            for request in &mut requests {
                request["txId"] = id.clone();
            }
            requests.push(json!({ "transaction": "commit", "id": id }));
        }
        for request in &requests {
            answers.push(self.ask(request).await);
            if answers.last().is_some_and(failed) {
                break;
            }
        }
        answers
    }

    /// Puts the rows back, and makes connections and, if asked, the statements of the work known.
    async fn prepare(&self, work: &Work, known: bool) {
        if known {
            self.admin.batch_execute(ROWS).await.expect("the rows can be put back");
            let answers = self.perform(work, &Mutex::default()).await;
            assert!(!answers.iter().any(failed), "{}: {answers:?}", work.name);
        }
        self.admin.batch_execute(ROWS).await.expect("the rows can be put back");
        let found = self.ask(&on("Tag", "findMany", &json!({}))).await;
        assert!(!failed(&found), "the pool works: {found}");
    }

    /// Waits until the server has noticed that connections are gone.
    async fn settle(&self, context: &str) {
        let sql = "SELECT count(*) FILTER (WHERE xact_start IS NOT NULL), count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let mut seen = (0, 0);
        for _ in 0..2000 {
            let row = self.admin.query_one(sql, &[]).await.expect("the server answers");
            seen = (row.get::<_, i64>(0), row.get::<_, i64>(1));
            if seen.0 == 0 && seen.1 <= LIMIT {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{context}: {} open transactions, {} connections", seen.0, seen.1);
    }

    /// Ends what was given up and checks that the work is done as a whole or not at all; `done` if it was reported so.
    async fn check(&self, context: &str, transaction: &Mutex<Option<Value>>, states: [&str; 2], done: bool) {
        let open = transaction.lock().expect("nothing panics with the lock").take();
        if let Some(id) = open {
            self.ask(&json!({ "transaction": "rollback", "id": id })).await;
        }
        self.settle(context).await;
        let state = self.state().await;
        assert!(
            state == states[1] || (!done && state == states[0]),
            "{context}: {state}\nbefore: {}\nafter: {}",
            states[0],
            states[1]
        );
        let found = self.ask(&on("Tag", "findMany", &json!({}))).await;
        assert!(!failed(&found), "{context}: the pool works at once: {found}");
    }
}

fn failed(answer: &Value) -> bool {
    answer.get("error").is_some()
        || answer["batchResult"].as_array().is_some_and(|all| all.iter().any(failed))
}

/// Returns the error of an answer; a batch has the answers before it as well.
fn error(answer: &Value) -> String {
    let last = answer["batchResult"].as_array().and_then(|all| all.last());
    last.unwrap_or(answer)["error"].to_string()
}

fn is_thorough() -> bool {
    std::env::var_os("NICOL_FAULTS").is_some_and(|faults| faults == "all")
}

/// Returns the state of the tables before and after the work.
async fn states(library: &Library, work: &Work) -> [String; 2] {
    library.prepare(work, false).await;
    let before = library.state().await;
    let answers = library.perform(work, &Mutex::default()).await;
    assert!(!answers.iter().any(failed), "{}: {answers:?}", work.name);
    [before, library.state().await]
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_message_leaves_no_half_of_a_write() {
    let works: Vec<(usize, Work)> = works().into_iter().enumerate().collect();
    // A connection that stalls is waited for. So the long run does the works at the same time, each on its own database.
    let size = if is_thorough() { 1 } else { works.len() };
    let struck = futures_util::future::join_all(works.chunks(size).map(break_at_any_message)).await;
    let struck: usize = struck.into_iter().sum();
    eprintln!("{struck} faults");
    assert!(struck > 100, "{struck}");
}

/// Returns the number of faults.
async fn break_at_any_message(works: &[(usize, Work)]) -> usize {
    let library = Library::new().await;
    let thorough = is_thorough();
    let faults = if thorough { &[Fault::Cut, Fault::Truncate, Fault::Stall][..] } else { &[Fault::Cut] };
    let step = if thorough { 1 } else { 3 };
    let mut struck = 0;
    for (number, work) in works {
        let [before, after] = states(&library, work).await;
        for direction in [Direction::ToServer, Direction::ToClient] {
            for known in [false, true] {
                for fault in faults {
                    let mut message = *number % step;
                    loop {
                        let context = format!("{}: {fault:?} {direction:?} {message} {known}", work.name);
                        library.prepare(work, known).await;
                        library.proxy.plan(direction, *fault, message);
                        let transaction = Mutex::default();
                        let answers = if *fault == Fault::Stall {
                            tokio::select! {
                                answers = library.perform(work, &transaction) => Some(answers),
                                () = library.proxy.struck() => None,
                            }
                        } else {
                            Some(library.perform(work, &transaction).await)
                        };
                        let is_struck = library.proxy.has_struck();
                        let done = answers.is_some_and(|answers| {
                            let text = format!("{answers:?}");
                            let lost = answers.iter().any(failed);
                            if lost {
                                let error = error(answers.last().expect("there is an answer"));
                                assert!(!error.contains(SECRET), "{context}: {error}");
                                let codes = ["P1017", "P1001", "P2028"];
                                assert!(codes.iter().any(|code| error.contains(code)), "{context}: {text}");
                            }
                            !lost
                        });
                        library.check(&context, &transaction, [&before, &after], done).await;
                        if !is_struck {
                            assert!(done, "{context}: it failed without a fault");
                            break;
                        }
                        struck += 1;
                        message += step;
                    }
                }
            }
        }
    }
    struck
}

#[tokio::test]
async fn a_request_that_is_dropped_at_any_await_leaves_nothing_open() {
    let library = Library::new().await;
    let mut dropped = 0;
    for work in works() {
        let [before, after] = states(&library, &work).await;
        for known in [false, true] {
            for polls in 1.. {
                let context = format!("{}: dropped after {polls} polls, {known}", work.name);
                library.prepare(&work, known).await;
                let transaction = Mutex::default();
                let done = {
                    let (mut future, mut left) = (pin!(library.perform(&work, &transaction)), polls);
                    std::future::poll_fn(|context| {
                        if left == 0 {
                            return Poll::Ready(None);
                        }
                        left -= 1;
                        future.as_mut().poll(context).map(Some)
                    })
                    .await
                };
                let done = done.map(|answers| !answers.iter().any(failed));
                assert_ne!(done, Some(false), "{context}");
                library.check(&context, &transaction, [&before, &after], done.is_some()).await;
                if done.is_some() {
                    break;
                }
                dropped += 1;
            }
        }
    }
    eprintln!("{dropped} drops");
    assert!(dropped > 50, "{dropped}");
}
