//! The lock that keeps two migrations of one database apart.

use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;

use super::connection::Session;
use crate::error::Error;

/// Prisma's number, so that the two wait for each other.
///
/// Source: Prisma 6.19, `flavour/postgres.rs`.
pub(crate) const LOCK_ID: i64 = 72_707_369;
/// How long Prisma waits.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);
/// How often it is said that there is a wait.
const BETWEEN_WORDS: Duration = Duration::from_secs(10);

/// Refuses a pooler for what takes more than one transaction.
pub(crate) fn check_url(url: &ConnectionUrl, what: &str) -> Result<(), Error> {
    if !url.is_pooled() {
        return Ok(());
    }
    let reason = "it takes a lock that lasts longer than a transaction".to_owned();
    Err(Error::Pooled { host: url.hosts()[0].to_string(), what: what.to_owned(), reason })
}

/// Whose the lock is. Both kinds exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The session's: the server releases it when the connection ends, in whichever way.
    Session,
    /// A transaction's, which has begun with it: all that a pooler can give.
    Transaction,
}

impl Lock {
    /// The kind that the connection can give.
    pub(crate) fn of(session: &Session) -> Self {
        if session.is_pooled() { Self::Transaction } else { Self::Session }
    }
}

/// Takes the lock; that of a transaction begins one.
///
/// `on_wait` is told who has the lock, at once and again every ten seconds, and how long that has been waited for.
pub(crate) async fn acquire(
    session: &Session,
    lock: Lock,
    wait: Duration,
    mut on_wait: impl FnMut(Option<&str>, Duration),
) -> Result<(), Error> {
    let since = Instant::now();
    let mut next_word = Duration::ZERO;
    loop {
        if try_acquire(session, lock).await? {
            return Ok(());
        }
        let waited = since.elapsed();
        if waited >= wait {
            return Err(Error::LockHeld { waited: wait, holder: holder(session).await });
        }
        if waited >= next_word {
            on_wait(holder(session).await.as_deref(), waited);
            next_word = waited + BETWEEN_WORDS;
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS.min(wait.saturating_sub(waited))).await;
    }
}

/// Never `pg_advisory_lock`: a pooler or a dead peer could leave it waiting without end.
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
        // The pooler's connection is not kept from others while this one waits.
        session.batch("rollback", doing).await?;
    }
    Ok(has_it)
}

/// Lets go of the lock. What goes wrong here is healed by the end of the connection.
pub(crate) async fn release(session: &Session, lock: Lock) {
    let sql = match lock {
        Lock::Session => format!("select pg_catalog.pg_advisory_unlock({LOCK_ID})"),
        // One that has been committed by now has gone with its lock, and leaves nothing but a warning here.
        Lock::Transaction => "rollback".to_owned(),
    };
    let _ = session.client.simple_query(&sql).await;
}

/// A condition that holds as long as the process which runs the statement has the lock.
///
/// A pooler that was not found out, or a script that lets go of all locks, comes to light by it.
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

/// Who has the lock, as far as this user may see:
/// process 4711 of `app` as `ann`, connected since 2026-11-25 12:00:03 UTC, idle for 12 s
pub(crate) async fn holder(session: &Session) -> Option<String> {
    let sql = format!(
        "{WHO} from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a using (pid) where {}",
        held()
    );
    let rows = session.rows(&sql, "cannot find out who holds the migration lock").await.ok()?;
    rows.first()?.get(0).map(str::to_owned)
}

/// What begins a statement that tells of processes, given as `pid` and the row `a` of `pg_stat_activity`. What they run
/// is left out: it may hold values.
pub(crate) const WHO: &str = "select 'process ' || pid
    || coalesce(' of `' || nullif(a.application_name, '') || '`', '')
    || coalesce(' as `' || a.usename || '`', '')
    || coalesce(' from ' || a.client_addr::text, '')
    || coalesce(', connected since ' || pg_catalog.to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
    || coalesce(', ' || a.state || coalesce(' for ' || pg_catalog.floor(extract(epoch from
        pg_catalog.clock_timestamp() - a.state_change))::bigint || ' s', ''), '')";
