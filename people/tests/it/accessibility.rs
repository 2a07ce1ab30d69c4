//! axe-core finds nothing on any page or dialog, in light and dark colours, wide and narrow.

use std::fmt::Write as _;

use testkit::browser::Browser;

use crate::browser::{fill, follow, press, see, see_in, shoot, sign_in};
use crate::running::{Project, Running};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_keeps_people_from_using_a_page() {
    let project = Project::new();
    let mut people = tokio::task::block_in_place(|| Running::start(project.path(), &[]));
    let origin = format!("http://localhost:{}", people.port);
    let mut found = String::new();
    for (browser, kind) in [
        (Browser::start().await, "light"),
        (Browser::dark(1280, 900).await, "dark"),
        (Browser::with_window(500, 800).await, "narrow"),
        (Browser::dark(500, 800).await, "narrow-dark"),
    ] {
        browser.goto(&origin).await.unwrap();
        look(&browser, kind, "sign-in", &mut found).await;
        sign_in(&browser, &mut people, &origin, kind).await;
        for (path, name) in [
            ("/people", "list"),
            ("/people?q=nobody", "no-hits"),
            ("/people/new", "add"),
            ("/people/import", "import"),
            ("/people/nobody", "not-found"),
            ("/api", "api"),
        ] {
            browser.goto(&format!("{origin}{path}")).await.unwrap();
            look(&browser, kind, name, &mut found).await;
        }
        browser.goto(&format!("{origin}/people")).await.unwrap();
        follow(&browser, "Alice Johnson").await;
        see(&browser, "Added").await;
        look(&browser, kind, "detail", &mut found).await;
        follow(&browser, "Edit").await;
        see_in(&browser, "dialog", "Edit a person").await;
        look(&browser, kind, "edit-dialog", &mut found).await;
        fill(&browser, "dialog #name", "").await;
        press(&browser, "Save").await;
        see_in(&browser, "dialog", "Nothing was saved.").await;
        look(&browser, kind, "error-dialog", &mut found).await;
    }
    assert!(found.is_empty(), "{found}");
}

pub(crate) async fn look(browser: &Browser, kind: &str, page: &str, found: &mut String) {
    const RUN: &str = "const done = arguments[arguments.length - 1];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        Promise.all(document.getAnimations().map(a => a.finished.catch(() => {}))).then(() =>
        axe.run(document, { runOnly: tags })).then(({ violations, passes }) => done(
            (passes.length ? '' : 'nothing was checked\\n') + violations.map(v => v.id + ': ' + v.help + ' '
                + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | ') + '\\n').join('')), e => done(String(e)));";
    shoot(browser, &format!("{kind}-{page}")).await;
    browser.execute(&testkit::axe(), vec![]).await.unwrap();
    let violations = browser.execute_async(RUN, vec![]).await.unwrap();
    for line in violations.as_str().unwrap_or("no answer").lines() {
        writeln!(found, "{kind} {page}: {line}").unwrap();
    }
}
