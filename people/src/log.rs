//! The log: structured, on standard error, without a token, an address or a bound value.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

/// Modules whose lines hold what PostgreSQL and bound parameters say. They are silent whatever `RUST_LOG` says.
const MUTED: [&str; 4] = ["tokio_postgres", "postgres", "postgres_protocol", "postgres_types"];

/// Starts the log with a filter in the form of `RUST_LOG`: as lines for people in development, as JSON otherwise.
///
/// Records of the `log` crate, which tokio-postgres writes, are not taken over at all: nothing is installed that
/// would. Muting its targets as well keeps them out should another dependency ever bring such a bridge.
///
/// # Errors
/// The filter cannot be read, or a log was started before.
pub fn start(filter: &str, is_development: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .context("`RUST_LOG` is no filter\nhelp: write `info` or `people=debug,nicol=info`")?;
    let lines = if is_development {
        fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).compact().boxed()
    } else {
        fmt::layer().with_writer(io::stderr).json().flatten_event(true).boxed()
    };
    let subscriber =
        Registry::default().with(lines.with_filter(filter).with_filter(filter_fn(may_be_logged)));
    tracing::subscriber::set_global_default(subscriber).context("the log was started before")
}

/// Our own lines, and no more than the notable ones of others.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    let is_own = root == "people" || root == "nicol" || root.starts_with("nicol_");
    !MUTED.contains(&root) && (is_own || *metadata.level() <= LevelFilter::INFO)
}
