//! Rows that hold what Rust's types cannot: the error names the field and the row, and no value.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use futures_util::TryStreamExt as _;
use nicol::{AssertSafe, Error, params};

use crate::Database;
use crate::db::{event, made, report, value};

impl Database {
    /// Writes a row of `Value` as SQL says.
    async fn insert(&self, id: i32, column: &str, sql: &str) {
        let sql = format!("INSERT INTO \"Value\" (id, \"{column}\") VALUES ({id}, {sql})");
        assert_eq!(self.db.execute(AssertSafe(sql), params![]).await.unwrap(), 1);
    }
}

fn assert_names(error: &Error, place: &str) {
    let text = error.to_string();
    assert!(error.code() == "P2023" && text.contains(&format!("{place}: ")), "{text}");
}

#[tokio::test]
async fn rows_that_prisma_reads_are_read() {
    let test = Database::new().await;
    let rows = [
        ("stamp", "'infinity'"),
        ("stamp", "'-infinity'"),
        ("stamp", "'0044-03-15 BC'"),
        ("zoned", "'10000-01-01'"),
        ("date", "'infinity'"),
        ("date", "'4713-01-01 BC'"),
        ("time", "'24:00:00'"),
        ("timetz", "'12:00:00+02'"),
        ("timetzs0", "'{12:00:00+02,01:00:00+02}'"),
        ("double", "'NaN'"),
        ("real", "'-Infinity'"),
        ("oid", "4294967295"),
        ("json", "'{\"b\": 1, \"a\": 2, \"b\": 3}'"),
        ("json", "'\"\\u0000\"'"),
        ("jsonb", "'12345678901234567890123'"),
        ("money", "-1234567.5"),
        ("inets", "'[5:6]={10.0.0.1,10.0.0.0/8}'"),
    ];
    for (id, (column, sql)) in (1..).zip(rows) {
        test.insert(id, column, sql).await;
    }
    let rows = test.db.value().find_many().order_by(value::id.asc()).await.unwrap();
    assert_eq!(rows[0].stamp, Some(DateTime::<Utc>::MAX_UTC));
    assert_eq!(rows[1].stamp, Some(DateTime::<Utc>::MIN_UTC));
    assert_eq!(rows[4].date, Some(NaiveDate::MAX));
    assert_eq!(rows[6].time, NaiveTime::from_hms_nano_opt(23, 59, 59, 1_000_000_000));
    assert_eq!(rows[7].timetz, NaiveTime::from_hms_opt(10, 0, 0));
    let times = [(10, 0), (23, 0)].map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap());
    assert_eq!(rows[8].timetzs0, times);
    assert!(rows[9].double.unwrap().is_nan());
    assert_eq!(rows[11].oid, Some(4_294_967_295));
    assert_eq!(rows[12].json, Some(serde_json::json!({"a": 2, "b": 3})));
    assert_eq!(rows[15].money.as_ref().unwrap().to_string(), "-1234567.5");
    assert_eq!(rows[16].inets, ["10.0.0.1", "10.0.0.0/8"]);
    assert_eq!(rows.len(), 17);
}

#[tokio::test]
async fn a_value_without_a_form_is_named_by_field_and_key() {
    let test = Database::new().await;
    let cases = [
        ("decimal", "'NaN'"),
        ("decimal52", "'NaN'"),
        ("decimals", "'{1,NaN}'"),
        ("stamp", "'290000-01-01'"),
        ("date", "'5000000-01-01'"),
        ("date", "'262142-12-31'"),
        ("json", "'1e400'"),
        ("jsonb", "'{\"a\": 1e400}'"),
        ("inets", "'{10.0.0.1,NULL}'"),
        ("stamps", "'{{2026-01-01},{2026-01-02}}'"),
    ];
    for (id, (column, sql)) in (7..).zip(cases) {
        test.insert(id, column, sql).await;
        let place = format!("`Value.{column}` of the row with `id` {id}");
        assert_names(&test.db.value().find_many().await.unwrap_err(), &place);
        assert_names(&test.db.value().find_unique(value::by_id(id)).await.unwrap_err(), &place);
        assert_names(&test.db.value().find_many().and_count().await.unwrap_err(), &place);
        let stream = test.db.value().find_many().stream().await.unwrap();
        assert_names(&stream.try_collect::<Vec<_>>().await.unwrap_err(), &place);
        // The other columns can be had, and the row deleted.
        let ids = test.db.value().find_many().select((value::id, value::int)).await.unwrap();
        assert_eq!(ids, [(id, None)]);
        assert_eq!(test.db.value().delete_many().await.unwrap(), 1);
    }
}

/// As JavaScript's numbers do.
#[tokio::test]
async fn a_long_integer_in_json_becomes_the_nearest_float() {
    let test = Database::new().await;
    test.insert(7, "jsonb", "'123456789012345678901234567890'").await;
    let row = test.db.value().find_unique(value::by_id(7)).await.unwrap().unwrap();
    assert_eq!(row.jsonb, Some(123_456_789_012_345_680_000_000_000_000_f64.into()));
}

#[tokio::test]
async fn selections_aggregates_and_sql_name_what_they_can() {
    let test = Database::new().await;
    test.insert(7, "decimal", "'NaN'").await;
    let db = &test.db;
    let error = db.value().find_many().select((value::decimal, value::id)).await.unwrap_err();
    assert_names(&error, "`Value.decimal` of the row with `id` 7");
    let error = db.value().find_many().select((value::int, value::decimal)).await.unwrap_err();
    assert_names(&error, "`Value.decimal` of a row");
    let error = db.value().find_many().select((value::int, value::decimal)).and_count().await.unwrap_err();
    assert_names(&error, "a value of `Value`");
    let error = db.value().aggregate((nicol::max(value::decimal),)).await.unwrap_err();
    assert_names(&error, "a value of `Value`");
    let error = db.query_as::<Total>("SELECT 'NaN'::numeric AS total", params![]).await.unwrap_err();
    assert_names(&error, "column `total`");
}

#[derive(Debug, nicol::FromRow)]
struct Total {
    #[expect(dead_code, reason = "it cannot be read")]
    total: nicol::types::Decimal,
}

#[tokio::test]
async fn a_key_that_may_be_somebodys_is_not_shown() {
    let test = Database::new().await;
    let at: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let report = report::create_in_event(report::NewInEvent { secret: "a-secret".into() });
    test.db.event().create(event::New { at }).with(event::reports.create(report)).await.unwrap();
    test.db.execute("UPDATE \"Report\" SET total = 'NaN'", params![]).await.unwrap();
    for error in [
        test.db.report().find_many().await.unwrap_err(),
        test.db.event().find_many().include(event::reports).await.map(drop).unwrap_err(),
        test.db.event().find_unique(event::by_at(at)).include(event::reports).await.map(drop).unwrap_err(),
    ] {
        assert_names(&error, "`Report.total` of a row");
        assert!(!format!("{error:?} {error}").contains("a-secret"), "{error:?}");
    }
    // What the client made by chance is.
    let row = test.db.made().create(made::New { total: 1.into() }).await.unwrap();
    test.db.execute("UPDATE \"Made\" SET total = 'NaN'", params![]).await.unwrap();
    assert_names(
        &test.db.made().find_many().await.unwrap_err(),
        &format!("`Made.total` of the row with `id` {}", row.id),
    );
}

#[tokio::test]
async fn a_write_whose_answer_cannot_be_read_says_that_it_happened() {
    let test = Database::new().await;
    test.insert(7, "decimal", "'NaN'").await;
    let error = test.db.value().update(value::by_id(7)).int(1).await.unwrap_err();
    assert_names(&error, "`Value.decimal` of the row with `id` 7");
    assert!(error.to_string().ends_with("; the write itself succeeded"), "{error}");
    assert_eq!(test.db.value().count().filter(value::int.eq(1)).await.unwrap(), 1);
    let error = test.db.value().find_many().await.unwrap_err();
    assert!(!error.to_string().contains("the write"), "{error}");
    // Written by two statements.
    let error = test.db.value().upsert(value::by_id(7), value::New {}, |row| row.int(2)).await.unwrap_err();
    assert!(error.to_string().ends_with("; the write itself succeeded"), "{error}");
    // A transaction is rolled back by the error.
    let update = test.db.transaction().run(async |tx| tx.value().update(value::by_id(7)).int(3).await);
    let error = update.await.unwrap_err();
    assert!(error.code() == "P2023" && !error.to_string().contains("the write"), "{error}");
    assert_eq!(test.db.value().count().filter(value::int.eq(2)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_batch_with_an_unreadable_row_says_whether_it_happened() {
    let test = Database::new().await;
    let db = &test.db;
    test.insert(7, "decimal", "'NaN'").await;
    test.insert(8, "int", "0").await;
    let increment = |id| db.value().update(value::by_id(id)).int(nicol::increment(1));
    // The row of a query that reads, before and behind one that writes.
    for error in [
        db.batch((increment(8), db.value().find_many())).await.map(drop).unwrap_err(),
        db.batch((db.value().find_many(), increment(8))).await.map(drop).unwrap_err(),
    ] {
        assert_names(&error, "`Value.decimal` of the row with `id` 7");
        assert!(error.to_string().ends_with("; the write itself succeeded"), "{error}");
    }
    let row = db.value().find_unique(value::by_id(8)).await.unwrap().unwrap();
    assert_eq!(row.int, Some(2));
    // Rolled back, since there is no row 9; or nothing to write.
    for error in [
        db.batch((db.value().find_many(), increment(8), increment(9))).await.map(drop).unwrap_err(),
        db.batch((db.value().update(value::by_id(7)).int(5), increment(9))).await.map(drop).unwrap_err(),
        db.batch((db.value().find_many(), db.value().count())).await.map(drop).unwrap_err(),
    ] {
        assert!(error.code() == "P2023" && !error.to_string().contains("the write"), "{error}");
    }
    assert_eq!(db.value().count().filter(value::int.eq(2)).await.unwrap(), 1);
    assert_eq!(db.value().count().filter(value::int.eq(5)).await.unwrap(), 0);
}
