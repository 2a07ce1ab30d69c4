//! Types of other crates for times and decimals, each behind a feature: they can be passed for fields and parameters, and read from the rows
//! of SQL queries.

#[cfg(feature = "with-jiff-1")]
mod jiff;
#[cfg(feature = "with-rust_decimal-1")]
mod rust_decimal;
#[cfg(feature = "with-time-0_3")]
mod time;

/// Returns the time at this many nanoseconds after 1970. Times beyond chrono's range, about 262,000 years, become infinity.
#[cfg(any(feature = "with-jiff-1", feature = "with-time-0_3"))]
fn instant(nanoseconds: i128) -> chrono::DateTime<chrono::Utc> {
    const SECOND: i128 = 1_000_000_000;
    let second = i64::try_from(nanoseconds.div_euclid(SECOND)).ok();
    let rest = u32::try_from(nanoseconds.rem_euclid(SECOND)).ok();
    let time = second.zip(rest).and_then(|(second, rest)| chrono::DateTime::from_timestamp(second, rest));
    let limit = if nanoseconds < 0 {
        chrono::DateTime::<chrono::Utc>::MIN_UTC
    } else {
        chrono::DateTime::<chrono::Utc>::MAX_UTC
    };
    time.unwrap_or(limit)
}

/// Implements the traits of values for a type of another crate that stands for the type `$own` of a field.
macro_rules! foreign {
    ($($foreign:ty, $own:ty, $name:literal, $into_value:path, $from_own:path;)*) => {$(
        impl $crate::typed::scalar::Scalar for $foreign {
            fn into_value(self) -> $crate::value::Value {
                $into_value(self)
            }
        }

        impl $crate::typed::scalar::FromCell for $foreign {
            fn from_cell(cell: $crate::codec::Cell<'_>) -> Result<Self, $crate::codec::DecodeError> {
                let own = <$own as $crate::typed::scalar::FromCell>::from_cell(cell)?;
                $from_own(own).ok_or($crate::codec::DecodeError::new($name, $crate::codec::Found::Malformed))
            }
        }

        impl $crate::typed::scalar::ListItem for $foreign {}

        $crate::typed::argument::values! {
            [] $own, $foreign, |value| $into_value(value);
            [] $own, &$foreign, |value| $into_value(*value);
            [] Option<$own>, $foreign, |value| $into_value(value);
            [] Option<$own>, &$foreign, |value| $into_value(*value);
            [] Option<$own>, Option<$foreign>, |value| value.map_or($crate::value::Value::Null, $into_value);
            [] Option<$own>, &Option<$foreign>, |value| value.map_or($crate::value::Value::Null, $into_value);
            [] Option<$own>, Option<&$foreign>, |value| value.map_or($crate::value::Value::Null, |value| $into_value(*value));
        }
    )*};
}

pub(crate) use foreign;
