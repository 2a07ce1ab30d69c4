//! When a branch expires: a time, or a duration from now.

use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::point::timestamp;

/// Parses the time at which a branch expires, as in RFC 3339. Fractions of a second are dropped.
///
/// # Errors
///
/// [`Error::Expiration`] if the text is no time, or a time in the past.
pub fn expires_at(text: &str, now: Timestamp) -> Result<Timestamp, Error> {
    let invalid = |reason| Error::Expiration { text: text.to_owned(), reason };
    let time = timestamp(text).ok_or_else(|| invalid("it is not a time"))?;
    if time <= now {
        return Err(invalid("it is in the past"));
    }
    Ok(whole_seconds(time))
}

/// Parses the duration after which a branch expires: a number, then `m`, `h`, `d` or `w`.
///
/// # Errors
///
/// [`Error::Expiration`].
pub fn expires_in(text: &str, now: Timestamp) -> Result<Timestamp, Error> {
    let invalid = |reason| Error::Expiration { text: text.to_owned(), reason };
    let seconds = || {
        let (at, unit) = text.char_indices().next_back()?;
        let seconds = match unit {
            'm' => 60,
            'h' => 3600,
            'd' => 24 * 3600,
            'w' => 7 * 24 * 3600,
            _ => return None,
        };
        text[..at].parse::<u32>().ok().filter(|number| *number > 0).map(|number| i64::from(number) * seconds)
    };
    let seconds = seconds().ok_or_else(|| {
        invalid("a duration is a whole number from 1 and a unit: `m` (minutes), `h` (hours), `d` (days) or `w` (weeks)")
    })?;
    let time = now.checked_add(SignedDuration::from_secs(seconds)).map_err(|_| invalid("it is too long"))?;
    Ok(whole_seconds(time))
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_durations_are_in_the_future() {
        let now: Timestamp = "2026-01-01T00:00:00.5Z".parse().unwrap();
        for (text, expected) in
            [("30m", "2026-01-01T00:30:00Z"), ("36h", "2026-01-02T12:00:00Z"), ("2w", "2026-01-15T00:00:00Z")]
        {
            assert_eq!(expires_in(text, now).unwrap().to_string(), expected);
        }
        assert_eq!(
            expires_at("2026-01-01T02:00:00.9+01:00", now).unwrap().to_string(),
            "2026-01-01T01:00:00Z"
        );
        for text in ["", "7", "d", "0d", "-1d", "1.5d", "7 d", "7é", "9999999999d"] {
            assert!(expires_in(text, now).is_err(), "{text}");
        }
        assert!(expires_in("4294967295w", now).unwrap_err().to_string().contains("too long"));
        for text in ["", "tomorrow", "2026-02-01", "2026-02-01T00:00:00", "2026-01-01T00:00:00Z"] {
            assert!(expires_at(text, now).is_err(), "{text}");
        }
    }
}
