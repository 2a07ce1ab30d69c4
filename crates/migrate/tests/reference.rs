//! Scripts between two schema files compared with Prisma 6.19.0: each folder of `tests/data/reference` is a rule, and Prisma
//! wrote its `migration.sql` (`reference/diff.mjs`).

use std::fs;
use std::path::Path;

use nicol_migrate::catalog::Catalog;

fn catalog(path: &Path) -> Catalog {
    let text = fs::read_to_string(path).expect("the case has this file");
    let schema = nicol_schema::validate(&text).into_result();
    nicol_migrate::from_model(&schema.unwrap_or_else(|found| panic!("{}: {found:?}", path.display())))
}

/// Without the comments for people: the one at the top, and those of a line of their own.
fn statements(script: &str) -> String {
    let script = script.strip_prefix("/*\n").and_then(|it| it.split_once("\n*/\n")).map_or(script, |it| it.1);
    let lines = script.lines().filter(|line| !line.starts_with("--") && !line.trim().is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn statements_equal_those_of_prisma() {
    testkit::for_each_case("tests/data/reference", |case| {
        let (previous, next) = (catalog(&case.join("previous.prisma")), catalog(&case.join("next.prisma")));
        let expected = fs::read_to_string(case.join("migration.sql")).expect("Prisma has written it");
        let script = nicol_migrate::plan(&previous, &next).script();
        assert_eq!(statements(&script), statements(&expected));
    });
}
