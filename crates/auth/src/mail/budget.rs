//! How many mails an address gets, so that the sign-in form cannot be used to fill somebody's mailbox.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::email::EmailAddress;

/// Gives each address a few mails at once, and then one a minute.
///
/// Kept in memory: a restart, or another process, starts afresh. That is enough for its purpose.
#[derive(Debug, Default)]
pub(crate) struct MailBudget(Mutex<HashMap<EmailAddress, DateTime<Utc>>>);

impl MailBudget {
    const BURST: u32 = 3;
    const INTERVAL: Duration = Duration::from_mins(1);
    /// How many addresses are remembered; above it, mails wait until some are forgotten.
    const MOST: usize = 100_000;

    /// Takes one mail out of an address's budget; says whether there was one.
    pub(crate) fn take(&self, address: &EmailAddress, now: DateTime<Utc>) -> bool {
        // An address is remembered by the instant at which its budget will be full again.
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
