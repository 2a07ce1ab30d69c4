//! Scripts between two schema files: each folder of `tests/data/diff` is a case.
//!
//! The scripts were compared with those of Prisma 6.19.0. `DEVIATIONS.md` explains the differences.

use std::fs;
use std::path::Path;

use nicol_migrate::catalog::Catalog;

fn catalog(path: &Path) -> Catalog {
    let text = fs::read_to_string(path).expect("the case has this file");
    let schema = nicol_schema::validate(&text).into_result();
    nicol_migrate::from_model(&schema.unwrap_or_else(|found| panic!("{}: {found:?}", path.display())))
}

#[test]
fn scripts_are_as_expected() {
    testkit::for_each_case("tests/data/diff", |case| {
        let (previous, next) = (catalog(&case.join("previous.prisma")), catalog(&case.join("next.prisma")));
        testkit::check_file(case.join("up.sql"), &nicol_migrate::plan(&previous, &next).script());
        testkit::check_file(case.join("down.sql"), &nicol_migrate::plan(&next, &previous).script());
        for side in [previous, next] {
            let plan = nicol_migrate::plan(&side, &side);
            assert!(plan.is_empty(), "a catalog differs from itself: {:?}", plan.changes());
        }
    });
}

#[test]
fn scripts_run_on_a_server() {
    testkit::for_each_case("tests/data/diff", |case| {
        let empty = Catalog::default();
        let (previous, next) = (catalog(&case.join("previous.prisma")), catalog(&case.join("next.prisma")));
        let steps = [(&empty, &previous), (&previous, &next), (&next, &empty), (&empty, &next)];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = testkit::TestDatabase::create().await;
            let client = database.connect().await;
            for name in ["x", "y"] {
                let sql = format!("create function {name}() returns text language sql as $$ select 'z' $$");
                client.batch_execute(&sql).await.unwrap();
            }
            for (from, to) in steps {
                let script = nicol_migrate::plan(from, to).script();
                let result = client.batch_execute(&script).await;
                assert!(result.is_ok(), "{:?}\n{script}", result.unwrap_err().as_db_error());
            }
        });
    });
}
