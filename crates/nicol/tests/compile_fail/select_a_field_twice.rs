//~ `email` is selected twice

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

#[derive(Debug, nicol::Select)]
#[select(db::user)]
pub struct Card {
    email: String,
    #[select(field = email)]
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
