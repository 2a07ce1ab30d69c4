//! Where Back and Forward lead, and that the address says what is shown.

use fantoccini::Locator;
use testkit::browser::Browser;

use super::{fill, follow, press, see, see_in};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_orders_are_steps_to_go_back_and_forward() {
    let site = Site::with_people(45).await;
    let browser = Browser::start().await;
    site.open(&browser, "/healthz").await;
    site.sign_in(&browser, "ann@example.com").await;
    first_is(&browser, "Person 01", "").await;
    follow(&browser, "Next").await;
    first_is(&browser, "Person 21", "after=").await;
    follow(&browser, "Next").await;
    first_is(&browser, "Person 41", "after=").await;
    follow(&browser, "Previous").await;
    first_is(&browser, "Person 21", "before=").await;
    for (name, query) in [("Person 41", "after="), ("Person 21", "after="), ("Person 01", "")] {
        browser.back().await.unwrap();
        first_is(&browser, name, query).await;
    }
    browser.forward().await.unwrap();
    first_is(&browser, "Person 21", "after=").await;
    browser.refresh().await.unwrap();
    first_is(&browser, "Person 21", "after=").await;

    let newest = browser.find(Locator::Css("#sort option[value=newest]")).await.unwrap();
    newest.click().await.unwrap();
    first_is(&browser, "Person 45", "sort=newest").await;
    follow(&browser, "Next").await;
    first_is(&browser, "Person 25", "sort=newest&after=").await;
    browser.back().await.unwrap();
    first_is(&browser, "Person 45", "sort=newest").await;
    assert_eq!(order(&browser).await, "newest");
    browser.back().await.unwrap();
    first_is(&browser, "Person 21", "after=").await;
    assert_eq!(order(&browser).await, "name");

    // What is typed into the search is one step, however many letters it has.
    fill(&browser, "#q", "person 07").await;
    first_is(&browser, "Person 07", "q=person+07").await;
    follow(&browser, "Show all people").await;
    first_is(&browser, "Person 01", "").await;
    browser.back().await.unwrap();
    first_is(&browser, "Person 07", "q=person+07").await;
    assert_eq!(value(&browser, "#q").await, "person 07");

    a_deleted_person_is_no_step(&site, &browser).await;
}

async fn a_deleted_person_is_no_step(site: &Site, browser: &Browser) {
    site.open(browser, "/api").await;
    site.open(browser, "/people?q=person+0").await;
    see(browser, "9 people found").await;
    follow(browser, "Person 03").await;
    see(browser, "Contact card").await;
    follow(browser, "Delete").await;
    see_in(browser, "dialog", "Delete this person?").await;
    press(browser, "Delete").await;
    see_in(browser, "#toasts", "The person was deleted.").await;
    // The search from which one came is there again, and what was before it is one step away.
    see(browser, "8 people found").await;
    first_is(browser, "Person 01", "q=person+0").await;
    browser.back().await.unwrap();
    see(browser, "The machine-readable version").await;
    browser.forward().await.unwrap();
    see(browser, "8 people found").await;
    assert!(!text(browser, "#toasts").await.contains("deleted"), "it is said once");

    // Whoever came to the person from elsewhere gets the list in its place.
    site.open(browser, "/api").await;
    site.open(browser, "/people/p04").await;
    follow(browser, "Delete").await;
    see_in(browser, "dialog", "Delete this person?").await;
    press(browser, "Delete").await;
    see_in(browser, "#toasts", "The person was deleted.").await;
    see(browser, "43 people").await;
    browser.back().await.unwrap();
    see(browser, "The machine-readable version").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_links_lead_through_pages_and_orders() {
    let site = Site::with_people(45).await;
    let browser = Browser::without_script().await;
    site.sign_in(&browser, "ann@example.com").await;
    first_is(&browser, "Person 01", "").await;
    follow(&browser, "Next").await;
    first_is(&browser, "Person 21", "after=").await;
    follow(&browser, "Next").await;
    first_is(&browser, "Person 41", "after=").await;
    assert!(browser.find(Locator::Css("[rel=next]")).await.is_err());
    follow(&browser, "Previous").await;
    first_is(&browser, "Person 21", "before=").await;
    browser.back().await.unwrap();
    first_is(&browser, "Person 41", "after=").await;
    let newest = browser.find(Locator::Css("#sort option[value=newest]")).await.unwrap();
    newest.click().await.unwrap();
    press(&browser, "Search").await;
    first_is(&browser, "Person 45", "sort=newest").await;
    follow(&browser, "Next").await;
    first_is(&browser, "Person 25", "sort=newest&after=").await;
    follow(&browser, "Previous").await;
    first_is(&browser, "Person 45", "sort=newest&before=").await;
    site.open(&browser, "/people?q=person+0&sort=newest").await;
    follow(&browser, "Show all people").await;
    first_is(&browser, "Person 01", "").await;
}

/// Waits for who is on top, and looks at the address.
async fn first_is(browser: &Browser, name: &str, query: &str) {
    see_in(browser, ".people li:first-child", name).await;
    let url = browser.current_url().await.unwrap();
    let has = url.query().unwrap_or_default();
    assert_eq!(url.path(), "/people");
    assert!(if query.is_empty() { has.is_empty() } else { has.contains(query) }, "{name} is at {url}");
}

async fn order(browser: &Browser) -> String {
    value(browser, "#sort").await
}

async fn value(browser: &Browser, field: &str) -> String {
    browser.find(Locator::Css(field)).await.unwrap().prop("value").await.unwrap().unwrap()
}

async fn text(browser: &Browser, selector: &str) -> String {
    browser.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
}
