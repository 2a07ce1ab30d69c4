//~ this query takes no nested writes
//~ `update_many` and `update_each` only change columns

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, session, user};

pub async fn write(db: Client) -> Result<u64, nicol::Error> {
    db.user().update_many().with(user::sessions.connect(session::by_id("1"))).await
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<u64, nicol::Error>>> {
    Box::new(write(db))
}
