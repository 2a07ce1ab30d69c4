//! How much one address may ask for.
//!
//! Each address has, for each kind of request, a moment from when on it has all of its minute's requests again. A
//! request moves it by a minute's share; one that would move it further than a minute ahead is refused. (The generic
//! cell rate algorithm, ITU-T I.371: a token bucket that is kept as one number.)
//!
//! It is counted in this process alone: several instances allow as many times as much.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::RateLimits;

const MINUTE: Duration = Duration::from_mins(1);

/// How many addresses are remembered: some 10 MB.
const CAPACITY: usize = 100_000;

/// What a request does, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Asks for a link or follows one.
    SignIn,
    /// May change something.
    Write,
    /// Changes nothing.
    Read,
}

/// Counts requests.
pub(crate) struct RateLimiter {
    limits: Option<RateLimits>,
    full_again: Mutex<HashMap<(Kind, Source), Instant>>,
}

/// Whom requests are counted for: an IPv4 address, or a network of IPv6, for everybody has a whole one. Nobody knows
/// who shares the unknown one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Source(u128);

impl From<Option<IpAddr>> for Source {
    fn from(ip: Option<IpAddr>) -> Self {
        Self(match ip.map(|ip| ip.to_canonical()) {
            None => 0,
            Some(IpAddr::V4(ip)) => ip.to_ipv6_mapped().to_bits(),
            Some(IpAddr::V6(ip)) => ip.to_bits() >> 64 << 64,
        })
    }
}

impl fmt::Debug for RateLimiter {
    /// Without the addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl RateLimiter {
    /// With limits, or without any.
    pub(crate) fn new(limits: Option<RateLimits>) -> Self {
        Self { limits, full_again: Mutex::default() }
    }

    /// Whether a request may go on.
    ///
    /// # Errors
    /// It may not, until so much time has passed.
    pub(crate) fn admit(&self, kind: Kind, ip: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let Some(limits) = self.limits else { return Ok(()) };
        let per_minute = match kind {
            Kind::SignIn => limits.sign_in,
            Kind::Write => limits.write,
            Kind::Read => limits.read,
        };
        let mut full_again = self.full_again.lock().unwrap_or_else(PoisonError::into_inner);
        if full_again.len() >= CAPACITY {
            make_room(&mut full_again, now);
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

/// Forgets who has all again. If that is not enough, all are forgotten: whoever has so many addresses is not held up
/// by what one of them may do, and looking through the table for each request would be what they want.
fn make_room(full_again: &mut HashMap<(Kind, Source), Instant>, now: Instant) {
    full_again.retain(|_, moment| *moment > now);
    if full_again.len() > CAPACITY / 2 {
        full_again.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> RateLimiter {
        RateLimiter::new(RateLimits::parse("sign-in=2,write=6,read=60").unwrap())
    }

    #[allow(clippy::unnecessary_wraps, reason = "as the limiter takes it")]
    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn what_is_used_up_comes_back_evenly() {
        let (limiter, ann, start) = (limiter(), ip("192.0.2.1"), Instant::now());
        let after = |seconds| limiter.admit(Kind::Write, ann, start + Duration::from_secs(seconds));
        assert!((0..6).all(|_| after(0).is_ok()));
        assert_eq!(after(0), Err(Duration::from_secs(10)));
        assert_eq!(after(4), Err(Duration::from_secs(6)), "asking in vain costs nothing");
        assert_eq!(after(10), Ok(()));
        assert_eq!(after(10), Err(Duration::from_secs(10)));
        assert!((0..6).all(|_| after(200).is_ok()));
        assert!(after(200).is_err(), "no more than a minute's worth is saved up");
    }

    #[test]
    fn kinds_and_addresses_are_counted_apart() {
        let (limiter, now) = (limiter(), Instant::now());
        let admit = |kind, address| limiter.admit(kind, ip(address), now).is_ok();
        assert!(admit(Kind::SignIn, "192.0.2.1") && admit(Kind::SignIn, "192.0.2.1"));
        assert!(!admit(Kind::SignIn, "192.0.2.1"));
        assert!(admit(Kind::SignIn, "192.0.2.2") && admit(Kind::Read, "192.0.2.1"));

        assert!(admit(Kind::SignIn, "2001:db8::1") && admit(Kind::SignIn, "2001:db8::2:0:0:1"));
        assert!(!admit(Kind::SignIn, "2001:db8::3"), "addresses of one network are one");
        assert!(admit(Kind::SignIn, "2001:db8:0:1::1"));
        assert!(limiter.admit(Kind::SignIn, None, now).is_ok());
    }

    #[test]
    fn without_limits_nobody_is_counted() {
        let limiter = RateLimiter::new(None);
        let now = Instant::now();
        assert!((0..1000).all(|_| limiter.admit(Kind::SignIn, None, now).is_ok()));
        assert!(limiter.full_again.lock().unwrap().is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let (limiter, start) = (limiter(), Instant::now());
        for number in 0..250_000_u32 {
            let now = start + Duration::from_micros(u64::from(number));
            limiter.admit(Kind::Read, Some(IpAddr::V4(number.into())), now).unwrap();
        }
        assert!(limiter.full_again.lock().unwrap().len() <= CAPACITY);
    }
}
