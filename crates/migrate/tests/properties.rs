//! Properties of plans between any two schema files.

use std::fmt::Write as _;

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Hints, Renames};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

const COLUMNS: [&str; 12] = [
    "Int @default(autoincrement())",
    "Int",
    "Int?",
    "BigInt @default(1)",
    "String @default(\"it's\")",
    "String @db.VarChar(10)",
    "String[]",
    "DateTime @default(now())",
    "Decimal @db.Decimal(10, 2)",
    "Json @default(\"{}\")",
    "E @default(X)",
    "E[] @default([X, Y])",
];

const ATTRIBUTES: [&str; 5] = [
    "",
    "  @@index([a, b])\n",
    "  @@unique([b(sort: Desc)])\n",
    "  @@map(\"t\")\n",
    "  @@index([a], map: \"named\")\n",
];

/// Up to three models, each with the columns `a` to `c` of any type, and an enum of any of three values.
fn schema() -> impl Strategy<Value = String> {
    let column = || prop::sample::select(&COLUMNS[..]);
    let model = (column(), column(), column(), prop::sample::select(&ATTRIBUTES[..]), any::<bool>());
    (prop::collection::vec(model, 0..3), 1..4_usize).prop_map(|(models, values)| {
        let mut text =
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n".to_owned();
        for (position, (a, b, c, attribute, is_long)) in models.into_iter().enumerate() {
            // Two tables of one name would be a mistake.
            let attribute = if position > 0 && attribute.contains("map") { "" } else { attribute };
            let id = if is_long { "BigInt" } else { "Int" };
            writeln!(text, "model M{position} {{\n  id {id} @id\n  a {a}\n  b {b}\n  c {c}\n{attribute}}}")
                .expect("writing into a String cannot fail");
        }
        writeln!(text, "enum E {{\n  X\n  Y\n{}}}", ["", "  Z\n", "  Z\n  W\n"][values - 1])
            .expect("writing into a String cannot fail");
        text
    })
}

fn catalog(text: &str) -> Catalog {
    nicol_migrate::from_model(&nicol_schema::validate(text).into_result().expect("it is valid"))
}

/// Keeps cases that failed in `properties.regressions`, beside this file, and runs them first the next time.
fn config() -> ProptestConfig {
    let persistence = FileFailurePersistence::WithSource("regressions");
    ProptestConfig { failure_persistence: Some(Box::new(persistence)), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_schema_does_not_differ_from_itself(text in schema()) {
        let (previous, next) = (catalog(&text), catalog(&text));
        prop_assert!(nicol_migrate::plan(&previous, &next).is_empty());
    }

    #[test]
    fn the_same_two_schemas_give_the_same_script(a in schema(), b in schema()) {
        let script = |a, b| nicol_migrate::plan(&catalog(a), &catalog(b)).script();
        prop_assert_eq!(script(&a, &b), script(&a, &b));
    }

    #[test]
    fn without_hints_nothing_is_renamed(a in schema(), b in schema()) {
        let (previous, next) = (catalog(&a), catalog(&b));
        let renames = Renames::new(&previous, &next, &Hints::default()).expect("there is no hint");
        prop_assert_eq!(nicol_migrate::plan_with(&renames, &next).script(), nicol_migrate::plan(&previous, &next).script());
    }

    #[test]
    fn every_hazard_belongs_to_a_change(a in schema(), b in schema()) {
        let (previous, next) = (catalog(&a), catalog(&b));
        let plan = nicol_migrate::plan(&previous, &next);
        for hazard in plan.hazards() {
            prop_assert!(hazard.change < plan.changes().len());
        }
        // What is made from nothing loses nothing.
        prop_assert!(nicol_migrate::plan(&Catalog::default(), &next).hazards().is_empty());
    }
}
