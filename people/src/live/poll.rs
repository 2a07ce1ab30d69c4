//! Polling for changes, where the database cannot be listened to.
//!
//! No column records all changes: `psql` does not set `updated_at`, and deleted rows have none. Instead, one statement
//! reads what PostgreSQL knows without reading the table:
//!
//! - The snapshot: which transactions have ended. If it is unchanged, nothing was written. If it has changed, the write
//!   may concern another table or another database of the server: a possible change.
//! - The statistics: how many rows of the table were inserted, updated and deleted, and the number of its file, which
//!   `TRUNCATE` changes. If they have changed, the table was written to. They usually lag by a second; a busy session
//!   that falls idle holds its own back for ten.
//!
//! Certain changes are reported at once, possible changes every ten seconds at most. None is missed.

use std::time::Duration;

use nicol::{Error, params};
use nicol_pg::quote_qualified;
use tokio::time::{Instant, sleep, timeout};

use super::Inner;
use crate::sql::{self, TableActivity};

/// How long a poll may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Polling<'a> {
    inner: &'a Inner,
    judge: Judge,
    is_following: bool,
}

impl<'a> Polling<'a> {
    pub(super) fn new(inner: &'a Inner) -> Self {
        Self { inner, judge: Judge::new(inner.limits.poll_unsure), is_following: false }
    }

    /// Polls until the database can be listened to.
    pub(super) async fn stand_in(&mut self) {
        while !(self.poll().await && self.inner.direct.is_some()) {
            sleep(self.inner.limits.poll).await;
        }
        self.is_following = false;
    }

    /// Polls for a while.
    pub(super) async fn stand_in_for(&mut self, time: Duration) {
        let polls = async {
            loop {
                self.poll().await;
                sleep(self.inner.limits.poll).await;
            }
        };
        let _: Result<(), _> = timeout(time, polls).await;
    }

    /// From here on nobody knows what was before.
    pub(super) fn restart(&mut self) {
        self.is_following = false;
    }

    /// Looks once. Says whether the trigger is there.
    async fn poll(&mut self) -> bool {
        let Ok(Ok(activity)) = timeout(PATIENCE, self.activity()).await else {
            // The database is away. Pages are told so by their own requests, and of its return from here.
            self.is_following = false;
            self.inner.lose();
            return false;
        };
        let has_changed = self.judge.has_changed(&activity, Instant::now());
        if !self.is_following {
            self.is_following = true;
            self.inner.follow();
        } else if has_changed {
            self.inner.announce();
        }
        activity.notifies
    }

    async fn activity(&self) -> Result<TableActivity, Error> {
        let db = &self.inner.db;
        let table = quote_qualified(db.schema(), "people");
        let mut rows = db.query_as::<TableActivity>(sql::TABLE_ACTIVITY, params![table]).read_only().await?;
        Ok(rows.pop().unwrap_or_default())
    }
}

/// Tells from what writing leaves behind whether pages are to be told.
struct Judge {
    unsure: Duration,
    last: Option<TableActivity>,
    is_unsure: bool,
    told: Option<Instant>,
}

impl Judge {
    fn new(unsure: Duration) -> Self {
        Self { unsure, last: None, is_unsure: false, told: None }
    }

    fn has_changed(&mut self, next: &TableActivity, now: Instant) -> bool {
        let Some(previous) = self.last.replace(next.clone()) else { return true };
        let is_sure = previous.counters != next.counters;
        self.is_unsure |= previous.snapshot != next.snapshot;
        let is_time = self.told.is_none_or(|told| now.duration_since(told) >= self.unsure);
        let changed = is_sure || (self.is_unsure && is_time);
        if changed {
            // Pages that are fetched from now on include all changes.
            self.is_unsure = false;
            self.told = Some(now);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(snapshot: u32, counters: u32) -> TableActivity {
        TableActivity {
            snapshot: snapshot.to_string(),
            counters: Some(counters.to_string()),
            notifies: false,
        }
    }

    #[test]
    fn what_is_sure_is_told_at_once_and_the_rest_now_and_then() {
        let mut judge = Judge::new(Duration::from_secs(10));
        let start = Instant::now();
        let mut at = |seconds: u64, snapshot, counters| {
            judge.has_changed(&activity(snapshot, counters), start + Duration::from_secs(seconds))
        };
        assert!(at(0, 1, 1), "nobody knows what was before");
        assert!(!at(2, 1, 1));
        assert!(at(4, 2, 1), "perhaps, for the first time");
        assert!(!at(6, 3, 1), "perhaps again");
        assert!(at(8, 4, 2), "surely");
        assert!(!at(10, 4, 2));
        assert!(!at(12, 5, 2));
        assert!(!at(16, 5, 2));
        assert!(at(18, 5, 2), "what was put off is not forgotten");
        assert!(!at(60, 5, 2));
    }
}
