//~ cannot find value `mail` in module `db::user`

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

#[derive(Debug, nicol::Select)]
#[select(db::user)]
pub struct Card {
    mail: String,
}

#[derive(Debug, nicol::Select)]
#[select(db::account)]
pub struct Entry {
    provider: String,
}

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().select_as::<Card>().await?.len())
}
