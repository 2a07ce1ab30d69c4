//! The page in a real browser: browsing, editing, keys, and what axe-core finds.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};
use testkit::browser::Browser;

use crate::support::Subject;

const ROWS: &str = r#"INSERT INTO users (id, email, name, role, active, manager_id, "createdAt")
        SELECT i, 'person' || i || '@example.com',
            CASE WHEN i % 9 = 0 THEN NULL WHEN i % 11 = 0 THEN '' ELSE (ARRAY['Ann Lee','Bob Stone','Cy Young','Dana Fox'])[1 + i % 4] END,
            CASE WHEN i % 5 = 0 THEN 'writer-1' ELSE 'READER' END::"Role", i % 3 > 0, CASE WHEN i > 1 THEN 1 + i % 3 END, '2026-11-28 18:30:00'
        FROM generate_series(1, 120) i;
    UPDATE users SET manager_id = NULL WHERE id = 3;
    SELECT setval(pg_get_serial_sequence('users', 'id'), 500);
    INSERT INTO "Post" SELECT 'post' || i, '<img src=x onerror="document.title=''broken''"> ' || i, 1 + i % 20 FROM generate_series(1, 60) i;
    INSERT INTO "Tag" VALUES (1, 'news'), (2, 'people'), (3, 'how-to');
    INSERT INTO "_PostToTag" VALUES ('post1', 1), ('post1', 2);
    INSERT INTO "Seat" VALUES ('A', 1, 1), ('A', 2, NULL);
    INSERT INTO "Everything" (id, text, int, big, float, decimal, flag, moment, day, clock, json, bytes, role, texts, numbers, place, "changedAt")
        VALUES (9007199254740993, 'first line' || chr(10) || 'second', 7, 9223372036854775807, 0.1, 1234567890.123456789, true,
            '2026-11-28 18:30:00.123', '2026-11-28', '07:08:09', '{"theme": "dark", "tabs": [1, 2]}', '\x00ff0a', 'READER', '{news,"",people}', '{1,2}', '(1,2)', now()),
        (2, repeat('long text ', 500), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'null', NULL, NULL, '{}', '{}', NULL, now())"#;

async fn opened(subject: &Subject, browser: &Browser, place: &str) {
    browser.goto(&subject.url).await.unwrap();
    see(browser, "User").await;
    if !place.is_empty() {
        browser.goto(&format!("http://{}/#/{place}", subject.host)).await.unwrap();
    }
}

async fn filled() -> Subject {
    let subject = Subject::with(nicol_studio::Options {
        title: "shop on this machine".to_owned(),
        ..Default::default()
    })
    .await;
    subject.sql(ROWS).await;
    subject.sql("ANALYZE").await;
    subject
}

/// Waits until the page shows a text.
async fn see(browser: &Browser, text: &str) {
    see_in(browser, "body", text).await;
}

async fn see_in(browser: &Browser, selector: &str, text: &str) {
    let script =
        "return [...document.querySelectorAll(arguments[0])].some(it => it.innerText.includes(arguments[1]))";
    wait(browser, script, vec![json!(selector), json!(text)]).await;
}

/// Waits until a script returns true.
async fn wait(browser: &Browser, script: &str, arguments: Vec<Value>) {
    for _ in 0..200 {
        if browser.execute(script, arguments.clone()).await.unwrap() == true {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    shoot(browser, "failed").await;
    panic!("{script} {arguments:?} is never true: {:?}", browser.console().await);
}

async fn press(browser: &Browser, name: &str) {
    // In the page, because it may be drawn anew between finding a button and pressing it.
    let script = "const button = [...document.querySelectorAll('button')].findLast(it =>
        [it.innerText.trim(), it.ariaLabel].includes(arguments[0]) && !it.disabled && it.checkVisibility());
        button?.focus(); button?.click(); return button !== undefined";
    wait(browser, script, vec![json!(name)]).await;
}

/// Sends keys to what has the focus.
async fn keys(browser: &Browser, keys: &str) {
    browser.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// Returns the text of a cell, by the number of its row and its field.
async fn cell(browser: &Browser, row: usize, field: &str) -> String {
    let script = "return document.querySelectorAll('tbody tr')[arguments[0]].querySelector(`[data-field=\"${arguments[1]}\"]`).innerText";
    let text = browser.execute(script, vec![json!(row), json!(field)]).await.unwrap();
    text.as_str().unwrap().to_owned()
}

async fn focus(browser: &Browser, row: usize, field: &str) {
    let script = "document.querySelectorAll('tbody tr')[arguments[0]].querySelector(`[data-field=\"${arguments[1]}\"]`).focus()";
    browser.execute(script, vec![json!(row), json!(field)]).await.unwrap();
}

async fn shoot(browser: &Browser, name: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/studio-screenshots");
    browser.save_screenshot(folder.join(format!("{name}.png"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_browsed_sorted_filtered_and_followed() {
    let subject = filled().await;
    let browser = Browser::start().await;
    opened(&subject, &browser, "").await;
    see(&browser, "120 rows").await;
    see(&browser, "Rows 1–50").await;
    shoot(&browser, "list").await;
    assert_eq!(cell(&browser, 0, "email").await, "person1@example.com");
    press(&browser, "Next page (Page Down)").await;
    see(&browser, "Rows 51–100").await;
    press(&browser, "Last page").await;
    see(&browser, "Rows 71–120").await;
    press(&browser, "Previous page (Page Up)").await;
    see(&browser, "Rows 21–70").await;
    press(&browser, "First page").await;
    see(&browser, "Rows 1–50").await;

    // Keys: to the head of `email`, and sort by it.
    focus(&browser, 0, "email").await;
    keys(&browser, &Key::Up.to_string()).await;
    keys(&browser, &Key::Enter.to_string()).await;
    wait(
        &browser,
        "return document.querySelector('[aria-sort=ascending]')?.innerText.includes('email')",
        vec![],
    )
    .await;
    wait(&browser, "return document.querySelector('tbody tr').innerText.includes('person100@')", vec![])
        .await;

    press(&browser, "Filter").await;
    let value = browser.wait().for_element(Locator::Css(".filter textarea")).await.unwrap();
    value.send_keys("person11").await.unwrap();
    shoot(&browser, "filter").await;
    press(&browser, "Apply filters").await;
    see(&browser, "11 rows").await;
    // The place can be opened anew.
    browser.refresh().await.unwrap();
    see(&browser, "11 rows").await;
    press(&browser, "Clear").await;
    see(&browser, "120 rows").await;

    // From the posts of a user to a post, and back.
    browser
        .find(Locator::XPath("//tr[.//td[.='person1@example.com']]/td[@data-field='posts']/a"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    see(&browser, "author is User 1").await;
    see(&browser, "onerror=").await;
    shoot(&browser, "followed").await;
    assert_ne!(browser.title().await.unwrap(), "broken");
    browser.back().await.unwrap();
    see(&browser, "120 rows").await;
    assert_eq!(browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_collected_reviewed_and_applied() {
    let subject = filled().await;
    let browser = Browser::start().await;
    opened(&subject, &browser, "").await;
    see(&browser, "120 rows").await;
    focus(&browser, 0, "name").await;
    keys(&browser, &Key::Enter.to_string()).await;
    see_in(&browser, ".popover", "keep").await;
    shoot(&browser, "editing").await;
    keys(&browser, "Zoe <b>Quinn</b>").await;
    keys(&browser, &Key::Enter.to_string()).await;
    see(&browser, "1 pending change").await;
    assert_eq!(cell(&browser, 0, "name").await, "Zoe <b>Quinn</b>");
    // Escape leaves without a change.
    keys(&browser, &Key::Down.to_string()).await;
    keys(&browser, &Key::Enter.to_string()).await;
    keys(&browser, "Nobody").await;
    keys(&browser, &Key::Escape.to_string()).await;
    see(&browser, "1 pending change").await;
    // Null and the empty text are different.
    keys(&browser, &Key::Enter.to_string()).await;
    press(&browser, "null").await;
    press(&browser, "Keep").await;
    assert_eq!(cell(&browser, 1, "name").await, "null");
    // A row is marked to be deleted, and one is added.
    focus(&browser, 4, "email").await;
    keys(&browser, &Key::Delete.to_string()).await;
    see(&browser, "3 pending changes").await;
    press(&browser, "Add row").await;
    focus(&browser, 0, "email").await;
    keys(&browser, &Key::Enter.to_string()).await;
    keys(&browser, "new@example.com").await;
    keys(&browser, &Key::Enter.to_string()).await;
    see(&browser, "4 pending changes").await;
    shoot(&browser, "pending").await;
    // Reloading would lose them.
    assert_eq!(
        browser
            .execute("return !dispatchEvent(new Event('beforeunload', { cancelable: true }))", vec![])
            .await
            .unwrap(),
        true
    );
    press(&browser, "Review and apply").await;
    see_in(&browser, "dialog", "Change User “1”").await;
    see_in(&browser, "dialog", "Delete User “5”").await;
    shoot(&browser, "review").await;
    // Others have changed a row meanwhile: nothing is applied, and all is kept.
    subject.sql("UPDATE users SET name = 'Theirs' WHERE id = 2").await;
    press(&browser, "Apply").await;
    see_in(&browser, "dialog", "another program has changed the row").await;
    see_in(&browser, "dialog", "Nothing was changed").await;
    shoot(&browser, "conflict").await;
    assert_eq!(subject.value("SELECT name FROM users WHERE id = 1").await, "Bob Stone");
    press(&browser, "Keep my change").await;
    press(&browser, "Try and show SQL").await;
    see_in(&browser, "dialog", "The changes would succeed").await;
    see_in(&browser, "dialog .sql", "UPDATE").await;
    shoot(&browser, "tried").await;
    press(&browser, "Apply").await;
    see(&browser, "4 changes were applied.").await;
    see(&browser, "120 rows").await;
    assert_eq!(subject.value("SELECT count(*) FROM users WHERE name = 'Zoe <b>Quinn</b>' AND id = 1 OR name IS NULL AND id = 2 OR email = 'new@example.com'").await, "3");
    assert_eq!(subject.value("SELECT count(*) FROM users WHERE id = 5").await, "0");
    let failed = browser.console().await;
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_opened_and_connected() {
    let subject = filled().await;
    let browser = Browser::start().await;
    opened(&subject, &browser, "Post").await;
    see(&browser, "60 rows").await;
    focus(&browser, 0, "title").await;
    keys(&browser, " ").await;
    see_in(&browser, "dialog", "Tag 2").await;
    shoot(&browser, "row").await;
    let input = browser.find(Locator::Css("dialog .connect input")).await.unwrap();
    input.send_keys("99").await.unwrap();
    press(&browser, "Connect").await;
    see(&browser, "There is no Tag 99.").await;
    input.clear().await.unwrap();
    input.send_keys("3").await.unwrap();
    press(&browser, "Connect").await;
    see_in(&browser, "dialog", "Tag 3").await;
    press(&browser, "Disconnect Tag 1").await;
    press(&browser, "Done").await;
    see(&browser, "2 pending changes").await;
    keys(&browser, &Key::Escape.to_string()).await;
    press(&browser, "Review and apply").await;
    see_in(&browser, "dialog", "Connect Post “post1” with Tag “3”").await;
    press(&browser, "Apply").await;
    see(&browser, "2 changes were applied.").await;
    assert_eq!(
        subject.value(r#"SELECT string_agg("B"::text, ' ' ORDER BY 1) FROM "_PostToTag""#).await,
        "2 3"
    );
    assert_eq!(browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_studio_offers_no_changes() {
    let options = nicol_studio::Options {
        is_read_only: true,
        title: "shop".to_owned(),
        notice: Some("shop is on another machine: rows can only be read".to_owned()),
    };
    let subject = Subject::with(options).await;
    subject.sql(ROWS).await;
    let browser = Browser::start().await;
    opened(&subject, &browser, "").await;
    see(&browser, "120 rows").await;
    see(&browser, "rows can only be read").await;
    focus(&browser, 0, "name").await;
    keys(&browser, &Key::Delete.to_string()).await;
    keys(&browser, &Key::Enter.to_string()).await;
    see_in(&browser, "dialog", "person1@example.com").await;
    shoot(&browser, "read-only").await;
    let inputs = browser.execute("return document.querySelectorAll('dialog input, dialog textarea, dialog select, td input').length", vec![]).await.unwrap();
    assert_eq!(inputs, 0);
}

/// axe-core finds nothing, in light and dark colours and on a phone.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_keeps_people_from_using_the_page() {
    let subject = filled().await;
    let browser = Browser::start().await;
    let mut found = String::new();
    opened(&subject, &browser, "").await;
    see(&browser, "120 rows").await;
    focus(&browser, 0, "name").await;
    keys(&browser, &Key::Enter.to_string()).await;
    see_in(&browser, ".popover", "keep").await;
    look_at(&browser, "popover", &mut found).await;
    keys(&browser, "Zoe").await;
    keys(&browser, &Key::Enter.to_string()).await;
    keys(&browser, &Key::Down.to_string()).await;
    keys(&browser, &Key::Delete.to_string()).await;
    press(&browser, "Add row").await;
    press(&browser, "Filter").await;
    see(&browser, "Apply filters").await;
    look_at(&browser, "changed", &mut found).await;
    press(&browser, "Review and apply").await;
    see_in(&browser, "dialog", "Delete User").await;
    press(&browser, "Apply").await;
    see_in(&browser, "dialog", "Nothing was changed").await;
    look_at(&browser, "failed", &mut found).await;
    press(&browser, "Discard all").await;
    keys(&browser, "?").await;
    see_in(&browser, "dialog", "Keyboard shortcuts").await;
    look_at(&browser, "help", &mut found).await;
    keys(&browser, &Key::Escape.to_string()).await;
    browser.goto(&format!("http://{}/#/Nothing", subject.host)).await.unwrap();
    see(&browser, "no rows yet").await;
    look_at(&browser, "nothing", &mut found).await;
    browser.goto(&format!("http://{}/#/Everything", subject.host)).await.unwrap();
    see(&browser, "9007199254740993").await;
    focus(&browser, 1, "id").await;
    keys(&browser, " ").await;
    see_in(&browser, "dialog", "Everything 9007199254740993").await;
    look_at(&browser, "all-types", &mut found).await;
    assert!(found.is_empty(), "{found}");
}

async fn look_at(browser: &Browser, name: &str, found: &mut String) {
    let tags = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
    look(browser, &format!("light-{name}"), &tags, found).await;
    browser.set_dark(true).await;
    look(browser, &format!("dark-{name}"), &json!({ "type": "rule", "values": ["color-contrast"] }), found)
        .await;
    browser.set_dark(false).await;
    browser.set_size(390, 800).await;
    look(browser, &format!("phone-{name}"), &tags, found).await;
    let wide = "return document.documentElement.scrollWidth > innerWidth";
    if browser.execute(wide, vec![]).await.unwrap() == true {
        writeln!(found, "phone-{name}: wider than the screen").unwrap();
    }
    browser.set_size(1280, 900).await;
}

async fn look(browser: &Browser, name: &str, only: &Value, found: &mut String) {
    const RUN: &str = "const [only, done] = arguments;
        Promise.all(document.getAnimations().map(a => a.finished.catch(() => {}))).then(() =>
        axe.run(document, { runOnly: only })).then(({ violations, passes }) => done(
            (passes.length ? '' : 'nothing was checked\\n') + violations.map(v => v.id + ': ' + v.help + ' '
                + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | ').replaceAll('\\n', ' ') + '\\n')
                .join('')), e => done(String(e)));";
    shoot(browser, name).await;
    if browser.execute("return typeof axe", vec![]).await.unwrap() == "undefined" {
        browser.execute(&testkit::axe(), vec![]).await.unwrap();
    }
    let violations = browser.execute_async(RUN, vec![only.clone()]).await.unwrap();
    for line in violations.as_str().unwrap_or("no answer").lines() {
        writeln!(found, "{name}: {line}").unwrap();
    }
}
