//~ error[E0063]: missing field `phone_number`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, person};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    let new = person::New { name: "Ann".into(), email: "ann@example.com".into() };
    Ok(db.person().create(new).await?.name.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
