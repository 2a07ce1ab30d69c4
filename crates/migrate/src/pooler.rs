//! Poolers that lend their connections out by the transaction: PgBouncer in transaction mode, and Neon's.
//!
//! Behind one of them a session's lock stays with a connection that is somebody else's by then.

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;
use nicol_pg::url::{Address, Host};

use crate::session::{Session, rows};

/// Whether the URL says that a pooler is there: `pgbouncer=true`, or a host with one of Neon's names.
pub(crate) fn is_named(url: &ConnectionUrl) -> bool {
    let is_pooler = |host: &Host| match &host.address {
        // The endpoint's id, with this at its end for the pooler.
        Address::Tcp { name, .. } => name.split('.').next().is_some_and(|label| label.ends_with("-pooler")),
        Address::Socket(_) => false,
    };
    url.pgbouncer() || url.hosts().iter().any(is_pooler)
}

/// Whether a pooler is there although the URL does not say so: a session has a server process of its own, and behind
/// a pooler the process is another's as soon as that one needs it.
pub(crate) async fn is_found(session: &Session, other: &Client) -> bool {
    let before = pid(&session.client).await;
    // In a transaction, which keeps its process until it ends.
    let (begun, theirs) = (other.batch_execute("begin").await, pid(other).await);
    let after = pid(&session.client).await;
    let ended = other.batch_execute("rollback").await;
    // Where a question has failed, nothing is known, and the lock is looked at in each transaction anyway.
    let (Ok(()), Ok(()), Some(before), Some(theirs), Some(after)) = (begun, ended, before, theirs, after)
    else {
        return false;
    };
    before == theirs || before != after
}

async fn pid(client: &Client) -> Option<String> {
    let rows = rows(client, "select pg_catalog.pg_backend_pid()").await.ok()?;
    rows.first()?.get(0).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poolers_are_known_by_name() {
        for (url, is_pooler) in [
            ("postgresql://a@localhost/app", false),
            ("postgresql://a@localhost/app?pgbouncer=true", true),
            ("postgresql://a@ep-cool-rain-123456.eu-central-1.aws.neon.tech/app", false),
            ("postgresql://a@ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech/app", true),
        ] {
            assert_eq!(is_named(&url.parse().unwrap()), is_pooler, "{url}");
        }
    }
}
