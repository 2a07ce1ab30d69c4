//! `jiff` 1.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::{foreign, instant};
use crate::value::Value;

foreign! {
    Timestamp, DateTime<Utc>, "DateTime", timestamp, from_date_time;
    Date, NaiveDate, "Date", date, from_date;
    Time, NaiveTime, "Time", time, from_time;
}

fn timestamp(timestamp: Timestamp) -> Value {
    Value::DateTime(instant(timestamp.as_nanosecond()))
}

fn from_date_time(time: DateTime<Utc>) -> Option<Timestamp> {
    Timestamp::new(time.timestamp(), time.timestamp_subsec_nanos().try_into().ok()?).ok()
}

fn date(date: Date) -> Value {
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    let date = NaiveDate::from_ymd_opt(date.year().into(), month.into(), day.into());
    Value::Date(date.expect("a day of jiff's is one of chrono's"))
}

fn from_date(date: NaiveDate) -> Option<Date> {
    Date::new(date.year().try_into().ok()?, date.month().try_into().ok()?, date.day().try_into().ok()?).ok()
}

fn time(time: Time) -> Value {
    let [hour, minute, second] =
        [time.hour(), time.minute(), time.second()].map(|unit| unit.unsigned_abs().into());
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, time.subsec_nanosecond().unsigned_abs());
    Value::Time(time.expect("a time of jiff's is one of chrono's"))
}

/// `None` for 24:00:00, which chrono represents as a leap second.
fn from_time(time: NaiveTime) -> Option<Time> {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(i8::try_from);
    Time::new(hour.ok()?, minute.ok()?, second.ok()?, time.nanosecond().try_into().ok()?).ok()
}
