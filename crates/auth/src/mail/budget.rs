//! The rate limit of mails per address, so that the sign-in form cannot be used to flood a mailbox.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::email::EmailAddress;

/// Allows each address a burst of mails, and then one per minute.
///
/// The state is per process and lost on restart, which is enough for this purpose.
#[derive(Debug, Default)]
pub(crate) struct MailBudget(Mutex<HashMap<EmailAddress, DateTime<Utc>>>);

impl MailBudget {
    const BURST: u32 = 3;
    const INTERVAL: Duration = Duration::from_mins(1);
    /// The maximum number of remembered addresses. Beyond it, mails to others are refused until some are forgotten.
    const MOST: usize = 100_000;

    /// Takes one mail from the budget of an address; returns whether there was one.
    pub(crate) fn take(&self, address: &EmailAddress, now: DateTime<Utc>) -> bool {
        // The value is when the budget will be full again.
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= Self::MOST {
            full_at.retain(|_, instant| *instant > now);
        }
        let was_full_at = full_at.get(address).copied().unwrap_or(now).max(now);
        let will_be_full_at = was_full_at + Self::INTERVAL;
        let has_mail = will_be_full_at <= now + Self::INTERVAL * Self::BURST;
        let has_room = full_at.len() < Self::MOST || full_at.contains_key(address);
        if has_mail && has_room {
            full_at.insert(address.clone(), will_be_full_at);
        }
        has_mail && has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_mails_at_once_and_then_one_a_minute() {
        let budget = MailBudget::default();
        let ann = EmailAddress::parse("ann@example.com").unwrap();
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let takes = |second: u64| budget.take(&ann, start + Duration::from_secs(second));
        assert_eq!(
            [0, 0, 0, 0, 59, 60, 61, 120, 121].map(takes),
            [true, true, true, false, false, true, false, true, false]
        );
        assert!(budget.take(&EmailAddress::parse("bob@example.com").unwrap(), start));
        assert_eq!([1000, 1000, 1000, 1000].map(takes), [true, true, true, false]);
    }
}
