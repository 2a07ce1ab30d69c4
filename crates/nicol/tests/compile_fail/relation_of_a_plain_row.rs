//~ error[E0277]: relation `Accounts` was not loaded by this query: add `.include(…)`
//~ Count<Sessions>` was not loaded by this query: add `.include(…)`
//~ error[E0277]: relation `account::types::User` was not loaded by this query: add `.include(…)`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    let plain = db.user().find_first().or_not_found().await?;
    let nested = db.user().find_first().include(user::accounts).or_not_found().await?;
    let email = nested.accounts()[0].user().email.len();
    Ok(plain.accounts().len() + email + usize::try_from(plain.sessions_count()).unwrap_or(0))
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
