//! Waits for work on a session: a second connection shows what a long statement is doing, and an interrupt cancels it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nicol_pg::tokio_postgres::Client;
use tokio::task::JoinHandle;

use super::connection::{Canceller, Session, rows};
use super::lock::WHO;
use crate::error::Error;
use crate::progress::{Activity, Progress};

/// How long a statement runs before it is reported.
const LONG: Duration = Duration::from_secs(2);
/// The interval between two reports if nothing changes.
const BETWEEN_REPORTS: Duration = Duration::from_secs(10);
/// The progress of an index, in percent, that is reported.
const PERCENT: u8 = 10;

/// The position of a run. Its watcher reads it, and can stop the run.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// The running statement, from 0.
    pub(crate) statement: AtomicUsize,
    /// The server process.
    pub(crate) pid: AtomicI32,
    /// Whether no further piece may start.
    pub(crate) is_stopped: AtomicBool,
}

impl Place {
    /// Returns the start of a run in this server process.
    pub(crate) fn of(pid: i32) -> Self {
        Self { pid: AtomicI32::new(pid), ..Self::default() }
    }
}

/// A second connection that observes the first.
pub(crate) struct Observer {
    client: Client,
    connection: JoinHandle<()>,
}

impl Observer {
    /// Opens it, and uses it to detect a transaction pooler that the URL does not show. `None` if the server refuses a
    /// second connection.
    pub(crate) async fn open(session: &mut Session) -> Result<Option<Self>, Error> {
        let Ok((client, connection)) = session.connect_again().await else { return Ok(None) };
        if !session.is_pooled() && is_behind_pooler(session, &client).await {
            session.set_pooled().await?;
        }
        Ok(Some(Self { client, connection }))
    }

    /// Opens it unless the session is pooled. Without it, only the running time can be reported.
    pub(crate) async fn beside(session: &Session) -> Option<Self> {
        if session.is_pooled() {
            return None;
        }
        let (client, connection) = session.connect_again().await.ok()?;
        Some(Self { client, connection })
    }

    pub(crate) async fn close(self) {
        drop(self.client);
        let _ = tokio::time::timeout(Duration::from_secs(1), self.connection).await;
    }

    async fn look(&self, pid: i32) -> Option<Activity> {
        let sql = format!(
            "{WHO} from pg_catalog.unnest(pg_catalog.pg_blocking_pids({pid})) as b (pid) left join pg_catalog.pg_stat_activity a using (pid) limit 1"
        );
        let found = rows(&self.client, &sql).await.ok()?;
        if let Some(by) = found.first().and_then(|row| row.get(0)) {
            return Some(Activity::Blocked { by: by.to_owned() });
        }
        // A phase counts either blocks or rows.
        let sql = format!(
            "select phase, case when blocks_total > 0 then 100 * blocks_done / blocks_total
                when tuples_total > 0 then 100 * tuples_done / tuples_total end
            from pg_catalog.pg_stat_progress_create_index where pid = {pid}"
        );
        let found = rows(&self.client, &sql).await.ok()?;
        let Some(row) = found.first() else { return Some(Activity::Working) };
        let percent = row.get(1).and_then(|text| text.parse().ok());
        Some(Activity::BuildingIndex { phase: row.get(0).unwrap_or_default().to_owned(), percent })
    }
}

/// Waits for `running` and reports long statements by their number. When `interrupt` completes, it sets
/// [`Place::is_stopped`] and cancels the running statement. It does not poll `interrupt` again.
pub(crate) async fn attend<T>(
    canceller: Canceller,
    observer: Option<&Observer>,
    place: &Place,
    mut interrupt: Pin<&mut impl Future<Output = ()>>,
    mut on_long: impl FnMut(usize, Duration, &Activity),
    running: impl Future<Output = T>,
) -> T {
    let mut running = pin!(running);
    let mut watch = Watch::new(observer);
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            biased;
            ended = &mut running => return ended,
            () = &mut interrupt => break,
            _ = ticks.tick() => {}
        }
        let statement = place.statement.load(Ordering::Relaxed);
        if let Some((activity, runs)) = watch.look(statement, place.pid.load(Ordering::Relaxed)).await {
            on_long(statement, runs, &activity);
        }
    }
    place.is_stopped.store(true, Ordering::Relaxed);
    tokio::select! {
        ended = &mut running => ended,
        never = Box::pin(canceller.cancel()) => match never {},
    }
}

/// Waits as [`attend`] does for other work than a migration. If cancelled, it returns [`Error::Stopped`].
pub(crate) async fn attend_work<T>(
    session: &Session,
    observer: Option<&Observer>,
    interrupt: Pin<&mut impl Future<Output = ()>>,
    mut progress: impl FnMut(Progress<'_>),
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let place = Place::of(session.pid());
    let on_long = |_, runs, activity: &Activity| progress(Progress::Busy { runs, activity });
    let ended = attend(session.canceller(), observer, &place, interrupt, on_long, work).await;
    // Work that handles errors of statements may have mistaken the cancellation for one.
    if place.is_stopped.load(Ordering::Relaxed) { Err(Error::Stopped) } else { ended }
}

/// Waits for work that leaves nothing behind when it is dropped.
pub(crate) async fn or_stop<T>(
    interrupt: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        done = work => done,
        () = interrupt => Err(Error::Stopped),
    }
}

/// Whether `session` and `other` lead through a transaction pooler although the URL does not show it
/// ([`nicol_pg::ConnectionUrl::is_pooled`]).
///
/// A direct connection keeps its server process. Behind a pooler, a transaction on `other` gets the same process, or
/// takes it away from the session.
async fn is_behind_pooler(session: &Session, other: &Client) -> bool {
    let before = pid(&session.client).await;
    // A transaction keeps its process until it ends.
    let (begun, theirs) = (other.batch_execute("begin").await, pid(other).await);
    let after = pid(&session.client).await;
    let ended = other.batch_execute("rollback").await;
    // If a query fails, nothing is known. That is safe: each transaction checks that it holds the lock.
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

/// Decides when to report a long statement.
pub(crate) struct Watch<'a> {
    observer: Option<&'a Observer>,
    statement: usize,
    since: Instant,
    said: Option<(Activity, Instant)>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(observer: Option<&'a Observer>) -> Self {
        Self { observer, statement: 0, since: Instant::now(), said: None }
    }

    /// Returns what the statement is doing and its running time, if that should be reported.
    pub(crate) async fn look(&mut self, statement: usize, pid: i32) -> Option<(Activity, Duration)> {
        if statement != self.statement {
            *self = Self { statement, ..Self::new(self.observer) };
        }
        let runs = self.since.elapsed();
        if runs < LONG {
            return None;
        }
        let activity = match self.observer {
            Some(observer) => tokio::time::timeout(Duration::from_secs(1), observer.look(pid)).await.ok()?,
            None => None,
        };
        let activity = activity.unwrap_or(Activity::Working);
        let is_news = match &self.said {
            None => true,
            Some((said, when)) => is_news(said, &activity) || when.elapsed() >= BETWEEN_REPORTS,
        };
        is_news.then(|| {
            self.said = Some((activity.clone(), Instant::now()));
            (activity, runs)
        })
    }
}

fn is_news(said: &Activity, now: &Activity) -> bool {
    match (said, now) {
        (
            Activity::BuildingIndex { phase, percent },
            Activity::BuildingIndex { phase: now_phase, percent: now_percent },
        ) => phase != now_phase || now_percent.unwrap_or(0) >= percent.unwrap_or(0).saturating_add(PERCENT),
        // The description of the blocker contains times, which change.
        (Activity::Blocked { by }, Activity::Blocked { by: now }) => {
            let who = |text: &str| text.split(',').next().map(str::to_owned);
            who(by) != who(now)
        }
        _ => said != now,
    }
}
