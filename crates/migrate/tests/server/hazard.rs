//! Hazards, and the rows that they concern.

use nicol_migrate::catalog::Catalog;

use crate::support::{TestResult, client, empty};

const PREVIOUS: &str = "
model Empty {
  id Int @id
}
model Full {
  id    Int     @id
  used  String?
  blank String?
  big   BigInt
  one   Int     @unique
}
";

const NEXT: &str = "
model Full {
  id    String  @id @db.Uuid
  used  String
  big   Int
  one   Int[]
  more  String  @default(uuid())
}
";

const HEAD: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";

fn catalog(models: &str) -> Catalog {
    let text = format!("{HEAD}{models}");
    nicol_migrate::from_model(&nicol_schema::validate(&text).into_result().expect("it is valid"))
}

#[tokio::test]
async fn only_hazards_with_rows_are_found() -> TestResult {
    let database = empty().await;
    let client = client(database.url()).await;
    let (previous, next) = (catalog(PREVIOUS), catalog(NEXT));
    client.batch_execute(&nicol_migrate::plan(&Catalog::default(), &previous).script()).await?;
    let plan = nicol_migrate::plan(&previous, &next);
    let hazards = plan.hazards();
    assert_eq!(hazards.len(), 8, "{hazards:?}");

    let found = nicol_migrate::check(&client, &hazards).await?;
    assert_eq!(found, [], "there are no rows");

    client
        .batch_execute(
            r#"insert into "Full" (id, used, blank, big, one) values (1, null, null, 1, 1), (2, 'a', null, 3000000000, 2)"#,
        )
        .await?;
    let found = nicol_migrate::check(&client, &hazards).await?;
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "the primary key of table `Full` is dropped or replaced; the table has 2 rows",
            "required column `Full.more` is added with a default that only the client generates, which fails \
             because the table has 2 rows: make the field optional with `?`, or give it a `@default(…)` that the \
             database can generate",
            "required column `Full.id` is dropped and recreated with another type, which fails because the table \
             has 2 rows",
            "column `Full.used` becomes required, but is null in 1 row",
            "column `Full.big` changes from `BIGINT` to `INTEGER`: values are out of range in 1 row",
            "column `Full.one` is dropped and recreated with another type, which loses its 2 values",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_connection_is_usable_after_a_failed_check() -> TestResult {
    let database = empty().await;
    let client = client(database.url()).await;
    let previous = catalog(PREVIOUS);
    let empty = Catalog::default();
    let hazards = nicol_migrate::plan(&previous, &empty).hazards();
    let error = nicol_migrate::check(&client, &hazards).await.expect_err("the tables are not there");
    assert!(error.to_string().contains("42P01"), "{error}");
    client.batch_execute("create table t ()").await?;
    Ok(())
}

/// What is found on the way from some models to others, with rows in their tables.
async fn found(previous: &str, next: &str, rows: &str) -> Vec<String> {
    let database = empty().await;
    let client = client(database.url()).await;
    let catalogs = [previous, next].map(catalog);
    client
        .batch_execute(&nicol_migrate::plan(&Catalog::default(), &catalogs[0]).script())
        .await
        .expect("it can be run");
    client.batch_execute(rows).await.expect("the server takes the rows");
    let plan = nicol_migrate::plan(&catalogs[0], &catalogs[1]);
    let found = nicol_migrate::check(&client, &plan.hazards()).await.expect("it answers");
    if found.is_empty() {
        client.batch_execute(&plan.script()).await.expect("nothing stands against it");
    }
    found.iter().map(ToString::to_string).collect()
}

const ENUM: &str = "
model C {
  id   Int  @id
  k    K    @default(A)
  many K[]
  own  String?
}
model D {
  id Int @id
  k  K?
}
enum K {
  A
  B
  C
}
";

#[tokio::test]
async fn a_new_required_column_comes_with_advice() {
    let previous = "model T {\n  id Int @id\n  a Int?\n}\n";
    let next = "model T {\n  id Int @id\n  a Boolean?\n  b Int\n}\n";
    let found = found(previous, next, r#"insert into "T" values (1, 1)"#).await;
    assert_eq!(
        found,
        [
            "required column `T.b` is added without a default, which fails because the table has 1 row: make the field \
             optional with `?`, or give it a `@default(…)`",
            "column `T.a` is dropped and recreated with another type, which loses its 1 value",
        ]
    );
}

#[tokio::test]
async fn an_unused_enum_value_is_removed_without_a_finding() {
    let next = ENUM.replace("  B\n", "");
    assert_eq!(found(ENUM, &next, "").await, [""; 0]);
    let unused = r#"insert into "C" values (1, 'A', '{A,C}', 'B'); insert into "D" values (1, null)"#;
    assert_eq!(found(ENUM, &next, unused).await, [""; 0]);
    for (rows, expected) in [
        (r#"insert into "C" values (1, 'B', '{}'), (2, 'A', '{}')"#, "because 1 row uses it"),
        (r#"insert into "C" values (1, 'A', '{A,B}')"#, "because 1 row uses it"),
        (
            r#"insert into "C" values (1, 'B', '{}'), (2, 'B', '{}'); insert into "D" values (1, 'B')"#,
            "because 3 rows use it",
        ),
    ] {
        let expected = format!("enum `K` loses `B`, which fails {expected}");
        assert_eq!(found(ENUM, &next, rows).await, [expected]);
    }
    // A default that goes with its value.
    let next = ENUM.replace("  A\n", "").replace("@default(A)", "@default(C)");
    assert_eq!(found(ENUM, &next, r#"insert into "C" values (1, 'B', '{C}')"#).await, [""; 0]);
}

#[tokio::test]
async fn duplicates_under_a_new_unique_constraint_are_counted() {
    let previous = "model T {\n  id Int @id\n  a String?\n  b Int\n  c DateTime\n  l Int[]\n}\n";
    let rows = r#"insert into "T" values
        (1, 'x', 1, '2024-01-01 10:00', '{1}'), (2, 'x', 2, '2024-01-01 11:00', '{1}'), (3, null, 3, '2024-01-02', '{}'),
        (4, null, 3, '2024-01-03', '{}')"#;
    let unique = |columns: &str, count: Option<u64>| {
        let names = columns.split(", ").map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        count.map(|count| {
            format!("table `T` gets a unique constraint on {names}, which fails because {count} rows have duplicate values")
        })
    };
    for (columns, count) in
        [("a", Some(2)), ("b", Some(2)), ("c", None), ("l", Some(4)), ("a, b", None), ("b, l", Some(2))]
    {
        let next = previous.replace("\n}\n", &format!("\n  @@unique([{columns}])\n}}\n"));
        let expected: Vec<_> = unique(columns, count).into_iter().collect();
        assert_eq!(found(previous, &next, rows).await, expected, "{columns}");
        assert_eq!(found(previous, &next, "").await, [""; 0], "{columns}");
    }
    // As the column will be.
    let next = previous.replace("c DateTime", "c DateTime @unique @db.Date");
    let said = found(previous, &next, rows).await;
    assert!(said.contains(&unique("c", Some(2)).expect("it is one")), "{said:?}");
    // A new column is empty, or has the same value in all rows.
    for (field, count) in [
        ("n Int? @unique", None),
        ("n Int @unique @default(autoincrement())", None),
        ("n Int @unique @default(7)", Some(4)),
    ] {
        let next = previous.replace("  a ", &format!("  {field}\n  a "));
        let expected: Vec<_> = unique("n", count).into_iter().collect();
        assert_eq!(found(previous, &next, rows).await, expected, "{field}");
    }
    // A volatile default may or may not give duplicates.
    let field = r#"n String @unique @default(dbgenerated("gen_random_uuid()"))"#;
    let next = previous.replace("  a ", &format!("  {field}\n  a "));
    let expected = "table `T` gets a unique constraint on `n`, which fails if rows have duplicate values";
    assert_eq!(found(previous, &next, rows).await, [expected]);
    let next = previous.replace("  a ", "  n Int @default(7)\n  @@unique([n, b])\n  a ");
    assert_eq!(found(previous, &next, rows).await, unique("n, b", Some(2)).into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn rows_are_counted_under_their_former_names() {
    let previous = "model T {\n  id Int @id\n  a Int\n  k K\n}\nenum K {\n  A\n  B\n}\n";
    let next = "/// @renamedFrom(T)\nmodel U {\n  id Int @id\n  /// @renamedFrom(a)\n  b Int @unique @db.SmallInt\n\
                /// @renamedFrom(k)\n  m K\n}\nenum K {\n  A\n}\n";
    let database = empty().await;
    let client = client(database.url()).await;
    let (live, wanted) = (catalog(previous), catalog(next));
    let script = nicol_migrate::plan(&Catalog::default(), &live).script();
    client.batch_execute(&script).await.expect("it can be run");
    let rows = r#"insert into "T" values (1, 70000, 'A'), (2, 70000, 'B'), (3, 1, 'A')"#;
    client.batch_execute(rows).await.expect("the server takes the rows");
    let schema = nicol_schema::validate(&format!("{HEAD}{next}")).into_result().expect("it is valid");
    let hints = nicol_migrate::Hints::new(&schema, &[] as &[&str]).expect("they are hints");
    let renames = nicol_migrate::Renames::new(&live, &wanted, &hints).expect("the names are there");
    let plan = nicol_migrate::plan_with(&renames, &wanted);
    let found = nicol_migrate::check(&client, &plan.hazards()).await.expect("it answers");
    let counts: Vec<_> = found.iter().map(|it| it.count).collect();
    // Two values are out of range, so the number of duplicates is unknown.
    assert_eq!(counts, [Some(1), Some(2), None], "{found:?}");
}
