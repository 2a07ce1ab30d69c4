//~ `Entry` does not hold a row of `session::types::Session`
//~ neither the row of `session::types::Session`, nor a struct that selects from it

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

#[derive(Debug, nicol::Select)]
#[select(db::user)]
pub struct Card {
    sessions: Vec<Entry>,
}

#[derive(Debug, nicol::Select)]
#[select(db::account)]
pub struct Entry {
    provider: String,
}

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().select_as::<Card>().await?.len())
}
