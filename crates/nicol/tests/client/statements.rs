//! How many statements each kind of query costs.

use crate::db::{account, person, user};
use crate::support::{Database, new_account, new_person};
use chrono::Utc;
use nicol::params;

#[tokio::test]
async fn every_kind_of_query_is_one_statement() {
    let test = Database::new().await;
    let (db, mut counts) = (&test.db, Vec::new());
    macro_rules! count {
        ($($name:literal: $query:expr;)*) => {$(
            let _ = $query.await.unwrap();
            counts.push(($name, test.statements()));
        )*};
    }
    count! {
        "create": db.person().create(new_person("a"));
        "create_many": db.person().create_many([new_person("b"), new_person("c")]);
        "upsert_many": db.person().upsert_many(person::email, [new_person("b"), new_person("d")]).counts();
        "nested create": db.user().create(user::New { email: "u".into() }).with(user::accounts.create(new_account("p", "1")));
        "find_unique": db.person().find_unique(person::by_email("a@example.com"));
        "find_first": db.person().find_first();
        "find_many": db.person().find_many().filter(person::name.contains("a"));
        "page and total": db.person().find_many().order_by(person::name.asc()).take(1).and_count();
        "select": db.person().find_many().select((person::id, person::created_at));
        "include": db.user().find_many().include(user::accounts).include(user::sessions.count());
        "nested include": db.account().find_many().include(account::user.include(user::sessions));
        "update": db.person().update(person::by_email("a@example.com")).created_at(Utc::now());
        "update if": db.person().update(person::by_id("x")).filter(person::name.eq("a")).name("b").or_current();
        "delete if": db.person().delete(person::by_id("x")).filter(person::name.eq("a")).or_current();
        "update_many": db.person().update_many().filter(person::name.eq("b")).name("B");
        "update_each": db.person().update_each([person::update(person::by_email("b@example.com")).name("b")]);
        "upsert": db.person().upsert(person::by_email("a@example.com"), new_person("a"), |row| row.name("A"));
        "delete": db.person().delete(person::by_email("a@example.com"));
        "delete_many": db.person().delete_many();
        "count": db.person().count();
        "query_as": db.query_as::<One>("select 1 as one", params![]);
        "execute": db.execute("select 1", params![]);
    }
    let more: Vec<_> = counts.into_iter().filter(|(_, statements)| *statements != 1).collect();
    assert!(more.is_empty(), "not one statement: {more:?}");
}

#[derive(nicol::FromRow)]
struct One {
    #[expect(dead_code, reason = "that a row comes is enough")]
    one: i32,
}
