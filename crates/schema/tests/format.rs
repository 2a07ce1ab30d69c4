//! Formatting: each folder in `tests/data/format` has the input, `in.prisma`, and the expected output, `out.prisma`.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use expect_test::expect_file;
use nicol_schema::format;

#[test]
fn schemas_are_laid_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let failed: Vec<_> = cases.into_iter().filter(|case| catch_unwind(|| check(case)).is_err()).collect();
    assert!(failed.is_empty(), "these differ: {failed:#?}");
}

fn check(case: &Path) {
    let text = fs::read_to_string(case.join("in.prisma")).expect("the case can be read");
    let once = format(&text);
    expect_file![case.join("out.prisma")].assert_eq(&once);
    assert_eq!(format(&once), once, "formatting it again changes it");
}
