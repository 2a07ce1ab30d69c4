//~ error[E0277]: `nicol::Field<account::types::Account, std::string::String>` cannot be selected from `user::types::User`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account, session, user};

#[derive(Debug, nicol::Select)]
#[select(user)]
pub struct Card {
    email: String,
    accounts: Vec<Entry>,
}

#[derive(Debug, nicol::Select)]
#[select(account)]
pub struct Entry {
    provider: String,
}

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().select((user::id, account::id)).await?.len())
}
