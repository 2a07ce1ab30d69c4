//! What is listed can be taken away, and brought back.

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use people::db::person;
use people::vcard;

use crate::import::upload;
use crate::test_app::{TestApp, Visitor};

const NAMES: [(&str, &str, &str); 10] = [
    ("=HYPERLINK(\"x\")", "=a@example.com", "+61 2 5550 1234"),
    ("'t Hooft, Ann; \"A\\B\"", "-b@example.com", "(02) 5550-1234"),
    ("'=1", "c@example.com", "0412.555.012"),
    ("\u{674e}\u{5c0f}\u{9f99} O'Brien", "d@example.com", "+1 202 555 0101"),
    ("@x +y", "e@example.com", "12345"),
    ("''1", "f@example.com", "0412555012"),
    ("A ::: B", "g@example.com", "(1234)"),
    ("\u{6af}\u{644}\u{200c}\u{631}\u{62e}", "h@example.com", "030 1234 ext. 5"),
    ("true", "i@example.com", "112"),
    ("1e5", "j@example.com", "030/1234"),
];

async fn filled() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    let user = app.user("me@example.com").await;
    for (name, email, phone_number) in NAMES {
        app.person(name, email, phone_number).await;
    }
    (app, user)
}

#[tokio::test]
async fn every_format_has_its_type_its_name_and_everybody() {
    let (app, mut user) = filled().await;
    let today = chrono::Utc::now().format("%Y-%m-%d");
    for (format, content_type, extension) in [
        ("csv", "text/csv; charset=utf-8; header=present", "csv"),
        ("vcard", "text/vcard; charset=utf-8; version=4.0", "vcf"),
        ("vcard3", "text/vcard; charset=utf-8; version=3.0", "vcf"),
        ("vcard&version=3", "text/vcard; charset=utf-8; version=3.0", "vcf"),
        ("json", "application/json", "json"),
    ] {
        app.statements();
        let file = user.get(&format!("/people/export?format={format}")).await;
        assert_eq!(app.statements(), 2, "the session and one page");
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, content_type));
        let expected = format!("attachment; filename=\"people-{today}.{extension}\"");
        assert_eq!(file.header("content-disposition"), expected);
        assert!(NAMES.iter().all(|(_, email, _)| file.body.contains(email)), "{}", file.body);
    }
    let json: serde_json::Value =
        serde_json::from_str(&user.get("/people/export?format=json").await.body).unwrap();
    assert_eq!(json.as_array().unwrap().len(), NAMES.len());
    assert!(json[0]["createdAt"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn no_cell_is_a_formula_or_a_number() {
    let (_app, mut user) = filled().await;
    let file = user.get("/people/export?format=csv").await.body;
    let mut reader = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        let record = record.unwrap();
        for cell in [&record[1], &record[2], &record[3]] {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
        assert!(record[3].starts_with('\''), "{}", &record[3]);
    }
}

#[tokio::test]
async fn an_export_can_be_imported_without_loss_and_changes_nothing() {
    let (app, mut user) = filled().await;
    let mut before = app.db.person().find_many().order_by(person::email.asc()).await.unwrap();
    for (format, name) in
        [("csv", "people.csv"), ("vcard", "people.vcf"), ("vcard3", "people.vcf"), ("json", "people.json")]
    {
        let file = user.get(&format!("/people/export?format={format}")).await.body;
        let page = upload(&mut user, name, file.as_bytes()).await.location().to_owned();
        let preview = user.get(&page).await;
        let nothing =
            "Nothing to do: everyone in this file is already listed with the same details (10 people).";
        assert!(preview.body.contains(nothing), "{format}: {}", preview.body);
        assert!(!preview.body.contains("Ignored:"), "{format}: {}", preview.body);
        assert!(!preview.body.contains("button primary"), "{format}: there is nothing to press");
        let same = user.submit(&format!("{page}?existing=update"), &[]).await;
        assert_eq!(same.location(), "/people?done=imported-0-0-10", "{format}: nobody differs");

        app.db.person().delete_many().await.unwrap();
        let page = upload(&mut user, name, file.as_bytes()).await.location().to_owned();
        assert_eq!(user.submit(&page, &[]).await.location(), "/people?done=imported-10-0-0");
        let after = app.db.person().find_many().order_by(person::email.asc()).await.unwrap();
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(
                (&before.name, &before.email, &before.phone_number),
                (&after.name, &after.email, &after.phone_number)
            );
        }
        before = after;
    }
}

#[tokio::test]
async fn what_is_searched_for_is_exported_in_its_order_beyond_a_page() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let rows = (0..2500).map(|n| -> person::Create {
        let (name, phone_number) = (format!("Person {n:04}"), "12345".into());
        person::New {
            name,
            email: format!("{n:04}@{}.example", if n % 2 == 0 { "even" } else { "odd" }),
            phone_number,
        }
        .into()
    });
    app.db.person().create_many(rows.collect::<Vec<_>>()).await.unwrap();
    let json: Vec<serde_json::Value> =
        serde_json::from_str(&user.get("/people/export?format=json&q=even").await.body).unwrap();
    let names: Vec<&str> = json.iter().map(|person| person["name"].as_str().unwrap()).collect();
    assert_eq!((names.len(), names[0], names[1249]), (1250, "Person 0000", "Person 2498"));
    assert!(names.is_sorted());
    app.person("Zoe", "zoe@example.com", "12345").await;
    let json: Vec<serde_json::Value> =
        serde_json::from_str(&user.get("/people/export?format=json&sort=newest").await.body).unwrap();
    assert_eq!((json.len(), json[0]["name"].as_str()), (2501, Some("Zoe")));
    let none = user.get("/people/export?format=json&q=nobody").await.body;
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&none).unwrap(), [0; 0]);
}

#[tokio::test]
async fn one_person_is_a_card() {
    let (app, mut user) = filled().await;
    let ann = app.person("Ann L\u{e9}e", "ann@example.com", "12345").await;
    let file = user.get(&format!("/people/{}/vcard", ann.id)).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"AnnLe.vcf\"");
    let each = |card: vcard::Card| {
        assert_eq!((&*card.name, &*card.emails[0].value), ("Ann L\u{e9}e", "ann@example.com"));
        Ok::<_, ()>(())
    };
    vcard::cards(file.body.as_bytes(), encoding_rs::UTF_8, each).unwrap();
    let old = user.get(&format!("/people/{}/vcard?version=3", ann.id)).await;
    assert_eq!(old.header("content-type"), "text/vcard; charset=utf-8; version=3.0");
    assert!(
        old.body.contains("VERSION:3.0\r\n") && old.body.contains("N:;Ann L\u{e9}e;;;\r\n"),
        "{}",
        old.body
    );
    let unknown = user.get(&format!("/people/{}/vcard?version=5", ann.id)).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(user.get("/people/nobody/vcard").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn unknown_formats_strangers_and_a_lost_database_get_a_page() {
    let (app, mut user) = filled().await;
    for query in ["", "?format=", "?format=xlsx", "?format=CSV", "?format=vcard&version=2"] {
        assert_eq!(user.get(&format!("/people/export{query}")).await.status, StatusCode::BAD_REQUEST);
    }
    assert!(app.anon().get("/people/export?format=csv").await.location().contains("signin"));
    let head =
        user.send(user.request(Method::HEAD, "/people/export?format=csv").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, &*head.body), (StatusCode::OK, ""));
    app.db.execute("alter table people rename to elsewhere", nicol::params![]).await.unwrap();
    let lost = user.get("/people/export?format=csv").await;
    assert_eq!(lost.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn an_export_that_fails_midway_is_broken_off() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let rows = (0..3000).map(|n| -> person::Create {
        person::New {
            name: format!("P {n}"),
            email: format!("{n}@example.com"),
            phone_number: "12345".into(),
        }
        .into()
    });
    app.db.person().create_many(rows.collect::<Vec<_>>()).await.unwrap();
    let request = user.request(Method::GET, "/people/export?format=csv").body(Body::empty()).unwrap();
    let response = app.answer(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    app.db.execute("alter table people rename to elsewhere", nicol::params![]).await.unwrap();
    assert!(to_bytes(response.into_body(), usize::MAX).await.is_err(), "a part is not taken for the whole");
    assert_eq!(user.get("/healthz").await.status, StatusCode::OK);
}
