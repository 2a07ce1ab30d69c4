//! Differences from Prisma that random requests have found (`reference/queries`), with Prisma's answers: they stay mended.
//!
//! A file has the cases of one of the schemas in `reference/queries/schemas`. A new one comes from the folder that the comparison names.
//! The words of Prisma's errors are left out.

#[path = "../../examples/conformance/case.rs"]
mod case;
#[path = "../../examples/conformance/equal.rs"]
mod equal;

use std::fs;
use std::path::Path;

use nicol_migrate::catalog::Catalog;
use serde::Deserialize;
use testkit::TestDatabase;

use crate::case::{Case, Outcome, Step};

#[derive(Deserialize)]
struct Found {
    name: String,
    steps: Vec<Step>,
}

#[tokio::test]
async fn every_difference_that_was_found_stays_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let database = TestDatabase::create_sorted_by_bytes().await;
    let mut different = Vec::new();
    let mut number = 0;
    for entry in fs::read_dir(root.join("tests/found")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let schema = path.file_stem().unwrap().to_str().unwrap();
        let text = root.join(format!("../../reference/queries/schemas/{schema}.prisma"));
        let text = fs::read_to_string(text).unwrap();
        let model = nicol_schema::validate(&text).into_result().unwrap();
        let tables = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&model)).script();
        let cases: Vec<Found> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for Found { name, steps } in cases {
            let case = Case::new(name, text.clone(), tables.clone(), steps);
            number += 1;
            let outcome = case.run(&database).await;
            if !matches!(outcome, Outcome::Equal) {
                different.push(format!("{schema}: {}\n{outcome:?}", case.name));
            }
        }
    }
    assert!(number > 0, "there are no cases");
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}
