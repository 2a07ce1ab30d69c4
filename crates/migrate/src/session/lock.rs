//! The lock that allows only one migration of a database at a time.

use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;

use super::connection::Session;
use crate::error::Error;

/// Prisma's advisory lock, so that the two wait for each other.
///
/// Source: Prisma 6.19, `flavour/postgres.rs`.
pub(crate) const LOCK_ID: i64 = 72_707_369;
/// How long Prisma waits, and the default here.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);
/// The interval between two reports that the lock is held.
const BETWEEN_REPORTS: Duration = Duration::from_secs(10);

/// Refuses a transaction pooler for an operation that takes several transactions.
pub(crate) fn check_url(url: &ConnectionUrl, what: &str) -> Result<(), Error> {
    if !url.is_pooled() {
        return Ok(());
    }
    let reason = "the migration lock must outlast a transaction".to_owned();
    Err(Error::Pooled { host: url.hosts()[0].to_string(), what: what.to_owned(), reason })
}

/// The kind of lock. Both kinds exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Held by the session: the server releases it when the connection ends, for whatever reason.
    Session,
    /// Held by a transaction: all that a transaction pooler supports.
    Transaction,
}

impl Lock {
    /// Returns the kind that the connection supports.
    pub(crate) fn of(session: &Session) -> Self {
        if session.is_pooled() { Self::Transaction } else { Self::Session }
    }
}

/// Takes the lock. [`Lock::Transaction`] begins a transaction first.
///
/// `on_wait` gets the holder of the lock and the time waited so far, at once and again every 10 s.
pub(crate) async fn acquire(
    session: &Session,
    lock: Lock,
    wait: Duration,
    mut on_wait: impl FnMut(Option<&str>, Duration),
) -> Result<(), Error> {
    let since = Instant::now();
    let mut next_report = Duration::ZERO;
    loop {
        if try_acquire(session, lock).await? {
            return Ok(());
        }
        let waited = since.elapsed();
        if waited >= wait {
            return Err(Error::LockHeld { waited: wait, holder: holder(session).await });
        }
        if waited >= next_report {
            on_wait(holder(session).await.as_deref(), waited);
            next_report = waited + BETWEEN_REPORTS;
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS.min(wait.saturating_sub(waited))).await;
    }
}

/// Tries to take the lock once. Never waits in `pg_advisory_lock`, which may hang forever behind a pooler or for a dead peer.
async fn try_acquire(session: &Session, lock: Lock) -> Result<bool, Error> {
    let doing = "cannot take the migration lock";
    let function = match lock {
        Lock::Session => "pg_try_advisory_lock",
        Lock::Transaction => {
            session.batch("begin", doing).await?;
            "pg_try_advisory_xact_lock"
        }
    };
    let rows = session.rows(&format!("select pg_catalog.{function}({LOCK_ID})"), doing).await?;
    let has_it = rows.first().and_then(|row| row.get(0)) == Some("t");
    if !has_it && lock == Lock::Transaction {
        // Give the server connection back to the pooler while waiting.
        session.batch("rollback", doing).await?;
    }
    Ok(has_it)
}

/// Releases the lock. Errors do not matter, because the end of the connection releases it, too.
pub(crate) async fn release(session: &Session, lock: Lock) {
    let sql = match lock {
        Lock::Session => format!("select pg_catalog.pg_advisory_unlock({LOCK_ID})"),
        // If the transaction has been committed, its lock is gone, and this is only a warning.
        Lock::Transaction => "rollback".to_owned(),
    };
    let _ = session.client.simple_query(&sql).await;
}

/// Returns an SQL condition that is true if the server process that evaluates it holds the lock.
///
/// It detects an unknown pooler and a script that releases all locks.
pub(crate) fn is_ours() -> String {
    format!(
        "exists (select from pg_catalog.pg_locks l where {} and l.pid = pg_catalog.pg_backend_pid())",
        held()
    )
}

fn held() -> String {
    format!(
        "l.locktype = 'advisory' and l.granted and l.objsubid = 1
            and l.classid = {} and l.objid = {}
            and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())",
        LOCK_ID >> 32,
        LOCK_ID & 0xffff_ffff
    )
}

/// Returns the holder of the lock, as far as the user may see it:
/// process 4711 of `app` as `ann`, connected since 2026-11-25 12:00:03 UTC, idle for 12 s
pub(crate) async fn holder(session: &Session) -> Option<String> {
    let sql = format!(
        "{WHO} from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a using (pid) where {}",
        held()
    );
    let rows = session.rows(&sql, "cannot determine who holds the migration lock").await.ok()?;
    rows.first()?.get(0).map(str::to_owned)
}

/// The beginning of a query that describes processes, given as `pid` and the row `a` of `pg_stat_activity`. It leaves out
/// their statements, which may contain data.
pub(crate) const WHO: &str = "select 'process ' || pid
    || coalesce(' of `' || nullif(a.application_name, '') || '`', '')
    || coalesce(' as `' || a.usename || '`', '')
    || coalesce(' from ' || a.client_addr::text, '')
    || coalesce(', connected since ' || pg_catalog.to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
    || coalesce(', ' || a.state || coalesce(' for ' || pg_catalog.floor(extract(epoch from
        pg_catalog.clock_timestamp() - a.state_change))::bigint || ' s', ''), '')";
