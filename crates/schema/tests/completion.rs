//! Completion at the cursor `<|>` of each schema in `tests/data/completion`; the `.txt` beside it lists the items.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use nicol_schema::completion::{Completions, completions_at};
use nicol_schema::{Sources, parse, parse_files};

const CURSOR: &str = "<|>";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/completion");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "prisma"));
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// Returns the text without the cursor, and the cursor's offset.
fn case(path: &Path) -> (String, u32) {
    let marked = fs::read_to_string(path).unwrap();
    let (before, after) = marked.split_once(CURSOR).expect("there is a cursor");
    (format!("{before}{after}"), u32::try_from(before.len()).unwrap())
}

fn shown(text: &str, completions: &Completions) -> String {
    let mut out = format!("replaces {:?}\n", &text[completions.replaces.range()]);
    for item in &completions.items {
        writeln!(out, "{:10} {}", format!("{:?}", item.kind), item.text).unwrap();
    }
    out
}

#[test]
fn completions_match_the_golden_files() {
    let check = |path: &PathBuf| {
        let (text, offset) = case(path);
        let completions = completions_at(&parse(&text), offset);
        expect_file![path.with_extension("txt")].assert_eq(&shown(&text, &completions));
    };
    let failed: Vec<_> = cases().into_iter().filter(|path| catch_unwind(|| check(path)).is_err()).collect();
    assert!(failed.is_empty(), "these differ: {failed:#?}");
}

#[test]
fn names_from_other_files_are_offered() {
    let sources =
        Sources::new([("a.prisma", "enum Role {\n  READER\n}\n"), ("b.prisma", "model A {\n  role ")]);
    let end = u32::try_from(sources.text().len()).unwrap();
    let completions = completions_at(&parse_files(&sources), end);
    assert!(completions.items.iter().any(|item| item.text == "Role"));
}

/// At any position of any text: no panic, and nothing after the cursor is replaced but the rest of a string.
#[test]
fn every_position_is_safe() {
    for path in cases() {
        let (text, _) = case(&path);
        for cut in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let at = u32::try_from(cut).unwrap();
            for text in [&text[..], &text[..cut]] {
                let replaces = completions_at(&parse(text), at).replaces;
                let is_string =
                    text[replaces.range()].starts_with('"') && !text[replaces.range()].contains('\n');
                let is_here = replaces.start <= at && (replaces.end == at || replaces.end > at && is_string);
                assert!(is_here, "{}:{at}", path.display());
            }
        }
    }
}
