//! The DMMF for generators: each folder in `tests/data/dmmf` has a schema and its `dmmf.json`.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use expect_test::expect_file;
use nicol_schema::validate;

#[test]
fn the_model_is_written_as_prisma_writes_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dmmf");
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
    let text = fs::read_to_string(case.join("schema.prisma")).expect("the case can be read");
    let schema = validate(&text).into_result().expect("the schema is in order");
    let dmmf: serde_json::Value = serde_json::from_str(&schema.to_dmmf()).expect("it is JSON");
    let pretty = serde_json::to_string_pretty(&dmmf).expect("it can be written again");
    expect_file![case.join("dmmf.json")].assert_eq(&format!("{pretty}\n"));
}
