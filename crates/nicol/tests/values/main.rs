//! Values at the edges of their types: what is stored, found again and read, beside the answers of Prisma 6.19.0 with `@prisma/adapter-pg`.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

mod calculated;
mod db;
#[cfg(any(feature = "with-jiff-1", feature = "with-rust_decimal-1", feature = "with-time-0_3"))]
mod foreign;
mod unreadable;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use db::{Client, Size, event, report, value};
use nicol::types::{Decimal, Json, Uuid};
use nicol::{AssertSafe, Filter, Handle as _, Kind, Upserted, increment, multiply, params, push};
use nicol_migrate::catalog::Catalog;
use serde_json::json;
use testkit::TestDatabase;

/// A client of a database of its own.
struct Database {
    db: Client,
    _server: TestDatabase,
}

#[derive(nicol::FromRow)]
struct Text {
    text: Option<String>,
}

impl Database {
    async fn new() -> Self {
        Self::at(TestDatabase::url_text).await
    }

    /// At the server's socket on every route of the tests: `PgBouncer` has a time zone of its own.
    async fn in_session() -> Self {
        Self::at(|server| server.direct_url().to_url_with_password()).await
    }

    async fn at(url: fn(&TestDatabase) -> String) -> Self {
        let server = TestDatabase::from_template("nicol/tests/values", async |url| {
            let schema =
                nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
            let script =
                nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
            let (client, connection) = nicol_pg::connect(url).await.expect("the server is there");
            tokio::spawn(connection);
            client.batch_execute(&script).await.expect("the tables are made");
        })
        .await;
        // A server need not be in UTC.
        let name = nicol_pg::quote_ident(server.url().database());
        let zone = format!("alter database {name} set timezone to 'Asia/Tokyo'");
        server.connect().await.batch_execute(&zone).await.expect("the database is ours");
        let client = nicol::Client::connect(&url(&server)).await.expect("the server is there");
        Self { db: Client::from_client(client), _server: server }
    }

    /// A column of a row, as PostgreSQL prints it.
    async fn stored(&self, column: &str, id: i32) -> String {
        let sql = format!("SELECT \"{column}\"::text AS text FROM \"Value\" WHERE id = $1");
        let rows = self.db.query_as::<Text>(AssertSafe(sql), params![id]).await.unwrap();
        rows.into_iter().next().unwrap().text.unwrap()
    }
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn clock(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Writes a value; says how it is stored, how it is read, and whether it is found by what was written.
macro_rules! written {
    ($test:ident, $field:ident, $value:expr) => {{
        let row = $test.db.value().create(value::New {}).$field($value).await.unwrap();
        let same = $test.db.value().count().filter(value::id.eq(row.id).and(value::$field.eq($value)));
        (
            $test.stored(stringify!($field), row.id).await,
            row.$field.expect("it is not null"),
            same.await.unwrap() == 1,
        )
    }};
}

/// Writes a list of values likewise.
macro_rules! list_written {
    ($test:ident, $field:ident, $value:expr) => {{
        let row = $test.db.value().create(value::New {}).$field($value).await.unwrap();
        let same = value::$field.eq($value).and(value::$field.has_every($value));
        let same = $test.db.value().count().filter(value::id.eq(row.id).and(same));
        ($test.stored(stringify!($field), row.id).await, row.$field, same.await.unwrap() == 1)
    }};
}

/// The error of a write, after which there is no row.
macro_rules! refused {
    ($test:ident, $field:ident, $value:expr) => {{
        let error = $test.db.value().create(value::New {}).$field($value).await.unwrap_err();
        assert_eq!($test.db.value().count().await.unwrap(), 0, "nothing was written");
        error
    }};
}

#[tokio::test]
async fn a_time_is_cut_to_the_digits_of_its_column_and_found_again() {
    let test = Database::in_session().await;
    let precise = time("2026-01-01T23:59:59.987654321Z");
    let written = written!(test, stamp, precise);
    assert_eq!(written, ("2026-01-01 23:59:59.987".into(), time("2026-01-01T23:59:59.987Z"), true));
    let written = written!(test, stamp0, precise);
    assert_eq!(written, ("2026-01-01 23:59:59".into(), time("2026-01-01T23:59:59Z"), true));
    let written = written!(test, stamp6, precise);
    assert_eq!(written, ("2026-01-01 23:59:59.987654".into(), time("2026-01-01T23:59:59.987654Z"), true));
    let written = written!(test, zoned, precise);
    assert_eq!(written, ("2026-01-02 08:59:59.98+09".into(), time("2026-01-01T23:59:59.98Z"), true));
    // Cut towards the past on both sides of all epochs.
    let written = written!(test, stamp0, time("1969-12-31T23:59:59.6Z"));
    assert_eq!(written, ("1969-12-31 23:59:59".into(), time("1969-12-31T23:59:59Z"), true));
    let written = written!(test, stamp, time("0001-01-01T00:00:00.0009Z"));
    assert_eq!(written, ("0001-01-01 00:00:00".into(), time("0001-01-01T00:00:00Z"), true));

    let late = clock("23:59:59.987654321");
    assert_eq!(written!(test, time, late), ("23:59:59.987654".into(), clock("23:59:59.987654"), true));
    assert_eq!(written!(test, time1, late), ("23:59:59.9".into(), clock("23:59:59.9"), true));
    // In UTC, wherever the server is.
    assert_eq!(written!(test, timetz, late), ("23:59:59.987654+00".into(), clock("23:59:59.987654"), true));
    assert_eq!(written!(test, timetz0, late), ("23:59:59+00".into(), clock("23:59:59"), true));
}

#[tokio::test]
async fn times_in_lists_are_cut_as_well() {
    let test = Database::new().await;
    let times = || vec![time("2026-01-01T00:00:00.6Z"), time("2026-01-01T00:00:01.0009Z")];
    let whole = vec![time("2026-01-01T00:00:00Z"), time("2026-01-01T00:00:01Z")];
    let (_, read, found) = list_written!(test, stamps0, times());
    assert_eq!((read, found), (whole, true));
    let (_, read, found) = list_written!(test, stamps, times());
    assert_eq!((read, found), (vec![time("2026-01-01T00:00:00.6Z"), time("2026-01-01T00:00:01Z")], true));
    let clocks = || vec![clock("12:00:00.6")];
    let (_, read, found) = list_written!(test, times0, clocks());
    assert_eq!((read, found), (vec![clock("12:00:00")], true));
    let (stored, read, found) = list_written!(test, timetzs0, clocks());
    assert_eq!((stored.as_str(), read, found), ("{12:00:00+00}", vec![clock("12:00:00")], true));
    let empty = list_written!(test, stamps0, Vec::<DateTime<Utc>>::new());
    assert_eq!(empty, ("{}".into(), vec![], true));
}

#[tokio::test]
async fn every_place_of_a_query_cuts_a_time_alike() {
    let test = Database::new().await;
    let (db, at) = (&test.db, time("2026-01-01T00:00:00.123987654Z"));
    let cut = time("2026-01-01T00:00:00.123Z");
    let row = db.event().create(event::New { at }).await.unwrap();
    assert_eq!(row.at, cut);
    assert_eq!(row.seconds.timestamp_subsec_nanos(), 0, "a default of the client's");
    assert_eq!(row.changed.timestamp_subsec_millis() % 100, 0, "the time of the change");
    assert!(row.seconds <= Utc::now() && row.changed <= Utc::now(), "not in the future");
    assert_eq!(db.event().find_unique(event::by_at(at)).await.unwrap().unwrap().at, cut);
    assert_eq!(db.event().count().filter(event::at.is_in([at])).await.unwrap(), 1);
    assert_eq!(db.event().count().filter(event::at.not_in([at])).await.unwrap(), 0);
    assert_eq!(db.event().count().filter(event::at.ne(at)).await.unwrap(), 0);
    assert_eq!(db.event().count().filter(event::at.gte(at)).await.unwrap(), 1, "not before itself");
    assert_eq!(db.event().count().filter(event::at.gt(at)).await.unwrap(), 0);
    // A key that is there already, whether it is written as one statement or as two.
    for create in [at, cut] {
        let row = db.event().upsert(event::by_at(at), event::New { at: create }, |row| row).await.unwrap();
        assert_eq!(row.at, cut);
    }
    assert_eq!(db.event().count().await.unwrap(), 1);
    // Beneath a row, by connecting, and many at once.
    let second = time("2026-01-02T00:00:00.9999Z");
    let made = time("2026-01-02T00:00:00.9Z");
    let child =
        |secret: &str| report::create_in_event(report::NewInEvent { secret: secret.into() }).made(made);
    let row = db
        .event()
        .create(event::New { at: second })
        .with(event::reports.create([child("a"), child("b")]))
        .include(event::reports)
        .await
        .unwrap();
    assert!(row.reports().iter().all(|report| report.made == Some(time("2026-01-02T00:00:00Z"))));
    let connected = db
        .report()
        .create(report::NewInEvent { secret: "c".into() })
        .with(report::event.connect(event::by_at(second)))
        .await
        .unwrap();
    assert_eq!(connected.at, time("2026-01-02T00:00:00.999Z"));
    let rows = [3, 4].map(|day| event::New { at: time(&format!("2026-01-0{day}T00:00:00.1239Z")) });
    assert_eq!(db.event().create_many(rows).await.unwrap(), 2);
    let deleted = db.event().delete(event::by_at(time("2026-01-03T00:00:00.1231Z"))).await.unwrap();
    assert_eq!(deleted.at, time("2026-01-03T00:00:00.123Z"));
    let update = db
        .event()
        .update(event::by_at(time("2026-01-04T00:00:00.1239Z")))
        .at(at + chrono::TimeDelta::days(9));
    assert_eq!(update.await.unwrap().at, cut + chrono::TimeDelta::days(9));
}

#[tokio::test]
async fn rows_of_every_type_are_upserted_together() {
    let test = Database::new().await;
    let row = |id: i32, text: &str| {
        let number = decimal("1.5");
        value::create(value::New {})
            .id(id)
            .text(text)
            .char3("a")
            .varchar3("ab")
            .bit3("101")
            .varbit3("10")
            .uuid(Uuid::from_u128(1))
            .xml("<a/>")
            .inet("10.0.0.1")
            .small(1)
            .oid(6)
            .big(7)
            .double(0.1)
            .real(0.1)
            .decimal52(number.clone())
            .money(number.clone())
            .stamp(time("2024-01-01T00:00:00.123456Z"))
            .zoned(time("2024-01-01T00:00:00Z"))
            .timetz(clock("10:00:00"))
            .json(json!({"a": 1}))
            .jsonb(json!([1]))
            .size(Size::Medium)
    };
    let listed = |id: i32, text: &str| {
        row(id, text)
            .inets(vec!["10.0.0.1".to_owned()])
            .bits3(vec!["101".to_owned(), "000".to_owned()])
            .xmls(vec!["<b/>".to_owned()])
            .stamps0(vec![time("2024-01-01T00:00:00.9Z")])
            .jsons(vec![json!(1), json!({"b": 2})])
    };
    let upsert = |text: &str| {
        let rows = [row(1, text), listed(2, text), listed(3, text), row(4, text)];
        test.db.value().upsert_many(value::id, rows).skip_unchanged().counts()
    };
    assert_eq!(upsert("a").await.unwrap(), Upserted { created: 4, updated: 0 });
    let rows = test.db.value().find_many().order_by(value::id.asc()).await.unwrap();
    for created in [row(5, "a"), listed(6, "a")] {
        let created = test.db.value().create(created).await.unwrap();
        let same = rows.iter().find(|row| row.inets == created.inets).unwrap().clone();
        assert_eq!(db::Value { id: created.id, ..same }, created);
    }
    assert_eq!(upsert("a").await.unwrap(), Upserted::default());
    assert_eq!(upsert("b").await.unwrap(), Upserted { created: 0, updated: 4 });
    let json = row(1, "b").json(json!({"a": 2}));
    assert_eq!(test.db.value().upsert_many(value::id, [json]).skip_unchanged().await.unwrap(), 1);
}

#[tokio::test]
async fn rows_of_every_type_are_updated_each_with_its_own_values() {
    let test = Database::new().await;
    test.db.value().create_many((1..=3).map(|id| value::create(value::New {}).id(id))).await.unwrap();
    let row = |id: i32, text: &str| {
        value::update(value::by_id(id))
            .text(text)
            .char3("a")
            .bit3("101")
            .varbit3("10")
            .uuid(Uuid::from_u128(1))
            .xml("<a/>")
            .inet("10.0.0.1")
            .real(0.1)
            .decimal52(decimal("1.5"))
            .money(decimal("1.5"))
            .oid(7)
            .stamp0(time("2024-01-01T00:00:00.9Z"))
            .json(json!({"a": 1}))
            .size(Size::Large)
    };
    let listed = |id: i32, text: &str| {
        row(id, text)
            .inets(vec!["10.0.0.1".to_owned()])
            .bits3(vec!["101".to_owned(), "000".to_owned()])
            .xmls(vec!["<b/>".to_owned()])
            .jsons(vec![json!(1)])
    };
    let update = |text: &str| {
        let rows = [row(1, text), listed(2, text), listed(3, text)];
        test.db.value().update_each(rows).skip_unchanged()
    };
    assert_eq!(update("a").await.unwrap(), 3);
    test.db.value().create(value::New {}).id(4).await.unwrap();
    let alone = test.db.value().upsert(value::by_id(4), value::New {}, |new| {
        new.text("a")
            .char3("a")
            .bit3("101")
            .varbit3("10")
            .uuid(Uuid::from_u128(1))
            .xml("<a/>")
            .inet("10.0.0.1")
            .real(0.1)
            .decimal52(decimal("1.5"))
            .money(decimal("1.5"))
            .oid(7)
            .stamp0(time("2024-01-01T00:00:00.9Z"))
            .json(json!({"a": 1}))
            .size(Size::Large)
    });
    let together = test.db.value().find_unique(value::by_id(1)).await.unwrap().unwrap();
    assert_eq!(db::Value { id: 4, ..together }, alone.await.unwrap());
    assert_eq!(update("a").await.unwrap(), 0);
    assert_eq!(update("b").await.unwrap(), 3);
    assert_eq!(test.stored("money", 3).await, "$1.50");
    let more = |id: i32| {
        let money = multiply(decimal("2"));
        value::update(value::by_id(id)).money(money).oid(increment(1)).inets(push(["10.0.0.2".to_owned()]))
    };
    assert_eq!(test.db.value().update_each([more(2), more(3)]).await.unwrap(), 2);
    let stored = [test.stored("money", 3).await, test.stored("oid", 2).await, test.stored("inets", 2).await];
    assert_eq!(stored, ["$3.00", "8", "{10.0.0.1,10.0.0.2}"]);
}

#[tokio::test]
async fn infinite_times_and_dates_are_the_greatest_and_the_least_of_rusts() {
    let test = Database::new().await;
    for (value, stored) in [(DateTime::<Utc>::MAX_UTC, "infinity"), (DateTime::<Utc>::MIN_UTC, "-infinity")] {
        assert_eq!(written!(test, stamp, value), (stored.into(), value, true));
        assert_eq!(written!(test, zoned, value), (stored.into(), value, true));
        assert_eq!(list_written!(test, stamps, vec![value]), (format!("{{{stored}}}"), vec![value], true));
    }
    for (value, stored) in [(NaiveDate::MAX, "infinity"), (NaiveDate::MIN, "-infinity")] {
        assert_eq!(written!(test, date, value), (stored.into(), value, true));
        assert_eq!(list_written!(test, dates, vec![value]), (format!("{{{stored}}}"), vec![value], true));
    }
    // The finite neighbours are themselves.
    let last = time("+262142-12-31T23:59:59.999999Z");
    assert_eq!(written!(test, stamp6, last), ("262142-12-31 23:59:59.999999".into(), last, true));
    let caesar = time("-0043-03-15T12:00:00Z");
    assert_eq!(written!(test, stamp, caesar), ("0044-03-15 12:00:00 BC".into(), caesar, true));
    let ides = NaiveDate::from_ymd_opt(-43, 3, 15).unwrap();
    assert_eq!(written!(test, date, ides), ("0044-03-15 BC".into(), ides, true));
    // 24:00:00 is behind every other time of a day.
    let midnight = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_000_000_000).unwrap();
    assert_eq!(written!(test, time, midnight), ("24:00:00".into(), midnight, true));
    assert_eq!(written!(test, timetz, midnight), ("24:00:00+00".into(), midnight, true));
}

#[tokio::test]
async fn what_is_beyond_the_range_of_a_column_is_refused() {
    let test = Database::new().await;
    let before_postgres = time("-4800-01-01T00:00:00Z");
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
    let errors = [
        ("stamp", refused!(test, stamp, before_postgres)),
        ("zoned", refused!(test, zoned, before_postgres)),
        ("date", refused!(test, date, before_postgres.date_naive())),
        ("time", refused!(test, time, leap)),
        ("small", refused!(test, small, 40_000)),
        ("oid", refused!(test, oid, -1_i64)),
        ("oid", refused!(test, oid, 4_294_967_296)),
        ("real", refused!(test, real, 1e39)),
        ("real", refused!(test, real, -3.402_823_6e38)),
        ("real", refused!(test, real, 1e-50)),
        ("reals", refused!(test, reals, vec![0.1, 1e39])),
        ("decimal", refused!(test, decimal, decimal("1e35"))),
        ("decimal", refused!(test, decimal, decimal("1e1000000000"))),
        ("decimal52", refused!(test, decimal52, decimal("999.995"))),
        ("money", refused!(test, money, decimal("1e18"))),
        // Too deep to be read again.
        ("jsonb", refused!(test, jsonb, nested(128))),
        ("json", refused!(test, json, nested(128))),
    ];
    for (field, error) in errors {
        assert!(error.code() == "P2020" && *error.kind() == Kind::OutOfRange, "{field}: {error:?}");
    }
    let too_long =
        [refused!(test, char3, "abcd"), refused!(test, varchar3, "abcd"), refused!(test, varbit3, "1011")];
    assert!(too_long.iter().all(|error| error.code() == "P2000"), "{too_long:?}");
    // A zero byte, and text that is none of its type.
    let unlike = [
        (refused!(test, text, "a\0b"), "22021"),
        (refused!(test, jsonb, json!({"a": "\0"})), "22P05"),
        (refused!(test, inet, "300.1.1.1"), "22P02"),
        (refused!(test, bit3, "1"), "22026"),
        (refused!(test, xml, "<a>"), "2200N"),
    ];
    for (error, sqlstate) in unlike {
        assert_eq!(error.sqlstate(), Some(sqlstate), "{error:?}");
    }
    // One value beyond the range, and none of the rows is written; a filter with it is refused as Prisma's is.
    let rows = [0.1, 1e39].map(|real| value::create(value::New {}).real(real));
    assert_eq!(test.db.value().create_many(rows).await.unwrap_err().code(), "P2020");
    assert_eq!(test.db.value().count().await.unwrap(), 0);
    let lookup = test.db.value().count().filter(value::real.lt(1e39)).await;
    assert_eq!(lookup.unwrap_err().code(), "P2020");
}

fn nested(levels: usize) -> Json {
    (0..levels).fold(json!(1), |json, _| json!([json]))
}

#[tokio::test]
async fn numbers_are_stored_and_read_as_prisma_does() {
    let test = Database::new().await;
    for (value, stored, read) in [
        (0.1, "0.1", 0.1),
        (16_777_217.0, "1.6777216e+07", 16_777_216.0),
        (3.402_823_4e38, "3.4028235e+38", 3.402_823_5e38),
        (1e-40, "1e-40", 1e-40),
        (-0.3, "-0.3", -0.3),
        (f64::INFINITY, "Infinity", f64::INFINITY),
    ] {
        assert_eq!(written!(test, real, value), (stored.into(), read, true), "{value}");
    }
    assert_eq!(list_written!(test, reals, vec![0.1, 2.5]), ("{0.1,2.5}".into(), vec![0.1, 2.5], true));
    assert_eq!(written!(test, double, 5e-324), ("5e-324".into(), 5e-324, true));
    let (stored, read, found) = written!(test, real, f64::NAN);
    assert!(stored == "NaN" && read.is_nan() && found, "{stored} {read}");
    let increment = test.db.value().create(value::New {}).real(0.1).await.unwrap();
    let sum = test.db.value().update(value::by_id(increment.id)).real(nicol::increment(0.2)).await.unwrap();
    assert_eq!(sum.real, Some(0.3));

    for (value, stored, read) in [
        ("12.50", "12.500000000000000000000000000000", "12.5"),
        ("-0.00", "0.000000000000000000000000000000", "0"),
        ("1200", "1200.000000000000000000000000000000", "1200"),
        (
            "123456789012345678901234567890.12",
            "123456789012345678901234567890.120000000000000000000000000000",
            "123456789012345678901234567890.12",
        ),
    ] {
        let (text, number, found) = written!(test, decimal, decimal(value));
        assert_eq!((text.as_str(), number.to_plain_string().as_str(), found), (stored, read, true));
    }
    // More digits than the column has are rounded, as Prisma leaves it to PostgreSQL; what was written is then another number.
    for (value, stored, read) in
        [("1.005", "1.01", "1.01"), ("-1.005", "-1.01", "-1.01"), ("999.994", "999.99", "999.99")]
    {
        let (text, number, found) = written!(test, decimal52, decimal(value));
        assert_eq!((text.as_str(), number.to_string().as_str(), found), (stored, read, false));
    }
    let (text, number, found) = written!(test, decimal52, decimal("12.5"));
    assert_eq!((text.as_str(), number.to_string().as_str(), found), ("12.50", "12.5", true));
    let (text, list, found) = list_written!(test, decimals, vec![decimal("12.5")]);
    assert_eq!(
        (text.as_str(), list[0].to_string().as_str(), found),
        ("{12.500000000000000000000000000000}", "12.5", true)
    );
    let (text, number, found) = written!(test, money, decimal("-1234567.895"));
    assert_eq!((text.as_str(), number.to_string().as_str(), found), ("-$1,234,567.90", "-1234567.9", true));

    assert_eq!(written!(test, oid, 4_294_967_295_i64), ("4294967295".into(), 4_294_967_295, true));
    assert_eq!(written!(test, big, i64::MAX), (i64::MAX.to_string(), i64::MAX, true));
    assert_eq!(written!(test, small, -32_768), ("-32768".into(), -32_768, true));
}

#[tokio::test]
async fn texts_are_read_as_prisma_reads_them() {
    let test = Database::new().await;
    // What was written, and how it is read.
    for (value, read) in [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1/32", "10.0.0.1"),
        ("10.0.0.1/24", "10.0.0.1/24"),
        ("10/8", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::1", "::1"),
        ("::", "::"),
        ("2001:DB8::1/64", "2001:db8::1/64"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("::1.2.3.4", "::1.2.3.4"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
    ] {
        let (_, text, found) = written!(test, inet, value);
        assert_eq!((text.as_str(), found), (read, true), "{value}");
        // PostgreSQL prints it likewise.
        let printed =
            test.db.query_as::<Text>("SELECT abbrev($1::text::inet) AS text", params![value]).await.unwrap();
        assert_eq!(printed[0].text.as_deref(), Some(read));
    }
    let both = || vec!["10.0.0.1".to_owned(), "10.0.0.0/8".to_owned()];
    assert_eq!(list_written!(test, inets, both()).1, both());
    let cidr = test.db.query_as::<Text>("SELECT '10.0.0.1'::cidr AS text", params![]).await.unwrap();
    assert_eq!(cidr[0].text.as_deref(), Some("10.0.0.1/32"));
    // Blanks at the end, which PostgreSQL adds to `char` and cuts from `varchar`.
    assert_eq!(written!(test, char3, "a"), ("a".into(), "a  ".into(), true));
    assert_eq!(written!(test, varchar3, "abc   "), ("abc".into(), "abc".into(), false));
    assert_eq!(written!(test, bit3, "101"), ("101".into(), "101".into(), true));
    assert_eq!(written!(test, varbit3, ""), (String::new(), String::new(), true));
}

#[tokio::test]
async fn json_text_is_compared_as_jsonb() {
    let test = Database::new().await;
    let db = &test.db;
    let object = db.value().create(value::New {}).json(json!({"b": 1, "a": [2]})).await.unwrap();
    let number =
        db.value().create(value::New {}).json(json!(1)).jsons(vec![json!(1), json!({"a": 1})]).await.unwrap();
    db.value().create(value::New {}).await.unwrap();
    let expected: [(Filter<db::Value>, i64); 10] = [
        // The order of keys means nothing.
        (value::json.eq(json!({"a": [2], "b": 1})).into(), 1),
        (value::json.eq(json!([1])).into(), 0),
        (value::json.ne(json!(1)).into(), 1),
        (value::json.is_in([json!(1), json!(2), json!({"a": [2], "b": 1.0})]).into(), 2),
        (value::json.is_in(Vec::<Json>::new()).into(), 0),
        (value::json.not_in([json!(1)]).into(), 1),
        (!Filter::from(value::json.eq(json!(1))), 1),
        (value::json.is_null(), 1),
        (value::jsons.has(json!({"a": 1})), 1),
        (value::jsons.eq(vec![json!(1), json!({"a": 1})]).and(value::id.eq(number.id)), 1),
    ];
    for (index, (filter, count)) in expected.into_iter().enumerate() {
        assert_eq!(db.value().count().filter(filter).await.unwrap(), count, "{index}");
    }
    let updated = db.value().update_many().filter(value::json.eq(object.json.unwrap())).int(1).await.unwrap();
    assert_eq!(updated, 1);
}

#[tokio::test]
async fn xml_is_compared_as_text_and_lists_of_bits_as_lists() {
    let test = Database::new().await;
    let db = &test.db;
    assert_eq!(written!(test, xml, "<a/>"), ("<a/>".into(), "<a/>".into(), true));
    let xmls = || vec!["<a/>".to_owned(), "<b/>".to_owned()];
    assert_eq!(list_written!(test, xmls, xmls()), ("{<a/>,<b/>}".into(), xmls(), true));
    let bits = || vec!["101".to_owned(), "010".to_owned()];
    assert_eq!(list_written!(test, bits3, bits()), ("{101,010}".into(), bits(), true));
    let expected: [(Filter<db::Value>, i64); 8] = [
        (value::xml.ne("<b/>").into(), 1),
        (value::xml.is_in(["<b/>", "<a/>"]).into(), 1),
        (value::xml.not_in(["<b/>", "<a/>"]).into(), 0),
        (value::xml.eq("<a></a>").into(), 0),
        (value::xmls.has("<b/>"), 1),
        (value::bits3.has("101"), 1),
        (value::bits3.has_some(["111", "010"]), 1),
        (value::bits3.has("10"), 0),
    ];
    for (index, (filter, count)) in expected.into_iter().enumerate() {
        assert_eq!(db.value().count().filter(filter).await.unwrap(), count, "{index}");
    }
}

#[tokio::test]
async fn json_at_the_limit_of_depth_is_read_again() {
    let test = Database::new().await;
    let row = test.db.value().create(value::New {}).jsonb(nested(127)).json(nested(127)).await.unwrap();
    assert_eq!((row.jsonb, row.json), (Some(nested(127)), Some(nested(127))));
    let (_, read, found) = written!(test, jsonb, json!({"e": 1e308, "n": -0.5, "t": "\u{10FFFF}\u{1}"}));
    assert_eq!((read["e"].as_f64(), found), (Some(1e308), true));
}
