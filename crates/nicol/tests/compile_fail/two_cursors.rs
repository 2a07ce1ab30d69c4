//~ error[E0277]: this query already has a cursor
//~ a second cursor
//~ remove one of the calls of `.cursor(…)`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().cursor(user::by_id("a")).take(2).cursor(user::by_id("b")).await?.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
