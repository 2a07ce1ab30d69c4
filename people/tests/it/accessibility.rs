//! axe-core finds nothing on any page, dialog or message, wide and narrow, in light and dark colours.

use std::fmt::Write as _;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;
use testkit::browser::Browser;
use tokio::task::block_in_place;

use crate::browser::{click, fill, follow, gone, press, see, see_in, shoot};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_keeps_people_from_using_a_page() {
    let browser = Browser::start().await;
    a_broken_page_is_found_out(&browser).await;
    let mut site = Site::with_people(45).await;
    let mut found = String::new();
    pages_of_signing_in(&mut site, &browser, &mut found).await;
    pages_of_the_directory(&site, &browser, &mut found).await;
    dialogs_and_messages(&site, &browser, &mut found).await;
    assert!(found.is_empty(), "{found}");
}

/// Otherwise nobody would notice that nothing is looked for.
async fn a_broken_page_is_found_out(browser: &Browser) {
    let page = "data:text/html,<html lang=en><title>Broken</title><meta name=viewport content='width=device-width'>\
                <main><h1>Broken</h1><button></button><p style='color:%23999;background:%23888'>Faint</p>\
                <div style='width:500px'>Wide</div></main>";
    browser.goto(page).await.unwrap();
    let mut found = String::new();
    look_at(browser, "broken", &mut found).await;
    for line in [
        "light broken: button-name",
        "light broken: color-contrast",
        "dark broken: color-contrast",
        "narrow broken: button-name",
        "narrow broken: reflow",
    ] {
        assert!(found.contains(line), "{line} is not in {found}");
    }
    assert_eq!(found.lines().filter(|line| line.starts_with("light")).count(), 2, "{found}");
}

async fn pages_of_signing_in(site: &mut Site, browser: &Browser, found: &mut String) {
    site.open(browser, "/").await;
    look_at(browser, "sign-in", found).await;
    fill(browser, "#email", "ann@example.com").await;
    press(browser, "Send me a link").await;
    see(browser, "Check your e-mail").await;
    look_at(browser, "check-mail", found).await;
    let link = block_in_place(|| site.running.wait_for("/api/auth/callback/email?"));
    browser.goto(link.trim()).await.unwrap();
    see(browser, "Almost there").await;
    look_at(browser, "confirm", found).await;
    for (path, text) in [
        ("/api/auth/error?error=Verification", "This link no longer works"),
        ("/dev/mailbox", "The mailbox is locked"),
        ("/people/nobody/nowhere", "Page not found"),
    ] {
        site.open(browser, path).await;
        see(browser, text).await;
        look_at(browser, &text.replace(' ', "-"), found).await;
    }
    let mailbox = block_in_place(|| site.running.wait_for("Mailbox: "));
    browser.goto(mailbox.trim_start_matches("Mailbox: ")).await.unwrap();
    see(browser, "ann@example.com").await;
    look_at(browser, "mailbox", found).await;
}

async fn pages_of_the_directory(site: &Site, browser: &Browser, found: &mut String) {
    site.sign_in(browser, "bob@example.com").await;
    see(browser, "45 people").await;
    look_at(browser, "list", found).await;
    click(browser, "//summary").await;
    see(browser, "Everyone as CSV").await;
    look_at(browser, "menu", found).await;
    for (path, text) in [
        ("/people?q=nobody", "No matches for"),
        ("/people/new", "Add a person"),
        ("/people/p01/delete", "Delete this person?"),
        ("/people/import", "Import people"),
        ("/people/nobody", "Page not found"),
        ("/api", "The machine-readable version"),
        ("/people/p01", "Contact card"),
        ("/account", "Where you are signed in"),
    ] {
        site.open(browser, path).await;
        see(browser, text).await;
        look_at(browser, &path[1..].replace(['/', '?'], "-"), found).await;
    }
    site.open(browser, "/people/new").await;
    press(browser, "Add").await;
    see(browser, "Nothing was saved.").await;
    look_at(browser, "add-errors", found).await;
}

async fn dialogs_and_messages(site: &Site, browser: &Browser, found: &mut String) {
    site.open(browser, "/people").await;
    see(browser, "45 people").await;
    press(browser, "Keyboard shortcuts").await;
    see_in(browser, "dialog", "Enable shortcuts").await;
    look_at(browser, "help-dialog", found).await;
    browser.active_element().await.unwrap().send_keys(&Key::Escape.to_string()).await.unwrap();
    gone(browser, "dialog[open]").await;

    follow(browser, "Edit Person 01").await;
    see_in(browser, "dialog", "Edit a person").await;
    look_at(browser, "edit-dialog", found).await;
    fill(browser, "dialog #name", "").await;
    press(browser, "Save").await;
    see_in(browser, "dialog", "Nothing was saved.").await;
    look_at(browser, "error-dialog", found).await;
    fill(browser, "dialog #name", "Person One").await;
    site.sql("update people set name = 'Person Uno' where id = 'p01'").await;
    see_in(browser, "dialog", "Someone else has just changed this person.").await;
    look_at(browser, "news-dialog", found).await;
    press(browser, "Save").await;
    see_in(browser, "dialog", "Changed in the meantime").await;
    look_at(browser, "conflict-dialog", found).await;
    press(browser, "Save").await;
    see_in(browser, "#toasts", "The changes were saved.").await;

    follow(browser, "Delete Person 02").await;
    see_in(browser, "dialog", "Delete this person?").await;
    look_at(browser, "delete-dialog", found).await;
    press(browser, "Delete").await;
    see_in(browser, "#toasts", "The person was deleted.").await;
    assert!(browser.find(Locator::Css("#toasts form button")).await.is_ok(), "there is an Undo");
    look_at(browser, "toast-with-undo", found).await;

    site.sql("delete from people").await;
    see(browser, "No people yet").await;
    look_at(browser, "empty", found).await;
    site.sql("delete from sessions").await;
    site.add("Zoe").await;
    see_in(browser, "#banner", "You are signed out.").await;
    look_at(browser, "signed-out", found).await;
}

/// Looks at what the browser shows: in light colours, in dark ones, and on the narrowest screen.
pub(crate) async fn look_at(browser: &Browser, page: &str, found: &mut String) {
    let tags = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
    look(browser, "light", page, &tags, found).await;
    browser.set_dark(true).await;
    // All else is as it was.
    look(browser, "dark", page, &json!({ "type": "rule", "values": ["color-contrast"] }), found).await;
    browser.set_dark(false).await;
    browser.set_size(320, 640).await;
    look(browser, "narrow", page, &tags, found).await;
    // WCAG 1.4.10: what is wider than the screen, tables of data excepted, has to be read in two directions.
    let reflow = "return [document.documentElement, ...document.querySelectorAll('dialog[open]')]
        .every(part => part.scrollWidth <= Math.max(part.clientWidth, innerWidth))";
    if browser.execute(reflow, Vec::new()).await.unwrap() != true {
        writeln!(found, "narrow {page}: reflow: it is wider than 320 pixels").unwrap();
    }
    browser.set_size(1280, 900).await;
}

async fn look(browser: &Browser, kind: &str, page: &str, only: &serde_json::Value, found: &mut String) {
    const RUN: &str = "const [only, done] = arguments;
        Promise.all(document.getAnimations().map(a => a.finished.catch(() => {}))).then(() =>
        axe.run(document, { runOnly: only })).then(({ violations, passes }) => done(
            (passes.length ? '' : 'nothing was checked\\n') + violations.map(v => v.id + ': ' + v.help + ' '
                + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | ').replaceAll('\\n', ' ') + '\\n')
                .join('')), e => done(String(e)));";
    shoot(browser, &format!("{kind}-{page}")).await;
    if browser.execute("return typeof axe", Vec::new()).await.unwrap() == "undefined" {
        browser.execute(&testkit::axe(), Vec::new()).await.unwrap();
    }
    let violations = browser.execute_async(RUN, vec![only.clone()]).await.unwrap();
    for line in violations.as_str().unwrap_or("no answer").lines() {
        writeln!(found, "{kind} {page}: {line}").unwrap();
    }
}
