//! Whether two connections lead to the same database, even if their URLs differ: by host name and address, socket, pooler or
//! user.
//!
//! One connection takes an advisory lock with a random key, and the other looks for it. The lock table belongs to one running
//! server, so finding the lock is proof. This needs no privilege, and only a transaction, so it works through a transaction
//! pooler. The alternatives are weaker: servers may have started at the same time, and copies of a data directory (restored
//! snapshots, branches of a hosted database) share the system identifier, which some servers restrict.
//!
//! A standby has its own locks for the data of its primary. Only there, the system identifier decides.

use std::time::Duration;

use nicol_pg::{ConnectError, ConnectionUrl};
use uuid::Uuid;

use crate::error::Error;
use crate::session::{Missing, Session};

/// Both connections may come from one pool and wait for each other forever.
const WAIT: Duration = Duration::from_secs(10);

const DOING: &str = "cannot compare the two databases";

/// Why two databases could not be compared.
pub(crate) enum Unclear {
    /// The other database cannot be reached.
    Unreachable(Error),
    /// A server does not reveal enough.
    Unknown(String),
}

impl Unclear {
    /// Returns the reason as part of a sentence.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Unreachable(error) => {
                error.to_string().lines().next().unwrap_or("it cannot be reached").to_owned()
            }
            Self::Unknown(reason) => reason.clone(),
        }
    }
}

/// Whether the session is connected to the database of a URL. A database that does not exist is a different one.
pub(crate) async fn is_same(session: &Session, url: &ConnectionUrl) -> Result<bool, Unclear> {
    let other = match Session::open(url, Missing::Look).await {
        Ok((other, _)) => other,
        Err(Error::Connect(ConnectError::DatabaseMissing { .. })) => return Ok(false),
        Err(error) => return Err(Unclear::Unreachable(error)),
    };
    let compared = tokio::time::timeout(WAIT, compare(session, &other)).await;
    other.close().await;
    match compared {
        Ok(Ok(Some(is_same))) => Ok(is_same),
        Ok(Ok(None)) => Err(Unclear::Unknown("one of them is a standby, possibly of the other".to_owned())),
        Ok(Err(error)) => Err(Unclear::Unknown(error.to_string())),
        Err(_) => Err(Unclear::Unknown(format!("they did not answer within {} s", WAIT.as_secs()))),
    }
}

/// Whether both sessions are connected to the same database, or `None` if that is unknown. May leave the second session in a
/// transaction.
async fn compare(session: &Session, other: &Session) -> Result<Option<bool>, Error> {
    let [class, object] = [(); 2].map(|()| Uuid::new_v4().as_fields().0);
    // Within a transaction, a pooler keeps the server connection.
    other.batch("begin", DOING).await?;
    let key = (i64::from(class.cast_signed()) << 32) | i64::from(object);
    other.rows(&format!("select pg_catalog.pg_advisory_xact_lock({key})"), DOING).await?;
    let lock = format!(
        "exists (select from pg_catalog.pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 1
            and l.classid = {class} and l.objid = {object}
            and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))"
    );
    let (has_lock, is_standby) = look(session, &lock).await?;
    let (is_visible, is_other_standby) = look(other, &lock).await?;
    if !is_visible {
        // Then it means nothing that the first session does not see it.
        return Ok(None);
    }
    if has_lock || !is_standby && !is_other_standby {
        return Ok(Some(has_lock));
    }
    let Some((one, two)) = identity(session).await.zip(identity(other).await) else { return Ok(None) };
    Ok(Some(one == two))
}

/// Returns whether the lock exists, and whether the server is a standby. One statement, because a pooler may send two to
/// different servers.
async fn look(session: &Session, lock: &str) -> Result<(bool, bool), Error> {
    let rows = session.rows(&format!("select {lock}, pg_catalog.pg_is_in_recovery()"), DOING).await?;
    let is = |column| rows.first().and_then(|row| row.get(column)) == Some("t");
    Ok((is(0), is(1)))
}

/// Returns the system identifier of the server, which its standbys share, and the OID of the database.
async fn identity(session: &Session) -> Option<(String, String)> {
    let sql =
        "select s.system_identifier, d.oid from pg_catalog.pg_control_system() s, pg_catalog.pg_database d
        where d.datname = pg_catalog.current_database()";
    let rows = session.rows(sql, DOING).await.ok()?;
    let row = rows.first()?;
    Some((row.get(0)?.to_owned(), row.get(1)?.to_owned()))
}
