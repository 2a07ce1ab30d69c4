//! The rules and their page, `docs/doctor.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use super::ALL;

const BEGIN: &str = "<!-- rules: UPDATE_EXPECT=1 writes this table -->\n";
const END: &str = "<!-- end of rules -->\n";

#[test]
fn ids_are_unique_and_texts_are_complete() {
    let mut ids = BTreeSet::new();
    for rule in ALL {
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        for text in [rule.what, rule.why, rule.advice] {
            assert!(!text.ends_with('.') && !text.is_empty(), "{}: {text}", rule.id);
        }
    }
}

#[test]
fn the_page_lists_every_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the table begins");
    let (_, after) = rest.split_once(END).expect("the table ends");
    let expected = format!("{before}{BEGIN}\n{}\n{END}{after}", table());
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
    }
    assert!(
        page == expected || env::var_os("UPDATE_EXPECT").is_some(),
        "run with UPDATE_EXPECT=1:\n{}",
        table()
    );
}

fn table() -> String {
    let mut table = "| id | severity | finding | what to change |\n|---|---|---|---|\n".to_owned();
    let cell = |text: &str| text.replace('|', "\\|").replace('{', "‹").replace('}', "›");
    for rule in ALL {
        let (what, advice) = (cell(rule.what), cell(rule.advice));
        writeln!(table, "| `{}` | {} | {what} | {advice} |", rule.id, rule.severity.name())
            .expect("writing into a String cannot fail");
    }
    table
}
