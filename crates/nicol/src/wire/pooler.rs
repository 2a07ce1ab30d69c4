//! Finds out whether connections lead through a pooler, and whether it keeps prepared statements.
//!
//! Behind a pooler in transaction mode that does not keep them, a name may belong to the statement of another program, which would then run
//! instead. So no statement is prepared before it is known that this cannot happen.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use futures_util::future::join;
use nicol_pg::ConnectionUrl;
use nicol_pg::url::Pooling;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// What the connections of a pool have found out.
#[derive(Debug)]
pub(crate) struct Pooler {
    told: Pooling,
    keeps: AtomicU8,
    has_warned: AtomicBool,
    /// How often a statement was stale.
    changes: AtomicU32,
    /// Whether the server has executed a write, so that it was the primary then.
    has_written: AtomicBool,
}

/// How a connection reaches the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// The process id at startup may be that of the server; the first statement that is prepared tells.
    Unknown,
    /// A session of its own.
    Session,
    /// A pooler or proxy is in between. Only if it keeps prepared statements, it is certainly no session.
    Between,
}

impl Path {
    /// The largest process id of Linux. Poolers make theirs up, so that few are as small.
    ///
    /// Source: `PID_MAX_LIMIT` (`include/linux/threads.h`).
    const MAX_PROCESS_ID: i32 = 4 << 20;

    /// Tells by the process id at startup.
    pub(super) fn of(process_id: Option<i32>) -> Self {
        let is_possible = process_id.is_some_and(|id| (1..=Self::MAX_PROCESS_ID).contains(&id));
        if is_possible { Self::Unknown } else { Self::Between }
    }
}

/// Values of [`Pooler::keeps`]; 0 is not known.
const KEEPS: u8 = 1;
const LOSES: u8 = 2;

impl Pooler {
    pub(super) fn new(url: &ConnectionUrl) -> Self {
        Self {
            told: url.pooling(),
            keeps: AtomicU8::new(0),
            has_warned: AtomicBool::new(false),
            changes: AtomicU32::new(0),
            has_written: AtomicBool::new(false),
        }
    }

    /// Returns how a new connection reaches the server, as far as this is known without asking.
    pub(super) fn path(&self, process_id: Option<i32>) -> Path {
        match self.told {
            Pooling::Session => Path::Session,
            Pooling::Transaction | Pooling::Unprepared => Path::Between,
            Pooling::Unknown => Path::of(process_id),
        }
    }

    /// Whether it is still to be asked if the pooler keeps prepared statements.
    pub(super) fn is_unasked(&self) -> bool {
        self.keeps.load(Ordering::Relaxed) == 0
    }

    /// Whether statements may be prepared on a connection.
    pub(super) fn may_prepare(&self, path: Path) -> bool {
        match self.keeps.load(Ordering::Relaxed) {
            KEEPS => true,
            LOSES => false,
            _ => path != Path::Between,
        }
    }

    /// Asks the pooler whether it keeps prepared statements. One that does gives them names of its own.
    pub(super) async fn ask(&self, client: &Client) {
        // An error leaves it open. The next statement reports a lost connection.
        let keeps = match renames_statements(client).await {
            Ok(renames) => renames,
            Err(error) if error.as_db_error().is_some() => false,
            Err(_) => return,
        };
        let answer = if keeps { KEEPS } else { LOSES };
        if self.keeps.compare_exchange(0, answer, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let statements = if keeps { "prepared" } else { "not prepared" };
            tracing::info!(
                target: "nicol::pool",
                "the connections lead through a pooler; statements are {statements}"
            );
        }
    }

    /// Notes that a prepared statement is gone, or that its name is taken, and that the connection is no session of its own.
    pub(super) fn lost(&self) {
        self.keeps.store(LOSES, Ordering::Relaxed);
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "nicol::pool",
                "prepared statements get lost between the client and the server; statements are not prepared from now on\n\
                 help: behind a pooler in transaction mode, add `pgbouncer=true` to the connection URL"
            );
        }
    }

    /// Notes that a prepared statement was stale. A pooler that keeps statements has one for each text, so that the next ones need another.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the server has executed a write.
    pub(super) fn wrote(&self) {
        // First read, because this is called for each write.
        if !self.has_written() {
            self.has_written.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Relaxed)
    }

    /// Returns the text to prepare on a connection.
    pub(super) fn text<'a>(&self, text: &'a str, path: Path) -> Cow<'a, str> {
        match self.changes.load(Ordering::Relaxed) {
            changes if changes > 0 && path == Path::Between => Cow::Owned(format!("{text} /* {changes} */")),
            _ => Cow::Borrowed(text),
        }
    }
}

/// Whether a statement has another name in the server than the driver has given it.
async fn renames_statements(client: &Client) -> Result<bool, Error> {
    // The driver calls its statements `s0`, `s1` and so on.
    let text = format!(
        "select pg_catalog.count(*) from pg_catalog.pg_prepared_statements \
         where name ~ '^s[0-9]+$' and pg_catalog.strpos(statement, '{:032x}') > 0",
        rand::random::<u128>()
    );
    // A transaction keeps its server connection, and the statement is closed before its end.
    let (begun, prepared) = join(client.batch_execute("BEGIN"), client.prepare(&text)).await;
    let answer = match (begun, prepared) {
        (Ok(()), Ok(statement)) => client.query_one(&statement, &[]).await,
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    let ended = client.batch_execute("ROLLBACK").await;
    let count: i64 = answer?.try_get(0)?;
    ended?;
    Ok(count == 0)
}

/// Returns the process id of the server that runs a statement of this connection now.
pub(super) async fn server_process(client: &Client) -> Result<Option<i32>, Error> {
    let messages = client.simple_query("select pg_catalog.pg_backend_pid()").await?;
    Ok(messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    }))
}
