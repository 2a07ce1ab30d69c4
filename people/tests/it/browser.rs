//! The whole way of a person, in a real browser, without a line of script and with it.

use std::path::PathBuf;

use fantoccini::{Client, Locator};
use testkit::browser::Browser;

use crate::running::{Project, Running};
use crate::site::Site;

mod dialogs;
mod history;
mod plain;
mod provider;
mod quality;
mod rows;
mod sessions;
mod tabs;

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_person_signs_in_searches_adds_edits_deletes_and_signs_out() {
    let project = Project::new();
    let mut people = tokio::task::block_in_place(|| Running::start(project.path(), &[]));
    let browser = Browser::without_script().await;
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
    see(&browser, "Zoe <Q> Quinn was added.").await;
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
    press(&browser, "Undo").await;
    see(&browser, "Zoe Young was restored.").await;
    shoot(&browser, "detail").await;

    press(&browser, "Sign out").await;
    see(&browser, "there is no password").await;
    browser.goto(&format!("{origin}/people")).await.unwrap();
    see(&browser, "there is no password").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_script_everything_happens_on_the_page() {
    let site = Site::with_samples().await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;

    fill(&browser, "#q", "jo").await;
    see(&browser, "2 people found").await;
    assert_eq!(browser.current_url().await.unwrap().query(), Some("q=jo"));
    assert_eq!(active(&browser).await, "q", "the search keeps the focus");
    fill(&browser, "#q", "nobody at all").await;
    see(&browser, "No matches for").await;
    shoot(&browser, "no-hits").await;
    follow(&browser, "Show all people").await;
    see(&browser, "10 people").await;

    follow(&browser, "Add a person").await;
    see_in(&browser, "dialog", "Phone number").await;
    press(&browser, "Add").await;
    see_in(&browser, "dialog", "Nothing was saved.").await;
    shoot(&browser, "dialog-errors").await;
    follow(&browser, "Phone number").await;
    assert_eq!(active(&browser).await, "phone_number", "an error leads to its field");
    assert_eq!(browser.current_url().await.unwrap().fragment(), None);
    fill(&browser, "dialog #name", "Zoe Quinn").await;
    fill(&browser, "dialog #email", "zoe@example.com").await;
    fill(&browser, "dialog #phone_number", "(02) 5550 1234").await;
    press(&browser, "Add").await;
    see_in(&browser, "#toasts", "Zoe Quinn was added.").await;
    assert!(
        browser.find(Locator::XPath("//*[@id='toasts']//a[.='Zoe Quinn']")).await.is_ok(),
        "and leads there"
    );
    see(&browser, "11 people").await;
    assert!(browser.find(Locator::Css("dialog[open]")).await.is_err());

    // A change by another program shows without a reload, and beside what is being typed.
    follow(&browser, "Edit Zoe Quinn").await;
    see_in(&browser, "dialog", "Edit a person").await;
    shoot(&browser, "dialog").await;
    fill(&browser, "dialog #name", "Zoe Mine").await;
    let other = browser.new_window(true).await.unwrap();
    let mine = browser.window().await.unwrap();
    browser.switch_to_window(other.handle).await.unwrap();
    site.open(&browser, "/people?q=zoe").await;
    follow(&browser, "Edit Zoe Quinn").await;
    see_in(&browser, "dialog", "Edit a person").await;
    fill(&browser, "dialog #name", "Zoe Theirs").await;
    press(&browser, "Save").await;
    see_in(&browser, "#toasts", "The changes were saved.").await;
    browser.switch_to_window(mine).await.unwrap();
    see_in(&browser, "dialog", "Someone else has just changed this person.").await;
    press(&browser, "Save").await;
    see_in(&browser, "dialog", "Changed in the meantime").await;
    shoot(&browser, "conflict").await;
    press(&browser, "Save").await;
    see_in(&browser, "#toasts", "The changes were saved.").await;
    see(&browser, "Zoe Mine").await;

    follow(&browser, "Delete Zoe Mine").await;
    see_in(&browser, "dialog", "Delete this person?").await;
    shoot(&browser, "dialog-delete").await;
    press(&browser, "Delete").await;
    see_in(&browser, "#toasts", "The person was deleted.").await;
    see(&browser, "10 people").await;
    shoot(&browser, "toast").await;
    // The way back stays while other things are done, and can be used beside an open dialog.
    follow(&browser, "Edit Alice Johnson").await;
    see_in(&browser, "dialog", "Edit a person").await;
    press(&browser, "Save").await;
    see_in(&browser, "body > #toasts", "The changes were saved.").await;
    see_in(&browser, "body > #toasts", "The person was deleted.").await;
    follow(&browser, "Add a person").await;
    see_in(&browser, "dialog", "up to 200 characters").await;
    see_in(&browser, "dialog h1", "Add a person").await;
    fill(&browser, "dialog #name", "Half typed").await;
    press(&browser, "Undo").await;
    see_in(&browser, "dialog #toasts", "Zoe Mine was restored.").await;
    see(&browser, "11 people").await;
    let name = browser.find(Locator::Css("dialog[open] #name")).await.unwrap();
    assert_eq!(name.prop("value").await.unwrap().as_deref(), Some("Half typed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_follows_the_database_and_outlives_the_server() {
    let project = Project::new();
    let database = crate::test_app::database().await;
    let add = async |name: &str| {
        let sql = format!(
            "insert into people (id, name, email, phone_number, updated_at)
             values ('{name}', '{name}', '{name}@example.com', '12345', now())"
        );
        database.connect().await.batch_execute(&sql).await.unwrap();
    };
    let url = database.url_text();
    let mut people =
        tokio::task::block_in_place(|| Running::start(project.path(), &[("DATABASE_URL", &url)]));
    let port = people.port.to_string();
    let browser = Browser::start().await;
    add("Ann").await;
    let origin = format!("http://localhost:{port}");
    browser.goto(&origin).await.unwrap();
    fill(&browser, "#email", "ann@example.com").await;
    press(&browser, "Send me a link").await;
    see(&browser, "Check your e-mail").await;
    let link = tokio::task::block_in_place(|| people.wait_for("/api/auth/callback/email?"));
    browser.goto(link.trim()).await.unwrap();
    press(&browser, "Sign in").await;
    see(&browser, "Ann").await;
    add("Bob").await;
    see_in(&browser, ".people", "Bob").await;

    // Keys: to the list, into a dialog, and nothing while somebody types.
    browser.find(Locator::Css("body")).await.unwrap().send_keys("j").await.unwrap();
    browser.active_element().await.unwrap().send_keys("j").await.unwrap();
    // Alice Johnson is one of the sample people.
    assert_eq!(browser.active_element().await.unwrap().text().await.unwrap(), "Ann");
    browser.active_element().await.unwrap().send_keys("e").await.unwrap();
    see_in(&browser, "dialog", "Edit a person").await;
    fill(&browser, "dialog #name", "Ann jn").await;

    tokio::task::block_in_place(|| people.stop());
    press(&browser, "Save").await;
    see_in(&browser, "dialog", "No connection. Nothing was lost").await;
    shoot(&browser, "offline").await;
    let environment = [("DATABASE_URL", &*url), ("PORT", &*port)];
    let _people = tokio::task::block_in_place(|| Running::start(project.path(), &environment));
    press(&browser, "Save").await;
    see_in(&browser, "#toasts", "The changes were saved.").await;
    see(&browser, "Ann jn").await;
    add("Cid").await;
    see_in(&browser, ".people", "Cid").await;
}

/// The id of what has the focus.
pub(crate) async fn active(browser: &Client) -> String {
    browser.active_element().await.unwrap().attr("id").await.unwrap().unwrap_or_default()
}

pub(crate) async fn fill(browser: &Client, selector: &str, text: &str) {
    let field = browser.find(Locator::Css(selector)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

pub(crate) async fn press(browser: &Client, button: &str) {
    click(browser, &format!("//button[normalize-space()='{button}']")).await;
}

pub(crate) async fn follow(browser: &Client, link: &str) {
    click(browser, &format!("//a[normalize-space()='{link}']")).await;
}

/// Clicks what can be seen; waited for, since a dialog takes a moment.
pub(crate) async fn click(browser: &Client, path: &str) {
    for _ in 0..200 {
        for element in browser.find_all(Locator::XPath(path)).await.unwrap_or_default() {
            if element.is_displayed().await.unwrap_or(false) && element.click().await.is_ok() {
                return;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} cannot be clicked");
}

/// The page shows a text; waited for, since a click does not wait for the page behind it.
pub(crate) async fn see(browser: &Client, text: &str) {
    see_in(browser, "body", text).await;
}

pub(crate) async fn see_in(browser: &Client, selector: &str, text: &str) {
    let mut shown = String::new();
    for _ in 0..200 {
        if let Ok(element) = browser.find(Locator::Css(selector)).await {
            shown = element.text().await.unwrap_or_default();
            if shown.contains(text) {
                return;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("`{text}` is not in {selector}:\n{shown}");
}

/// Waits until nothing on the page is like this.
pub(crate) async fn gone(browser: &Client, selector: &str) {
    let script = "arguments[1](!document.querySelector(arguments[0]))";
    for _ in 0..200 {
        if browser.execute_async(script, vec![selector.into()]).await.is_ok_and(|is| is == true) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{selector} stays");
}

/// Waits until a script tells `arguments[0]` that something is so.
pub(crate) async fn wait_for(browser: &Client, script: &str, what: &str) {
    for _ in 0..400 {
        if browser.execute_async(script, vec![]).await.is_ok_and(|is| is == true) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("it does not become true that {what}");
}

/// Screenshots to look at lie in the target folder.
pub(crate) async fn shoot(browser: &Browser, name: &str) {
    browser
        .save_screenshot(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("people-{name}.png")))
        .await;
}
