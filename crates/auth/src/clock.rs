//! Time is passed in, so that a test can let a month go by.

use chrono::{DateTime, SubsecRound as _, Utc};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, in whole milliseconds as Auth.js counts them.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}
