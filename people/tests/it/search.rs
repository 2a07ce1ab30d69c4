//! What a search finds, and in which order.

use std::fs;
use std::path::Path;

use nicol_auth::Authenticated;
use nicol_migrate::Migrations;
use people::actions::{search_people, search_people_page};
use people::db::{Client, Person, person};
use people::search::{Cursor, Position, Search, Sort, Total};

use testkit::TestDatabase;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

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

/// Four hundred people whose names, addresses and numbers have much in common; and people who are late in both orders and
/// have a word that nobody else has: more of them than a search counts.
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
    let late = "insert into people (id, name, email, phone_number, created_at, updated_at)
        select 'late' || n, '\u{fffd}zzz Late' || n % 7, 'late' || n || '@example.org', '777', timestamp '2001-01-01' - n * interval '1 s', now()
        from generate_series(1, 1100) as n";
    app.database.connect().await.batch_execute(late).await.unwrap();
}

/// The words that a person is found by, made without the database.
fn words_of(person: &Person) -> Vec<String> {
    let name = folded(&person.name);
    let is_mark = |c: char| "-'.(".contains(c);
    let parts = name.split([' ', '-', '\'', '.', '(']);
    let rests =
        name.split(' ').filter_map(|word| Some(word.split_once(is_mark)?.1.trim_start_matches(is_mark)));
    let email = folded(&person.email);
    let digits = person.phone_number.replace(PHONE_MARKS, "");
    let texts = name.split(' ').chain(parts).chain(rests).chain([&*email]).chain(email.split('@').skip(1));
    let texts = texts.chain([&*digits]).chain(person.phone_number.split(PHONE_MARKS));
    texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

const PHONE_MARKS: [char; 7] = ['+', ' ', '-', '.', '/', '(', ')'];

fn folded(text: &str) -> String {
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c));
    letters.collect::<String>().to_lowercase().replace('\u{142}', "l").replace('\u{2019}', "'")
}

/// Whether a search for words, or for all digits of a number, finds a person.
fn is_found(person: &Person, typed: &str) -> bool {
    let words = words_of(person);
    let begins = |typed: &str| words.iter().any(|word| word.starts_with(&folded(typed)));
    let is_number = typed.contains(|c: char| c.is_ascii_digit())
        && typed.chars().all(|c| c.is_ascii_digit() || PHONE_MARKS.contains(&c));
    let marks = if is_number { &PHONE_MARKS[..] } else { &[] };
    typed.split(' ').flat_map(|word| word.split(marks)).filter(|word| !word.is_empty()).all(begins)
        || is_number && begins(&typed.replace(PHONE_MARKS, ""))
}

#[tokio::test]
async fn frequent_rare_and_distant_words_are_found_in_order_on_all_pages() {
    let app = TestApp::start().await;
    add_crowd(&app).await;
    let everybody = app.db.person().find_many().order_by(person::created_at.desc()).await.unwrap();
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
        "late",
        "late3",
        "777 late",
    ];
    for typed in searches {
        for sort in [Sort::Name, Sort::Newest] {
            let key = |person: &Person| match sort {
                Sort::Name => (folded(&person.name), 0, person.id.clone()),
                Sort::Newest => (String::new(), -person.created_at.timestamp_millis(), person.id.clone()),
            };
            let mut expected: Vec<_> = everybody
                .iter()
                .filter(|person| is_found(person, typed))
                .map(|person| (key(person), &person.id))
                .collect();
            if sort == Sort::Newest {
                expected.sort_by(|((_, a, x), _), ((_, b, y), _)| a.cmp(b).then(y.cmp(x)));
            } else {
                expected.sort();
            }
            let expected: Vec<_> = expected.into_iter().map(|(_, id)| id.clone()).collect();
            for size in [7, 90] {
                for found in walked(&app.db, &proof, typed, sort, size).await {
                    assert!(
                        found == expected,
                        "{typed:?} {sort} {size}: {} of {}",
                        found.len(),
                        expected.len()
                    );
                }
            }
            let found =
                search_people(&app.db, &proof, &Search::new(typed, sort, Position::Start)).await.unwrap();
            let count = expected.len() as u64;
            let total = if count > 1000 { Total::MoreThan(1000) } else { Total::Exact(count) };
            assert_eq!(found.total, total, "{typed:?}");
        }
    }
}

#[tokio::test]
async fn among_many_people_only_rare_words_are_counted() {
    let app = TestApp::start().await;
    add_crowd(&app).await;
    let direct = app.database.connect().await;
    direct
        .batch_execute(
            "alter table people set (autovacuum_enabled = off);
            update pg_class set reltuples = 1000000 where oid = 'people'::regclass",
        )
        .await
        .unwrap();
    let proof = app.user("me@example.com").await.proof().await;
    for (typed, total) in
        [("zoe", Total::MoreThan(20)), ("late3@example.org", Total::Exact(1)), ("nobody", Total::Exact(0))]
    {
        let found = search_people(&app.db, &proof, &by_name(typed)).await.unwrap();
        assert_eq!(found.total, total, "{typed:?}");
    }
    let mut user = app.user("me@example.com").await;
    assert!(user.get("/people?q=zoe").await.body.contains("More than 20 people found"));
    assert!(user.get("/people").await.body.contains("More than 1,000 people"));
}

#[tokio::test]
async fn every_script_is_searched() {
    let app = TestApp::start().await;
    for (number, name) in [
        "Жанна Петрова-Йорк",
        "محمد علي",
        "王小明",
        "田中 太郎",
        "Ελένη Παπά",
        "Nguyễn Thị Ánh",
        "ｆｕｌｌ Ｗｉｄｔｈ",
        "Ærø Þór",
        "Σίσυφος Œuvre",
    ]
    .into_iter()
    .enumerate()
    {
        app.person(name, &format!("p{number}@example.com"), "12345").await;
    }
    let mut user = app.user("me@example.com").await;
    for (query, expected) in [
        ("ЖАН", "Жанна Петрова-Йорк"),
        ("иорк", "Жанна Петрова-Йорк"),
        ("علي", "محمد علي"),
        ("王", "王小明"),
        ("王小", "王小明"),
        ("太 田", "田中 太郎"),
        ("ελενη", "Ελένη Παπά"),
        ("nguyen anh", "Nguyễn Thị Ánh"),
        ("width", "ｆｕｌｌ Ｗｉｄｔｈ"),
        ("ærø þór", "Ærø Þór"),
        ("AERO thor", "Ærø Þór"),
        ("ΣΙΣΥΦΟΣ", "Σίσυφος Œuvre"),
        ("œuv", "Σίσυφος Œuvre"),
        ("太郎, 田中;", "田中 太郎"),
        ("full\u{200f} \u{202e}width", "ｆｕｌｌ Ｗｉｄｔｈ"),
    ] {
        assert_eq!(names(&mut user, query).await, [expected], "{query:?}");
    }
    for query in ["小明", "анна", "حمد"] {
        assert!(names(&mut user, query).await.is_empty(), "{query:?}");
    }
}

/// Other programs write, too: a name of any length and of characters that stand for many more must not be refused.
#[tokio::test]
async fn any_name_can_be_stored_and_found_by_its_beginning() {
    let app = TestApp::start().await;
    for (number, name) in ["\u{fdfa}", "\u{3316}", "\u{1f600}", "x"].into_iter().enumerate() {
        app.person(&name.repeat(3000), &format!("p{number}@example.com"), "1").await;
    }
    let proof = app.user("me@example.com").await.proof().await;
    let found = search_people(&app.db, &proof, &by_name(&"x".repeat(200))).await.unwrap();
    assert_eq!(found.people.len(), 1);
}

#[tokio::test]
async fn people_of_an_older_database_are_found_after_its_migration() {
    let database = TestDatabase::create().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prisma/migrations");
    let older = tempfile::tempdir().unwrap();
    for name in ["20261123000000_init", "20261124000000_live", "20261124000100_search"] {
        fs::create_dir(older.path().join(name)).unwrap();
        let script = Path::new(name).join("migration.sql");
        fs::copy(folder.join(&script), older.path().join(&script)).unwrap();
    }
    let older = Migrations::from_folder(older.path()).unwrap();
    nicol_migrate::deploy(database.url(), &older, |_| {}).await.unwrap();
    let direct = database.connect().await;
    for (name, email, phone_number) in PEOPLE {
        let insert =
            "insert into people (id, name, email, phone_number, updated_at) values ($2, $1, $2, $3, now())";
        direct.execute(insert, &[&name, &email, &phone_number]).await.unwrap();
    }

    nicol_migrate::deploy(database.url(), &people::database::migrations(), |_| {}).await.unwrap();
    let db = Client::lazy(&database.url_text()).unwrap();
    let proof = TestApp::start().await.user("me@example.com").await.proof().await;
    for (typed, expected) in [("", &EVERYBODY[..]), ("zola \u{e8}", &["\u{c9}mile Zola"])] {
        let found = search_people(&db, &proof, &by_name(typed)).await.unwrap();
        assert!(found.people.iter().map(|person| &*person.name).eq(expected.iter().copied()), "{typed:?}");
    }
    let functions =
        "select string_agg(proname, ' ' order by proname) from pg_proc where proname like 'people%'";
    let functions: String = direct.query_one(functions, &[]).await.unwrap().get(0);
    assert_eq!(functions, "people_changed people_fold people_index people_part people_words");
}

/// `db push` makes plain columns and none of the functions.
#[tokio::test]
async fn a_database_without_generated_columns_is_prepared() {
    let (app, mut user) = app().await;
    let direct = app.database.connect().await;
    direct
        .batch_execute(
            "alter table people drop column sort_key, drop column words;
            alter table people add column sort_key text, add column words tsvector;
            create index people_sort_key_id_idx on people (sort_key, id);
            drop function people_index, people_part, people_fold, people_words",
        )
        .await
        .unwrap();
    for _ in 0..2 {
        people::search::prepare(app.database.url()).await.unwrap();
        assert_eq!(names(&mut user, "").await, EVERYBODY);
        assert_eq!(names(&mut user, "zola \u{e8}").await, ["\u{c9}mile Zola"]);
    }
}
