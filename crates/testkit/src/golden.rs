//! Golden files: files with the exact expected output of a test.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Compares `actual` with the contents of a file, or rewrites the file if `UPDATE_EXPECT=1`.
///
/// Relative paths are relative to the tested crate.
pub fn check_file(path: impl AsRef<Path>, actual: &str) {
    expect_test::expect_file![in_crate(path.as_ref())].assert_eq(actual);
}

/// Runs `check` for each subfolder of `folder`, sorted by name, and finally fails with the names of all failed cases.
/// `NICOL_CASE` selects the cases whose names contain its value.
///
/// Relative paths are relative to the tested crate.
pub fn for_each_case(folder: impl AsRef<Path>, check: impl Fn(&Path)) {
    let folder = in_crate(folder.as_ref());
    let wanted = std::env::var("NICOL_CASE").unwrap_or_default();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("cannot list the cases in {}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder can be listed to its end").path())
        .filter(|path| path.is_dir())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(&wanted)))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "there is no case in {}", folder.display());
    let failed: Vec<String> = cases
        .iter()
        .filter(|case| catch_unwind(AssertUnwindSafe(|| check(case))).is_err())
        .map(|case| case.file_name().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    assert!(failed.is_empty(), "{} of {} cases failed: {}", failed.len(), cases.len(), failed.join(", "));
}

/// Resolves a path against the tested crate, which cargo and nextest set in the environment.
fn in_crate(path: &Path) -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => Path::new(&folder).join(path),
        None => path.to_owned(),
    }
}
