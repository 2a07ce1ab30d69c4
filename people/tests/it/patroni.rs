//! People on a cluster that replaces its primary by itself. `cargo xtask test cluster` runs it, because it needs Patroni
//! and etcd.

#![allow(clippy::print_stdout, reason = "the figures of a run are part of its result")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use people::db::Client;
use serde_json::json;
use testkit::Patroni;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::faults::{add_and_delete, check, edit, free_port, send_forms};
use crate::http_client::{HttpClient, signed_in};
use crate::running::Running;

#[tokio::test]
async fn people_follows_the_primary_and_loses_nothing() {
    Box::pin(LocalSet::new().run_until(follow())).await;
}

async fn follow() {
    let mut cluster = Patroni::start().await;
    let url = cluster.url().with_database("people");
    let folder = tempfile::tempdir().unwrap();
    let (port, text) = (free_port(), url.to_url_with_password());
    let running = tokio::task::spawn_blocking({
        let (folder, text) = (folder.path().to_owned(), text.clone());
        move || Running::start(&folder, &[("PORT", &port.to_string()), ("DATABASE_URL", &text)])
    });
    // It creates the database and applies the migrations.
    let running = running.await.unwrap();
    let db = Client::lazy(&text).unwrap();
    let samples = db.person().count().await.unwrap();
    let visitor = HttpClient::new(port, signed_in(&db, "cluster@example.com").await);

    let over = Arc::new(AtomicBool::new(false));
    let work: Vec<_> =
        (0..3).map(|n| spawn_local(add_and_delete(visitor.another(), n, over.clone()))).collect();
    let forms = spawn_local(send_forms(visitor.another(), 0, over.clone()));
    let edits = spawn_local(edit(visitor.another(), 0, over.clone()));
    let probe = spawn_local(probe(visitor.another(), over.clone()));

    sleep(Duration::from_secs(2)).await;
    println!("switchover: {:.1} s until another server leads", cluster.switch_over().await.as_secs_f64());
    cluster.wait_until_whole().await;
    sleep(Duration::from_secs(2)).await;
    let killed = cluster.kill_primary().await;
    sleep(Duration::from_secs(30)).await;
    cluster.start_node(killed);
    cluster.wait_until_whole().await;
    sleep(Duration::from_secs(2)).await;
    over.store(true, Ordering::Relaxed);

    let mut expected = BTreeMap::new();
    for task in work {
        expected.extend(task.await.unwrap());
    }
    expected.extend(forms.await.unwrap());
    let probe = probe.await.unwrap();
    expected.extend(probe.added);
    let added = expected.len();
    let (email, name, edited) = edits.await.unwrap();
    expected.insert(email, Some(name));
    println!("{added} added, {edited} edits acknowledged");
    let (attempts, failed, gap) = (probe.attempts, probe.failed, probe.gap.as_secs_f64());
    println!("{failed} of {attempts} writes failed and were repeated; the longest gap took {gap:.1} s");
    assert!(added > 20 && edited > 4, "there was work to disturb");
    check(&db, samples, &expected).await;
    tokio::task::spawn_blocking(|| running.stop()).await.unwrap();
    db.close();
}

/// What a writer has seen.
struct Probe {
    added: Vec<(String, Option<String>)>,
    attempts: usize,
    failed: usize,
    /// The longest time without an acknowledged write.
    gap: Duration,
}

/// Adds one person after another, and repeats each request until it is acknowledged.
async fn probe(mut http: HttpClient, over: Arc<AtomicBool>) -> Probe {
    let mut probe = Probe { added: Vec::new(), attempts: 0, failed: 0, gap: Duration::ZERO };
    let mut last = Instant::now();
    while !over.load(Ordering::Relaxed) {
        let n = probe.added.len();
        let (name, email) = (format!("Probe {n}"), format!("probe-{n}@example.com"));
        let body = json!({ "name": name, "email": email, "phoneNumber": "12345" }).to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", &*email)];
        probe.attempts += 1;
        let answer = http.send(Method::POST, "/api/people", &headers, body).await;
        if answer.is_ok_and(|answer| answer.status == StatusCode::CREATED) {
            probe.added.push((email, Some(name)));
            probe.gap = probe.gap.max(last.elapsed());
            last = Instant::now();
        } else {
            probe.failed += 1;
        }
        sleep(Duration::from_millis(20)).await;
    }
    probe
}
