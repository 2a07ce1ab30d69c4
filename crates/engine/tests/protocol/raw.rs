use serde_json::{Value, json};

use super::{Subject, error, raw};

/// Runs `SELECT` with these columns, and returns the types and the row.
async fn row(subject: &Subject, columns: &str, parameters: Value) -> (Value, Value) {
    let answer = subject.ask(raw("queryRaw", &format!("SELECT {columns}"), &parameters)).await;
    let result = &answer["data"]["queryRaw"];
    assert!(result.is_object(), "{columns}: {answer}");
    (result["types"].clone(), result["rows"][0].clone())
}

#[tokio::test]
async fn columns_have_the_types_and_forms_of_prisma() {
    let subject = Subject::new().await;
    for (column, ty, value) in [
        ("1::int2", "int", json!(1)),
        ("-5", "int", json!(-5)),
        ("9223372036854775807", "bigint", json!("9223372036854775807")),
        ("12::oid", "bigint", json!("12")),
        ("0.1::real", "float", json!(0.1)),
        ("1e300::float8", "double", json!(1e300)),
        ("'NaN'::float8", "double", json!(null)),
        ("true", "bool", json!(true)),
        ("null::text", "string", json!(null)),
        ("'a\nb\"'", "string", json!("a\nb\"")),
        ("'ab'::char(4)", "string", json!("ab  ")),
        ("B'10110011101'", "string", json!("10110011101")),
        ("'10.0.0.1/8'::inet", "string", json!("10.0.0.1/8")),
        ("'10.0.0.0/8'::cidr", "string", json!("10.0.0.0/8")),
        ("'<a/>'::xml", "string", json!("<a/>")),
        ("1.50", "decimal", json!("1.5")),
        ("'NaN'::numeric", "decimal", json!("NaN")),
        ("1234.5::money", "decimal", json!("1234.50")),
        ("'2020-02-29'::date", "date", json!("2020-02-29")),
        ("'0044-03-15 BC'::date", "date", json!("0044-03-15 BC")),
        ("'infinity'::date", "date", json!("infinity")),
        ("'12:13:14.5'::time", "time", json!("12:13:14.5")),
        ("'24:00'::time", "time", json!("24:00:00")),
        ("'12:13:14+02'::timetz", "time", json!("12:13:14")),
        ("'2020-01-01 01:02:03.45'::timestamp", "datetime", json!("2020-01-01T01:02:03.45+00:00")),
        ("'2020-01-01 00:00+02'::timestamptz", "datetime", json!("2019-12-31T22:00:00+00:00")),
        ("'abc'::bytea", "bytes", json!("YWJj")),
        (
            "'00000000-0000-0000-0000-00000000000a'::uuid",
            "uuid",
            json!("00000000-0000-0000-0000-00000000000a"),
        ),
        ("E'{\"a\":\\n [1, \"x\"]}'::json", "json", json!({ "a": [1, "x"] })),
        ("'null'::jsonb", "json", json!(null)),
        ("array[1, null]", "int-array", json!([1, null])),
        ("'{}'::int[]", "int-array", json!([])),
        ("array[[1, 2], [3, 4]]", "int-array", json!([[1, 2], [3, 4]])),
        ("array['a', null, '']", "string-array", json!(["a", null, ""])),
        ("array['abc'::bytea]", "bytes-array", json!(["YWJj"])),
        ("array['{\"a\": 1}'::jsonb]", "json-array", json!([{ "a": 1 }])),
        (
            "array['2020-01-01'::timestamptz at time zone 'UTC']",
            "datetime-array",
            json!(["2020-01-01T00:00:00+00:00"]),
        ),
    ] {
        assert_eq!(row(&subject, column, json!([])).await, (json!([ty]), json!([value])), "{column}");
    }
}

#[tokio::test]
async fn enums_are_texts_and_their_arrays_the_text_of_an_array() {
    let subject = Subject::new().await;
    subject.ask(raw("executeRaw", "CREATE TYPE mood AS ENUM ('sad', 'ok, fine')", &json!([]))).await;
    let (types, row) = row(&subject, "'sad'::mood, array['sad', 'ok, fine', null]::mood[]", json!([])).await;
    assert_eq!((types, row), (json!(["string", "string"]), json!(["sad", r#"{sad,"ok, fine",NULL}"#])));
}

#[tokio::test]
async fn parameters_are_read_as_literals_of_the_type_that_is_needed() {
    let subject = Subject::new().await;
    let tag = |ty: &str, value: &str| json!({ "prisma__type": ty, "prisma__value": value });
    for (column, parameter, value) in [
        ("$1", json!("x"), json!("x")),
        ("$1", json!(3), json!("3")),
        ("$1::int", json!(3), json!(3)),
        ("$1::text", json!(1e21), json!("1e+21")),
        ("$1::text", json!(1e-7), json!("1e-7")),
        ("$1::text", json!(2.0), json!("2")),
        ("$1::bool", json!(true), json!(true)),
        ("$1::text", json!(null), json!(null)),
        ("$1::jsonb", json!({ "b": [1, "x"], "a": null }), json!({ "b": [1, "x"], "a": null })),
        ("$1::bigint", tag("bigint", "9007199254740993"), json!("9007199254740993")),
        ("$1::numeric", tag("decimal", "1.50"), json!("1.5")),
        ("$1::bytea", tag("bytes", "AQID"), json!("AQID")),
        ("$1::timestamptz", tag("date", "2020-01-02T03:04:05.678Z"), json!("2020-01-02T03:04:05.678+00:00")),
        ("$1::timestamp", tag("date", "2020-01-02T03:04:05+01:00"), json!("2020-01-02T02:04:05+00:00")),
        ("$1::int[]", json!([1, null, 3]), json!([1, null, 3])),
        ("$1::text[]", json!(["a,b", "\"\\", "NULL", ""]), json!(["a,b", "\"\\", "NULL", ""])),
        ("$1::int[]", json!([[1], [2]]), json!([[1], [2]])),
        ("$1::bytea[]", json!([tag("bytes", "AQID")]), json!(["AQID"])),
        ("$1::jsonb[]", json!([{ "a": "x" }]), json!([{ "a": "x" }])),
    ] {
        let (_, row) = row(&subject, column, json!([parameter])).await;
        assert_eq!(row, json!([value]), "{column} {parameter}");
    }
}

/// `timestamptz` without a zone would be read in the zone of the session.
#[tokio::test]
async fn an_instant_is_the_same_in_any_zone() {
    let subject = Subject::in_session("the pooler's sessions have begun in another zone", "").await;
    let sql = format!("ALTER DATABASE \"{}\" SET timezone = 'Asia/Tokyo'", subject.database.url().database());
    subject.database.connect().await.batch_execute(&sql).await.unwrap();
    let instant = json!({ "prisma__type": "date", "prisma__value": "2020-01-01T00:00:00.000Z" });
    let (_, row) = row(&subject, "$1::timestamptz, current_setting('timezone')", json!([instant])).await;
    assert_eq!(row, json!(["2020-01-01T00:00:00+00:00", "Asia/Tokyo"]));
}

#[tokio::test]
async fn statements_count_their_rows_and_scripts_none() {
    let subject =
        Subject::in_session("columns without rows are known only if statements are prepared", "").await;
    for (sql, parameters, count) in [
        (r#"INSERT INTO "Note" (id) VALUES (1), (2), (3)"#, json!([]), 3),
        (r#"UPDATE "Note" SET text = id || $1 WHERE id < $2"#, json!(["x", 3]), 2),
        (r#"SELECT * FROM "Note""#, json!([]), 3),
        ("CREATE TABLE t (); DROP TABLE t", json!([]), 0),
        ("", json!([]), 0),
    ] {
        let answer = subject.ask(raw("executeRaw", sql, &parameters)).await;
        assert_eq!(answer, json!({ "data": { "executeRaw": count } }), "{sql}");
    }
    let answer = subject
        .ask(raw("queryRaw", r#"DELETE FROM "Note" WHERE id = 4 RETURNING id, text"#, &json!([])))
        .await;
    let expected = json!({ "columns": ["id", "text"], "types": ["int", "string"], "rows": [] });
    assert_eq!(answer, json!({ "data": { "queryRaw": expected } }));
}

#[tokio::test]
async fn the_errors_of_raw_sql_have_one_code_and_say_what_the_database_said() {
    let subject = Subject::new().await;
    for (sql, sqlstate, kind) in [
        ("SELECT * FROM nowhere", "42P01", "TableDoesNotExist"),
        ("SELECT nothing FROM \"Note\"", "42703", "ColumnNotFound"),
        ("SELECT 1/0", "22012", "postgres"),
        ("SELECT 'x'::int", "22P02", "postgres"),
    ] {
        let answer = subject.ask(raw("queryRaw", sql, &json!([]))).await;
        let (code, meta) = error(&answer);
        let cause = &meta["driverAdapterError"]["cause"];
        assert_eq!(
            (code, &cause["originalCode"], &cause["kind"]),
            ("P2010", &json!(sqlstate), &json!(kind)),
            "{sql}"
        );
        assert_eq!((&meta["code"], &meta["message"]), (&json!(sqlstate), &cause["originalMessage"]));
    }
    for (column, name) in [("point(1, 2)", "point"), ("'1 day'::interval", "interval"), ("'a'::name", "name")]
    {
        let answer = subject.ask(raw("queryRaw", &format!("SELECT {column}"), &json!([]))).await;
        let (code, meta) = error(&answer);
        let cause = json!({ "kind": "UnsupportedNativeDataType", "type": name });
        assert_eq!((code, &meta["driverAdapterError"]["cause"]), ("P2010", &cause), "{column}");
    }
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_refused() {
    let subject = Subject::new().await;
    let request = |arguments: Value| json!({ "action": "queryRaw", "query": { "arguments": arguments, "selection": {} } });
    for (arguments, code, kind) in [
        (json!({ "parameters": "[]" }), "P2012", "RequiredArgumentMissing"),
        (json!({ "query": 1 }), "P2009", "InvalidArgumentType"),
        (json!({ "query": "SELECT 1", "other": 1 }), "P2009", "UnknownArgument"),
        (json!({ "query": "SELECT 1", "parameters": "{}" }), "P2009", "InvalidArgumentValue"),
        (json!({ "query": "SELECT 1", "parameters": "no JSON" }), "P2009", "InvalidArgumentValue"),
        (
            json!({ "query": "SELECT $1", "parameters": [{ "prisma__type": "date", "prisma__value": "2020-01-01" }] }),
            "P2009",
            "InvalidArgumentValue",
        ),
    ] {
        let answer = subject.ask(request(arguments.clone())).await;
        let (found, meta) = error(&answer);
        assert_eq!((found, &meta["kind"]), (code, &json!(kind)), "{arguments}");
    }
}
