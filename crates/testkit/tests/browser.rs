//! The browser starts, shows a page, draws it, and leaves no process behind.

#![cfg(feature = "browser")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use testkit::browser::Browser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_page_is_shown_and_drawn() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let page = "<!doctype html><title>A page</title><h1>Hello</h1>";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                page.len()
            );
            let _ = stream.write_all(format!("{head}{page}").as_bytes()).await;
        }
    });

    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start().await;
    browser.goto(&format!("http://{address}/")).await.unwrap();
    assert_eq!(browser.title().await.unwrap(), "A page");
    let picture = folder.path().join("shots/page.png");
    browser.save_screenshot(&picture).await;
    assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
    let profile = browser.profile().to_string_lossy().into_owned();
    assert!(processes(&profile) > 0);
    drop(browser);
    // A process that was killed takes a moment to be gone.
    for _ in 0..100 {
        if processes(&profile) == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the browser is still there");
}

fn processes(profile: &str) -> usize {
    let command_lines = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    command_lines.filter(|text| String::from_utf8_lossy(text).contains(profile)).count()
}
