//! What a search finds, and in which order.

use people::actions::search_users;
use people::search::Search;

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

async fn app() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    for (name, email, phone) in PEOPLE {
        app.person(name, email, phone).await;
    }
    let user = app.user("me@example.com").await;
    (app, user)
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
    let cases: [(&str, &[&str]); 24] = [
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
        ("example", &[]),
        ("+61", &["Anne-Marie O'Brien"]),
        ("61255", &["Anne-Marie O'Brien"]),
        ("02 5550", &["Bob Anders"]),
        ("(02)", &["Bob Anders"]),
        ("1 (202) 555", &["Dan Brown"]),
        ("0101", &[]),
        ("12", &["Dan Brown", "Joan Hannah (Nan) Lee"]),
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
async fn long_results_come_in_pages_ordered_by_name() {
    let app = TestApp::start().await;
    for number in 0..45 {
        let name = format!("Person {:02}", 44 - number);
        app.person(&name, &format!("p{number}@example.com"), &format!("555 01{number:02}")).await;
    }
    let mut user = app.user("me@example.com").await;
    let first = user.get("/people").await;
    for text in ["45 people", "Page 1 of 3", "Person 00", "Person 19", "/people?page=2"] {
        assert!(first.body.contains(text), "{text}");
    }
    assert!(!first.body.contains("Person 20") && !first.body.contains("rel=\"prev\""));
    let last = user.get("/people?page=3").await;
    assert!(
        last.body.contains("Person 44")
            && last.body.contains("rel=\"prev\"")
            && !last.body.contains("rel=\"next\"")
    );
    let by_number = user.get("/people?q=555&page=2").await;
    assert!(by_number.body.contains("45 people found") && by_number.body.contains("q=555&#38;page=3"));
    assert!(by_number.body.contains("Person 20"));

    for path in ["/people?page=9", "/people?page=4294967295"] {
        assert_eq!(user.get(path).await.location(), "/people?page=3", "{path}");
    }
    for path in ["/people?page=0", "/people?page=-1", "/people?page=x", "/people?page=99999999999"] {
        assert!(user.get(path).await.body.contains("Page 1 of 3"), "{path}");
    }
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
    for (query, total) in [("", 10), ("555", 0), ("1 202 555", 2), ("ann", 0), ("john", 2)] {
        assert_eq!(
            search_users(&db, &proof, &Search::new(query, 1)).await.unwrap().total,
            total,
            "{query:?}"
        );
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
        let found = search_users(&app.db, &proof, &Search::new(query, 1)).await.unwrap();
        assert_eq!(found.total, 5);
        assert!(found.people.is_sorted_by_key(|person| person.id.clone()), "{query}");
    }
}
