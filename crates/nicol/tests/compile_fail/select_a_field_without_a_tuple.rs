//~ error[E0277]: `nicol::Field<user::types::User, std::string::String>` is not a selection of `user::types::User`
//~ a single field is written as a tuple, too: `(user::id,)`

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
    Ok(db.user().find_many().select(user::id).await?.len())
}
