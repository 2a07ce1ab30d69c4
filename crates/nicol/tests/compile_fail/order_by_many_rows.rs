//~ error[E0277]: this relation has many rows at the other end
//~ a relation to many rows
//~ sort by the number of rows: `.count().desc()`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().order_by(user::accounts.by(account::provider.asc())).await?.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
