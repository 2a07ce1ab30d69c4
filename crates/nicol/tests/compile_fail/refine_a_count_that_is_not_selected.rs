//~ Count<Accounts>`, so this cannot be refined

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
    Ok(db
        .user()
        .find_many()
        .select_as::<Card>()
        .refine(user::accounts.count().filter(account::id.eq("1")))
        .await?
        .len())
}
