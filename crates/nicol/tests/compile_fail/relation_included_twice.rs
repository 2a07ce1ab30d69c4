//~ this relation is included twice in one query

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    let query = db.user().find_unique(user::by_id("1")).include(user::sessions).include(user::sessions);
    Ok(usize::from(query.await?.is_some()))
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
