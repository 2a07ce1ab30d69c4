//! The whole way of a person, in a real browser without a line of script.

use std::path::PathBuf;

use fantoccini::{Client, Locator};
use testkit::browser::Browser;

use crate::running::{Project, Running};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_searches_adds_edits_deletes_and_signs_out() {
    let project = Project::new();
    let mut people = tokio::task::block_in_place(|| Running::start(project.path(), &[]));
    let browser = Browser::start().await;
    let origin = format!("http://localhost:{}", people.port);

    browser.goto(&origin).await.unwrap();
    shoot(&browser, "sign-in").await;
    fill(&browser, "#email", "ann@example.com").await;
    press(&browser, "Send me a link").await;
    see(&browser, "Check your e-mail").await;
    shoot(&browser, "check-your-mail").await;

    let link = tokio::task::block_in_place(|| people.wait_for("/api/auth/callback/email?"));
    browser.goto(link.trim()).await.unwrap();
    see(&browser, "Sign in to People as ann@example.com?").await;
    shoot(&browser, "confirm").await;
    press(&browser, "Sign in").await;
    see(&browser, "10 people").await;
    shoot(&browser, "list").await;

    fill(&browser, "#q", "jo").await;
    press(&browser, "Search").await;
    see(&browser, "2 people found").await;
    for name in ["John Doe", "Alice Johnson"] {
        see(&browser, name).await;
    }
    fill(&browser, "#q", "+44 20").await;
    press(&browser, "Search").await;
    see(&browser, "1 person found").await;

    follow(&browser, "Add a person").await;
    press(&browser, "Add").await;
    see(&browser, "Nothing was saved.").await;
    shoot(&browser, "add-with-errors").await;
    fill(&browser, "#name", "Zoe <Q> Quinn").await;
    fill(&browser, "#email", "Zoe@Example.com").await;
    fill(&browser, "#phone_number", "(02) 5550 1234").await;
    press(&browser, "Add").await;
    see(&browser, "The person was added.").await;
    follow(&browser, "← All people").await;
    see(&browser, "11 people").await;
    follow(&browser, "Zoe <Q> Quinn").await;
    follow(&browser, "Edit").await;
    fill(&browser, "#name", "Zoe Young").await;
    press(&browser, "Save").await;
    see(&browser, "The changes were saved.").await;

    follow(&browser, "Delete").await;
    see(&browser, "Delete this person?").await;
    shoot(&browser, "delete").await;
    press(&browser, "Delete").await;
    see(&browser, "The person was deleted.").await;
    see(&browser, "10 people").await;

    press(&browser, "Sign out").await;
    see(&browser, "No password to remember").await;
    browser.goto(&format!("{origin}/people")).await.unwrap();
    see(&browser, "No password to remember").await;
}

async fn fill(browser: &Client, selector: &str, text: &str) {
    let field = browser.find(Locator::Css(selector)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn press(browser: &Client, button: &str) {
    click(browser, &format!("//button[normalize-space()='{button}']")).await;
}

async fn follow(browser: &Client, link: &str) {
    click(browser, &format!("//a[normalize-space()='{link}']")).await;
}

async fn click(browser: &Client, path: &str) {
    let element = browser.find(Locator::XPath(path)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    element.click().await.unwrap();
}

/// The page shows a text; waited for, since a click does not wait for the page behind it.
async fn see(browser: &Client, text: &str) {
    let mut body = String::new();
    for _ in 0..200 {
        if let Ok(element) = browser.find(Locator::Css("body")).await {
            body = element.text().await.unwrap_or_default();
            if body.contains(text) {
                return;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("`{text}` is not on the page:\n{body}");
}

/// Screenshots to look at lie in the target folder.
async fn shoot(browser: &Browser, name: &str) {
    browser
        .save_screenshot(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("people-{name}.png")))
        .await;
}
