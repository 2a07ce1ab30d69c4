//~ this relation is required: its row can be neither disconnected nor deleted
//~ `connect` replaces the row by another one

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, session};

pub async fn write(db: Client) -> Result<String, nicol::Error> {
    Ok(db.session().update(session::by_id("1")).with(session::user.disconnect()).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<String, nicol::Error>>> {
    Box::new(write(db))
}
