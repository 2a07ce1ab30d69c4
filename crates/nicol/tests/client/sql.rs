//! SQL that `sql!` puts together.

use nicol::types::{DateTime, Json};
use nicol::{AssertSafe, Attempt, Filter, Handle as _, Ident, Model as _, NULL, Sql, params, sql, table};

use crate::db::{Client, Person, User, person, session, user};
use crate::support::{Database, new_person};

/// Texts that do harm if they are not bound, or not quoted.
const HOSTILE: [&str; 12] = [
    "'",
    "''; drop table people; --",
    "\"",
    "\"; drop table people; --",
    "\\",
    "\\'",
    "$1",
    "{name}",
    "$$",
    "/*",
    "--\n",
    "é\u{202e}'",
];

#[tokio::test]
async fn values_are_bound() {
    let Database { db, .. } = &Database::new().await;
    for name in HOSTILE {
        db.person()
            .create(person::New { name: name.into(), email: name.into(), phone_number: String::new() })
            .await
            .unwrap();
        let found = db.query_raw::<(String, String)>(sql!(
            "select name, {name}::text from {db.person()} where name = {name}"
        ));
        assert_eq!(found.await.unwrap(), [(name.to_owned(), name.to_owned())], "{name}");
    }
    assert_eq!(db.person().count().await.unwrap(), 12);
    let names = db
        .query_raw::<String>(sql!("select name from {db.person()} where name = any({HOSTILE})"))
        .await
        .unwrap();
    assert_eq!(names.len(), 12);
    let listed = sql!("select name from {db.person()} where name in ({})", Sql::join(HOSTILE, ", "));
    assert_eq!(db.query_raw::<String>(listed).await.unwrap().len(), 12);
}

#[tokio::test]
async fn names_are_quoted() {
    let Database { db, .. } = &Database::new().await;
    for name in HOSTILE {
        let made = sql!("create table {Ident(name)} ({Ident(name)} int)");
        db.execute_raw(made).await.unwrap();
        db.execute_raw(sql!("insert into {Ident(name)}({Ident(name)}) values ({})", 7)).await.unwrap();
        // Side by side with letters, digits, quotes and other names.
        let read = sql!(
            "select{Ident(name)}from{Ident(name)}as{Ident(name)}where{Ident(name)}={}and{Ident(name)}.{Ident(name)}is not null",
            7
        );
        assert_eq!(db.query_raw::<i32>(read).await.unwrap(), [7], "{name}");
    }
    let nul = db.query_raw::<i32>(sql!("select 1 as {}", Ident("a\0b"))).await.unwrap_err();
    assert_eq!(nul.code(), "P2009", "{nul}");
    assert_eq!(format!("{:?}", sql!("select U&{}", Ident("\\0061"))), r#"select U& "\0061""#);
}

#[tokio::test]
async fn parts_nest_and_are_numbered_again() {
    let Database { db, .. } = &Database::new().await;
    for name in ["ann", "bob", "cleo"] {
        db.person().create(new_person(name)).await.unwrap();
    }
    let (a, b, c) = ("ann", Some("bob"), String::from("cleo"));
    let only = sql!("name = {b}");
    let either = Sql::join([sql!("name = {a}"), only, sql!("email = {c} || {}", "@example.com")], " or ");
    let (nothing, more): (Option<Sql>, _) = (None, Some(sql!("and name <> {a}")));
    let all = sql!(
        "select name from {table::<Person>()} where ({either}) {nothing} {more} {Sql::empty()} order by {person::name} {}",
        Sql::raw("desc")
    );
    assert_eq!(
        format!("{all:?}"),
        r#"select name from "people" where (name = $1 or name = $2 or email = $3 || $4)  and name <> $5  order by "name" desc"#
    );
    assert_eq!(db.query_raw::<String>(all).await.unwrap(), ["cleo", "bob"]);
    let none: [Sql; 0] = [];
    assert_eq!(format!("{:?}", Sql::join(none, ", ")), "");
    assert_eq!(format!("{:?}", Sql::raw(AssertSafe("select 1".into()))), "select 1");
}

#[tokio::test]
async fn the_same_name_is_one_parameter() {
    let Database { db, .. } = &Database::new().await;
    db.person().create(new_person("ann")).await.unwrap();
    let unit = "month";
    // With two parameters, PostgreSQL would not know that these are the same expression.
    let grouped = sql!(
        "select date_trunc({unit}, created_at) is null, count(*) from {db.person()} group by date_trunc({unit}, created_at)"
    );
    assert!(format!("{grouped:?}").ends_with("group by date_trunc($1, created_at)"), "{grouped:?}");
    assert_eq!(db.query_raw::<(bool, i64)>(grouped).await.unwrap(), [(false, 1)]);
    let part = sql!("{unit}::text");
    assert_eq!(
        format!("{:?}", sql!("select {}, {part}, {part}, {0}, {n}0", 1, n = 2)),
        "select $1, $2::text, $2::text, $1, $3 0"
    );
}

#[tokio::test]
async fn statements_with_other_values_are_prepared_once() {
    let database = Database::in_session("it looks at the prepared statements", "connection_limit=1").await;
    let db = &database.db;
    let prepared = async || {
        let count = "select count(*) from pg_prepared_statements where statement like '%marker%'";
        db.query_as::<i64>(count, params![]).await.unwrap()
    };
    let before = prepared().await[0];
    for value in [Some("a"), None, Some("b")] {
        let filter = sql!("name = {value}");
        db.query_raw::<i64>(sql!("select count(*) as marker from {db.person()} where {filter}"))
            .await
            .unwrap();
    }
    assert_eq!(prepared().await[0], before + 1);
}

type Row = (i32, i64, f64, bool, DateTime, Json, Vec<u8>, Option<String>, Vec<i32>);

#[tokio::test]
async fn values_of_every_type() {
    let Database { db, .. } = &Database::new().await;
    let (number, big, real, yes) = (1, 2_i64, 0.5, true);
    let (when, json, bytes): (DateTime, Json, Vec<u8>) =
        (DateTime::UNIX_EPOCH, Json::from(vec![1]), vec![1, 2]);
    let row = sql!(
        "select {number}, {big}, {real}, {yes}, {when}::timestamptz, {json}::jsonb, {bytes}::bytea, {NULL}::text, {}::int[]",
        [1, 2]
    );
    let row = sql!(
        "select a::int, b::bigint, c::float8, d, e, f, g, h, i from ({row}) as t (a, b, c, d, e, f, g, h, i)"
    );
    // Where statements are not prepared, the types are those of the values.
    if let Err(error) = db.query_raw::<Row>(row).await {
        assert_eq!(error.code(), "P2023", "numbers need a cast: PostgreSQL infers text");
    }
    let row = sql!(
        "select {number}::int, {big}::bigint, {real}::float8, {yes}::bool, {when}::timestamptz, {json}::jsonb, {bytes}::bytea, {NULL}::text, {}::int[]",
        [1, 2]
    );
    let rows = db.query_raw::<Row>(row).await.unwrap();
    assert_eq!(rows, [(1, 2, 0.5, true, when, json, bytes, None, vec![1, 2])]);
    let texts: (&str, String, Option<&str>, Vec<&str>, &[&str]) = ("a", "b".into(), None, vec!["c"], &["d"]);
    let row = sql!(
        "select {texts.0}::text, {texts.1}::text, {texts.2}::text, {texts.3}::text[], {texts.4}::text[]"
    );
    let rows = db.query_raw::<(String, String, Option<String>, Vec<String>, Vec<String>)>(row).await.unwrap();
    assert_eq!(rows, [("a".into(), "b".into(), None, vec!["c".into()], vec!["d".into()])]);
}

#[tokio::test]
async fn rows_are_read_by_place_and_to_the_last_column() {
    let Database { db, .. } = &Database::new().await;
    assert_eq!(db.query_raw::<i32>(sql!("select 1 union all select 2 order by 1")).await.unwrap(), [1, 2]);
    assert_eq!(db.query_raw::<Option<i32>>(sql!("select null::int")).await.unwrap(), [None]);
    // Columns may have equal names.
    assert_eq!(db.query_raw::<(i32, i32)>(sql!("select 1 as a, 2 as a")).await.unwrap(), [(1, 2)]);
    let message = async |sql: Sql| db.query_raw::<(i32, i32)>(sql).await.unwrap_err().to_string();
    assert!(message(sql!("select 1")).await.ends_with("the result has 1 columns, but 2 were expected"));
    assert!(message(sql!("select 1, 2, 3")).await.ends_with("the result has 3 columns, but 2 were expected"));
    assert!(message(sql!("select 1, null::int")).await.contains("column 2"));
    assert!(message(sql!("select 1, 'secret'")).await.contains("column 2"));
    assert!(!message(sql!("select 1, 'secret'")).await.contains("secret"));
}

#[tokio::test]
async fn in_a_batch_and_in_a_transaction() {
    let database = Database::new().await;
    let db = &database.db;
    let name = "ann";
    let insert = sql!(
        "insert into {db.person()} (id, name, email, phone_number, updated_at) values ({name}, {name}, {name}, {name}, now())"
    );
    let (inserted, people, again, ann) = db
        .batch((
            db.execute_raw(insert.clone()),
            db.query_raw::<String>(sql!("select name from {db.person()}")),
            db.query_as::<(i64,)>("select 1::int8", params![]),
            db.person().find_unique(person::by_id(name)),
        ))
        .await
        .unwrap();
    assert_eq!(
        (inserted, people, again, ann.unwrap().name),
        (1, vec!["ann".to_owned()], vec![(1,)], name.to_owned())
    );
    // The second one is a duplicate: nothing of the batch stays.
    let failed = db
        .batch((
            db.execute_raw(sql!("delete from {db.person()} where {person::id} <> {name}")),
            db.execute_raw(insert.clone()),
        ))
        .await;
    assert!(failed.is_err());
    let left = db
        .transaction()
        .try_run(async |tx: Client| {
            assert_eq!(tx.execute_raw(sql!("delete from {tx.person()}")).await?, 1);
            assert_eq!(tx.query_raw::<i64>(sql!("select count(*) from {tx.person()}")).await?, [0]);
            tx.query_raw::<i32>(sql!("select null::int")).await
        })
        .await;
    assert_eq!(left.unwrap_err().code(), "P2023");
    assert_eq!(db.person().count().await.unwrap(), 1);
}

#[tokio::test]
async fn tables_are_in_the_schema_of_the_client() {
    let database = Database::new().await;
    let url = database.server.url_text();
    let separator = if url.contains('?') { '&' } else { '?' };
    let other =
        Client::from_client(nicol::Client::lazy(&format!("{url}{separator}schema=o%22ther")).unwrap());
    let schema = other.schema();
    other.execute_raw(sql!("create schema {Ident(schema)}")).await.unwrap();
    other.execute_raw(sql!("create table {table::<User>()} (id text, email text)")).await.unwrap();
    other.execute_raw(sql!("insert into {other.user()} values ({}, {})", "1", "ann")).await.unwrap();
    let emails = async |db: &Client| {
        db.query_raw::<String>(sql!("select u.{user::email} from {db.user()} as u")).await.unwrap()
    };
    assert_eq!(emails(&other).await, ["ann"]);
    assert!(emails(&database.db).await.is_empty());
    assert!(!User::meta().table.is_empty());
}

#[tokio::test]
async fn too_many_values() {
    let Database { db, .. } = &Database::new().await;
    let values = sql!("select * from (values ({})) as t", Sql::join(0..65_536, "), ("));
    assert_eq!(db.query_raw::<i32>(values).await.unwrap_err().code(), "P2029");
    let ids: Vec<i32> = (0..100_000).collect();
    assert_eq!(
        db.query_raw::<i64>(sql!("select count(*) from unnest({ids}::int[])")).await.unwrap(),
        [100_000]
    );
}

#[tokio::test]
async fn a_condition_in_sql_is_part_of_any_filter() {
    let Database { db, .. } = &Database::new().await;
    for (email, name) in [("a", "Ann"), ("b", "Bob"), ("c", "Cy")] {
        let user = db.user().create(user::New { email: email.into() }).name(name).await.unwrap();
        let token = format!("token of {email}");
        let new = session::New { session_token: token, expires: DateTime::UNIX_EPOCH, user_id: user.id };
        db.session().create(new).await.unwrap();
    }
    let called =
        |name: &'static str| Filter::<User>::sql(sql!("lower({user::name}) = lower({name}) -- any case"));
    let emails = async |filter: Filter<User>| {
        let users = db.user().find_many().filter(filter).order_by(user::email.asc());
        let users = users.include(user::sessions).await.unwrap();
        users.iter().map(|user| user.email.clone()).collect::<String>()
    };
    assert_eq!(emails(called("ANN")).await, "a");
    assert_eq!(emails(!called("ANN")).await, "bc");
    assert_eq!(emails(called("ann").or(user::email.eq("c"))).await, "ac");
    assert_eq!(emails(called("ann").and(user::email.eq("c"))).await, "");
    assert_eq!(emails(Filter::sql(sql!("{user::email} = any({HOSTILE}) or {true}"))).await, "abc");
    // Both tables have a column `id`, and the order joins them.
    let of_ann = session::user.is(Filter::sql(sql!("{user::id} <> '' and {user::email} = {}", "a")));
    let sessions =
        db.session().find_many().filter(of_ann.or(Filter::sql(sql!("{session::id} = {}", "none"))));
    assert_eq!(sessions.order_by(session::user.by(user::email.asc())).await.unwrap().len(), 1);
    let has_token = Filter::<User>::sql(sql!(
        "exists (select from {db.session()} where {session::user_id} = {user::id} and {session::session_token} like {})",
        "%of b"
    ));
    assert_eq!(emails(has_token).await, "b");
    assert_eq!(db.user().update_many().filter(called("bob")).name("Rob").await.unwrap(), 1);
    assert_eq!(db.user().delete_many().filter(called("bob")).await.unwrap(), 0);
    assert_eq!(db.user().count().filter(called("rob")).await.unwrap(), 1);
    let update = db.user().update(user::by_email("c")).filter(called("nobody")).name("Sy");
    assert!(
        matches!(update.or_current().await.unwrap(), Attempt::Unmet(user) if user.name.as_deref() == Some("Cy"))
    );
}
