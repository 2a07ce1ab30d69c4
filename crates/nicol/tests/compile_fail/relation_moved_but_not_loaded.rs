//~ error[E0277]: relation `Accounts` was not loaded by this query: add `.include(…)`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Account, Client};

pub async fn read(db: Client) -> Result<Vec<Account>, nicol::Error> {
    Ok(db.user().find_first().or_not_found().await?.into_accounts())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<Vec<Account>, nicol::Error>>> {
    Box::new(read(db))
}
