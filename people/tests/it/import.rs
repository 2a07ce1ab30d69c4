//! A file is looked at first, and then imported as a whole or not at all.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use futures_util::StreamExt as _;
use people::db::{import, person};
use people::import::{FILE_MAX, ROWS_MAX};

use crate::test_app::{Response, TestApp, Visitor};

const BOUNDARY: &str = "----people-test";

/// Sends a file as the form does.
pub(crate) async fn upload(user: &mut Visitor, name: &str, data: &[u8]) -> Response {
    let token = user.get("/people/import").await.csrf();
    send(user, &[("csrfToken", None, token.as_bytes()), ("file", Some(name), data), ("text", None, b"")])
        .await
}

async fn send(user: &mut Visitor, parts: &[(&str, Option<&str>, &[u8])]) -> Response {
    let mut body = Vec::new();
    for (field, file, data) in parts {
        let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(data);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let request = user
        .request(Method::POST, "/people/import")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(body))
        .unwrap();
    user.send(request).await
}

/// Uploads a file that can be read, and gives the address of its preview.
async fn stored(user: &mut Visitor, data: &[u8]) -> String {
    let response = upload(user, "people.csv", data).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
    response.location().to_owned()
}

/// The request of a script that wants to be told how far it is.
fn with_progress(user: &Visitor, page: &str, token: &str) -> axum::http::Request<Body> {
    let body = Body::from(format!("csrfToken={token}"));
    let form = "application/x-www-form-urlencoded";
    let mut request = user.request(Method::POST, page).header(header::CONTENT_TYPE, form).body(body).unwrap();
    request.headers_mut().insert(header::ACCEPT, "application/x-ndjson".parse().unwrap());
    request
}

async fn people(app: &TestApp) -> Vec<String> {
    let people = app.db.person().find_many().order_by(person::email.asc()).await.unwrap();
    people.into_iter().map(|p| format!("{} {} {}", p.name, p.email, p.phone_number)).collect()
}

fn many(count: usize) -> String {
    (0..count).fold(String::from("name,email,phone\n"), |mut file, n| {
        writeln!(file, "Person {n},person{n}@example.com,+1 202 555 {n:06}").unwrap();
        file
    })
}

#[tokio::test]
async fn a_file_is_previewed_and_then_imported_once() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let page = stored(&mut user, b"Vorname;Nachname;E-Mail;Telefon\r\nAnn;Lee;ANN@example.com;030 1234\r\nJ\xf6rg;Bo;j@example.com;+49 30 1234\r\n").await;
    app.statements();
    let preview = user.get(&page).await;
    assert_eq!(
        app.statements(),
        4,
        "the session, how large the upload is, the upload, who is listed already"
    );
    for text in [
        "Windows-1252",
        "choose another encoding below",
        "Ann Lee",
        "ann@example.com",
        "J\u{f6}rg Bo",
        "Add 2 people",
    ] {
        assert!(preview.body.contains(text), "{text}: {}", preview.body);
    }
    assert_eq!(people(&app).await, Vec::<String>::new(), "nothing is added by looking");

    let (action, fields) = preview.form();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let done = user.post(&action, &fields).await;
    assert_eq!(done.location(), "/people?done=imported-2-0-0");
    let list = user.get(done.location()).await;
    assert!(list.body.contains("The file was imported: 2 added."));
    assert_eq!(
        people(&app).await,
        ["Ann Lee ann@example.com 030 1234", "J\u{f6}rg Bo j@example.com +49 30 1234"]
    );

    let again = user.post(&action, &fields).await;
    assert_eq!(again.location(), "/people?done=imported-before-2-0-0");
    assert_eq!(user.get(&action).await.location(), "/people?done=imported-before-2-0-0");
    assert_eq!(people(&app).await.len(), 2);
    let kept = app.db.import().find_many().await.unwrap();
    assert!(kept.iter().all(|import| import.data.is_empty()), "the file is not kept once it is imported");
}

#[tokio::test]
async fn one_mistake_keeps_everybody_out_unless_it_is_left_out() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let file = b"name,email,phone\nAnn,ann@example.com,12345\n<b>,nowhere,0412555012\nCy,,12345\n";
    let page = stored(&mut user, file).await;
    let preview = user.get(&page).await;
    for text in ["2 mistakes", "Include an @", "nowhere", "&#60;b&#62;", "Import 1 valid person"] {
        assert!(preview.body.contains(text), "{text}: {}", preview.body);
    }
    let refused = user.post(&page, &[("csrfToken", &preview.csrf())]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Nothing was imported"));
    assert_eq!(people(&app).await, Vec::<String>::new());

    let problems = user.get(&format!("{page}/problems.csv")).await;
    assert_eq!(problems.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(
        problems.body,
        "\u{feff}line,name,email,phone,problem\r\n\
         3,<b>,nowhere,'0412555012,\"E-mail: Include an @, as in ann@example.com.\"\r\n\
         4,Cy,,'12345,E-mail: Enter an e-mail address.\r\n"
    );

    let done = user.submit(&page, &[]).await;
    assert_eq!(done.location(), page, "the next page has the file of those who were left out");
    let left = user.get(&page).await;
    assert!(left.body.contains("The others were imported: 1 added."), "{}", left.body);
    assert_eq!(user.get(&format!("{page}/problems.csv")).await.body, problems.body);
    assert_eq!(user.post(&page, &[("csrfToken", &preview.csrf()), ("wrong", "out")]).await.location(), page);
    assert_eq!(people(&app).await, ["Ann ann@example.com 12345"]);

    let mended = problems.body.replace("nowhere", "b@example.com").replace("Cy,,", "Cy,cy@example.com,");
    let page = stored(&mut user, mended.as_bytes()).await;
    assert!(!user.get(&page).await.body.contains("Ignored:"), "the columns of the file are known");
    assert_eq!(user.submit(&page, &[]).await.location(), "/people?done=imported-2-0-0");
    assert_eq!(people(&app).await[1..], ["<b> b@example.com 0412555012", "Cy cy@example.com 12345"]);
    let gone = user.get(&format!("{page}/problems.csv")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "nobody was left out");
}

#[tokio::test]
async fn where_everybody_is_wrong_there_is_no_button() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let page = stored(&mut user, b"name,email,phone\nAnn,nowhere,12345\n").await;
    let preview = user.get(&page).await;
    assert!(!preview.body.contains("valid pe"), "{}", preview.body);
}

#[tokio::test]
async fn who_is_listed_already_is_a_mistake_or_left_or_updated() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    app.person("Ann Lee", "ann@example.com", "12345").await;
    let bo = app.person("Bo", "bo@example.com", "12345").await;
    let page = stored(
        &mut user,
        b"name,email,phone\nAnn B,Ann@example.com,999999\nBo,bo@example.com,12345\nCy,cy@example.com,12345\n",
    )
    .await;
    let preview = user.get(&page).await;
    assert!(preview.body.contains("1 mistake."), "Bo has the same details: {}", preview.body);
    assert!(preview.body.contains("is listed with other details."));

    let preview = user.get(&format!("{page}?existing=skip")).await;
    assert!(preview.body.contains("Add 1 person"), "{}", preview.body);
    let preview = user.get(&format!("{page}?existing=update")).await;
    assert!(preview.body.contains("Add 1 person, update 1"), "{}", preview.body);
    for text in [
        "Listed</span> Ann Lee<",
        "In the file</span> Ann B<",
        "Listed</span> 12345<",
        "In the file</span> 999999<",
    ] {
        assert!(preview.body.contains(text), "{text}: {}", preview.body);
    }
    let done = user.submit(&format!("{page}?existing=update"), &[]).await;
    assert_eq!(done.location(), "/people?done=imported-1-1-1");
    assert_eq!(people(&app).await[..2], ["Ann B ann@example.com 999999", "Bo bo@example.com 12345"]);
    let same = app.db.person().find_unique(person::by_id(&bo.id)).or_not_found().await.unwrap();
    assert_eq!(same.updated_at, bo.updated_at, "who has the same details already is not touched");
}

#[tokio::test]
async fn numbers_that_a_spreadsheet_has_changed_stay_as_they_are_listed() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    app.person("Ann", "ann@example.com", "0412555012").await;
    app.person("Bob", "bob@example.com", "+12025550148").await;
    app.person("Di", "di@example.com", "(1234)").await;
    let file =
        b"id,name,email,phone\r\n1,Ann,ann@example.com,412555012\r\n2,Bob,bob@example.com,12025550148\r\n\
        3,Di,di@example.com,-1234\r\n";
    let page = stored(&mut user, file).await;
    let preview = user.get(&page).await;
    for text in ["A spreadsheet seems to have changed 3 phone numbers", "Nothing to do"] {
        assert!(preview.body.contains(text), "{text}: {}", preview.body);
    }
    let done = user.submit(&format!("{page}?existing=update"), &[]).await;
    assert_eq!(done.location(), "/people?done=imported-0-0-3");
    assert_eq!(people(&app).await[0], "Ann ann@example.com 0412555012");
}

#[tokio::test]
async fn another_encoding_can_be_chosen() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let file = b"name,email,phone\r\n\xc8\xe2\xe0\xed \xcf\xe5\xf2\xf0\xee\xe2,a@example.ru,12345\r\n";
    let page = stored(&mut user, file).await;
    let name = "\u{418}\u{432}\u{430}\u{43d} \u{41f}\u{435}\u{442}\u{440}\u{43e}\u{432}";
    let preview = user.get(&page).await;
    assert!(preview.body.contains(name) && preview.body.contains("<q>"), "{}", preview.body);
    let wrong = user.get(&format!("{page}?encoding=Shift_JIS")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Choose another encoding below"), "{}", wrong.body);
    let latin = user.get(&format!("{page}?encoding=windows-1252")).await;
    assert!(latin.body.contains("\u{c8}\u{e2}\u{e0}\u{ed}"), "{}", latin.body);
    let done = user.submit(&format!("{page}?encoding=windows-1251"), &[]).await;
    assert_eq!(done.location(), "/people?done=imported-1-0-0");
    assert_eq!(people(&app).await, [format!("{name} a@example.ru 12345")]);
}

#[tokio::test]
async fn columns_can_be_chosen() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let page = stored(&mut user, b"Colour,Shape\nAnn,ann@example.com,12345\n").await;
    let preview = user.get(&page).await;
    assert!(preview.body.contains("One step is left."), "{}", preview.body);
    let done = user.submit(&format!("{page}?headings=yes&c0=name&c1=email"), &[]).await;
    assert_eq!(done.status, StatusCode::UNPROCESSABLE_ENTITY, "the phone number has no column");

    let page = stored(&mut user, b"x,y,z\nAnn,ann@example.com,12345\n").await;
    let preview = user.get(&format!("{page}?c0=name&c1=email&c2=phone")).await;
    assert!(preview.body.contains("Add 1 person"), "{}", preview.body);
    let done = user.submit(&format!("{page}?c0=last&c1=email&c2=phone"), &[]).await;
    assert_eq!(done.location(), "/people?done=imported-1-0-0");
}

#[tokio::test]
async fn pasted_lines_and_vcards_are_read() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let token = user.get("/people/import").await.csrf();
    let text = b"Ann Lee\tann@example.com\t030 1234\r\n";
    let parts =
        [("csrfToken", None, token.as_bytes()), ("file", Some(""), &b""[..]), ("text", None, &text[..])];
    let page = send(&mut user, &parts).await.location().to_owned();
    assert!(user.get(&page).await.body.contains("Pasted lines"));
    assert_eq!(user.submit(&page, &[]).await.location(), "/people?done=imported-1-0-0");

    let card = include_bytes!("../data/phone.vcf");
    let page = stored(&mut user, card).await;
    let preview = user.get(&page).await;
    assert!(preview.body.contains("Ignored: ADR, NOTE, PHOTO, a second e-mail address."), "{}", preview.body);
    assert_eq!(user.submit(&page, &[]).await.location(), "/people?done=imported-2-0-0");
    assert_eq!(
        people(&app).await[1..],
        [
            "Bj\u{f6}rn M\u{fc}ller bm@example.com +49 30 1234567",
            "Zo\u{eb} Quinn zoe@example.com +61 2 5550 1234"
        ]
    );
}

#[tokio::test]
async fn exports_of_other_programs_need_no_choices() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for (file, expected) in [
        (&include_bytes!("../data/google.csv")[..], "Add 2 people"),
        (include_bytes!("../data/outlook.csv"), "Add 2 people"),
    ] {
        let page = stored(&mut user, file).await;
        let preview = user.get(&page).await;
        assert!(preview.body.contains(expected), "{}", preview.body);
    }
}

#[tokio::test]
async fn hostile_files_are_told_what_is_wrong_with_them() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let zeros = [b"name,email,phone\nA".as_slice(), &[0; 3], b"nn,ann@example.com,12345\n"].concat();
    let line = b"x".repeat(2 * 1024 * 1024);
    let columns = b",".repeat(1_000_000);
    let quote =
        [b"name,email,phone\n\"Ann,a@example.com,1234\n".as_slice(), &b"b,c,d\n".repeat(20_000)].concat();
    let rows = [b"name,email,phone\n".as_slice(), &b"a,b,c\n".repeat(ROWS_MAX + 1)].concat();
    for (data, text) in [
        (&b""[..], "There is nothing to import."),
        (b"PK\x03\x04\x14\x00", "This is a workbook."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff\xd8", "This is not a text file."),
        (b"\xff\xfen\x00\x00\xd8", "are not valid Unicode (UTF-16)"),
        (&zeros, "control character"),
        (&line, "does not end. Look for an unmatched"),
        (&columns, "has more than 150 columns"),
        (b"[{\"name\":}]", "line 1 is not valid"),
        (&quote, "does not end. Look for an unmatched"),
        (&rows, "more than 200,000 people"),
        (b"name,email,phone\r\n", "There are no people in this file."),
        (b"\"\"\"\"\"", "One step is left."),
        (b"BEGIN:VCARD", "The card has no end"),
        (b"BEGIN:VCARD\nEND:VCARD", "Enter a name."),
    ] {
        let mut response = upload(&mut user, "x.csv", data).await;
        if response.status == StatusCode::SEE_OTHER {
            response = user.get(response.location()).await;
        }
        assert!(!response.status.is_server_error(), "{text}");
        let body: String = response.body.chars().take(20_000).collect();
        assert!(body.contains(text), "{text}: {body}");
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_or_a_form_that_is_not_ours_is_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let large = upload(&mut user, "x.csv", &vec![b'x'; FILE_MAX + 1]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.body.contains("larger than 32 MB"));
    let token = user.get("/people/import").await.csrf();
    for parts in [
        &[("file", Some("x.csv"), &b"name"[..]), ("csrfToken", None, token.as_bytes())][..],
        &[("csrfToken", None, b"forged"), ("file", Some("x.csv"), b"name")],
        &[],
    ] {
        assert_eq!(send(&mut user, parts).await.status, StatusCode::FORBIDDEN);
    }
    let page = stored(&mut user, b"name,email,phone\nAnn,ann@example.com,12345\n").await;
    assert_eq!(user.post(&page, &[("csrfToken", "forged")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(people(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_is_its_owners_for_an_hour() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let mut other = app.user("other@example.com").await;
    let page = stored(&mut user, b"name,email,phone\nAnn,ann@example.com,12345\n").await;
    let token = other.get("/people/import").await.csrf();
    assert_eq!(other.get(&page).await.status, StatusCode::NOT_FOUND);
    for odd in ["%00", "%C3%A9", "nothing"] {
        assert_eq!(other.get(&format!("/people/import/{odd}")).await.status, StatusCode::NOT_FOUND, "{odd}");
    }
    assert_eq!(other.get(&format!("{page}/problems.csv")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.post(&page, &[("csrfToken", &token)]).await.status, StatusCode::NOT_FOUND);
    assert!(app.anon().get(&page).await.location().contains("signin"));

    let old = chrono::Utc::now() - people::import::KEPT_FOR;
    app.db.import().update_many().created_at(old).await.unwrap();
    assert!(user.get(&page).await.body.contains("This file is no longer available"));
    let young = stored(&mut user, b"name,email,phone\nAnn,ann@example.com,12345\n").await;
    assert_eq!(people::import::sweep(&app.db).await.unwrap(), 1);
    assert_eq!(user.get(&young).await.status, StatusCode::OK);
    for _ in 0..6 {
        stored(&mut user, b"name\n").await;
    }
    assert_eq!(
        app.db.import().count().filter(import::user_id.ne("")).await.unwrap(),
        5,
        "the last five are kept"
    );
}

#[tokio::test]
async fn who_is_added_by_somebody_else_at_the_same_time_stops_the_import() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let page =
        stored(&mut user, b"name,email,phone\nAnn,ann@example.com,12345\nBo,bo@example.com,12345\n").await;
    // Somebody else has added Bo, but not committed: the import sees nobody, and waits at Bo.
    let race = app.db.clone();
    let (added, is_added) = tokio::sync::oneshot::channel();
    let other = tokio::spawn(async move {
        race.transaction()
            .run(async move |tx: people::db::Client| {
                let new = person::New {
                    name: "B".into(),
                    email: "bo@example.com".into(),
                    phone_number: "12345".into(),
                };
                tx.person().create(new).await?;
                added.send(()).unwrap();
                tokio::time::sleep(Duration::from_millis(700)).await;
                Ok::<_, nicol::Error>(())
            })
            .await
    });
    is_added.await.unwrap();
    let refused = user.submit(&page, &[]).await;
    other.await.unwrap().unwrap();
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("someone has just added one of these people"), "{}", refused.body);
    assert!(refused.body.contains("is listed with other details."), "and says who");
    assert_eq!(people(&app).await, ["B bo@example.com 12345"]);
    assert_eq!(
        user.submit(&format!("{page}?existing=skip"), &[]).await.location(),
        "/people?done=imported-1-0-1"
    );
}

#[tokio::test]
async fn progress_is_told_line_by_line() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let page = stored(&mut user, many(12_000).as_bytes()).await;
    let token = user.get(&page).await.csrf();
    let answer = user.send(with_progress(&user, &page, &token)).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines: Vec<&str> = answer.body.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"done":0,"of":12000}"#,
            r#"{"done":5000,"of":12000}"#,
            r#"{"done":10000,"of":12000}"#,
            r#"{"done":12000,"of":12000}"#,
            r#"{"result":"/people?done=imported-12000-0-0"}"#,
        ]
    );
    assert_eq!(app.db.person().count().await.unwrap(), 12_000);
}

#[tokio::test]
async fn an_import_that_nobody_waits_for_is_rolled_back() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let page = stored(&mut user, many(16_000).as_bytes()).await;
    let token = user.get(&page).await.csrf();
    let response = app.answer(with_progress(&user, &page, &token)).await;
    let mut lines = response.into_body().into_data_stream();
    for _ in 0..2 {
        assert!(lines.next().await.unwrap().unwrap().starts_with(b"{\"done\":"));
    }
    drop(lines);
    // Whoever imports it next waits until the one before is rolled back, and is not told that it is done.
    assert_eq!(user.submit(&page, &[]).await.location(), "/people?done=imported-16000-0-0");
    assert_eq!(app.db.person().count().await.unwrap(), 16_000);
}

/// The time of the whole is measured, not only of the database: it is what a person waits for.
#[tokio::test]
async fn twenty_thousand_people_take_seconds() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let count: usize = std::env::var("PEOPLE_IMPORT_ROWS").map_or(20_000, |count| count.parse().unwrap());
    let file = many(count);
    let began = Instant::now();
    let page = stored(&mut user, file.as_bytes()).await;
    let uploaded = began.elapsed();
    let preview = user.get(&page).await;
    let previewed = began.elapsed();
    let (action, fields) = preview.form();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    app.statements();
    let done = user.post(&action, &fields).await;
    println!(
        "{count} people: uploaded by {uploaded:?}, previewed by {previewed:?}, imported by {:?}",
        began.elapsed()
    );
    assert_eq!(done.location(), format!("/people?done=imported-{count}-0-0"));
    assert_eq!(app.db.person().count().await.unwrap(), i64::try_from(count).unwrap());
}
