//! Whether two connections lead to the same database, whatever their URLs say: `localhost` and `127.0.0.1`, a socket,
//! a pooler and another user are different texts for one place.
//!
//! One connection takes an advisory lock with a random number, and the other looks for it. The table of locks belongs to
//! one running server, so what is found there is proof. It needs no privilege, and a transaction is enough, so that it
//! works through a transaction pooler. The alternatives are weaker: servers that are started together may have the same
//! start time, and copies of a data directory (restored snapshots, branches of a hosted database) have the same system
//! identifier, which some servers do not let everyone read.
//!
//! A standby has locks of its own over the data of its primary. Only there does the system identifier decide.

use std::time::Duration;

use nicol_pg::{ConnectError, ConnectionUrl};
use uuid::Uuid;

use crate::error::Error;
use crate::session::{Missing, Session};

/// Two connections of one pool may have to wait for each other, without end.
const WAIT: Duration = Duration::from_secs(10);

const DOING: &str = "cannot compare the two databases";

/// Why two databases could not be compared.
pub(crate) enum Unclear {
    /// The other one cannot be reached.
    Unreachable(Error),
    /// A server does not say enough.
    Unsaid(String),
}

impl Unclear {
    /// Returns the reason as a part of a sentence.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Unreachable(error) => {
                error.to_string().lines().next().unwrap_or("it cannot be reached").to_owned()
            }
            Self::Unsaid(reason) => reason.clone(),
        }
    }
}

/// Whether the session is connected to the database of a URL. A database that does not exist is another one.
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
        Ok(Ok(None)) => Err(Unclear::Unsaid("one of them is a standby, perhaps of the other".to_owned())),
        Ok(Err(error)) => Err(Unclear::Unsaid(error.to_string())),
        Err(_) => Err(Unclear::Unsaid(format!("they did not answer within {} s", WAIT.as_secs()))),
    }
}

/// `None` where it cannot be told. The second session may be left in a transaction.
async fn compare(session: &Session, other: &Session) -> Result<Option<bool>, Error> {
    let [class, object] = [(); 2].map(|()| Uuid::new_v4().as_fields().0);
    // Within a transaction a pooler keeps the connection for us.
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
        // Then it says nothing that the first one does not see it.
        return Ok(None);
    }
    if has_lock || !is_standby && !is_other_standby {
        return Ok(Some(has_lock));
    }
    let Some((one, two)) = identity(session).await.zip(identity(other).await) else { return Ok(None) };
    Ok(Some(one == two))
}

/// Whether the lock is there, and whether the server is a standby, in one statement: a pooler may send each to another
/// server.
async fn look(session: &Session, lock: &str) -> Result<(bool, bool), Error> {
    let rows = session.rows(&format!("select {lock}, pg_catalog.pg_is_in_recovery()"), DOING).await?;
    let is = |column| rows.first().and_then(|row| row.get(column)) == Some("t");
    Ok((is(0), is(1)))
}

/// The server's system identifier, which its standbys have too, and the number of the database.
async fn identity(session: &Session) -> Option<(String, String)> {
    let sql =
        "select s.system_identifier, d.oid from pg_catalog.pg_control_system() s, pg_catalog.pg_database d
        where d.datname = pg_catalog.current_database()";
    let rows = session.rows(sql, DOING).await.ok()?;
    let row = rows.first()?;
    Some((row.get(0)?.to_owned(), row.get(1)?.to_owned()))
}
