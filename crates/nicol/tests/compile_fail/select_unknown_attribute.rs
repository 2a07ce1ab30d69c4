//~ unknown attribute
//~ help: `field = …`, `count` and `count = …` are known

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

#[derive(Debug, nicol::Select)]
#[select(db::user)]
pub struct Card {
    #[select(name = email)]
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
