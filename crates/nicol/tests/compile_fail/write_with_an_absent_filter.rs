//~ this filter may be absent: it would match all rows
//~ `None` is no condition, which only queries that read accept
//~ if all rows are meant, say so

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, user};

pub async fn read(db: Client, email: Option<&str>) -> Result<i64, nicol::Error> {
    db.user().count().filter(email.map(|email| user::email.eq(email))).await
}

pub async fn delete(db: Client, email: Option<&str>) -> Result<u64, nicol::Error> {
    db.user().delete_many().filter(email.map(|email| user::email.eq(email))).await
}

pub async fn update(db: Client, email: Option<&str>) -> Result<u64, nicol::Error> {
    db.user().update_many().filter(email.map(|email| user::email.eq(email))).name("x").await
}
