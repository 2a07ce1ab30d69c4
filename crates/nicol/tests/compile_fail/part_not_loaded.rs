//~ relation `Accounts` was not loaded by this query: add `.include(…)`
//~ relation `Accounts` was not loaded, or is taken twice

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    let user = db.user().find_unique(user::by_id("1")).include(user::sessions).or_not_found().await?;
    let (_, (sessions, accounts)) = user.into_parts((user::sessions, user::accounts));
    Ok(sessions.len() + accounts.len())
}
