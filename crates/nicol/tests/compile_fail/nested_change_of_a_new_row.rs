//~ this nested write needs a row that exists already
//~ `create` takes `create`, `create_many`, `connect` and `connect_or_create`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account, user};

pub async fn write(db: Client) -> Result<String, nicol::Error> {
    let accounts = user::accounts.delete(account::by_id("1"));
    Ok(db.user().create(user::New { email: "a".into() }).with(accounts).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<String, nicol::Error>>> {
    Box::new(write(db))
}
