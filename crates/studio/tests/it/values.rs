//! Every type: what is written is what is read, to the last digit.

use serde_json::{Value, json};

use crate::support::Subject;

#[tokio::test]
async fn every_type_makes_the_round_trip() {
    let subject = Subject::new().await;
    let long = "zeile\n".repeat(5_000);
    let cases = [
        ("text", json!("<script>alert(1)</script> \u{0} ä 🦀").to_string().replace("\\u0000", "")),
        ("text", json!("").to_string()),
        ("text", json!("null").to_string()),
        ("text", json!(long).to_string()),
        ("code", json!("  x ").to_string()),
        ("uuid", json!("0190aeb0-7c3a-7c3a-8c3a-0190aeb07c3a").to_string()),
        ("int", json!("-2147483648").to_string()),
        ("small", json!("32767").to_string()),
        ("big", json!("9223372036854775807").to_string()),
        ("big", json!("-9223372036854775808").to_string()),
        ("float", json!("0.1").to_string()),
        ("float", json!("-1.7976931348623157e+308").to_string()),
        ("decimal", json!("123456789012345678901234567890.123456789012345678901234567891").to_string()),
        ("flag", json!("false").to_string()),
        ("moment", json!("2026-11-28T18:30:00.123Z").to_string()),
        ("day", json!("2026-11-28").to_string()),
        ("clock", json!("23:59:59.999").to_string()),
        ("json", json!(r#"{"a": [1, null, "x"]}"#).to_string()),
        ("json", json!("null").to_string()),
        ("bytes", json!("AP8K").to_string()),
        ("bytes", json!("").to_string()),
        ("role", json!("WRITER").to_string()),
        ("texts", json!(["", "null", "a\nb"]).to_string()),
        ("numbers", json!(["9223372036854775807", "0"]).to_string()),
        ("roles", json!(["WRITER", "READER"]).to_string()),
        ("moments", json!(["2026-11-28T18:30:00.000Z"]).to_string()),
    ];
    let null = |field: &str| {
        if matches!(field, "texts" | "numbers" | "roles" | "moments") { json!([]) } else { Value::Null }
    };
    for (number, (field, value)) in cases.iter().enumerate() {
        let value: Value = serde_json::from_str(value).unwrap();
        let id = number.to_string();
        let create =
            json!([{ "kind": "create", "model": "Everything", "data": { "id": id, (*field): value } }]);
        let report = subject.apply(create).await;
        assert_eq!(report["isApplied"], true, "{field}: {report}");
        let row = subject.row("Everything", json!({ "id": id })).await;
        assert_eq!(row["cells"][field], value, "{field}");
        // To null and back.
        for next in [null(field), value.clone()] {
            let row = subject.row("Everything", json!({ "id": id })).await;
            let update = json!([{ "kind": "update", "model": "Everything", "key": row["key"], "version": row["version"], "data": { (*field): next } }]);
            let report = subject.apply(update).await;
            assert_eq!(report["isApplied"], true, "{field}: {report}");
            assert_eq!(subject.row("Everything", json!({ "id": id })).await["cells"][field], next, "{field}");
        }
    }
    assert_eq!(
        subject.value(r#"SELECT count(*) FROM "Everything" WHERE text = '' AND text IS NOT NULL"#).await,
        "1"
    );
    assert_eq!(subject.value(r#"SELECT count(*) FROM "Everything" WHERE json = 'null'"#).await, "1");
    assert_eq!(subject.value(r#"SELECT max("role"::text) FROM "Everything""#).await, "writer-1");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_with_its_field_and_without_the_value() {
    let subject = Subject::new().await;
    for (field, value) in [
        ("int", json!("secret")),
        ("int", json!("2147483648")),
        ("small", json!("40000")),
        ("big", json!("9223372036854775808")),
        ("role", json!("secret")),
        ("json", json!("{secret")),
        ("uuid", json!("secret")),
        ("code", json!("secret, and longer than twenty")),
        ("texts", Value::Null),
        ("id", Value::Null),
        ("place", json!("(1,2)")),
        ("nothing", json!("secret")),
    ] {
        let create =
            json!([{ "kind": "create", "model": "Everything", "data": { "id": "1", field: value } }]);
        let report = subject.apply(create).await;
        assert_eq!(report["isApplied"], false, "{field}");
        let failure = &report["failures"][0];
        assert_eq!(failure["index"], 0, "{report}");
        assert!(!failure["message"].as_str().unwrap().contains("secret"), "{report}");
    }
    assert_eq!(subject.value(r#"SELECT count(*) FROM "Everything""#).await, "0");
}

#[tokio::test]
async fn long_values_are_cut_in_lists_and_whole_in_a_row() {
    let subject = Subject::new().await;
    subject
        .sql(r#"INSERT INTO "Everything" (id, text, "changedAt") VALUES (1, repeat('ä', 5000), now())"#)
        .await;
    let page = subject.ask("rows", json!({ "model": "Everything", "take": 10 })).await;
    let cell = &page["rows"][0]["cells"]["text"];
    assert_eq!(cell, &json!({ "cut": "ä".repeat(200), "length": 5_000 }));
    let row = subject.row("Everything", json!({ "id": "1" })).await;
    assert_eq!(row["cells"]["text"], "ä".repeat(5_000));
    assert_eq!(row["version"], page["rows"][0]["version"]);
    // A cut value cannot be written back.
    let update = json!([{ "kind": "update", "model": "Everything", "key": row["key"], "version": row["version"], "data": { "text": cell } }]);
    assert_eq!(subject.apply(update).await["isApplied"], false);
}

#[tokio::test]
async fn the_schema_is_described_without_what_the_client_lacks() {
    let subject = Subject::new().await;
    let schema = subject.ask("schema", json!({})).await;
    let names: Vec<&str> =
        schema["models"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["User", "Profile", "Post", "Tag", "Seat", "Everything", "Nothing", "Writer"]);
    let model = |name: &str| {
        schema["models"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone()
    };
    let field = |model: &Value, name: &str| {
        model["fields"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone()
    };
    let user = model("User");
    assert_eq!((&user["table"], &user["documentation"]), (&json!("users"), &json!("People who write.")));
    assert_eq!(field(&user, "managerId")["column"]["stored"], "manager_id");
    assert_eq!(field(&user, "role")["column"]["values"], json!(["READER", "WRITER"]));
    assert_eq!(user["cascadesTo"], json!(["Profile"]));
    let reports = &field(&user, "reports")["relation"];
    assert_eq!(
        (&reports["model"], &reports["opposite"], &reports["many"]),
        (&json!("User"), &json!("manager"), &json!(true))
    );
    assert_eq!(model("Seat")["key"]["fields"], json!(["room", "number"]));
    assert_eq!((&model("Writer")["isView"], &model("Writer")["key"]), (&json!(true), &Value::Null));
    let place = &field(&model("Everything"), "place")["column"];
    assert_eq!((&place["type"], &place["values"]), (&json!("Unsupported"), &json!("point")));
    assert_eq!(schema["readOnly"], false);
}
