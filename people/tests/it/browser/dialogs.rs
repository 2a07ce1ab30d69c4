//! Dialogs: what is typed in them is not lost unasked, and the keys that open them can be switched off.

use fantoccini::Locator;
use fantoccini::key::Key;
use testkit::browser::Browser;

use super::{active, click, fill, follow, gone, press, see_in};
use crate::site::Site;

const QUESTION: &str = "Discard what you typed?";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_not_thrown_away_unasked_and_keys_can_be_switched_off() {
    let site = Site::with_people(3).await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;
    what_was_typed_is_asked_for(&browser).await;
    keys_can_be_switched_off(&site, &browser).await;
}

async fn what_was_typed_is_asked_for(browser: &Browser) {
    follow(browser, "Edit Person 02").await;
    see_in(browser, "dialog", "Edit a person").await;
    close(browser).await;
    gone(browser, "dialog[open]").await;
    assert!(browser.get_alert_text().await.is_err(), "nothing was typed");

    follow(browser, "Edit Person 02").await;
    see_in(browser, "dialog", "Edit a person").await;
    fill(browser, "dialog #name", "Person Two").await;
    close(browser).await;
    answer(browser, QUESTION, false).await;
    browser.active_element().await.unwrap().send_keys(&Key::Escape.to_string()).await.unwrap();
    answer(browser, QUESTION, false).await;
    follow(browser, "Cancel").await;
    answer(browser, QUESTION, false).await;
    follow(browser, "Delete").await;
    answer(browser, "Leave and discard what you typed?", false).await;
    browser.execute("setTimeout(() => history.back())", Vec::new()).await.unwrap();
    answer(browser, QUESTION, false).await;
    let name = browser.find(Locator::Css("dialog[open] #name")).await.unwrap();
    assert_eq!(name.prop("value").await.unwrap().as_deref(), Some("Person Two"), "all of them kept it");
    close(browser).await;
    answer(browser, QUESTION, true).await;
    gone(browser, "dialog[open]").await;
    see_in(browser, ".people", "Person 02").await;
    let link = browser.active_element().await.unwrap().attr("href").await.unwrap();
    assert_eq!(link.as_deref(), Some("/people/p02/edit"), "the focus is where it was");
}

async fn keys_can_be_switched_off(site: &Site, browser: &Browser) {
    type_key(browser, "?").await;
    see_in(browser, "dialog[open] h1", "Keyboard shortcuts").await;
    for key in ["/", "n", "j", "k", "Enter", "e", "?"] {
        let path = format!("//dialog//kbd[.='{key}']");
        assert!(browser.find(Locator::XPath(&path)).await.is_ok(), "{key} is explained");
    }
    browser.active_element().await.unwrap().send_keys(&Key::Escape.to_string()).await.unwrap();
    gone(browser, "dialog[open]").await;
    type_key(browser, "/").await;
    assert_eq!(active(browser).await, "q");

    // By the pointer, as somebody does whose voice or hand types letters by mistake.
    press(browser, "Keyboard shortcuts").await;
    click(browser, "//label[contains(., 'Enable shortcuts')]").await;
    close(browser).await;
    gone(browser, "dialog[open]").await;
    // Help opens at once or not at all.
    type_key(browser, "?").await;
    assert!(browser.find(Locator::Css("dialog[open]")).await.is_err(), "keys are off");
    site.open(browser, "/people").await;
    see_in(browser, ".people", "Person 02").await;
    type_key(browser, "?").await;
    assert!(browser.find(Locator::Css("dialog[open]")).await.is_err(), "also on the next page");

    press(browser, "Keyboard shortcuts").await;
    click(browser, "//label[contains(., 'Enable shortcuts')]").await;
    close(browser).await;
    gone(browser, "dialog[open]").await;
    type_key(browser, "n").await;
    see_in(browser, "dialog[open] h1", "Add a person").await;
}

async fn type_key(browser: &Browser, key: &str) {
    browser.find(Locator::Css("main")).await.unwrap().send_keys(key).await.unwrap();
}

async fn close(browser: &Browser) {
    click(browser, "//dialog/button[@aria-label='Close']").await;
}

/// Answers the question that the page asks.
async fn answer(browser: &Browser, question: &str, yes: bool) {
    let mut asked = browser.get_alert_text().await;
    for _ in 0..200 {
        if asked.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        asked = browser.get_alert_text().await;
    }
    assert_eq!(asked.unwrap(), question);
    if yes { browser.accept_alert().await } else { browser.dismiss_alert().await }.unwrap();
}
