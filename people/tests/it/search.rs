//! What a search finds, and in which order.

use std::collections::BTreeSet;

use nicol_auth::Authenticated;
use people::actions::{search_people, search_people_page};
use people::db::{Client, person};
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
        ("1202 555", &["Dan Brown"]),
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
    assert!(page.body.contains("No matches for") && !page.body.contains("<img src=x>"));
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
        let found = search_people(&db, &proof, &by_name(query)).await.unwrap();
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
        let found = search_people(&app.db, &proof, &by_name(query)).await.unwrap();
        assert_eq!(found.total, Total::Exact(5));
        assert!(found.people.is_sorted_by_key(|person| person.id.clone()), "{query}");
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len())]
    }
}

const GIVEN: [&str; 12] = [
    "Zoe",
    "zo\u{eb}",
    "Anna-Zoe",
    "Ann",
    "\u{c5}sa",
    "Jo",
    "Joan",
    "O'Neil",
    "(Jo)",
    "\u{738b}",
    "1st",
    "J\u{f6}rg",
];
const FAMILY: [&str; 10] = [
    "Smith",
    "smith-Jo",
    "de Zoe",
    "Zoeller",
    "van der Ann",
    "\u{141}ada",
    "_x%",
    "O\u{2019}Zoe",
    "a\\b",
    "",
];

/// Everybody whom a search finds, by pages: onwards from the start, then back from the end.
async fn walked(db: &Client, proof: &Authenticated, typed: &str, sort: Sort, size: u32) -> [Vec<String>; 2] {
    let mut onwards = Vec::new();
    let mut position = Position::Start;
    let last = loop {
        let found = search_people_page(db, proof, &Search::new(typed, sort, position), size).await.unwrap();
        onwards.extend(found.people.iter().map(|person| person.id.clone()));
        match found.next {
            Some(next) => position = Position::After(next),
            None => break found,
        }
    };
    let mut pages = vec![last.people.iter().map(|person| person.id.clone()).collect::<Vec<_>>()];
    let mut previous = last.previous;
    while let Some(place) = previous {
        let found = search_people_page(db, proof, &Search::new(typed, sort, Position::Before(place)), size)
            .await
            .unwrap();
        pages.push(found.people.iter().map(|person| person.id.clone()).collect());
        previous = found.previous;
    }
    pages.reverse();
    [onwards, pages.concat()]
}

/// Four hundred people whose names, addresses and numbers have much in common.
async fn add_crowd(app: &TestApp) {
    let mut dice = Dice(7);
    let mut rows = Vec::new();
    for number in 0..400 {
        let name = format!("{} {}", dice.pick(&GIVEN), dice.pick(&FAMILY));
        let name = name.trim();
        let local = match dice.below(4) {
            0 => format!("x{number}"),
            1 => format!("zoe{number}"),
            _ => format!(
                "{}{number}",
                name.split(' ').next().unwrap().to_lowercase().replace(['(', ')', '\''], "")
            ),
        };
        let phone = ["+1 202 555 01", "(02) 5550-99", "030/1234"][dice.below(3)];
        rows.push((
            name.to_owned(),
            format!("{local}@{}.com", dice.pick(&["zoe", "example"])),
            format!("{phone}{number}"),
        ));
    }
    for chunk in rows.chunks(100) {
        let people = chunk.iter().map(|(name, email, phone_number)| -> person::Create {
            person::New { name: name.clone(), email: email.clone(), phone_number: phone_number.clone() }
                .into()
        });
        app.db.person().create_many(people).await.unwrap();
    }
}

/// The same people in a database that has tables alone, as `db push` makes it.
async fn plain_copy(app: &TestApp) -> TestApp {
    let plain = TestApp::start().await;
    let people = app.db.person().find_many().await.unwrap();
    for chunk in people.chunks(100) {
        let people = chunk.iter().map(|person| -> person::Create {
            person::Create::from(person::New {
                name: person.name.clone(),
                email: person.email.clone(),
                phone_number: person.phone_number.clone(),
            })
            .id(person.id.clone())
            .created_at(person.created_at)
        });
        plain.db.person().create_many(people).await.unwrap();
    }
    let connection = plain.database.connect().await;
    connection.batch_execute("drop function people_fold cascade; drop function people_search").await.unwrap();
    plain
}

/// With few people everything is walked; with other limits in the function the other ways are taken, too.
#[tokio::test]
async fn every_way_of_searching_finds_the_same_in_the_same_order() {
    let app = TestApp::start().await;
    add_crowd(&app).await;
    let plain = plain_copy(&app).await;
    let direct = app.database.connect().await;
    let source: String =
        direct.query_one("select pg_get_functiondef('people_search'::regproc)", &[]).await.unwrap().get(0);
    let proof = app.user("me@example.com").await.proof().await;

    let searches = [
        "",
        "z",
        "zoe",
        "zoe s",
        "zoe 202",
        "jo",
        "jo ann",
        "o'",
        "o'zoe",
        "smith jo",
        "de z",
        "x",
        "x1",
        "zoe1",
        "example",
        "zoe.com",
        "zoe example",
        "202",
        "+1 202 555 011",
        "02 5550",
        "030/12",
        "5550 99",
        "\u{141}ada",
        "\u{738b}",
        "_",
        "a\\",
        "1st",
        "ann-zoe",
        "anna-zoe",
        "nobody",
        "asa",
        "jorg smith",
        "(jo",
    ];
    let mut branches = BTreeSet::new();
    for (small, few, short, many) in
        [(10_000, 250, 1000, 10), (0, 1000, 30, 10), (0, 5, 30, 1), (0, 5, 1, 0), (0, 0, 1, 0)]
    {
        let tuned = source
            .replace(":= 10000;", &format!(":= {small};"))
            .replace("THEN 250 ELSE 3000 END;", &format!("THEN {few} ELSE {few} END;"))
            .replace(":= 1000;", &format!(":= {short};"))
            .replace("10 * \"size\"", &format!("{many} * \"size\""));
        assert!(
            tuned.contains(&format!("THEN {few} ELSE {few} END;")),
            "the limits are where they are looked for"
        );
        direct.batch_execute(&tuned).await.unwrap();
        direct.batch_execute("analyze people").await.unwrap();
        for typed in searches {
            for sort in [Sort::Name, Sort::Newest] {
                let expected = walked(&plain.db, &proof, typed, sort, 1000).await;
                for size in [7, 90] {
                    let [onwards, backwards] = walked(&app.db, &proof, typed, sort, size).await;
                    assert_eq!(onwards, expected[0], "{typed:?} {sort} {size} {few} {short}");
                    assert_eq!(backwards, expected[0], "{typed:?} {sort} {size} {few} {short}");
                }
                let found =
                    search_people(&app.db, &proof, &Search::new(typed, sort, Position::Start)).await.unwrap();
                let all = expected[0].len() as u64;
                match found.total {
                    Total::Exact(total) => assert_eq!(total, all, "{typed:?}"),
                    total => {
                        assert!(found.next.is_some() && total.count() >= 20, "{typed:?} {total:?} {all}");
                    }
                }
                let words: Vec<&str> = typed.split(' ').collect();
                let row = direct
                    .query_one(
                        "select branch from people_search($1, true, $2, '{}', 7, true, null, null, null)",
                        &[&sort.as_str(), &words],
                    )
                    .await
                    .unwrap();
                branches.insert(row.get::<_, String>(0));
            }
        }
    }
    assert_eq!(branches.iter().map(|branch| &**branch).collect::<Vec<_>>(), ["stretches", "walk", "words"]);
}
