//! What the pages cost and whether they are sound, in the way of Lighthouse.

#![allow(clippy::print_stdout, reason = "how long a page took is part of the result")]

use serde::Deserialize;
use testkit::browser::Browser;

use super::{follow, see, see_in};
use crate::site::Site;

/// What may come over the network for the first page, with all that belongs to it.
const FIRST_PAGE: u64 = 21_000;

/// What a page says of itself.
#[derive(Debug, Deserialize)]
struct Report {
    /// Over the network, headers included.
    bytes: u64,
    /// What was asked for and not answered well, or is not ours.
    failed: Vec<String>,
    /// Images and controls without a name.
    unnamed: Vec<String>,
    title: String,
    lang: String,
    viewport: String,
    headings: usize,
    /// When the page was there, in milliseconds.
    ready: f64,
    /// When something was painted, the list included.
    painted: f64,
}

const REPORT: &str = "
    const done = arguments[0];
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const name = e => (e.ariaLabel || (e.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent).join('')
        || [...(e.labels ?? [])].map(l => l.textContent).join('') || e.textContent || e.title).trim();
    const report = painted => done({
        bytes: all.reduce((sum, e) => sum + e.transferSize, 0),
        failed: all.filter(e => e.responseStatus >= 400 || !e.name.startsWith(location.origin)).map(e => e.name),
        unnamed: [...[...document.images].filter(e => !e.hasAttribute('alt')),
            ...[...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')].filter(e => !name(e)),
            ...[...document.querySelectorAll('svg')].filter(e => e.ariaHidden !== 'true')].map(e => e.outerHTML),
        title: document.title, lang: document.documentElement.lang,
        viewport: document.querySelector('meta[name=viewport]')?.content ?? '',
        headings: document.querySelectorAll('h1').length,
        ready: all[0].domContentLoadedEventEnd, painted });
    new PerformanceObserver((list, observer) => {
        const paint = list.getEntriesByName('first-contentful-paint')[0];
        if (paint) { observer.disconnect(); report(paint.startTime); }
    }).observe({ type: 'paint', buffered: true });";

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_small_and_sound_and_the_console_stays_empty() {
    let site = Site::with_people(45).await;
    let browser = Browser::start().await;
    // Before anything is in the browser's cache.
    site.sign_in(&browser, "ann@example.com").await;
    see(&browser, "45 people").await;
    let first = check(&browser, "/people").await;
    println!(
        "the first page: {} bytes, ready after {:.0} ms, painted after {:.0} ms",
        first.bytes, first.ready, first.painted
    );
    assert!((1..FIRST_PAGE).contains(&first.bytes), "{} bytes", first.bytes);
    follow(&browser, "Edit Person 01").await;
    see_in(&browser, "dialog", "Edit a person").await;
    assert_eq!(browser.console().await, [""; 0]);

    for path in
        ["/people/p01", "/people/new", "/people/p01/edit", "/people/import", "/people?q=nobody", "/api"]
    {
        site.open(&browser, path).await;
        let report = check(&browser, path).await;
        println!("{path}: ready after {:.0} ms, painted after {:.0} ms", report.ready, report.painted);
    }
    site.sql("delete from sessions").await;
    site.open(&browser, "/").await;
    see(&browser, "there is no password").await;
    check(&browser, "/").await;

    // What would be wrong is noticed.
    let wrong = "document.head.append(Object.assign(document.createElement('style'), { textContent: 'p { color: red }' }));
        document.body.append(Object.assign(document.createElement('img'), { src: '/nothing.png' }));
        document.body.append(document.createElement('button'));
        setTimeout(() => { throw new Error('on purpose'); });";
    browser.execute(wrong, Vec::new()).await.unwrap();
    let mut console = String::new();
    for part in ["Content Security Policy", "/nothing.png", "on purpose"] {
        for _ in 0..200 {
            if console.contains(part) {
                break;
            }
            console += &browser.console().await.join("\n");
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(console.contains(part), "{part} is not in {console}");
    }
    let report = report(&browser).await;
    assert_eq!((report.failed.len(), report.unnamed.len()), (1, 2), "{report:?}");
}

async fn check(browser: &Browser, path: &str) -> Report {
    let report = report(browser).await;
    assert_eq!(browser.console().await, [""; 0], "{path}");
    assert!(report.failed.is_empty() && report.unnamed.is_empty(), "{path}: {report:?}");
    assert!(report.title.ends_with(" · People") && report.lang == "en", "{path}: {report:?}");
    assert!(report.viewport.contains("width=device-width") && report.headings == 1, "{path}: {report:?}");
    report
}

async fn report(browser: &Browser) -> Report {
    serde_json::from_value(browser.execute_async(REPORT, Vec::new()).await.unwrap()).unwrap()
}
