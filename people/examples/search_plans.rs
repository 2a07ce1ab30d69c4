//! How long the first pages of some searches take in the database, and which way they are found:
//!
//! ```sh
//! people seed --count 1000000
//! cargo run -p people --example search_plans -- "$DATABASE_URL"
//! ```

#![allow(clippy::print_stdout, reason = "it is made to print")]

use anyhow::Context as _;
use nicol_pg::{ConnectionUrl, connect, tokio_postgres::Client};

/// What is typed, split as People does it; texts after `|` suffice alone.
const SEARCHES: [(&str, &str); 28] = [
    ("no query", ""),
    ("one letter", "a"),
    ("one late letter", "z"),
    ("two letters", "jo"),
    ("a frequent name", "james"),
    ("a frequent name at the end", "zoe"),
    ("a frequent family name", "smith"),
    ("one of a part of the list", "zhang"),
    ("a rarer one", "zapata"),
    ("a rare one", "ouyang"),
    ("with an accent", "müller"),
    ("nobody", "qxyz"),
    ("two frequent", "john smith"),
    ("two beginnings", "jo sm"),
    ("two letters", "a b"),
    ("frequent and rare", "zoe zapata"),
    ("frequent and nobody", "smith qxyz"),
    ("rare and everybody", "ouyang example"),
    ("nobody and everybody", "qxyz example"),
    ("a particle", "van"),
    ("an address", "john.smith1"),
    ("addresses", "office.j"),
    ("a domain", "example.com"),
    ("a rarer domain", "office.example"),
    ("digits of many", "555"),
    ("a country", "44|44"),
    ("a short number", "02 55|0255"),
    ("a whole number", "44 20 7946 0123|442079460123"),
];

/// Places to begin at, deep in the list.
const PLACES: [(&str, bool); 4] = [("", true), ("m", true), ("y", true), ("m", false)];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).context("say which database: its URL is the argument")?;
    let url = ConnectionUrl::parse(&url)?;
    let (client, connection) = connect(&url).await?;
    tokio::spawn(connection);
    println!(
        "{:28} {:7} {:6} {:>9} {:>9}  {:>11} {:>4}  way",
        "search", "sort", "from", "best ms", "median", "total", "rows"
    );
    for (what, typed) in SEARCHES {
        for (place, forward) in PLACES {
            measure(&client, what, typed, "name", place, forward).await?;
        }
        measure(&client, what, typed, "newest", "", true).await?;
    }
    Ok(())
}

/// Runs a prepared statement twelve times, more often than PostgreSQL plans it anew for each value.
async fn measure(
    client: &Client,
    what: &str,
    typed: &str,
    sort: &str,
    place: &str,
    forward: bool,
) -> anyhow::Result<()> {
    let (words, alternative) = typed.split_once('|').unwrap_or((typed, ""));
    let words: Vec<&str> = words.split_whitespace().collect();
    let alternatives: Vec<&str> = alternative.split_whitespace().collect();
    let statement = client
        .prepare(
            "explain (analyze, timing off, summary, format json) select * from people_search($1, $2, $3, $4, 21, true, $5, null, $6)",
        )
        .await?;
    let key = (!place.is_empty()).then_some(place);
    let mut times = Vec::new();
    for _ in 0..12 {
        let row = client.query_one(&statement, &[&sort, &forward, &words, &alternatives, &key, &key]).await?;
        let plan: Json = row.get(0);
        times.push(plan.execution_time().context("no time in the plan")?);
    }
    times.sort_by(f64::total_cmp);
    let row = client
        .query_one(
            "select branch, total, exact, cardinality(ids) from people_search($1, $2, $3, $4, 21, true, $5, null, $6)",
            &[&sort, &forward, &words, &alternatives, &key, &key],
        )
        .await?;
    let (way, total, exact, rows): (String, i64, bool, i32) =
        (row.get(0), row.get(1), row.get(2), row.get(3));
    let total = if exact { total.to_string() } else { format!("about {total}") };
    let from = format!("{}{place}", if forward { "" } else { "<" });
    println!(
        "{:28} {sort:7} {from:6} {:9.2} {:9.2}  {total:>11} {rows:4}  {way}",
        format!("{what}: {typed}"),
        times[0],
        times[6]
    );
    Ok(())
}

/// A plan as PostgreSQL writes it.
struct Json(String);

impl Json {
    fn execution_time(&self) -> Option<f64> {
        let (_, rest) = self.0.split_once("\"Execution Time\":")?;
        rest.trim_start().split([',', '\n', '}']).next()?.trim().parse().ok()
    }
}

impl<'a> nicol_pg::tokio_postgres::types::FromSql<'a> for Json {
    fn from_sql(
        _: &nicol_pg::tokio_postgres::types::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(ty: &nicol_pg::tokio_postgres::types::Type) -> bool {
        *ty == nicol_pg::tokio_postgres::types::Type::JSON
    }
}
