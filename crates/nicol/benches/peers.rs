//! How fast nicol is beside other clients, in the same run: `cargo bench -p nicol`. The README in this folder explains the method.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what this program is for")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use testkit::TestDatabase;

/// The programs. The others are compared with the first.
const PEERS: [&str; 6] = ["tokio-postgres", "nicol", "sqlx", "diesel-async", "sea-orm", "prisma"];

/// What is measured: a title, the method of `harness::Peer`, the number of tasks, and the calls of all tasks together.
const WORKS: [(&str, &str, u32, u32); 9] = [
    ("find by id", "find", 1, 5000),
    ("find by id, 10 tasks", "find", 10, 10_000),
    ("find by id, 50 tasks", "find", 50, 10_000),
    ("a page of 100 rows", "page", 1, 1500),
    ("create 10,000 rows", "create_many", 1, 5),
    ("create a user with 3 posts", "create_with_children", 1, 1000),
    ("read a user with 10 posts", "read_with_children", 1, 2000),
    ("stream 50,000 rows", "stream", 1, 5),
    ("update by id", "update", 1, 3000),
];

/// Vacuumed between the rounds instead, so that no work meets a vacuum.
const SEED: &str = "
    ALTER TABLE users SET (autovacuum_enabled = false);
    ALTER TABLE posts SET (autovacuum_enabled = false);
    ALTER TABLE items SET (autovacuum_enabled = false);
    INSERT INTO users (email, name, visits, created_at)
        SELECT 'user' || n || '@example.com', 'User ' || n, n * 1000003::int8, '2025-01-01'::timestamp + n * '61.234 s'::interval
        FROM generate_series(1, 5000) n;
    INSERT INTO posts (title, body, published, rating, created_at, author_id)
        SELECT 'Title ' || n, CASE WHEN n % 4 > 0 THEN repeat('body ' || n || ' ', 5) END, n % 2 = 0, n + 0.5,
            '2025-01-01'::timestamp + n * '7.001 s'::interval, 1 + n % 5000
        FROM generate_series(1, 50000) n;";

/// What the works have written: the same for every program, except for times.
const WRITTEN: &str = "
    SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM users) + (SELECT count(*) FROM posts),
        md5(concat(
            (SELECT string_agg(md5(i::text), '' ORDER BY id) FROM items i),
            (SELECT string_agg(concat_ws('|', id, email, name, visits), ',' ORDER BY id) FROM users),
            (SELECT string_agg(concat_ws('|', title, body, published, rating, author_id), ',' ORDER BY author_id, title)
                FROM posts WHERE author_id > 5000)))";

/// Takes away what the works have written.
const RESET: &str = "
    TRUNCATE items RESTART IDENTITY;
    DELETE FROM users WHERE id > 5000;
    SELECT setval('users_id_seq', 5000);
    SELECT setval('posts_id_seq', 50000);";

struct Options {
    rounds: usize,
    peers: Vec<&'static str>,
}

/// A program that is running.
struct Peer {
    name: &'static str,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a program answers.
struct Answer {
    elapsed: Duration,
    /// The number of rows that it has read, and their digest.
    rows: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::read();
    build(&options.peers);
    let database = TestDatabase::create().await;
    let admin = database.connect().await;
    let schema = nicol_schema::validate(include_str!("peers/schema.prisma")).schema.expect("a valid schema");
    let (nothing, tables) = (nicol_migrate::catalog::Catalog::default(), nicol_migrate::from_model(&schema));
    admin.batch_execute(&nicol_migrate::plan(&nothing, &tables).script()).await.expect("the tables are made");
    admin.batch_execute(SEED).await.expect("the rows are made");
    vacuum(&admin).await;

    let url = database.url_text();
    let mut peers: Vec<Peer> = options.peers.iter().map(|name| Peer::start(name, &url)).collect();
    for work in &WORKS {
        check(&admin, &mut peers, work).await;
    }
    // For each work and program, the times of the rounds.
    let mut times = vec![vec![Vec::new(); peers.len()]; WORKS.len()];
    for round in 0..options.rounds {
        vacuum(&admin).await;
        for (work, times) in WORKS.iter().zip(&mut times) {
            for turn in 0..peers.len() {
                let place = (round + turn) % peers.len();
                times[place].push(peers[place].run(work, "time").elapsed);
                admin.batch_execute(RESET).await.expect("it can be reset");
            }
        }
        eprintln!("round {} of {}", round + 1, options.rounds);
    }
    print(&options, &times);
}

/// Checks that all programs read and write the same rows. It also opens their connections and prepares their statements.
async fn check(admin: &nicol_pg::tokio_postgres::Client, peers: &mut [Peer], work: &(&str, &str, u32, u32)) {
    let mut expected = None;
    for peer in peers {
        let read = peer.run(work, "check").rows;
        let written = admin.query_one(WRITTEN, &[]).await.expect("the rows can be read");
        let found = (read, written.get::<_, i64>(0), written.get::<_, String>(1));
        admin.batch_execute(RESET).await.expect("it can be reset");
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(found, *expected, "{}: {} has other rows than {}", work.0, peer.name, PEERS[0]);
    }
}

async fn vacuum(admin: &nicol_pg::tokio_postgres::Client) {
    for table in ["users", "posts", "items"] {
        admin.batch_execute(&format!("VACUUM ANALYZE {table}")).await.expect("tables can be vacuumed");
    }
    admin.batch_execute("CHECKPOINT").await.expect("there can be a checkpoint");
}

fn print(options: &Options, times: &[Vec<Vec<Duration>>]) {
    let (first, others) = options.peers.split_first().expect("there is a first program");
    println!("| {} rounds | {first} | {} |", options.rounds, others.join(" | "));
    println!("|---|---|{}", "---|".repeat(others.len()));
    for ((title, _, _, calls), times) in WORKS.iter().zip(times) {
        let (base, others) = times.split_first().expect("there is a first program");
        let each_call = quartiles(base.iter().map(|time| time.as_secs_f64() / f64::from(*calls)))[1];
        let ratios = others.iter().map(|times| {
            let ratios = times.iter().zip(base).map(|(time, base)| time.as_secs_f64() / base.as_secs_f64());
            let [low, median, high] = quartiles(ratios);
            format!(" {median:.2} ({low:.2} to {high:.2}) |")
        });
        let ratios: String = ratios.collect();
        println!("| {title} | {:.1?} |{ratios}", Duration::from_secs_f64(each_call));
    }
}

/// Returns the quartiles; the second is the median. Between two numbers, they are interpolated.
fn quartiles(numbers: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| {
        let (place, rest) = ((numbers.len() - 1) * quarter / 4, (numbers.len() - 1) * quarter % 4);
        let next = numbers[(place + 1).min(numbers.len() - 1)];
        numbers[place] + (next - numbers[place]) * [0.0, 0.25, 0.5, 0.75][rest]
    })
}

impl Options {
    /// Reads `[--rounds N] [PROGRAM]…`. Cargo adds `--bench`.
    fn read() -> Self {
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        let (mut rounds, mut chosen) = (10, Vec::new());
        while let Some(argument) = arguments.next() {
            if argument == "--rounds" {
                let number = arguments.next().and_then(|number| number.parse().ok());
                rounds = number.filter(|rounds| *rounds > 0).expect("`--rounds` needs a number");
            } else {
                assert!(PEERS.contains(&&*argument), "there is no `{argument}`; there are {PEERS:?}");
                chosen.push(argument);
            }
        }
        let is_chosen =
            |peer: &&str| *peer == PEERS[0] || chosen.is_empty() || chosen.iter().any(|it| it == peer);
        Self { rounds, peers: PEERS.into_iter().filter(is_chosen).collect() }
    }
}

impl Peer {
    fn start(name: &'static str, url: &str) -> Self {
        let mut command = if name == "prisma" {
            let mut node = Command::new("node");
            node.arg("peer.mjs").current_dir(prisma_folder()).env("DATABASE_URL", url);
            node
        } else {
            let mut program = Command::new(target_folder().join("release").join(format!("peer-{name}")));
            program.arg(url);
            program
        };
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        Self { name, process, input, output }
    }

    fn run(&mut self, (title, work, tasks, calls): &(&str, &str, u32, u32), mode: &str) -> Answer {
        writeln!(self.input, "{work} {tasks} {calls} {mode}").expect("the program reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the program writes text");
        let answer = line.trim_end().split_once(' ').and_then(|(elapsed, rows)| {
            Some(Answer { elapsed: Duration::from_nanos(elapsed.parse().ok()?), rows: rows.to_owned() })
        });
        answer.unwrap_or_else(|| panic!("{} fails at `{title}`", self.name))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
}

fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers")
}

fn prisma_folder() -> PathBuf {
    target_folder().join("prisma")
}

/// Compiles all programs, so that their dependencies are the same whichever run.
fn build(peers: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release"]).current_dir(source_folder());
    cargo.arg("--target-dir").arg(target_folder());
    succeed(&mut cargo);
    if peers.contains(&"prisma") {
        generate_prisma();
    }
}

/// Generates Prisma Client, beside the packages of the reference.
fn generate_prisma() {
    let (source, target) = (source_folder(), prisma_folder());
    fs::create_dir_all(&target).expect("a folder can be made");
    for (from, to) in [("schema.prisma", "schema.prisma"), ("prisma/peer.mjs", "peer.mjs")] {
        fs::copy(source.join(from), target.join(to)).expect("a file can be copied");
    }
    let modules = testkit::reference().parent().expect("a folder").join("node_modules");
    let link = target.join("node_modules");
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink(modules, link).expect("a link can be made");
    let mut generate = Command::new("node");
    generate.args(["node_modules/prisma/build/index.js", "generate"]).current_dir(target);
    generate.env("DATABASE_URL", "postgresql://none").env("CHECKPOINT_DISABLE", "1");
    // Prisma looks for engines even if it uses none; any program will do.
    for engine in ["PRISMA_SCHEMA_ENGINE_BINARY", "PRISMA_QUERY_ENGINE_BINARY"] {
        generate.env(engine, "/bin/true");
    }
    succeed(generate.stdout(Stdio::null()));
}

fn succeed(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} fails");
}
