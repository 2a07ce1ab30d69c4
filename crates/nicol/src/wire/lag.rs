//! How far a replica lags behind the primary.
//!
//! The primary says up to which position its log is written, and the replica up to which it has replayed it. Which positions were written when is
//! known by this process's clock, so the clocks of the servers do not matter, nor does an idle primary look like a lagging replica.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pool::Pool;
use super::statement::{Form, References, Statement};
use crate::error::{Error, Kind};

/// Positions in the log that a replica has not replayed yet.
#[derive(Debug, Default)]
pub(super) struct Lag {
    /// With the time when the primary had written it.
    awaited: VecDeque<(Instant, i64)>,
    /// When the primary had written the last position that the replica was seen to have replayed.
    replayed: Option<Instant>,
}

impl Lag {
    /// The most positions to wait for. With more, the lag is known less exactly.
    const MOST: usize = 64;

    /// Returns the lag, or more, after the primary said what it has written, and then the replica what it has replayed. `written` is `None` if
    /// the primary is down, and `replayed` if there is nothing to replay because the server is a primary itself.
    pub(super) fn after(&mut self, now: Instant, written: Option<i64>, replayed: Option<i64>) -> Duration {
        let first = *self.replayed.get_or_insert(now);
        if let Some(position) = written {
            if self.awaited.len() >= Self::MOST {
                self.awaited.pop_back();
            }
            self.awaited.push_back((now, position));
        }
        let mut last = first;
        while let Some((time, position)) = self.awaited.front() {
            if replayed.is_some_and(|replayed| replayed < *position) {
                break;
            }
            last = *time;
            self.awaited.pop_front();
        }
        self.replayed = Some(last);
        if self.awaited.is_empty() { Duration::ZERO } else { now - last }
    }
}

/// Returns the position up to which the primary has written its log; `None` if it does not say.
pub(super) async fn written(primary: &Arc<Pool>) -> Option<i64> {
    ask(primary, "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8").await.ok()?
}

/// Returns the position up to which a replica has replayed the log; `None` for a primary.
pub(super) async fn replayed(replica: &Arc<Pool>) -> Result<Option<i64>, Error> {
    let sql =
        "SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::int8 END";
    ask(replica, sql).await
}

/// Asks a server for a number.
pub(super) async fn ask(pool: &Arc<Pool>, sql: &str) -> Result<Option<i64>, Error> {
    let statement = Statement {
        text: sql.to_owned(),
        params: Vec::new(),
        form: Form::Query,
        returns_rows: true,
        read_only: true,
        may_lag: false,
        model: None,
        operation: "lag",
        references: References::None,
        requires_row: false,
    };
    let outcome = pool.lease(None).await?.run(&statement).await?;
    let number = outcome.rows.first().map(|row| row.try_get(0));
    number.transpose().map(Option::flatten).map_err(|_| Kind::Database.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_replayed_does_not_lag() {
        let (mut lag, now) = (Lag::default(), Instant::now());
        assert_eq!(lag.after(now, Some(10), Some(10)), Duration::ZERO);
        assert_eq!(lag.after(now + SECOND, Some(20), Some(30)), Duration::ZERO);
        assert_eq!(lag.after(now + 2 * SECOND, Some(40), None), Duration::ZERO, "a primary");
        assert_eq!(
            lag.after(now + 3 * SECOND, None, Some(1)),
            Duration::ZERO,
            "nothing is known to be missing"
        );
    }

    #[test]
    fn the_lag_is_the_age_of_what_is_there() {
        let (mut lag, now) = (Lag::default(), Instant::now());
        lag.after(now, Some(10), Some(10));
        assert_eq!(lag.after(now + SECOND, Some(20), Some(15)), SECOND);
        assert_eq!(lag.after(now + 2 * SECOND, Some(30), Some(15)), 2 * SECOND);
        assert_eq!(lag.after(now + 3 * SECOND, None, Some(15)), 3 * SECOND, "the primary is down");
        assert_eq!(lag.after(now + 4 * SECOND, Some(40), Some(25)), 3 * SECOND, "a part has arrived");
        assert_eq!(lag.after(now + 5 * SECOND, Some(40), Some(40)), Duration::ZERO);
    }

    #[test]
    fn a_long_lag_takes_no_more_memory() {
        let (mut lag, now) = (Lag::default(), Instant::now());
        for position in 1..1000 {
            lag.after(now, Some(position), Some(1));
        }
        assert_eq!(lag.awaited.len(), Lag::MOST);
        assert_eq!(lag.after(now + SECOND, None, Some(999)), Duration::ZERO);
    }
}
