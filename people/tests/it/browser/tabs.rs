//! Several windows of one browser.

use fantoccini::wd::WindowHandle;
use serde_json::json;
use testkit::browser::Browser;

use super::{see, see_in, wait_for};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_one_browser_share_a_stream_which_outlives_the_one_that_held_it() {
    let site = Site::with_people(3).await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;
    let first = browser.window().await.unwrap();
    mark(&browser).await;
    let second = another(&site, &browser, "/people").await;
    let third = another(&site, &browser, "/people/p01").await;
    waits(&browser, 2).await;
    site.wait_for_streams(1).await;

    site.add("Person 99").await;
    for window in [&first, &second] {
        browser.switch_to_window(window.clone()).await.unwrap();
        see_in(&browser, ".people", "Person 99").await;
    }
    browser.switch_to_window(third.clone()).await.unwrap();
    site.sql("update people set name = 'Person One' where id = 'p01'").await;
    see_in(&browser, "h1", "Person One").await;

    // The first holds the stream, because it was there first.
    browser.switch_to_window(first).await.unwrap();
    browser.close_window().await.unwrap();
    browser.switch_to_window(third.clone()).await.unwrap();
    waits(&browser, 1).await;
    site.wait_for_streams(1).await;
    site.sql("update people set name = 'Person Uno' where id = 'p01'").await;
    see_in(&browser, "h1", "Person Uno").await;
    assert_same(&browser).await;
    browser.switch_to_window(second).await.unwrap();
    see_in(&browser, ".people", "Person Uno").await;
    assert_same(&browser).await;

    browser.close_window().await.unwrap();
    browser.switch_to_window(third).await.unwrap();
    site.open(&browser, "/healthz").await;
    site.wait_for_streams(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_cannot_be_seen_has_no_stream_and_is_up_to_date_when_it_can() {
    let site = Site::with_people(3).await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;
    site.wait_for_streams(1).await;
    let list = browser.window().await.unwrap();
    let other = browser.new_window(true).await.unwrap();
    browser.switch_to_window(other.handle).await.unwrap();
    site.wait_for_streams(0).await;
    site.add("Person 99").await;
    browser.close_window().await.unwrap();
    browser.switch_to_window(list).await.unwrap();
    see(&browser, "4 people").await;
    site.wait_for_streams(1).await;
}

/// Opens a page in a window of its own.
async fn another(site: &Site, browser: &Browser, path: &str) -> WindowHandle {
    let window = browser.new_window(false).await.unwrap().handle;
    browser.switch_to_window(window.clone()).await.unwrap();
    site.open(browser, path).await;
    mark(browser).await;
    window
}

/// Notes whether the page is loaded anew or cannot be seen for a while: both would bring it up to date by themselves.
async fn mark(browser: &Browser) {
    const MARK: &str = "window.isTheSame = !document.hidden;
        document.addEventListener('visibilitychange', () => { window.isTheSame = false; });";
    browser.execute(MARK, Vec::new()).await.unwrap();
}

async fn assert_same(browser: &Browser) {
    let same = browser.execute("return window.isTheSame", Vec::new()).await.unwrap();
    assert_eq!(same, json!(true), "the page was told");
}

/// One window has the stream, so many others wait for it.
async fn waits(browser: &Browser, count: usize) {
    let script = format!(
        "navigator.locks.query().then(all => arguments[0](all.held.length === 1 && all.pending.length === {count}))"
    );
    wait_for(browser, &script, "one window has the stream").await;
}
