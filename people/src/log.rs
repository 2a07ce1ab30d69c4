//! The log: structured, on standard error, without tokens, addresses or bound values.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

/// Modules whose records contain PostgreSQL messages and bound parameters. They are muted whatever `RUST_LOG` says.
const MUTED: [&str; 4] = ["tokio_postgres", "postgres", "postgres_protocol", "postgres_types"];

/// Starts the log with a filter in the format of `RUST_LOG`: as text in development, as JSON otherwise.
///
/// Records of the `log` crate, which tokio-postgres writes, are not logged: no bridge is installed. Muting their targets
/// as well keeps them out if a dependency ever installs one.
///
/// # Errors
/// The filter is invalid, or a log was started before.
pub fn start(filter: &str, is_development: bool) -> anyhow::Result<()> {
    let filter = self::filter(filter)?;
    let lines = if is_development {
        fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).compact().boxed()
    } else {
        fmt::layer().with_writer(io::stderr).json().flatten_event(true).boxed()
    };
    let subscriber =
        Registry::default().with(lines.with_filter(filter).with_filter(filter_fn(may_be_logged)));
    tracing::subscriber::set_global_default(subscriber).context("the log was started before")
}

/// Parses a log filter.
pub(crate) fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(text).context(
        "`RUST_LOG` is not a log filter\nhelp: set it to one such as `info` or `people=debug,nicol=info`",
    )
}

/// Our own records at every level, those of others from `info` up.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    let is_own = root == "people" || root == "nicol" || root.starts_with("nicol_");
    // People names these with the variable (`Config::warnings`).
    let is_known = metadata.target() == "nicol::url";
    !MUTED.contains(&root) && !is_known && (is_own || *metadata.level() <= LevelFilter::INFO)
}
