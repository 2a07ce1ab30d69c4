//! What must not compile, and what the compiler says of it.
//!
//! Each case in `compile_fail/` is given to rustc with the library that this test was linked with; lines that begin with `//~` are
//! parts of the expected message. (trybuild would build all dependencies once more.)

#![allow(clippy::unwrap_used, reason = "this is a test; the lint does not see it in its helpers")]

use std::path::Path;
use std::{env, fs};

#[test]
fn wrong_uses_do_not_compile_and_say_why() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let out = env::temp_dir().join(format!("nicol-compile-fail-{}", std::process::id()));
    fs::create_dir_all(&out).unwrap();
    let mut failures = Vec::new();
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let expected: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("//~ ")).collect();
        let output = testkit::rustc(&case, &["--emit=obj", "-Awarnings"], &out);
        let messages = String::from_utf8_lossy(&output.stderr);
        let missing: Vec<_> = expected.iter().filter(|part| !messages.contains(**part)).collect();
        let as_expected = output.status.success() == expected.is_empty() && missing.is_empty();
        if !as_expected {
            failures.push(format!("{}: missing {missing:?} in\n{messages}", case.display()));
        }
    }
    fs::remove_dir_all(out).unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
