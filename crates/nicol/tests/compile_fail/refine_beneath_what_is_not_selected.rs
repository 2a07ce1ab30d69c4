//~ `Entry` does not select

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
    let cards = db
        .user()
        .find_many()
        .select_as::<Card>()
        .refine(user::accounts.refine(account::user.refine(user::sessions.take(1))));
    Ok(cards.await?.len())
}
