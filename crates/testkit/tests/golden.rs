//! A loop over cases names every failure.

use std::panic::catch_unwind;

#[test]
fn every_failing_case_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b", "a", "c"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "no case").unwrap();
    testkit::for_each_case(folder.path(), |_| {});
    let result = catch_unwind(|| {
        testkit::for_each_case(folder.path(), |case| assert!(case.ends_with("b"), "as it should"));
    });
    let message = *result.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "2 of 3 cases failed: a, c");
}

#[test]
fn a_folder_without_cases_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    assert!(catch_unwind(|| testkit::for_each_case(folder.path(), |_| {})).is_err());
}
