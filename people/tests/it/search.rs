//! What a search finds, and in which order.

use people::actions::search_users;
use people::search::{Cursor, Position, Search, Sort, Total};

use crate::test_app::{TestApp, Visitor};

const PEOPLE: [(&str, &str, &str); 8] = [
    ("Anne-Marie O'Brien", "amo@example.com", "+61 2 5550 1234"),
    ("Bob Anders", "bob@example.com", "(02) 5550-9999"),
    ("Carl Jensen", "anton@example.com", "030/123456"),
    ("Dan Brown", "dan@example.com", "+1 202 555 0101"),
    ("\u{c9}mile Zola", "emile@example.com", "+33 1 99 00 12 34"),
    ("Joan Hannah (Nan) Lee", "joan@example.com", "12345"),
    ("100% Real", "x_y@example.com", "99999"),
    ("Under_score", "u@example.com", "88888"),
];

const EVERYBODY: [&str; 8] = [
    "100% Real",
    "Anne-Marie O'Brien",
    "Bob Anders",
    "Carl Jensen",
    "Dan Brown",
    "\u{c9}mile Zola",
    "Joan Hannah (Nan) Lee",
    "Under_score",
];

async fn app() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    for (name, email, phone) in PEOPLE {
        app.person(name, email, phone).await;
    }
    let user = app.user("me@example.com").await;
    (app, user)
}

fn by_name(query: &str) -> Search {
    Search::new(query, Sort::Name, Position::Start)
}

/// The names on the page of a search, in their order.
async fn names(user: &mut Visitor, query: &str) -> Vec<String> {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let page = user.get(&format!("/people?q={query}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body
        .split("<a class=\"name\"")
        .skip(1)
        .map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap().replace("&#39;", "'"))
        .collect()
}

#[tokio::test]
async fn it_matches_the_beginning_of_words_addresses_and_numbers() {
    let (_app, mut user) = app().await;
    let cases: [(&str, &[&str]); 43] = [
        ("an", &["Anne-Marie O'Brien", "Bob Anders", "Carl Jensen"]),
        ("AN", &["Anne-Marie O'Brien", "Bob Anders", "Carl Jensen"]),
        ("marie", &["Anne-Marie O'Brien"]),
        ("brien", &["Anne-Marie O'Brien"]),
        ("o'b", &["Anne-Marie O'Brien"]),
        ("nan", &["Joan Hannah (Nan) Lee"]),
        ("\u{e9}m", &["\u{c9}mile Zola"]),
        ("bob and", &["Bob Anders"]),
        ("and  bob", &["Bob Anders"]),
        ("bob zola", &[]),
        ("dan@ex", &["Dan Brown"]),
        ("example", &EVERYBODY),
        ("example.c d", &["Dan Brown"]),
        ("emile", &["\u{c9}mile Zola"]),
        ("E\u{301}MI", &["\u{c9}mile Zola"]),
        ("zola \u{e8}", &["\u{c9}mile Zola"]),
        ("marie o", &["Anne-Marie O'Brien"]),
        ("anne-marie", &["Anne-Marie O'Brien"]),
        ("o\u{2019}brien", &["Anne-Marie O'Brien"]),
        ("rie", &[]),
        ("com", &[]),
        ("(n", &["Joan Hannah (Nan) Lee"]),
        ("dan 202", &["Dan Brown"]),
        ("555-01 dan", &["Dan Brown"]),
        ("202 555", &["Dan Brown"]),
        ("2025", &[]),
        ("+ 61", &["Anne-Marie O'Brien"]),
        ("61-2 (5)", &["Anne-Marie O'Brien"]),
        ("1202 555", &[]),
        ("12 02", &["Dan Brown"]),
        ("345", &[]),
        ("+61", &["Anne-Marie O'Brien"]),
        ("61255", &["Anne-Marie O'Brien"]),
        ("02 5550", &["Bob Anders"]),
        ("(02)", &["Bob Anders"]),
        ("1 (202) 555", &["Dan Brown"]),
        ("0101", &["Dan Brown"]),
        (
            "12",
            &["Anne-Marie O'Brien", "Carl Jensen", "Dan Brown", "\u{c9}mile Zola", "Joan Hannah (Nan) Lee"],
        ),
        ("100", &["100% Real"]),
        ("100%", &["100% Real"]),
        ("%", &[]),
        ("_", &[]),
        ("x_", &["100% Real"]),
    ];
    for (query, expected) in cases {
        assert_eq!(names(&mut user, query).await, expected, "{query:?}");
    }
}

#[tokio::test]
async fn hostile_queries_find_nobody_and_break_nothing() {
    let (_app, mut user) = app().await;
    for query in
        ["'; drop table people; --", "\\", "a\\", "\0", "%%%", "1'1", "((((", "\u{202e}", &"x".repeat(10_000)]
    {
        assert!(names(&mut user, query).await.len() <= PEOPLE.len(), "{query:?}");
    }
    assert_eq!(names(&mut user, "").await.len(), PEOPLE.len());
    let page = user.get("/people?q=%3Cimg%20src%3Dx%3E").await;
    assert!(page.body.contains("Nobody found for") && !page.body.contains("<img src=x>"));
}

#[tokio::test]
async fn long_results_come_in_pages() {
    let app = TestApp::start().await;
    for number in 0..45 {
        let name = format!("Person {:02}", 44 - number);
        app.person(&name, &format!("p{number}@example.com"), &format!("555 01{number:02}")).await;
    }
    let mut user = app.user("me@example.com").await;
    for (list, first, last) in [("?", 0, 44), ("?q=555&", 0, 44), ("?sort=newest&", 0, 44)] {
        let mut page = user.get(&format!("/people{}", list.trim_end_matches(['?', '&']))).await;
        let mut pages = Vec::new();
        loop {
            assert!(page.body.contains("45 people"), "{}", page.body);
            pages.push(numbers(&page.body));
            let Some(next) = page.link("next") else { break };
            page = user.get(&next).await;
        }
        let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(lengths, [20, 20, 5], "{list}");
        assert_eq!(pages.concat(), (first..=last).collect::<Vec<_>>(), "{list}");
        for expected in pages.iter().rev().skip(1) {
            page = user.get(&page.link("prev").unwrap()).await;
            assert_eq!(&numbers(&page.body), expected, "{list}");
        }
        assert_eq!(page.link("prev"), None);
    }
}

fn numbers(page: &str) -> Vec<u32> {
    page.split("Person ")
        .skip(1)
        .filter_map(|rest| rest.get(..2)?.parse().ok().filter(|_| rest[2..].starts_with("</a>")))
        .collect()
}

#[tokio::test]
async fn a_place_that_cannot_be_read_is_the_start() {
    let (_app, mut user) = app().await;
    for path in
        ["?after=x", "?before=%00", "?after=bmE&before=%21", "?sort=newest&after=bmEAYw", "?sort=x&page=2"]
    {
        let page = user.get(&format!("/people{path}")).await;
        assert!(
            page.status == 200 && page.body.contains("8 people") && page.link("prev").is_none(),
            "{path}"
        );
    }
    // Behind the last one there is nobody: the list begins anew.
    let behind = Cursor::parse("bnp6egBj").unwrap();
    let page = user.get(&format!("/people?q=an&after={behind}")).await;
    assert_eq!(page.location(), "/people?q=an");
}

#[tokio::test]
async fn only_the_schema_of_the_url_is_searched() {
    let app = TestApp::start().await;
    app.person("Ann Elsewhere", "ann@example.com", "555 0101").await;
    let url = app.database.url().with_parameter("schema", "the \"directory\"").unwrap();
    app.database.connect().await.batch_execute("create schema \"the \"\"directory\"\"\"").await.unwrap();
    nicol_migrate::deploy(&url, &people::database::migrations(), |_| {}).await.unwrap();
    let db = people::db::Client::lazy(&url.to_url_with_password()).unwrap();
    people::seed::seed(&db).await.unwrap();
    let proof = app.user("me@example.com").await.proof().await;
    for (query, total) in [("", 10), ("555", 7), ("1 202 555", 2), ("ann", 0), ("john", 2)] {
        let found = search_users(&db, &proof, &by_name(query)).await.unwrap();
        assert_eq!(found.total, Total::Exact(total), "{query:?}");
    }
}

#[tokio::test]
async fn equal_names_are_ordered_by_id() {
    let app = TestApp::start().await;
    for number in 0..5 {
        app.person("Ann Lee", &format!("p{number}@example.com"), "12345").await;
    }
    let user = app.user("me@example.com").await;
    let proof = user.proof().await;
    for query in ["ann", "12345"] {
        let found = search_users(&app.db, &proof, &by_name(query)).await.unwrap();
        assert_eq!(found.total, Total::Exact(5));
        assert!(found.people.is_sorted_by_key(|person| person.id.clone()), "{query}");
    }
}
