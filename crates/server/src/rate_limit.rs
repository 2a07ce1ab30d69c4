use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::network::Network;

const MINUTE: Duration = Duration::from_mins(1);

/// How many addresses are remembered: some 10 MB.
const CAPACITY: usize = 100_000;

/// Limits how many requests of a kind `K` an address may make in a minute, all at once if it likes.
///
/// An address is an IPv4 address or an IPv6 /64 network; all unknown addresses are one. Counts are kept in this process
/// alone, so several instances allow several times as many requests.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::{Duration, Instant};
/// use nicol_server::RateLimiter;
///
/// let (limiter, now, limit) = (RateLimiter::default(), Instant::now(), NonZeroU32::new(2).unwrap());
/// let client = Some("192.0.2.1".parse().unwrap());
/// assert!(limiter.admit("sign-in", limit, client, now).is_ok());
/// assert!(limiter.admit("sign-in", limit, client, now).is_ok());
/// assert_eq!(limiter.admit("sign-in", limit, client, now), Err(Duration::from_secs(30)));
/// ```
///
/// Each address has, for each kind of request, a moment at which its whole quota is available again. A request moves that
/// by its share of a minute, and is refused if the moment would be more than a minute ahead. (The generic cell rate
/// algorithm, ITU-T I.371: a token bucket kept as one number.)
pub struct RateLimiter<K> {
    full_again: Mutex<HashMap<(K, Network), Instant>>,
}

impl<K> Default for RateLimiter<K> {
    fn default() -> Self {
        Self { full_again: Mutex::default() }
    }
}

impl<K> fmt::Debug for RateLimiter<K> {
    /// Omits the addresses, which are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").finish_non_exhaustive()
    }
}

impl<K: Copy + Eq + Hash> RateLimiter<K> {
    /// Counts a request of an address, with the limit of its kind.
    ///
    /// # Errors
    /// The limit is reached; the address may try again after this time.
    pub fn admit(
        &self,
        kind: K,
        per_minute: NonZeroU32,
        ip: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut full_again = self.full_again.lock().unwrap_or_else(PoisonError::into_inner);
        if full_again.len() >= CAPACITY {
            forget(&mut full_again, now);
        }
        let moment = full_again.entry((kind, ip.into())).or_insert(now);
        let next = (*moment).max(now) + MINUTE / per_minute.get();
        match next.duration_since(now).checked_sub(MINUTE) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *moment = next;
                Ok(())
            }
        }
    }
}

/// Forgets addresses with their whole quota. If too many are left, forgets all: a client with that many addresses is not
/// stopped by a limit for each, and searching the table for every request is what it would like to cause.
fn forget<K>(full_again: &mut HashMap<(K, Network), Instant>, now: Instant) {
    full_again.retain(|_, moment| *moment > now);
    if full_again.len() > CAPACITY / 2 {
        full_again.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    enum Kind {
        SignIn,
        Write,
        Read,
    }

    fn admit(
        limiter: &RateLimiter<Kind>,
        kind: Kind,
        address: Option<&str>,
        now: Instant,
    ) -> Result<(), Duration> {
        let per_minute = match kind {
            Kind::SignIn => 2,
            Kind::Write => 6,
            Kind::Read => 60,
        };
        let ip = address.map(|address| address.parse().unwrap());
        limiter.admit(kind, NonZeroU32::new(per_minute).unwrap(), ip, now)
    }

    #[test]
    fn the_quota_refills_evenly() {
        let (limiter, start) = (RateLimiter::default(), Instant::now());
        let after =
            |seconds| admit(&limiter, Kind::Write, Some("192.0.2.1"), start + Duration::from_secs(seconds));
        assert!((0..6).all(|_| after(0).is_ok()));
        assert_eq!(after(0), Err(Duration::from_secs(10)));
        assert_eq!(after(4), Err(Duration::from_secs(6)), "a refused request costs nothing");
        assert_eq!(after(10), Ok(()));
        assert_eq!(after(10), Err(Duration::from_secs(10)));
        assert!((0..6).all(|_| after(200).is_ok()));
        assert!(after(200).is_err(), "no more than a minute's quota is saved up");
    }

    #[test]
    fn kinds_and_addresses_are_counted_apart() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        let admit = |kind, address| admit(&limiter, kind, address, now).is_ok();
        let (one, two) = (Some("192.0.2.1"), Some("192.0.2.2"));
        assert!(admit(Kind::SignIn, one) && admit(Kind::SignIn, one));
        assert!(!admit(Kind::SignIn, one));
        assert!(admit(Kind::SignIn, two) && admit(Kind::Read, one));

        assert!(admit(Kind::SignIn, Some("2001:db8::1")) && admit(Kind::SignIn, Some("2001:db8::2:0:0:1")));
        assert!(!admit(Kind::SignIn, Some("2001:db8::3")), "addresses of one network are one");
        assert!(admit(Kind::SignIn, Some("2001:db8:0:1::1")));
        assert!(admit(Kind::SignIn, None));
    }

    #[test]
    fn memory_is_bounded() {
        let (limiter, start) = (RateLimiter::default(), Instant::now());
        for number in 0..250_000_u32 {
            let now = start + Duration::from_micros(u64::from(number));
            let limit = NonZeroU32::new(60).unwrap();
            limiter.admit(Kind::Read, limit, Some(IpAddr::V4(number.into())), now).unwrap();
        }
        assert!(limiter.full_again.lock().unwrap().len() <= CAPACITY);
    }
}
