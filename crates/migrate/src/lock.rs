//! The lock that keeps two migrations of one database apart.

use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use nicol_pg::url::{Address, Host};

use crate::error::Error;
use crate::session::Session;

/// Prisma's number, so that the two wait for each other.
///
/// Source: Prisma 6.19, `flavour/postgres.rs`.
pub(crate) const LOCK_ID: i64 = 72_707_369;
/// How long Prisma waits.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// Refuses a pooler that lends its connections out by the transaction: the lock would stay with a connection that is
/// somebody else's by then.
pub(crate) fn check_url(url: &ConnectionUrl) -> Result<(), Error> {
    let is_pooler = |host: &Host| match &host.address {
        // Neon's names: the endpoint's id, with this at its end for the pooler.
        Address::Tcp { name, .. } => name.split('.').next().is_some_and(|label| label.ends_with("-pooler")),
        Address::Socket(_) => false,
    };
    match url.hosts().iter().find(|host| url.pgbouncer() || is_pooler(host)) {
        Some(host) => Err(Error::Pooled { host: host.to_string() }),
        None => Ok(()),
    }
}

/// Takes the lock. It is the session's: the server releases it when the connection ends, in whichever way.
///
/// `on_wait` is told, once, who has the lock.
pub(crate) async fn acquire(
    session: &Session,
    wait: Duration,
    mut on_wait: impl FnMut(Option<&str>),
) -> Result<(), Error> {
    let since = Instant::now();
    let mut is_told = false;
    loop {
        // Not `pg_advisory_lock`: a pooler or a dead peer could leave it waiting without end.
        let row = session.client.query_one("select pg_catalog.pg_try_advisory_lock($1)", &[&LOCK_ID]).await;
        let row =
            row.map_err(|source| Error::Database { doing: "cannot take the migration lock", source })?;
        if row.get::<_, bool>(0) {
            return Ok(());
        }
        if since.elapsed() >= wait {
            return Err(Error::LockHeld { waited: wait, holder: holder(session).await });
        }
        if !is_told {
            on_wait(holder(session).await.as_deref());
            is_told = true;
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

/// Lets go of the lock. What goes wrong here is healed by the end of the connection.
pub(crate) async fn release(session: &Session) {
    let _ = session.client.query_one("select pg_catalog.pg_advisory_unlock($1)", &[&LOCK_ID]).await;
}

/// Who has the lock, as far as this user may see: `process 4711 of "app" as ann, since 12:00:03 UTC`.
async fn holder(session: &Session) -> Option<String> {
    let sql = "select l.pid, a.application_name, a.usename::text, a.client_addr::text,
            to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
        from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and l.granted and l.objsubid = 1
            and l.classid::bigint = $1 and l.objid::bigint = $2
            and l.database = (select oid from pg_catalog.pg_database where datname = current_database())";
    let (high, low) = (LOCK_ID >> 32, LOCK_ID & 0xffff_ffff);
    let row = session.client.query_opt(sql, &[&high, &low]).await.ok()??;
    let mut holder = format!("process {}", row.get::<_, i32>(0));
    let mut add = |position: usize, before: &str, after: &str| {
        if let Some(text) = row.get::<_, Option<String>>(position).filter(|text| !text.is_empty()) {
            holder.push_str(before);
            holder.push_str(&text);
            holder.push_str(after);
        }
    };
    add(1, " of `", "`");
    add(2, " as `", "`");
    add(3, " from ", "");
    add(4, ", connected since ", " UTC");
    Some(holder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poolers_are_refused() {
        for (url, is_refused) in [
            ("postgresql://a@localhost/app", false),
            ("postgresql://a@localhost/app?pgbouncer=true", true),
            ("postgresql://a@ep-cool-rain-123456.eu-central-1.aws.neon.tech/app", false),
            ("postgresql://a@ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech/app", true),
        ] {
            assert_eq!(check_url(&url.parse().unwrap()).is_err(), is_refused, "{url}");
        }
    }
}
