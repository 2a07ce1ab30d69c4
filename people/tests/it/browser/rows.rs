//! The list shows who is there and nobody else: after every kind of change its rows are counted, and compared with what
//! the server answers without a script.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;
use testkit::browser::Browser;

use super::{active, fill, follow, gone, press, see, see_in, wait_for};
use crate::http_client::{HttpClient, signed_in};
use crate::site::Site;

/// A list in a browser, and a client that asks for the same page.
struct List {
    site: Site,
    browser: Browser,
    client: HttpClient,
}

impl List {
    async fn of_sixty(browser: Browser) -> Self {
        let site = Site::with_people(60).await;
        site.sign_in(&browser, "ann@example.com").await;
        let client = HttpClient::new(site.running.port, signed_in(&site.db, "bob@example.com").await);
        Self { site, browser, client }
    }

    /// The list comes to show these people in this order, under this count; all of it is what the server answers.
    async fn shows(&mut self, count: &str, people: impl IntoIterator<Item = i32>) {
        let expected: Vec<String> = people.into_iter().map(|number| format!("p-p{number:02}")).collect();
        let (mut said, mut shown) = (String::new(), Vec::new());
        for _ in 0..100 {
            (said, shown) = self.shown().await.unwrap_or_default();
            if said == count && shown == expected {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!((&*said, &shown), (count, &expected));

        let url = self.browser.current_url().await.unwrap();
        let address = &url[url::Position::BeforePath..];
        let answer = self
            .client
            .send(axum::http::Method::GET, address, &[("accept", "text/html")], String::new())
            .await
            .unwrap();
        let html = std::str::from_utf8(&answer.body).unwrap();
        let rows: Vec<&str> =
            html.split("<li id=\"").skip(1).map(|row| row.split('"').next().unwrap()).collect();
        assert_eq!(rows, expected, "at {address}");
        self.is_what_the_server_answers(html).await;
    }

    async fn shown(&self) -> Result<(String, Vec<String>), fantoccini::error::CmdError> {
        let mut rows = Vec::new();
        for row in self.browser.find_all(Locator::Css(".people > *")).await? {
            rows.push(row.attr("id").await?.unwrap_or_default());
        }
        let count = self.browser.find(Locator::Css("#count")).await?;
        Ok((count.prop("textContent").await?.unwrap_or_default(), rows))
    }

    /// Everything below the heading, attributes and the choice in the fields included. What the browser has done to it by
    /// itself (a message taken away, a menu opened) is elsewhere.
    async fn is_what_the_server_answers(&self, html: &str) {
        const COMPARE: &str = "const [html, done] = arguments;
            const doc = new DOMParser().parseFromString(html, 'text/html');
            const differs = ['.heading', 'search', '#results'].filter(part =>
                !document.querySelector('main > ' + part).isEqualNode(doc.querySelector('main > ' + part)));
            if (document.title !== doc.title) differs.push('the title');
            for (const field of ['q', 'sort'])
                if (document.getElementById(field).value !== doc.getElementById(field).value) differs.push(field);
            done(differs.map(part => part + ' ' + (document.querySelector('main > ' + part)?.outerHTML ?? '')));";
        let differs = self.browser.execute_async(COMPARE, vec![json!(html)]).await.unwrap();
        assert_eq!(differs, json!([]));
    }

    async fn newest_first(&self) {
        let newest = self.browser.find(Locator::Css("#sort option[value=newest]")).await.unwrap();
        newest.click().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_script_whoever_should_be_gone_is_gone() {
    let mut list = List::of_sixty(Browser::start().await).await;
    list.shows("60 people", 1..=20).await;
    searching(&mut list).await;
    pages_and_orders(&mut list).await;
    others_change_it(&mut list).await;
    deleted_and_back(&mut list).await;
    imported(&mut list).await;
    all_gone_and_there_again(&mut list).await;
}

/// As one types, letter by letter, on and back.
async fn searching(list: &mut List) {
    fill(&list.browser, "#q", "person").await;
    list.shows("60 people found", 1..=20).await;
    list.browser.active_element().await.unwrap().send_keys(" 0").await.unwrap();
    list.shows("9 people found", 1..=9).await;
    list.browser.active_element().await.unwrap().send_keys("7").await.unwrap();
    list.shows("1 person found", [7]).await;
    assert_eq!(active(&list.browser).await, "q", "the search keeps the focus");
    list.browser.active_element().await.unwrap().send_keys("x").await.unwrap();
    list.shows("0 people found", []).await;
    for _ in 0..2 {
        list.browser.active_element().await.unwrap().send_keys(&Key::Backspace.to_string()).await.unwrap();
    }
    list.shows("9 people found", 1..=9).await;
    follow(&list.browser, "Show all people").await;
    list.shows("60 people", 1..=20).await;
}

async fn pages_and_orders(list: &mut List) {
    follow(&list.browser, "Next").await;
    list.shows("60 people", 21..=40).await;
    follow(&list.browser, "Next").await;
    list.shows("60 people", 41..=60).await;
    follow(&list.browser, "Previous").await;
    list.shows("60 people", 21..=40).await;
    list.browser.back().await.unwrap();
    list.shows("60 people", 41..=60).await;
    list.browser.back().await.unwrap();
    list.shows("60 people", 21..=40).await;
    list.browser.forward().await.unwrap();
    list.shows("60 people", 41..=60).await;
    list.newest_first().await;
    list.shows("60 people", (41..=60).rev()).await;
    follow(&list.browser, "Next").await;
    list.shows("60 people", (21..=40).rev()).await;
    fill(&list.browser, "#q", "person 3").await;
    list.shows("10 people found", (30..=39).rev()).await;
    // Everybody is shown by name, and the field says so.
    follow(&list.browser, "Show all people").await;
    list.shows("60 people", 1..=20).await;
    list.browser.back().await.unwrap();
    list.shows("10 people found", (30..=39).rev()).await;
    list.browser.forward().await.unwrap();
    list.shows("60 people", 1..=20).await;
}

/// Other programs delete neighbours, a page and all but one, rename and add; the focus stays in its row.
async fn others_change_it(list: &mut List) {
    let focused = "#p-p05 a[href$='/edit']";
    list.browser.execute(&format!("document.querySelector(\"{focused}\").focus()"), vec![]).await.unwrap();
    list.site.sql("delete from people where id in ('p02', 'p03', 'p09')").await;
    list.shows("57 people", [1].into_iter().chain(4..=8).chain(10..=23)).await;
    list.site.sql("update people set name = 'Person 00' where id = 'p08'").await;
    list.shows("57 people", [8, 1].into_iter().chain(4..=7).chain(10..=23)).await;
    // This time it is the row itself that moves.
    list.site.sql("update people set name = 'Person 0' where id = 'p05'").await;
    list.shows("57 people", [5, 8, 1, 4, 6, 7].into_iter().chain(10..=23)).await;
    let has_focus = format!("arguments[0](document.activeElement.matches(\"{focused}\"))");
    wait_for(&list.browser, &has_focus, "the focus is where it was").await;

    follow(&list.browser, "Next").await;
    list.shows("57 people", 24..=43).await;
    list.site.sql("delete from people where id between 'p24' and 'p43'").await;
    list.shows("37 people", 44..=60).await;
    list.site.sql("delete from people where id between 'p44' and 'p60'").await;
    list.shows("20 people", [5, 8, 1, 4, 6, 7].into_iter().chain(10..=23)).await;
    list.site.sql("delete from people where id > 'p04'").await;
    list.shows("2 people", [1, 4]).await;
    list.site.sql(
        "insert into people (id, name, email, phone_number, updated_at) select 'p' || n, 'Person ' || n, n || '@example.com', \
         '12345', now() from generate_series(10, 50) n",
    )
    .await;
    list.shows("43 people", [1, 4].into_iter().chain(10..=27)).await;
}

async fn deleted_and_back(list: &mut List) {
    follow(&list.browser, "Delete Person 12").await;
    see_in(&list.browser, "dialog", "Delete this person?").await;
    press(&list.browser, "Delete").await;
    see_in(&list.browser, "body > #toasts", "The person was deleted.").await;
    list.shows("42 people", [1, 4, 10, 11].into_iter().chain(13..=28)).await;
    assert!(list.browser.find(Locator::Css("dialog > *")).await.is_err(), "nothing of a dialog stays");
    press(&list.browser, "Undo").await;
    see_in(&list.browser, "body > #toasts", "Person 12 was restored.").await;
    list.shows("43 people", [1, 4].into_iter().chain(10..=27)).await;
    gone(&list.browser, "#toasts form").await;
}

/// In another window, and the list hears of it.
async fn imported(list: &mut List) {
    let here = list.browser.window().await.unwrap();
    let beside = list.browser.new_window(true).await.unwrap().handle;
    list.browser.switch_to_window(beside).await.unwrap();
    list.site.open(&list.browser, "/people/import").await;
    fill(&list.browser, "#text", "Person 02x,two@example.com,12345\n").await;
    press(&list.browser, "Continue").await;
    press(&list.browser, "Add 1 person").await;
    see(&list.browser, "The file was imported: 1 added.").await;
    list.browser.close_window().await.unwrap();
    list.browser.switch_to_window(here).await.unwrap();
    see(&list.browser, "44 people").await;
    list.site.sql("update people set id = 'p02' where email = 'two@example.com'").await;
    list.shows("44 people", [1, 2, 4].into_iter().chain(10..=26)).await;
}

async fn all_gone_and_there_again(list: &mut List) {
    list.site.sql("delete from people").await;
    list.shows("0 people", []).await;
    see(&list.browser, "No people yet").await;
    list.site.add("p01").await;
    list.shows("1 person", [1]).await;
    gone(&list.browser, ".empty").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_list_is_what_the_server_answers() {
    let mut list = List::of_sixty(Browser::without_script().await).await;
    list.shows("60 people", 1..=20).await;
    follow(&list.browser, "Next").await;
    list.shows("60 people", 21..=40).await;
    list.browser.back().await.unwrap();
    list.shows("60 people", 1..=20).await;
    list.browser.forward().await.unwrap();
    list.shows("60 people", 21..=40).await;
    fill(&list.browser, "#q", "person 07").await;
    press(&list.browser, "Search").await;
    list.shows("1 person found", [7]).await;
    follow(&list.browser, "Show all people").await;
    list.newest_first().await;
    press(&list.browser, "Search").await;
    list.shows("60 people", (41..=60).rev()).await;
    follow(&list.browser, "Delete Person 50").await;
    press(&list.browser, "Delete").await;
    see(&list.browser, "The person was deleted.").await;
    list.shows("59 people", 1..=20).await;
    press(&list.browser, "Undo").await;
    see(&list.browser, "Person 50 was restored.").await;
    list.site.open(&list.browser, "/people?sort=newest").await;
    list.shows("60 people", (41..=60).rev()).await;
    list.site.sql("delete from people where id in ('p41', 'p42')").await;
    list.browser.refresh().await.unwrap();
    list.shows("58 people", (39..=60).rev().filter(|number| ![41, 42].contains(number))).await;
}

/// Whatever a part was before, afterwards it is what the server sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_becomes_what_it_is_to_be_whatever_it_was() {
    const SCRIPT: &str = include_str!("../../../assets/people.js");
    const TRY: &str = "
        let seed = 7;
        const random = most => (seed = seed * 48271 % 2147483647) % most;
        const tree = depth => {
            const element = document.createElement(['ul', 'li', 'p'][random(3)]);
            if (random(3)) element.className = 'c' + random(3);
            if (depth) element.append(...children(depth));
            return element;
        };
        const children = depth => {
            const ids = [...'abcdef'].filter(() => random(2)).sort(() => random(3) - 1);
            return Array.from({ length: random(7) }, () => {
                if (!random(3)) return ' '.repeat(1 + random(2));
                const child = tree(depth - 1);
                if (random(2) && ids.length) child.id = ids.pop();
                return child;
            });
        };
        const wrong = [];
        for (let round = 0; round < 3000; round++) {
            const [from, to] = [document.createElement('main'), document.createElement('main')];
            from.append(...children(3));
            to.append(...children(3));
            const [before, wanted] = [from.outerHTML, to.cloneNode(true)];
            morph(from, to);
            if (!from.isEqualNode(wanted)) wrong.push(before + ' became ' + from.outerHTML + ', not ' + wanted.outerHTML);
        }
        arguments[0](wrong.slice(0, 3));";
    let morph = &SCRIPT[SCRIPT.find("function morph(").expect("it is called so")..];
    let morph = &morph[..morph.find("\n}\n").expect("it has an end") + 2];
    let browser = Browser::start().await;
    let wrong = browser.execute_async(&format!("{morph}{TRY}"), vec![]).await.unwrap();
    assert_eq!(wrong, json!([]));
}
