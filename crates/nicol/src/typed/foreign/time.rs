//! `time` 0.3.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc};
use time::{Date, OffsetDateTime, Time};

use super::{foreign, instant};
use crate::value::Value;

foreign! {
    OffsetDateTime, DateTime<Utc>, "DateTime", offset_date_time, from_date_time;
    Date, NaiveDate, "Date", date, from_date;
    Time, NaiveTime, "Time", time, from_time;
}

fn offset_date_time(time: OffsetDateTime) -> Value {
    Value::DateTime(instant(time.unix_timestamp_nanos()))
}

fn from_date_time(time: DateTime<Utc>) -> Option<OffsetDateTime> {
    let second = OffsetDateTime::from_unix_timestamp(time.timestamp()).ok()?;
    second.replace_nanosecond(time.timestamp_subsec_nanos()).ok()
}

/// Dates beyond chrono's range become infinity. They need the feature `large-dates` of `time`.
fn date(date: Date) -> Value {
    let limit = if date.year() < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    let date = NaiveDate::from_ymd_opt(date.year(), u8::from(date.month()).into(), date.day().into());
    Value::Date(date.unwrap_or(limit))
}

fn from_date(date: NaiveDate) -> Option<Date> {
    let month = u8::try_from(date.month()).ok()?.try_into().ok()?;
    Date::from_calendar_date(date.year(), month, date.day().try_into().ok()?).ok()
}

fn time(time: Time) -> Value {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    let time = NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond);
    Value::Time(time.expect("a time of `time` is one of chrono's"))
}

/// `None` for 24:00:00, which chrono represents as a leap second.
fn from_time(time: NaiveTime) -> Option<Time> {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(u8::try_from);
    Time::from_hms_nano(hour.ok()?, minute.ok()?, second.ok()?, time.nanosecond()).ok()
}
