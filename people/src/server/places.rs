//! Who is connected: no address takes every place, and whoever asks nothing makes room for whoever comes.
//!
//! Only connections with a request under way keep their place in any case. Those of trusted proxies count for nobody: many
//! people share them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limits;
use super::activity::Activity;
use crate::rate_limit::Source;

/// How often it is tried to make room, while all places are taken.
const AGAIN: Duration = Duration::from_millis(250);

/// All connections.
pub(super) struct Places {
    limits: Arc<Limits>,
    free: Arc<Semaphore>,
    open: Mutex<HashMap<u64, Open>>,
    next: AtomicU64,
    warned: Mutex<Option<Instant>>,
}

struct Open {
    /// Whose connection it is; `None` for a proxy's.
    source: Option<Source>,
    activity: Activity,
}

/// Leave to be connected, until it is dropped.
pub(super) struct Place {
    pub(super) activity: Activity,
    id: u64,
    places: Arc<Places>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.open().remove(&self.id);
    }
}

impl Places {
    pub(super) fn new(limits: Arc<Limits>) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(limits.connections)),
            limits,
            open: Mutex::default(),
            next: AtomicU64::default(),
            warned: Mutex::default(),
        })
    }

    /// A place for who has just connected; waits until there is one. `None` if the address has all that it may have, with
    /// a request under way on each.
    pub(super) async fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let source = (!self.limits.shared.contains(peer.to_canonical())).then(|| Source::from(Some(peer)));
        if source.is_some() && !self.has_share(source) {
            self.warn("one address has as many connections as it may have; more are refused");
            return None;
        }
        let permit = loop {
            if let Ok(permit) = self.free.clone().try_acquire_owned() {
                break permit;
            }
            self.warn("all connections are taken; the idle ones are closed, or others wait");
            self.make_room();
            if let Ok(permit) = tokio::time::timeout(AGAIN, self.free.clone().acquire_owned()).await {
                break permit.expect("nobody closes the semaphore");
            }
        };
        let (activity, id) = (Activity::new(), self.next.fetch_add(1, Ordering::Relaxed));
        self.open().insert(id, Open { source, activity: activity.clone() });
        Some(Place { activity, id, places: self.clone(), _permit: permit })
    }

    /// Whether an address may have one more connection, be it in place of the one that was idle for longest.
    fn has_share(&self, source: Option<Source>) -> bool {
        let open = self.open();
        let own: Vec<&Activity> =
            open.values().filter(|open| open.source == source).map(|open| &open.activity).collect();
        if own.iter().filter(|activity| !activity.is_leaving()).count() < self.limits.per_address {
            return true;
        }
        let idle = own.into_iter().filter_map(|activity| Some((activity.idle_for()?, activity)));
        let longest = idle.max_by_key(|(idle_for, _)| *idle_for);
        longest.inspect(|(_, activity)| activity.make_room()).is_some()
    }

    /// Closes the connection that was idle for longest, of the address that has the most; a proxy's only if there is no other.
    fn make_room(&self) {
        let open = self.open();
        let mut of_source = HashMap::new();
        for source in open.values().filter_map(|open| open.source) {
            *of_source.entry(source).or_insert(0_usize) += 1;
        }
        let idle = open.values().filter_map(|Open { source, activity }| {
            let share = source.map_or(0, |source| of_source[&source]);
            Some(((share, activity.idle_for()?), activity))
        });
        if let Some((_, activity)) = idle.max_by_key(|(rank, _)| *rank) {
            activity.make_room();
        }
    }

    /// Says so, once a minute at most.
    fn warn(&self, text: &'static str) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|last| last.elapsed() > Duration::from_mins(1)) {
            *warned = Some(Instant::now());
            let Limits { connections, per_address, .. } = *self.limits;
            tracing::warn!(connections, per_address, "{text}");
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Version;

    use super::*;
    use crate::config::TrustedProxies;
    use crate::server::activity::UnderWay;

    fn places(connections: usize, per_address: usize) -> Arc<Places> {
        let shared = TrustedProxies::parse("10.0.0.1").unwrap();
        Places::new(Arc::new(Limits { connections, per_address, shared, ..Limits::default() }))
    }

    async fn admit(places: &Arc<Places>, address: &str) -> Option<Place> {
        tokio::time::advance(Duration::from_secs(1)).await;
        places.admit(address.parse().unwrap()).await
    }

    fn busy(place: &Place) -> UnderWay {
        place.activity.begin(Version::HTTP_11)
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_replaces_its_own_idle_connection_and_gets_no_more_than_its_share() {
        let places = places(10, 2);
        let first = admit(&places, "192.0.2.1").await.unwrap();
        let second = admit(&places, "::ffff:192.0.2.1").await.unwrap();
        let under_way = busy(&first);
        let third = admit(&places, "192.0.2.1").await.unwrap();
        assert!(second.activity.is_leaving() && !first.activity.is_leaving(), "who has a request stays");
        let also = busy(&third);
        assert!(admit(&places, "192.0.2.1").await.is_none(), "both are in use");
        assert!(admit(&places, "192.0.2.2").await.is_some(), "others are not held up");
        drop(also);
        assert!(admit(&places, "192.0.2.1").await.is_some());
        assert!(third.activity.is_leaving());
        drop(under_way);
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_may_take_all_that_there_is() {
        let places = places(3, 1);
        let mut kept = Vec::new();
        for _ in 0..3 {
            kept.push(admit(&places, "10.0.0.1").await.unwrap());
        }
        assert!(kept.iter().all(|place| !place.activity.is_leaving()));
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_are_taken_whoever_has_most_and_asks_nothing_makes_room() {
        let places = places(5, 3);
        let proxy = admit(&places, "10.0.0.1").await.unwrap();
        let lone = admit(&places, "192.0.2.1").await.unwrap();
        let first = admit(&places, "192.0.2.2").await.unwrap();
        let second = admit(&places, "192.0.2.2").await.unwrap();
        let third = admit(&places, "192.0.2.2").await.unwrap();
        let _under_way = busy(&first);
        let waiting = tokio::spawn({
            let places = places.clone();
            async move { places.admit("192.0.2.3".parse().unwrap()).await.is_some() }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let leaving = [&proxy, &lone, &first, &second, &third].map(|place| place.activity.is_leaving());
        assert_eq!(leaving, [false, false, false, true, false], "the one of those that was idle for longest");
        drop(second);
        assert!(waiting.await.unwrap());
    }
}
