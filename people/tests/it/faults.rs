//! Work goes on while the database, or People itself, is killed again and again: what was acknowledged is there,
//! once; what was not is neither lost nor half done.
//!
//! `PEOPLE_FAULT_SECONDS` says for how long; `cargo xtask test faults` lets it rage for a minute each.

#![allow(clippy::print_stdout, reason = "the figures of a run are part of its result")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use fantoccini::Locator;
use people::db::{Client, person};
use serde_json::json;
use testkit::browser::Browser;
use tokio::task::{LocalSet, spawn_blocking, spawn_local};
use tokio::time::{Instant, sleep};

use crate::http_client::{HttpClient, beside, signed_in};
use crate::running::{Project, Running, kill};

/// What is killed.
#[derive(Clone, Copy, PartialEq)]
enum Victim {
    Database,
    People,
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_while_the_database_is_killed() {
    storm(Victim::Database).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_while_people_is_killed() {
    storm(Victim::People).await;
}

fn duration() -> Duration {
    let seconds = std::env::var("PEOPLE_FAULT_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(6))
}

async fn storm(victim: Victim) {
    Box::pin(LocalSet::new().run_until(rage(victim))).await;
}

async fn rage(victim: Victim) {
    let project = Project::new();
    let port = free_port();
    let mut running = start(&project, port).await;
    let (lease, db) = beside(&project.local).await;
    let samples = db.person().count().await.unwrap();
    let cookie = signed_in(&db, "storm@example.com").await;
    let visitor = HttpClient::new(port, &*cookie);
    let browser = open_page(port, &cookie).await;

    let over = Arc::new(AtomicBool::new(false));
    let work: Vec<_> =
        (0..6).map(|n| spawn_local(add_and_delete(visitor.another(), n, over.clone()))).collect();
    let forms: Vec<_> = (0..2).map(|n| spawn_local(send_forms(visitor.another(), n, over.clone()))).collect();
    let edits: Vec<_> = (0..4).map(|n| spawn_local(edit(visitor.another(), n, over.clone()))).collect();

    let end = Instant::now() + duration();
    let mut kills = 0;
    while Instant::now() < end {
        // Prime milliseconds, so that the kills do not fall in step with anything.
        sleep(Duration::from_millis(1_213)).await;
        match victim {
            Victim::Database => {
                if let Ok(nicol_local::Status::Running { pid, .. }) =
                    nicol_local::status(&project.local).await
                {
                    kill("-KILL", pid);
                    kills += 1;
                }
            }
            Victim::People => {
                running.kill();
                running = start(&project, port).await;
                kills += 1;
            }
        }
    }
    over.store(true, Ordering::Relaxed);

    let mut expected = BTreeMap::new();
    for task in work {
        expected.extend(task.await.unwrap());
    }
    for task in forms {
        expected.extend(task.await.unwrap());
    }
    let added = expected.len();
    let mut edited = 0;
    for task in edits {
        let (email, name, count) = task.await.unwrap();
        expected.insert(email, Some(name));
        edited += count;
    }
    let deleted = expected.values().filter(|name| name.is_none()).count();
    println!("{kills} kills; {added} added, {deleted} deleted, {edited} edits acknowledged");
    assert!(kills > 0 && added > 20 && deleted > 0 && edited > 4, "there was work to disturb");

    check(&db, samples, &expected).await;
    recovers(&browser, visitor.another()).await;
    drop(browser);
    spawn_blocking(|| running.stop()).await.unwrap();
    db.close();
    lease.release().await.unwrap();
}

/// Compares what is there with what was acknowledged: a name for an address, or `None` for one that was deleted.
pub(crate) async fn check(db: &Client, samples: i64, expected: &BTreeMap<String, Option<String>>) {
    let people =
        eventually(async || db.person().find_many().select((person::email, person::name)).await.ok()).await;
    let found: BTreeMap<_, _> = people.iter().cloned().collect();
    for (email, name) in expected {
        assert_eq!(found.get(email), name.as_ref(), "{email}");
    }
    let there = expected.values().flatten().count();
    assert_eq!(people.len(), usize::try_from(samples).unwrap() + there, "nobody is there twice or uninvited");
}

/// Adds people, and deletes every third again. Each request is repeated until it is acknowledged.
pub(crate) async fn add_and_delete(
    mut http: HttpClient,
    n: usize,
    over: Arc<AtomicBool>,
) -> Vec<(String, Option<String>)> {
    let mut done = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let (name, email) =
            (format!("Storm {n} {}", done.len()), format!("storm-{n}-{}@example.com", done.len()));
        let key = format!("storm-{n}-{}", done.len());
        let body = json!({ "name": name, "email": email, "phoneNumber": "+61 2 5550 1234" }).to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", &*key)];
        let mut ids = Vec::new();
        let tag = eventually(async || {
            let answer = http.send(Method::POST, "/api/people", &headers, body.clone()).await.ok()?;
            if answer.status.is_server_error() {
                return None;
            }
            assert_eq!(answer.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&answer.body));
            ids.push(answer.json()["id"].as_str().unwrap().to_owned());
            Some(answer.header(header::ETAG).to_owned())
        })
        .await;
        let is_deleted = done.len() % 3 == 0;
        if is_deleted {
            let path = format!("/api/people/{}", ids[0]);
            eventually(async || {
                let answer =
                    http.send(Method::DELETE, &path, &[("if-match", &*tag)], String::new()).await.ok()?;
                // Gone already: an earlier attempt was done, and its answer was lost.
                matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_FOUND).then_some(())
            })
            .await;
        }
        done.push((email, (!is_deleted).then_some(name)));
    }
    done
}

/// Adds people by the form of the page, as a browser would that is asked to send it again.
pub(crate) async fn send_forms(
    mut http: HttpClient,
    n: usize,
    over: Arc<AtomicBool>,
) -> Vec<(String, Option<String>)> {
    let token = eventually(async || http.csrf().await).await;
    let mut done = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let (name, email) =
            (format!("Form {n} {}", done.len()), format!("form-{n}-{}@example.com", done.len()));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("csrfToken", &*token),
                ("name", &name),
                ("email", &email),
                ("phone_number", "12345"),
            ])
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
        eventually(async || {
            let answer = http.send(Method::POST, "/people", &headers, body.clone()).await.ok()?;
            // The address is taken: by the attempt before, whose answer was lost.
            matches!(answer.status, StatusCode::SEE_OTHER | StatusCode::UNPROCESSABLE_ENTITY).then_some(())
        })
        .await;
        done.push((email, Some(name)));
    }
    done
}

/// Counts up in the name of one person, each step on the version before.
pub(crate) async fn edit(mut http: HttpClient, n: usize, over: Arc<AtomicBool>) -> (String, String, usize) {
    let email = format!("edit-{n}@example.com");
    let body = json!({ "name": "Count 0", "email": email, "phoneNumber": "12345" }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", &*email)];
    let path = eventually(async || {
        let answer = http.send(Method::POST, "/api/people", &headers, body.clone()).await.ok()?;
        (answer.status == StatusCode::CREATED).then(|| answer.header(header::LOCATION).to_owned())
    })
    .await;
    let path = path.find("/api/").map(|start| path[start..].to_owned()).unwrap();
    let mut count = 0;
    while !over.load(Ordering::Relaxed) {
        let (name, tag) = eventually(async || {
            let answer = http.send(Method::GET, &path, &[], String::new()).await.ok()?;
            let name = answer.json()["name"].as_str()?.to_owned();
            Some((name, answer.header(header::ETAG).to_owned()))
        })
        .await;
        if name == format!("Count {}", count + 1) {
            // The attempt before was done, and its answer was lost.
            count += 1;
            continue;
        }
        assert_eq!(name, format!("Count {count}"), "an acknowledged edit is lost");
        let body = json!({ "name": format!("Count {}", count + 1) }).to_string();
        let headers = [("content-type", "application/merge-patch+json"), ("if-match", &*tag)];
        if let Ok(answer) = http.send(Method::PATCH, &path, &headers, body).await
            && answer.status == StatusCode::OK
        {
            count += 1;
        }
    }
    let name = eventually(async || {
        let answer = http.send(Method::GET, &path, &[], String::new()).await.ok()?;
        answer.json()["name"].as_str().map(ToOwned::to_owned)
    })
    .await;
    assert!(name == format!("Count {count}") || name == format!("Count {}", count + 1), "{name}, {count}");
    (email, name, count)
}

/// Repeats until it works; a site that does not come back within a minute is down.
pub(crate) async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(done) = attempt().await {
            return done;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "it does not come back");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Opens the list in a browser, and marks the page to know it again.
async fn open_page(port: u16, cookie: &str) -> Browser {
    let browser = Browser::start().await;
    let origin = format!("http://localhost:{port}");
    browser.set_cookie(&origin, cookie).await;
    browser.goto(&format!("{origin}/people?sort=newest")).await.unwrap();
    browser.execute("window.isTheSamePage = true", Vec::new()).await.unwrap();
    browser
}

/// The page that was open all the time shows a person who is added now.
async fn recovers(browser: &Browser, mut http: HttpClient) {
    let body =
        json!({ "name": "After Storm", "email": "after@example.com", "phoneNumber": "12345" }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", "after-the-storm")];
    eventually(async || {
        let answer = http.send(Method::POST, "/api/people", &headers, body.clone()).await.ok()?;
        (answer.status == StatusCode::CREATED).then_some(())
    })
    .await;
    eventually(async || {
        let text = browser.find(Locator::Css("body")).await.ok()?.text().await.ok()?;
        text.contains("After Storm").then_some(())
    })
    .await;
    let same = browser.execute("return window.isTheSamePage === true", Vec::new()).await.unwrap();
    assert_eq!(same, json!(true), "the page was not loaded anew by hand");
}

async fn start(project: &Project, port: u16) -> Running {
    let folder = project.path().to_owned();
    spawn_blocking(move || Running::start(&folder, &[("PORT", &port.to_string())])).await.unwrap()
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
