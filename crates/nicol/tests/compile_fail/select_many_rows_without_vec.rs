//~ a field of type `Entry` cannot hold the rows of a relation to `nicol::__private::Many` `account::types::Account`
//~ `One` row is held by a struct, an `Optional` one by an `Option` of it, and `Many` rows by a `Vec`

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

#[derive(Debug, nicol::Select)]
#[select(db::user)]
pub struct Card {
    accounts: Entry,
}

#[derive(Debug, nicol::Select)]
#[select(db::account)]
pub struct Entry {
    provider: String,
}

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().select_as::<Card>().await?.len())
}
