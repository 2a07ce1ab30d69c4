//! Slots for connections: no address takes all of them, and idle connections give way to new ones.
//!
//! Only a connection with a request in flight is sure to keep its slot. Those of trusted proxies count for no address,
//! because they carry the requests of many clients.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Limits;
use crate::activity::Activity;
use crate::network::Network;

/// How often an idle connection is evicted while all slots are taken.
const EVICT_EVERY: Duration = Duration::from_millis(250);

/// All slots.
pub(crate) struct Slots {
    limits: Arc<Limits>,
    free: Arc<Semaphore>,
    open: Mutex<HashMap<u64, Open>>,
    next_id: AtomicU64,
    warned: Mutex<Option<Instant>>,
}

struct Open {
    /// The client's network; `None` for a trusted proxy.
    network: Option<Network>,
    activity: Activity,
}

/// A slot, which is freed when it is dropped.
pub(crate) struct Slot {
    pub(crate) activity: Activity,
    id: u64,
    slots: Arc<Slots>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.open().remove(&self.id);
    }
}

impl Slots {
    pub(crate) fn new(limits: Arc<Limits>) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(limits.max_connections)),
            limits,
            open: Mutex::default(),
            next_id: AtomicU64::default(),
            warned: Mutex::default(),
        })
    }

    /// Waits for a free slot. Returns `None` if the address has all the slots it may have, each with a request in
    /// flight.
    pub(crate) async fn acquire(self: &Arc<Self>, peer: IpAddr) -> Option<Slot> {
        let is_proxy = self.limits.trusted_proxies.contains(peer.to_canonical());
        let network = (!is_proxy).then(|| Network::from(Some(peer)));
        if network.is_some() && !self.has_share(network) {
            self.warn("an address has reached its limit of connections; new ones are refused");
            return None;
        }
        let permit = loop {
            if let Ok(permit) = self.free.clone().try_acquire_owned() {
                break permit;
            }
            self.warn("the limit of connections is reached; idle ones are closed, new ones wait");
            self.evict_one();
            if let Ok(permit) = tokio::time::timeout(EVICT_EVERY, self.free.clone().acquire_owned()).await {
                break permit.expect("the semaphore is never closed");
            }
        };
        let (activity, id) = (Activity::new(), self.next_id.fetch_add(1, Ordering::Relaxed));
        self.open().insert(id, Open { network, activity: activity.clone() });
        Some(Slot { activity, id, slots: self.clone(), _permit: permit })
    }

    /// Whether an address may have one more connection. At its limit, the one that was idle for longest is evicted.
    fn has_share(&self, network: Option<Network>) -> bool {
        let open = self.open();
        let own: Vec<&Activity> =
            open.values().filter(|open| open.network == network).map(|open| &open.activity).collect();
        if own.iter().filter(|activity| !activity.is_closing()).count() < self.limits.max_per_address {
            return true;
        }
        let idle = own.into_iter().filter_map(|activity| Some((activity.idle_for()?, activity)));
        let longest = idle.max_by_key(|(idle_for, _)| *idle_for);
        longest.inspect(|(_, activity)| activity.evict()).is_some()
    }

    /// Evicts an idle connection: of the address with the most connections, the one that was idle for longest; one of a
    /// proxy only if there is no other.
    fn evict_one(&self) {
        let open = self.open();
        let mut counts = HashMap::new();
        for network in open.values().filter_map(|open| open.network) {
            *counts.entry(network).or_insert(0_usize) += 1;
        }
        let idle = open.values().filter_map(|Open { network, activity }| {
            let count = network.map_or(0, |network| counts[&network]);
            Some(((count, activity.idle_for()?), activity))
        });
        if let Some((_, activity)) = idle.max_by_key(|(rank, _)| *rank) {
            activity.evict();
        }
    }

    /// Logs a warning, at most once a minute.
    fn warn(&self, text: &'static str) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|last| last.elapsed() > Duration::from_mins(1)) {
            *warned = Some(Instant::now());
            let Limits { max_connections, max_per_address, .. } = *self.limits;
            tracing::warn!(max_connections, max_per_address, "{text}");
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::Version;

    use super::*;
    use crate::activity::InFlight;

    fn slots(max_connections: usize, max_per_address: usize) -> Arc<Slots> {
        let trusted_proxies = "10.0.0.1".parse().unwrap();
        Slots::new(Arc::new(Limits {
            max_connections,
            max_per_address,
            trusted_proxies,
            ..Limits::default()
        }))
    }

    async fn acquire(slots: &Arc<Slots>, address: &str) -> Option<Slot> {
        tokio::time::advance(Duration::from_secs(1)).await;
        slots.acquire(address.parse().unwrap()).await
    }

    fn request(slot: &Slot) -> InFlight {
        slot.activity.begin(Version::HTTP_11)
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_replaces_its_own_idle_connections() {
        let slots = slots(10, 2);
        let first = acquire(&slots, "192.0.2.1").await.unwrap();
        let second = acquire(&slots, "::ffff:192.0.2.1").await.unwrap();
        let in_flight = request(&first);
        let third = acquire(&slots, "192.0.2.1").await.unwrap();
        assert!(second.activity.is_closing() && !first.activity.is_closing(), "one with a request stays");
        let another = request(&third);
        assert!(acquire(&slots, "192.0.2.1").await.is_none(), "both are in use");
        assert!(acquire(&slots, "192.0.2.2").await.is_some(), "other addresses are not affected");
        drop(another);
        assert!(acquire(&slots, "192.0.2.1").await.is_some());
        assert!(third.activity.is_closing());
        drop(in_flight);
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_may_take_all_slots() {
        let slots = slots(3, 1);
        let mut kept = Vec::new();
        for _ in 0..3 {
            kept.push(acquire(&slots, "10.0.0.1").await.unwrap());
        }
        assert!(kept.iter().all(|slot| !slot.activity.is_closing()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_address_with_most_connections_makes_room() {
        let slots = slots(5, 3);
        let proxy = acquire(&slots, "10.0.0.1").await.unwrap();
        let lone = acquire(&slots, "192.0.2.1").await.unwrap();
        let first = acquire(&slots, "192.0.2.2").await.unwrap();
        let second = acquire(&slots, "192.0.2.2").await.unwrap();
        let third = acquire(&slots, "192.0.2.2").await.unwrap();
        let _in_flight = request(&first);
        let waiting = tokio::spawn({
            let slots = slots.clone();
            async move { slots.acquire("192.0.2.3".parse().unwrap()).await.is_some() }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let closing = [&proxy, &lone, &first, &second, &third].map(|slot| slot.activity.is_closing());
        assert_eq!(closing, [false, false, false, true, false], "the one that was idle for longest");
        drop(second);
        assert!(waiting.await.unwrap());
    }
}
