//! One person, one real browser, both applications.

use fantoccini::Locator;
use fantoccini::elements::Element;
use testkit::browser::Browser;

use crate::pair::Pair;
use crate::react::see;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_goes_from_one_to_the_other_and_back() {
    let pair = Pair::start().await;
    let (people, next) = (&pair.people.origin, &pair.next.origin);
    let browser = Browser::start().await;

    // In at People, by its own page.
    browser.goto(people).await.unwrap();
    fill(&browser, "ann@example.com").await;
    press(&browser, "//button[normalize-space()='Send me a link']").await;
    see(&browser, "Check your e-mail").await;
    browser.goto(&pair.ground.mails.mail_to("ann@example.com").await.link()).await.unwrap();
    press(&browser, "//button[normalize-space()='Sign in']").await;
    see(&browser, "ann@example.com").await;
    browser.goto(next).await.unwrap();
    see(&browser, "signed in as ann@example.com").await;

    // Out at the original, by the page that Auth.js has for it.
    browser.goto(&format!("{next}/api/auth/signout")).await.unwrap();
    press(&browser, "//button[@type='submit']").await;
    see(&browser, "signed out").await;
    browser.goto(&format!("{people}/people")).await.unwrap();
    see(&browser, "Send me a link").await;

    // And the other way round.
    browser.goto(&format!("{next}/api/auth/signin")).await.unwrap();
    fill(&browser, "bob@example.com").await;
    press(&browser, "//button[@type='submit']").await;
    let link = pair.ground.mails.mail_to("bob@example.com").await.link();
    browser.goto(&link).await.unwrap();
    browser.goto(next).await.unwrap();
    see(&browser, "signed in as bob@example.com").await;
    browser.goto(&format!("{people}/people")).await.unwrap();
    see(&browser, "bob@example.com").await;
    browser.goto(&format!("{people}/api/auth/signout")).await.unwrap();
    press(&browser, "//main//button[normalize-space()='Sign out']").await;
    see(&browser, "Send me a link").await;
    browser.goto(next).await.unwrap();
    see(&browser, "signed out").await;
}

async fn fill(browser: &Browser, text: &str) {
    let field = find(browser, Locator::Css("input[type=email]")).await;
    field.send_keys(text).await.unwrap();
}

async fn press(browser: &Browser, path: &str) {
    find(browser, Locator::XPath(path)).await.click().await.unwrap();
}

async fn find(browser: &Browser, locator: Locator<'_>) -> Element {
    if let Ok(element) = browser.wait().for_element(locator).await {
        return element;
    }
    panic!("{locator:?} is not in\n{}", browser.source().await.unwrap());
}
