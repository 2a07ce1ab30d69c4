//! Objects that depend on what a plan changes, and that a schema file cannot express.

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Scope, align, dependents, from_model, introspect_with, plan};
use nicol_pg::tokio_postgres::Client;

use crate::support::{client, empty, version};

const DATABASE: &str = r#"
create type mood as enum ('sad', 'ok');
create table u (
    id int primary key,
    old text,
    kept text,
    number int,
    twice int generated always as (number * 2) stored,
    mood mood,
    owner text,
    ends int,
    constraint in_order check (number < ends),
    constraint positive check (number > 0)
);
create table free (id int primary key, old text, number int);
create table lone (id int primary key);
create table part (id int, place int, mood mood, primary key (id, place)) partition by range (place);
create table part_1 partition of part for values from (0) to (9);
create index some_owners on u (owner) where ends > 3;
create index by_lower_old on u (lower(old));
create view uv as select old, 1 as one from u;
create materialized view um as select count(*) from lone;
create view "A view" as select * from uv;
create function first_kept() returns text begin atomic select kept from u limit 1; end;
create function of_mood(m mood) returns int language sql return 1;
create policy owners on u using (owner = current_user);
create function nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger watch after update of ends on u for each row execute function nothing();
create trigger own after update on lone for each row execute function nothing();
create policy own on lone using (true);
"#;

const MODELS: &str = "
datasource db {
  provider = \"postgresql\"
  url = env(\"DATABASE_URL\")
}
model u {
  id     Int @id
  old    String?
  kept   String?
  number Int?
  twice  Int?
  mood   mood?
  owner  String?
  ends   Int?
}
model free {
  id     Int @id
  old    String?
  number Int?
}
model lone {
  id Int @id
}
model part {
  id    Int
  place Int
  mood  mood?

  @@id([id, place])
}
enum mood {
  sad
  ok
}
";

fn catalog(models: &str) -> Catalog {
    from_model(&nicol_schema::validate(models).into_result().expect("it is valid"))
}

/// What is found for a change of the models, and whether the server takes its script.
async fn found(client: &Client, from: &str, to: &str) -> (Vec<String>, bool) {
    assert!(MODELS.contains(from), "{from}");
    let next = catalog(&MODELS.replacen(from, to, 1));
    let mut live = introspect_with(client, &Scope::one("public")).await.expect("it can be read");
    align(client, &mut live, &next).await.expect("it can be compared");
    let plan = plan(&live, &next);
    assert!(!plan.is_empty(), "{to}");
    let found = dependents(client, &plan).await.expect("the server answers");
    let is_taken = client.batch_execute(&format!("begin; {}", plan.script())).await.is_ok();
    client.batch_execute("rollback").await.expect("it can be undone");
    (found.iter().map(ToString::to_string).collect(), is_taken)
}

const GENERATED: &str =
    "column `u.number` cannot be dropped while other objects depend on it: column twice of table u";

/// Before PostgreSQL 15, a generated column goes without a word.
const ALSO_DROPPED: &str =
    "dropping column `u.number` also drops column twice of table u, constraint in_order on table u";

#[tokio::test]
async fn blocking_objects_are_listed_before_the_migration() {
    let database = empty().await;
    let client = client(database.url()).await;
    client.batch_execute(DATABASE).await.expect("the server takes it");
    let version = version(&client).await;
    for (from, to, expected) in [
        (
            "  old    String?\n  kept",
            "  kept",
            "column `u.old` cannot be dropped while other objects depend on it: view uv",
        ),
        (
            "old    String?\n  kept",
            "old    String? @db.VarChar(9)\n  kept",
            "column `u.old` cannot change type while other objects depend on it: view uv",
        ),
        (
            "old    String?\n  kept",
            "old    Int?\n  kept",
            "column `u.old` cannot be recreated while other objects depend on it: view uv",
        ),
        (
            "  kept   String?\n",
            "",
            "column `u.kept` cannot be dropped while other objects depend on it: function first_kept()",
        ),
        (
            "kept   String?",
            "kept   String? @db.VarChar(9)",
            "column `u.kept` cannot change type while other objects depend on it: function first_kept()",
        ),
        (
            "  owner  String?\n",
            "",
            "column `u.owner` cannot be dropped while other objects depend on it: policy owners on table u",
        ),
        (
            "owner  String?",
            "owner  String? @db.VarChar(9)",
            "column `u.owner` cannot change type while other objects depend on it: policy owners on table u",
        ),
        (
            "  ends   Int?\n",
            "",
            "column `u.ends` cannot be dropped while other objects depend on it: trigger watch on table u",
        ),
        ("  number Int?\n  twice", "  twice", GENERATED),
        (
            "number Int?\n  twice",
            "number BigInt?\n  twice",
            "column `u.number` cannot change type while other objects depend on it: column twice of table u",
        ),
        ("  ok\n", "", "`mood` cannot be recreated while other objects depend on it: function of_mood(mood)"),
        (
            "model lone {\n  id Int @id\n}\n",
            "",
            "`lone` cannot be dropped while other objects depend on it: materialized view um",
        ),
        (
            "place Int",
            "place BigInt",
            "column `part.place` cannot change type while other objects depend on it: partition key of table part",
        ),
    ] {
        let (found, is_taken) = found(&client, from, to).await;
        let (expected, blocks) = match expected {
            GENERATED if version < 15 => (ALSO_DROPPED, false),
            expected => (expected, true),
        };
        assert!(found.iter().any(|it| it == expected), "{from} → {to}: {found:?}");
        assert_eq!(is_taken, !blocks, "{from} → {to}");
    }
}

#[tokio::test]
async fn objects_without_dependents_are_not_listed() {
    let database = empty().await;
    let client = client(database.url()).await;
    client.batch_execute(DATABASE).await.expect("the server takes it");
    client.batch_execute("drop materialized view um; drop function of_mood").await.expect("they can go");
    for (from, to) in [
        ("  id     Int @id\n  old    String?\n  number Int?\n", "  id     Int @id\n  number Int?\n"),
        ("  old    String?\n  number Int?\n}", "  old    String? @db.VarChar(9)\n  number Int?\n}"),
        ("  twice  Int?\n", ""),
        (
            "  number Int?\n  twice  Int?\n  mood   mood?\n  owner  String?\n  ends   Int?\n",
            "  mood   mood?\n  owner  String?\n  ends   Int?\n",
        ),
        ("  mood   mood?\n", ""),
        ("  ok\n", ""),
        // With its own policy and trigger.
        ("model lone {\n  id Int @id\n}\n", ""),
    ] {
        let (found, is_taken) = found(&client, from, to).await;
        let blocked = found.iter().filter(|it| it.contains(" cannot ")).collect::<Vec<_>>();
        assert_eq!(blocked, [""; 0], "{from} → {to}");
        assert!(is_taken, "{from} → {to}");
    }
}

/// The new type of an enum that loses a value is not the one that they compare with.
#[tokio::test]
async fn constraints_that_compare_enum_values_block() {
    let database = empty().await;
    let client = client(database.url()).await;
    client.batch_execute(DATABASE).await.expect("the server takes it");
    let before = "drop function of_mood; alter table u add constraint not_ok check (mood <> 'ok');
        create index sad_ones on u (id) where mood = 'sad'; alter table u add constraint known check (mood is not null)";
    client.batch_execute(before).await.expect("the server takes it");
    let (found_1, is_taken) = found(&client, "  ok\n", "").await;
    let expected = "`mood` cannot be recreated while other objects depend on it: constraint not_ok on table u, index sad_ones";
    assert_eq!((found_1, is_taken), (vec![expected.to_owned()], false));
    client
        .batch_execute("drop index sad_ones; alter table u drop constraint not_ok")
        .await
        .expect("they can go");
    assert_eq!(found(&client, "  ok\n", "").await, (vec![], true));
}

#[tokio::test]
async fn objects_dropped_with_a_column_are_listed() {
    let database = empty().await;
    let client = client(database.url()).await;
    client.batch_execute(DATABASE).await.expect("the server takes it");
    client
        .batch_execute("drop trigger watch on u; drop policy owners on u; drop view uv cascade; alter table u drop twice")
        .await
        .expect("they can go");
    let models = MODELS.replace("  twice  Int?\n", "");
    for (from, to, expected) in [
        // The check of the column alone goes without a word, the others not.
        (
            "  number Int?\n  mood",
            "  mood",
            vec!["dropping column `u.number` also drops constraint in_order on table u"],
        ),
        (
            "  ends   Int?\n",
            "",
            vec!["dropping column `u.ends` also drops constraint in_order on table u, index some_owners"],
        ),
        ("  old    String?\n  kept", "  kept", vec![]),
        (
            "old    String?\n  kept",
            "old    Int?\n  kept",
            vec!["dropping column `u.old` also drops index by_lower_old"],
        ),
        (
            "number Int?\n  mood",
            "number Int[]\n  mood",
            vec![
                "dropping column `u.number` also drops constraint in_order on table u, constraint positive on table u",
            ],
        ),
        ("number Int?\n  mood", "number BigInt?\n  mood", vec![]),
    ] {
        assert!(models.contains(from), "{from}");
        let next = catalog(&models.replacen(from, to, 1));
        let mut live = introspect_with(&client, &Scope::one("public")).await.expect("it can be read");
        align(&client, &mut live, &next).await.expect("it can be compared");
        let plan = plan(&live, &next);
        let found = dependents(&client, &plan).await.expect("the server answers");
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{to}");
    }
}
