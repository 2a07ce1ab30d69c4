//! Live updates: open pages are told that the directory has changed, by whatever program.
//!
//! ```text
//! people ─trigger─► NOTIFY ─► hub (LISTEN on the direct connection) ─┐
//!        └─ or, where that is unavailable: a poll every few seconds ─┴► Live ─► one stream for each open page
//! ```
//!
//! The hub runs only while a page is open. After each connection it reports a possible change, because changes may have
//! been missed in between. A stream limits the rate of events and checks its session periodically.
//!
//! Events do not say what has changed. The page fetches itself again, which is where access is checked.

mod hub;
mod poll;
mod stream;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use tokio::sync::watch;

use crate::db::Client;

pub(crate) use stream::{Message, Stream};

/// The channel on which the trigger notifies.
pub const CHANNEL: &str = "people_changed";

/// How long after a change a page that was read from a replica may lack it. A replica that lags by
/// [more than 5 s](crate::database::MAX_LAG) is left out within seconds.
pub(crate) const FRESH: Duration = Duration::from_secs(15);

/// Intervals and limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many streams one user may have open.
    pub streams_of_user: usize,
    /// How many streams there may be in all.
    pub streams: usize,
    /// The shortest time between two events on one stream.
    pub pace: Duration,
    /// The interval of heartbeats on an idle stream.
    pub heartbeat: Duration,
    /// The interval of session checks.
    pub check: Duration,
    /// The maximum age of the last session check when an event is sent.
    pub checked_within: Duration,
    /// How long to keep listening after the last page was closed, because users go from page to page.
    pub linger: Duration,
    /// The interval and the timeout of pings on the listening connection.
    pub ping: Duration,
    /// The interval of polls.
    pub poll: Duration,
    /// The minimum interval between reports of possible changes by polls.
    pub poll_unsure: Duration,
    /// The first and the longest delay before reconnecting.
    pub pause: (Duration, Duration),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            streams_of_user: 16,
            streams: 1024,
            pace: Duration::from_millis(250),
            heartbeat: Duration::from_secs(15),
            check: Duration::from_secs(30),
            checked_within: Duration::from_secs(3),
            linger: Duration::from_secs(30),
            ping: Duration::from_secs(10),
            poll: Duration::from_millis(2500),
            poll_unsure: Duration::from_secs(10),
            pause: (Duration::from_millis(250), Duration::from_secs(30)),
        }
    }
}

/// The source of live updates. Clones share their state.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    db: Client,
    /// For listening; `None` behind a transaction pooler, which accepts `LISTEN` but delivers no notifications.
    direct: Option<ConnectionUrl>,
    /// Another with each start.
    instance: u64,
    limits: Limits,
    signal: watch::Sender<Signal>,
    stopping: watch::Sender<bool>,
    state: Mutex<State>,
}

/// The state that all streams watch.
#[derive(Clone, Copy, Default)]
struct Signal {
    /// Counts changes.
    changes: u64,
    /// When the last one was noticed.
    last: Option<Instant>,
    /// Whether changes are being followed, so that none is missed from here on.
    is_following: bool,
}

impl Signal {
    /// The same after a change.
    fn changed(self) -> Self {
        Self { changes: self.changes + 1, last: Some(Instant::now()), ..self }
    }
}

#[derive(Default)]
struct State {
    is_hub_running: bool,
    streams: usize,
    streams_of: BTreeMap<String, usize>,
    /// The way of which the log has told last.
    told: Option<hub::Way>,
}

impl Live {
    /// Follows the database of a client. `direct` is its URL without a pooler, or the only one there is.
    pub fn new(db: Client, direct: &ConnectionUrl, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            db,
            direct: (!direct.is_pooled()).then(|| direct.clone()),
            instance: RandomState::new().hash_one(()),
            limits,
            signal: watch::Sender::new(Signal::default()),
            stopping: watch::Sender::new(false),
            state: Mutex::default(),
        }))
    }

    /// Returns the URL at which a page that is being rendered hears of changes, also after it has lost the connection. It
    /// has a mark of the changes so far: changes after it are reported at once. If the page may lag, it may lack recent
    /// changes. Without a mark, they are reported, too.
    pub(crate) fn url(&self, may_lag: bool) -> String {
        let signal = *self.0.signal.borrow();
        let lacks_none = !may_lag || signal.last.is_none_or(|last| last.elapsed() > FRESH);
        if signal.is_following && lacks_none {
            format!("/people/events?since={}", self.0.mark(signal))
        } else {
            "/people/events".to_owned()
        }
    }

    /// Ends all streams, now and from now on.
    pub fn close(&self) {
        self.0.stopping.send_replace(true);
    }

    /// How many streams are open.
    pub fn streams(&self) -> usize {
        self.0.state().streams
    }

    /// Reserves a stream for a user; `None` if a limit is reached.
    pub(crate) fn admit(&self, user: &str) -> Option<Seat> {
        let limits = &self.0.limits;
        let mut state = self.0.state();
        let own = state.streams_of.get(user).copied().unwrap_or_default();
        if state.streams >= limits.streams || own >= limits.streams_of_user {
            return None;
        }
        state.streams += 1;
        state.streams_of.insert(user.to_owned(), own + 1);
        drop(state);
        Some(Seat { live: self.clone(), user: user.to_owned() })
    }

    /// Subscribes to changes and starts the hub if it is not running.
    fn subscribe(&self) -> watch::Receiver<Signal> {
        let mut state = self.0.state();
        let signal = self.0.signal.subscribe();
        if !state.is_hub_running && !*self.0.stopping.borrow() {
            state.is_hub_running = true;
            tokio::spawn(hub::run(self.0.clone()));
        }
        signal
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self, signal: Signal) -> String {
        format!("{:016x}-{}", self.instance, signal.changes)
    }

    /// Tells all streams that something has changed.
    fn announce(&self) {
        self.signal.send_modify(|signal| *signal = signal.changed());
    }

    /// Tells all streams that from here on nothing is missed, and that something may have changed before.
    fn follow(&self) {
        self.signal.send_modify(|signal| *signal = Signal { is_following: true, ..signal.changed() });
    }

    /// From here on changes may be missed.
    fn lose(&self) {
        self.signal.send_if_modified(|signal| {
            signal.is_following = false;
            false
        });
    }

    async fn stopped(&self) {
        // The sender is in `self`, so that it cannot have gone.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

/// The reservation of an open stream, released on drop.
pub(crate) struct Seat {
    live: Live,
    user: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.live.0.state();
        state.streams -= 1;
        match state.streams_of.get_mut(&self.user) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(state.streams_of.remove(&self.user)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_that_may_lack_a_recent_change_is_told_of_it() {
        let url = ConnectionUrl::parse("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
        let client = Client::lazy(&url.to_url_with_password()).unwrap();
        let live = Live::new(client, &url, Limits::default());
        let has_mark = |may_lag| live.url(may_lag).contains("since=");
        assert!(!has_mark(false), "nobody follows changes yet");
        live.0.follow();
        live.0.announce();
        assert_eq!((has_mark(false), has_mark(true)), (true, false));
        let long_ago = Instant::now().checked_sub(FRESH + Duration::from_secs(1));
        live.0.signal.send_modify(|signal| signal.last = long_ago);
        assert!(has_mark(true), "every replica has it by now");
    }

    #[tokio::test]
    async fn seats_are_limited_for_each_user_and_in_all() {
        let url = ConnectionUrl::parse("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
        let limits = Limits { streams_of_user: 2, streams: 3, ..Limits::default() };
        let live = Live::new(Client::lazy(&url.to_url_with_password()).unwrap(), &url, limits);
        let (first, second) = (live.admit("ann").unwrap(), live.admit("ann").unwrap());
        assert!(live.admit("ann").is_none());
        let third = live.admit("bob").unwrap();
        assert!(live.admit("carl").is_none());
        drop(first);
        assert!(live.admit("carl").is_some());
        drop((second, third));
        assert_eq!(live.streams(), 0);
        assert!(live.0.state().streams_of.is_empty(), "who has gone takes no memory");
    }
}
