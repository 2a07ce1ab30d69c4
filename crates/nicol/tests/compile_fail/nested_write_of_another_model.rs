//~ type mismatch resolving
//~ expected this to be `db::user::types::User`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, session, user};

pub async fn write(db: Client) -> Result<String, nicol::Error> {
    Ok(db.user().update(user::by_id("1")).with(session::user.connect(user::by_id("2"))).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<String, nicol::Error>>> {
    Box::new(write(db))
}
