//! Waiting for what runs on a session: what a long statement is at, seen over a second connection, and the end that is
//! asked for.

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

/// How long a statement runs before a word is said about it.
const LONG: Duration = Duration::from_secs(2);
/// After which time a word is said although nothing is new.
const BETWEEN_WORDS: Duration = Duration::from_secs(10);
/// How much of an index has to be built for another word.
const PERCENT: u8 = 10;

/// Where a run is: read by whoever watches it, and told by them to stop.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// The statement that runs, from 0.
    pub(crate) statement: AtomicUsize,
    /// The server's process.
    pub(crate) pid: AtomicI32,
    /// Whether no further piece is to begin.
    pub(crate) is_stopped: AtomicBool,
}

impl Place {
    /// The beginning of a run in this process of the server.
    pub(crate) fn of(pid: i32) -> Self {
        Self { pid: AtomicI32::new(pid), ..Self::default() }
    }
}

/// The second connection.
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

    /// Opens it where it does not matter whether a pooler is there: without one, there is nothing but the time to tell.
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

/// Waits for `running` to end, tells of a statement that takes long by its number, and has what runs cancelled when
/// `interrupt` ends; [`Place::is_stopped`] says so then. The future is not polled again after that.
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

/// The same for work that is no migration: what was cancelled is [`Error::Stopped`].
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
    // Work that takes an error for an answer would go on with a wrong one.
    if place.is_stopped.load(Ordering::Relaxed) { Err(Error::Stopped) } else { ended }
}

/// Waits for what leaves nothing behind when it is given up.
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

/// Decides when there is something to say.
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

    /// Gives what the statement is at and how long it has run, if that is worth a word.
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
            Some((said, when)) => is_news(said, &activity) || when.elapsed() >= BETWEEN_WORDS,
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
        // Who blocks is told with times in it, which go on.
        (Activity::Blocked { by }, Activity::Blocked { by: now }) => {
            let who = |text: &str| text.split(',').next().map(str::to_owned);
            who(by) != who(now)
        }
        _ => said != now,
    }
}
