//! Measures the first pages of sixty searches, through the client as People finds them:
//!
//! ```sh
//! people seed --count 1000000
//! cargo run --release -p people --example search_times -- "$DATABASE_URL"
//! ```

#![allow(clippy::print_stdout, reason = "it is made to print")]

use std::time::{Duration, Instant};

use anyhow::Context as _;
use people::db::Client;
use people::search::{Position, Search, Sort, Total, run};

/// Letters, frequent and rare names, names that are all in one place of the list, several words, addresses and numbers.
const SEARCHES: [&str; 60] = [
    "",
    "a",
    "z",
    "e",
    "m",
    "jo",
    "sm",
    "an",
    "zh",
    "al",
    "james",
    "zoe",
    "smith",
    "zhang",
    "zapata",
    "ouyang",
    "müller",
    "garcía",
    "qxyz",
    "john smith",
    "jo sm",
    "an sm",
    "a b",
    "zoe zapata",
    "smith qxyz",
    "ouyang example",
    "qxyz example",
    "van",
    "de",
    "john.smith1",
    "office.j",
    "example.com",
    "office.example",
    "team",
    "555",
    "44",
    "02 55",
    "44 20 7946 0123",
    "+1",
    "9",
    "maria garcia lopez",
    "mar gar",
    "mohamed",
    "o'b",
    "anne-marie",
    "jean-p",
    "lee j",
    "wang wei",
    "li",
    "kim",
    "patel",
    "singh a",
    "hello",
    "mail.x",
    "j s",
    "maria de",
    "tanaka",
    "nguyen",
    "zoe smith",
    "a b c d e",
];

/// PostgreSQL plans a statement anew for each of its first five executions.
const RUNS: usize = 7;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url =
        std::env::args().nth(1).context("the database is missing\nhelp: give its URL as the argument")?;
    let db = Client::lazy(&url)?;
    for sort in [Sort::Name, Sort::Newest] {
        println!("{:20} {:>9} {:>9}  {:>17}", format!("by {sort}"), "best ms", "median ms", "people");
        let mut medians = Vec::new();
        for typed in SEARCHES {
            let search = Search::new(typed, sort, Position::Start);
            let mut times = Vec::new();
            let mut total = Total::Exact(0);
            for _ in 0..RUNS {
                let start = Instant::now();
                total = run(&db, &search).await?.total;
                times.push(start.elapsed());
            }
            times.sort_unstable();
            let total = match total {
                Total::Exact(count) => count.to_string(),
                Total::MoreThan(count) => format!("more than {count}"),
            };
            println!("{typed:20} {:9.2} {:9.2}  {total:>17}", ms(times[0]), ms(times[RUNS / 2]));
            medians.push(times[RUNS / 2]);
        }
        medians.sort_unstable();
        let (middle, worst) = (medians[medians.len() / 2], medians[medians.len() - 1]);
        println!("median of all {:.2} ms, worst {:.2} ms\n", ms(middle), ms(worst));
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
