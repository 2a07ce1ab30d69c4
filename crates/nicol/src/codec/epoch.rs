//! The moment that PostgreSQL counts from.

use chrono::{NaiveDate, NaiveDateTime};

/// 2000-01-01: days and microseconds count from here (PostgreSQL manual, 8.5).
pub(super) const EPOCH: NaiveDateTime =
    NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date").and_hms_opt(0, 0, 0).expect("a time");
