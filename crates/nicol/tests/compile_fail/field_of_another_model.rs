//~ is not a filter of `user::types::User`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().filter(account::provider.eq("google")).await?.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
