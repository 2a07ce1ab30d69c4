//~ is not a selection of `user::types::User`
//~ for more than twelve fields, use a struct with `#[derive(nicol::Select)]` and `select_as`

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
    let one = user::id;
    let fields = (one, one, one, one, one, one, one, one, one, one, one, one, one);
    Ok(db.user().find_many().select(fields).await?.len())
}
