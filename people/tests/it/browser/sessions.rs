//! Sessions that end while a page is open, and two of them at once.

use fantoccini::Locator;
use testkit::browser::Browser;

use super::{fill, follow, gone, press, see, see_in};
use crate::http_client::signed_in;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_meanwhile_is_told_and_loses_nothing() {
    let site = Site::with_people(3).await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;
    let page = browser.window().await.unwrap();
    let beside = browser.new_window(false).await.unwrap().handle;
    browser.switch_to_window(beside.clone()).await.unwrap();
    site.open(&browser, "/people").await;
    browser.switch_to_window(page.clone()).await.unwrap();
    follow(&browser, "Edit Person 02").await;
    see_in(&browser, "dialog", "Edit a person").await;
    fill(&browser, "dialog #name", "Person Two").await;

    site.sql("delete from sessions").await;
    site.add("Person 99").await;
    see_in(&browser, "#banner", "You are signed out. What you typed is kept.").await;
    press(&browser, "Save").await;
    see_in(&browser, "dialog .problem", "You are signed out. Sign in in another tab").await;
    site.wait_for_streams(0).await;
    follow(&browser, "Sign in").await;
    let windows = browser.windows().await.unwrap();
    let other = windows.into_iter().find(|window| ![&page, &beside].contains(&window));
    let other = other.expect("it opens in a window of its own");
    browser.switch_to_window(other).await.unwrap();
    see(&browser, "there is no password").await;
    assert!(!text(&browser).await.contains("Person 99"));
    browser.set_cookie(&site.origin, &signed_in(&site.db, "bob@example.com").await).await;
    browser.close_window().await.unwrap();

    browser.switch_to_window(page).await.unwrap();
    gone(&browser, "#banner p").await;
    press(&browser, "Save").await;
    see_in(&browser, "#toasts", "The changes were saved.").await;
    see(&browser, "Person Two").await;
    site.wait_for_streams(1).await;
    site.add("Person 98").await;
    see(&browser, "Person 98").await;
    browser.switch_to_window(beside).await.unwrap();
    see(&browser, "Person 98").await;
    gone(&browser, "#banner p").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_edit_one_person_at_once_and_both_know() {
    let site = Site::with_people(3).await;
    let (ann, bob) = (Browser::start().await, Browser::start().await);
    site.sign_in(&ann, "ann@example.com").await;
    site.sign_in(&bob, "bob@example.com").await;
    site.wait_for_streams(2).await;
    for browser in [&ann, &bob] {
        follow(browser, "Edit Person 02").await;
        see_in(browser, "dialog", "Edit a person").await;
    }
    fill(&ann, "dialog #name", "Person of Ann").await;
    fill(&bob, "dialog #name", "Person of Bob").await;
    fill(&bob, "dialog #phone_number", "67890").await;
    press(&ann, "Save").await;
    see_in(&ann, ".people", "Person of Ann").await;

    see_in(&bob, "dialog", "Someone else has just changed this person.").await;
    see_in(&bob, ".people", "Person of Ann").await;
    press(&bob, "Save").await;
    see_in(&bob, "dialog", "Changed in the meantime").await;
    see_in(&bob, "dialog", "changed by both").await;
    let theirs = bob.find(Locator::Css("input[name=name][value='Person of Ann']")).await.unwrap();
    theirs.click().await.unwrap();
    press(&bob, "Save").await;
    see_in(&bob, "#toasts", "The changes were saved.").await;
    for browser in [&ann, &bob] {
        see_in(browser, "#p-p02", "67890").await;
        see_in(browser, "#p-p02", "Person of Ann").await;
    }
}

async fn text(browser: &Browser) -> String {
    browser.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
}
