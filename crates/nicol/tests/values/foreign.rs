//! Types of other crates: passed for fields and parameters, and read by SQL.

use nicol::{Error, NULL, params};

use crate::Database;
use crate::db::value;

/// Writes values as fields, finds them, and reads them by SQL.
macro_rules! survives {
    ($test:ident, $ty:ty, $field:ident, $value:expr) => {{
        #[derive(nicol::FromRow)]
        struct Read {
            $field: Option<$ty>,
        }

        let value: $ty = $value;
        let row = $test.db.value().create(value::New {}).$field(value).await.unwrap();
        let found = $test.db.value().find_many().filter(value::$field.eq(value)).await.unwrap();
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [row.id]);
        let sql = concat!(
            "SELECT \"",
            stringify!($field),
            "\" FROM \"Value\" WHERE \"",
            stringify!($field),
            "\" = $1"
        );
        let read = $test.db.query_as::<Read>(sql, params![value]).await.unwrap();
        assert_eq!(read.iter().map(|row| row.$field).collect::<Vec<_>>(), [Some(value)]);
        let update = async |id, value: Option<$ty>| {
            $test.db.value().update(value::by_id(id)).$field(value).await.unwrap()
        };
        assert_eq!(update(row.id, None).await.$field, None);
        assert_eq!(update(row.id, Some(value)).await.$field, row.$field);
        $test.db.value().update(value::by_id(row.id)).$field(NULL).await.unwrap();
    }};
}

/// Reads a value that the type cannot represent.
async fn unreadable<T: nicol::FromRow>(test: &Database, sql: &'static str) -> Error {
    let error = test.db.query_as::<T>(sql, params![]).await.map(drop).unwrap_err();
    assert_eq!(error.code(), "P2023");
    error
}

#[cfg(feature = "with-jiff-1")]
#[tokio::test]
async fn values_of_jiff_are_written_and_read() {
    use jiff::Timestamp;
    use jiff::civil::{Date, Time};

    #[derive(nicol::FromRow)]
    struct Read {
        #[expect(dead_code, reason = "it cannot be read")]
        value: Timestamp,
    }

    let test = Database::new().await;
    survives!(test, Timestamp, stamp6, "2024-05-06T07:08:09.123456Z".parse().unwrap());
    survives!(test, Timestamp, zoned, "0001-01-01T00:00:00.25Z".parse().unwrap());
    survives!(test, Date, date, jiff::civil::date(-44, 3, 15));
    survives!(test, Time, time, "23:59:59.5".parse().unwrap());
    let error = unreadable::<Read>(&test, "SELECT 'infinity'::timestamptz AS value").await;
    assert!(error.to_string().contains("column `value`"), "{error}");
}

#[cfg(feature = "with-time-0_3")]
#[tokio::test]
async fn values_of_time_are_written_and_read() {
    use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

    #[derive(nicol::FromRow)]
    struct Read {
        #[expect(dead_code, reason = "it cannot be read")]
        value: Time,
    }

    let test = Database::new().await;
    let instant = OffsetDateTime::from_unix_timestamp_nanos(-1_500_000_000).unwrap();
    survives!(test, OffsetDateTime, stamp, instant);
    survives!(test, OffsetDateTime, stamp6, instant.to_offset(UtcOffset::from_hms(9, 0, 0).unwrap()));
    survives!(test, Date, date, Date::from_calendar_date(-44, Month::March, 15).unwrap());
    survives!(test, Time, time, Time::from_hms_milli(23, 59, 59, 500).unwrap());
    let error = unreadable::<Read>(&test, "SELECT '24:00:00'::time AS value").await;
    assert!(error.to_string().contains("column `value`"), "{error}");
}

#[cfg(feature = "with-rust_decimal-1")]
#[tokio::test]
async fn values_of_rust_decimal_are_written_and_read() {
    use rust_decimal::Decimal;

    #[derive(nicol::FromRow)]
    struct Read {
        #[expect(dead_code, reason = "it cannot be read")]
        value: Decimal,
    }

    let test = Database::new().await;
    survives!(test, Decimal, decimal, Decimal::new(-12_345, 3));
    survives!(test, Decimal, decimal52, Decimal::new(1_050, 2));
    survives!(test, Decimal, decimal, Decimal::new(2, 0));
    for sql in ["SELECT 1e30 AS value", "SELECT 1e-29 AS value"] {
        let error = unreadable::<Read>(&test, sql).await;
        assert!(error.to_string().contains("column `value`"), "{error}");
    }
}
