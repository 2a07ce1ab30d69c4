//! Each file in `tests/data/complete` is a schema with a cursor, `<|>`; beside it, `.txt`, is what may stand there.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use nicol_schema::complete::expected_at;
use nicol_schema::{Sources, parse, parse_files};

const CURSOR: &str = "<|>";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/complete");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "prisma"));
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// The text without the cursor, and where that was.
fn case(path: &Path) -> (String, u32) {
    let marked = fs::read_to_string(path).unwrap();
    let (before, after) = marked.split_once(CURSOR).expect("there is a cursor");
    (format!("{before}{after}"), u32::try_from(before.len()).unwrap())
}

fn shown(text: &str, expected: &nicol_schema::complete::Expected) -> String {
    let mut out = format!("replaces {:?}\n", &text[expected.replaces.range()]);
    for candidate in &expected.candidates {
        writeln!(out, "{:10} {}", format!("{:?}", candidate.kind), candidate.text).unwrap();
    }
    out
}

#[test]
fn what_may_stand_at_a_place_is_known() {
    let check = |path: &PathBuf| {
        let (text, offset) = case(path);
        let expected = expected_at(&parse(&text), offset);
        expect_file![path.with_extension("txt")].assert_eq(&shown(&text, &expected));
    };
    let failed: Vec<_> = cases().into_iter().filter(|path| catch_unwind(|| check(path)).is_err()).collect();
    assert!(failed.is_empty(), "these differ: {failed:#?}");
}

#[test]
fn names_of_other_files_are_known() {
    let sources =
        Sources::new([("a.prisma", "enum Role {\n  READER\n}\n"), ("b.prisma", "model A {\n  role ")]);
    let end = u32::try_from(sources.text().len()).unwrap();
    let expected = expected_at(&parse_files(&sources), end);
    assert!(expected.candidates.iter().any(|candidate| candidate.text == "Role"));
}

/// Whatever the text and the place, it neither panics nor replaces what comes after.
#[test]
fn any_place_is_survived() {
    for path in cases() {
        let (text, _) = case(&path);
        for cut in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let at = u32::try_from(cut).unwrap();
            for text in [&text[..], &text[..cut]] {
                let replaces = expected_at(&parse(text), at).replaces;
                assert!(replaces.start <= replaces.end && replaces.end == at, "{}:{at}", path.display());
            }
        }
    }
}
