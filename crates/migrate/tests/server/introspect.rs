//! Databases that were created by hand.

use std::fs;
use std::path::Path;

use nicol_migrate::catalog::{Catalog, Identity, ObjectName};
use nicol_migrate::{Scope, align, from_model, introspect_with, plan};
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;

use crate::support::{client, empty};

/// `script.sql` is Prisma's; `UPDATE_EXPECT=1` asks it again.
#[tokio::test]
async fn remaining_changes_equal_those_of_prisma() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/introspect");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let case = entry.expect("the folder can be read").path();
        count += 1;
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let script = prisma(&case, empty().await.url());
            fs::write(case.join("script.sql"), script).expect("it can be written");
        }
        let expected = fs::read_to_string(case.join("script.sql")).expect("it is text");
        let script = script(&case).await;
        if statements(&script) != statements(&expected) {
            failures.push(format!("=== {}\n--- Prisma\n{expected}--- here\n{script}", case.display()));
        }
    }
    assert!(count > 0 && failures.is_empty(), "{}", failures.join("\n"));
}

/// What leads from the database of a case to its schema file. It must be possible, and leave nothing to do.
async fn script(case: &Path) -> String {
    let database = empty().await;
    let client = client(database.url()).await;
    let sql = fs::read_to_string(case.join("database.sql")).expect("it is text");
    client.batch_execute(&sql).await.expect("the server takes it");
    let text = fs::read_to_string(case.join("next.prisma")).expect("it is text");
    let next = from_model(&nicol_schema::validate(&text).into_result().expect("it is valid"));
    let scope = Scope::of(&[], database.url());
    let live = live(&client, &scope, &next).await;
    let script = plan(&live, &next).script();
    client.batch_execute(&script).await.expect("the script can be run");
    let live = self::live(&client, &scope, &next).await;
    let left = plan(&live, &next);
    assert!(left.is_empty(), "{}", left.script());
    script
}

async fn live(client: &Client, scope: &Scope, next: &Catalog) -> Catalog {
    let mut live = introspect_with(client, scope).await.expect("it can be read");
    align(client, &mut live, next).await.expect("it can be compared");
    live
}

/// Without comments, which are for people, and without what is meant to differ: the index of a constraint goes with it.
fn statements(script: &str) -> Vec<String> {
    let mut is_comment = false;
    let mut statements = Vec::new();
    for line in script.lines() {
        is_comment |= line.starts_with("/*");
        if !is_comment && !line.starts_with("--") && !line.trim().is_empty() {
            statements.push(match line.split_once(" DROP CONSTRAINT ") {
                Some((_, name)) if name.ends_with("_key\";") => format!("DROP INDEX {name}"),
                _ => line.to_owned(),
            });
        }
        is_comment &= !line.ends_with("*/");
    }
    statements
}

/// Prisma reads the database that it makes of a migration with the same statements.
fn prisma(case: &Path, url: &ConnectionUrl) -> String {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let migration = folder.path().join("20200101000000_all");
    fs::create_dir(&migration).expect("it is new");
    fs::copy(case.join("database.sql"), migration.join("migration.sql")).expect("it can be copied");
    fs::write(folder.path().join("migration_lock.toml"), "provider = \"postgresql\"\n")
        .expect("it can be written");
    let output = testkit::reference_command(Some(url))
        .args(["migrate", "diff", "--script", "--from-migrations"])
        .arg(folder.path())
        .arg("--to-schema-datamodel")
        .arg(case.join("next.prisma"))
        .output()
        .expect("the reference can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

#[tokio::test]
async fn details_hold_what_the_language_cannot_express() {
    let database = empty().await;
    let client = client(database.url()).await;
    let sql = include_str!("../data/introspect/beyond/database.sql");
    client.batch_execute(sql).await.expect("the server takes it");
    client.batch_execute("create index with_more on room (note) include (number)").await.expect("it, too");
    let live = introspect_with(&client, &Scope::one("public")).await.expect("it can be read");
    let name = |name: &str| ObjectName { schema: None, name: name.to_owned() };
    let details = &live.details;

    let tables: Vec<_> = live.tables.iter().map(|it| it.name.name.as_str()).collect();
    assert_eq!(tables, ["child", "measured", "parent", "room"]);
    assert!(details.tables[&name("parent")].has_children);
    assert!(details.tables[&name("measured")].is_partitioned);
    let room = &details.tables[&name("room")];
    assert!(room.has_row_level_security);
    assert_eq!(room.comment.as_deref(), Some("where one meets"));
    assert_eq!(room.checks.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["positive"]);
    assert_eq!(room.exclusions.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["apart"]);
    assert!(room.exclusions[0].definition.starts_with("EXCLUDE USING gist"));
    assert_eq!(room.expression_indexes, ["by_lower_name"]);
    assert_eq!(room.partial_indexes, ["only_some", "only_some_unique"]);

    let column = |column: &str| details.column(&name("room"), column).expect("it is there");
    assert_eq!(column("id").identity, Some(Identity::Always));
    assert_eq!(column("number").identity, Some(Identity::ByDefault));
    assert_eq!(column("name").domain.as_deref(), Some("short text"));
    assert_eq!(column("name").comment.as_deref(), Some("as on the door"));
    assert!(column("double").is_generated && !column("id").is_generated);
    assert_eq!(column("double").default.as_deref(), Some("(number * 2)"));

    let index = |index: &str| details.index(&name("room"), index).expect("it is there");
    assert!(index("late").is_constraint && index("late").deferral.is_deferrable);
    assert_eq!(index("with_more").included, ["number"]);
    assert_eq!(index("nulls_elsewhere").has_other_nulls, [true]);
    assert_eq!(index("of_patterns").operator_classes, ["text_pattern_ops"]);
    assert!(details.foreign_keys[&(name("room"), "room_parent_id_fkey".to_owned())].is_deferred);

    let views: Vec<_> = details.views.iter().map(|it| (it.name.name.as_str(), it.is_materialized)).collect();
    assert_eq!(views, [("names", true), ("rooms", false)]);
    assert_eq!(details.views[1].columns.len(), 2);
    let sequences: Vec<_> = details.sequences.iter().filter(|it| it.owner.is_none()).collect();
    assert_eq!(sequences.iter().map(|it| it.name.name.as_str()).collect::<Vec<_>>(), ["loose"]);
    let enums: Vec<_> = live.enums.iter().map(|it| it.name.name.as_str()).collect();
    assert_eq!(enums, ["unused"]);
}

#[tokio::test]
async fn a_foreign_key_to_another_schema_is_an_error() {
    let database = empty().await;
    let client = client(database.url()).await;
    let sql = "create schema base; create table base.a (id int primary key); create table b (id int references base.a)";
    client.batch_execute(sql).await.expect("the server takes it");
    let error = introspect_with(&client, &Scope::one("public")).await.unwrap_err();
    assert_eq!(error.code(), Some("P4002"));
    assert!(error.to_string().contains("`base`"), "{error}");
    let both = introspect_with(&client, &Scope::several(["public", "base"])).await.expect("it can be read");
    assert_eq!(both.tables.iter().map(|it| it.name.to_string()).collect::<Vec<_>>(), ["base.a", "public.b"]);
}
