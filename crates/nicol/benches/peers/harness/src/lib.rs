//! What every peer does: the works, the rows that are given back, and the conversation with the benchmark.
//!
//! The benchmark writes a line for each run, `WORK TASKS CALLS check|time`, and reads one: the nanoseconds, the number of rows and their
//! digest. Only a check computes the digest, so that a measured run does nothing with the rows but to read them.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

pub use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// The size of each peer's pool.
pub const CONNECTIONS: u32 = 10;
/// The users in the database, each with ten posts.
const USERS: i32 = 5000;
/// The rows of a page.
pub const PAGE: u8 = 100;
/// The rows of one `create_many`.
const ITEMS: i32 = 10_000;

/// A program that is measured. Each method reads every row that it receives into a struct, and hands it to [`Rows`].
pub trait Peer: Sized + Send + Sync + 'static {
    /// Opens a pool of [`CONNECTIONS`] connections.
    fn connect(url: &str) -> impl Future<Output = Self> + Send;

    /// Reads the user with this id.
    fn find(&self, id: i32, rows: &Rows) -> impl Future<Output = ()> + Send;

    /// Reads the [`PAGE`] users after this id, ordered by id.
    fn page(&self, after: i32, rows: &Rows) -> impl Future<Output = ()> + Send;

    /// Creates items, and returns their number.
    fn create_many(&self, items: Vec<Item>) -> impl Future<Output = u64> + Send;

    /// Creates a user with its posts, atomically, and reads the user.
    fn create_with_children(&self, user: NewUser, rows: &Rows) -> impl Future<Output = ()> + Send;

    /// Reads the user with this id and its posts, ordered by id.
    fn read_with_children(&self, id: i32, rows: &Rows) -> impl Future<Output = ()> + Send;

    /// Reads all posts, without holding all of them at once.
    fn stream(&self, rows: &Rows) -> impl Future<Output = ()> + Send;

    /// Sets the name of the user with this id, and reads the user.
    fn update(&self, id: i32, name: String, rows: &Rows) -> impl Future<Output = ()> + Send;
}

/// A row to create.
#[derive(Debug, Clone)]
pub struct Item {
    pub name: String,
    pub note: Option<String>,
    pub quantity: i32,
    pub price: f64,
    pub active: bool,
}

/// A user to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub posts: Vec<NewPost>,
}

/// A post to create below its user.
#[derive(Debug, Clone)]
pub struct NewPost {
    pub title: String,
    pub rating: f64,
}

/// The rows of a run.
#[derive(Debug, Default)]
pub struct Rows {
    is_check: bool,
    count: AtomicU64,
    digest: AtomicU32,
}

impl Rows {
    /// Counts a row that has been read. `cells` gives its cells for the digest, in the order of the schema.
    pub fn row<T>(&self, row: T, cells: impl FnOnce(&T) -> Value) {
        let row = black_box(row);
        self.count.fetch_add(1, Ordering::Relaxed);
        if self.is_check {
            self.digest.fetch_add(fnv(&cells(&row).to_string()), Ordering::Relaxed);
        }
    }
}

/// FNV-1a. Tasks run at the same time, so the digests of rows are added.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Answers the benchmark until it closes the input. The only argument is the URL of the database.
pub fn run<P: Peer>() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(async {
        let url = std::env::args().nth(1).expect("the argument is the URL of the database");
        let peer = Arc::new(P::connect(&url).await);
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(line) = lines.next_line().await.expect("the benchmark writes lines") {
            let words: Vec<&str> = line.split(' ').collect();
            let [work, tasks, calls, mode] = words[..] else { panic!("four words, not `{line}`") };
            let number = |word: &str| word.parse::<u32>().expect("a number");
            let rows = Rows { is_check: mode == "check", ..Rows::default() };
            println!("{}", measure(&peer, work, number(tasks), number(calls), rows).await);
        }
    });
}

async fn measure<P: Peer>(peer: &Arc<P>, work: &str, tasks: u32, calls: u32, rows: Rows) -> String {
    let (next, rows) = (Arc::new(AtomicU32::new(0)), Arc::new(rows));
    let started = Instant::now();
    let running = (0..tasks).map(|_| {
        let (peer, work, next, rows) =
            (Arc::clone(peer), work.to_owned(), Arc::clone(&next), Arc::clone(&rows));
        tokio::spawn(async move {
            loop {
                let call = next.fetch_add(1, Ordering::Relaxed);
                if call >= calls {
                    break;
                }
                make(&*peer, &work, i32::try_from(call).expect("few calls"), &rows).await;
            }
        })
    });
    for task in running.collect::<Vec<_>>() {
        task.await.expect("a peer does not panic");
    }
    let elapsed = started.elapsed().as_nanos();
    format!("{elapsed} {} {}", rows.count.load(Ordering::Relaxed), rows.digest.load(Ordering::Relaxed))
}

async fn make<P: Peer>(peer: &P, work: &str, call: i32, rows: &Rows) {
    // Far from each other, but the same in every program.
    let id = 1 + call * 7919 % USERS;
    match work {
        "find" => peer.find(id, rows).await,
        "page" => peer.page(id % (USERS - i32::from(PAGE)), rows).await,
        "create_many" => {
            let created = peer.create_many(items()).await;
            rows.row(created, |created| json!([created]));
        }
        "create_with_children" => peer.create_with_children(new_user(call), rows).await,
        "read_with_children" => peer.read_with_children(id, rows).await,
        "stream" => peer.stream(rows).await,
        // The name that it has, so that every program finds the same rows.
        "update" => peer.update(id, format!("User {id}"), rows).await,
        work => panic!("there is no work `{work}`"),
    }
}

fn items() -> Vec<Item> {
    let item = |n: i32| Item {
        name: format!("Item {n}"),
        note: (n % 3 == 0).then(|| format!("note {n}")),
        quantity: n,
        price: f64::from(n) + 0.25,
        active: n % 2 == 0,
    };
    (0..ITEMS).map(item).collect()
}

fn new_user(call: i32) -> NewUser {
    let post = |n: i32| NewPost { title: format!("New {call}, {n}"), rating: f64::from(n) + 0.5 };
    NewUser {
        email: format!("new{call}@example.com"),
        name: format!("New {call}"),
        posts: (0..3).map(post).collect(),
    }
}
