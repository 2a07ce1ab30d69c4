//! The time after which the local server sleeps, as it is written in arguments and settings.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Units in seconds, apart from milliseconds. As in PostgreSQL's settings.
const UNITS: &[(&str, u64)] = &[("", 1), ("s", 1), ("min", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)];

/// `5min`, `300` or `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdleTimeout(pub(crate) Option<Duration>);

impl FromStr for IdleTimeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "never" {
            return Ok(Self(None));
        }
        let text = text.trim();
        let digits = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: Option<u64> = number.parse().ok();
        let time = match unit.trim_start() {
            "ms" => number.map(Duration::from_millis),
            unit => UNITS
                .iter()
                .find(|(name, _)| *name == unit)
                .and_then(|(_, seconds)| number?.checked_mul(*seconds).map(Duration::from_secs)),
        };
        // The longest that a file of milliseconds can hold.
        let time = time.filter(|time| u64::try_from(time.as_millis()).is_ok());
        let Some(time) = time else {
            return Err("it must be a time such as `90s`, `5min` or `1h`, or `never`".to_owned());
        };
        Ok(Self((!time.is_zero()).then_some(time)))
    }
}

impl fmt::Display for IdleTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(time) = self.0 else { return f.write_str("never") };
        if time.subsec_millis() != 0 {
            return write!(f, "{} ms", time.as_millis());
        }
        let seconds = time.as_secs();
        let unit = UNITS.iter().rev().find(|(name, size)| !name.is_empty() && seconds % size == 0);
        let (name, size) = unit.copied().unwrap_or(("s", 1));
        write!(f, "{} {name}", seconds / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, written) in [
            ("5min", "5 min"),
            ("300", "5 min"),
            ("90 s", "90 s"),
            ("1500ms", "1500 ms"),
            ("2h", "2 h"),
            ("7d", "7 d"),
            ("0", "never"),
            ("0ms", "never"),
            ("never", "never"),
        ] {
            assert_eq!(
                text.parse::<IdleTimeout>().map(|it| it.to_string()).as_deref(),
                Ok(written),
                "{text}"
            );
        }
        for text in [
            "",
            "min",
            "5 minutes",
            "-1",
            "1.5h",
            "99999999999999999999",
            "999999999999999999d",
            "18446744073709551615d",
        ] {
            assert!(text.parse::<IdleTimeout>().is_err(), "{text}");
        }
    }
}
