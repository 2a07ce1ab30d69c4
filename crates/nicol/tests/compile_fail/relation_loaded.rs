#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    let user = db.user().find_unique(user::by_id("1")).include(user::sessions).or_not_found().await?;
    Ok(user.sessions().len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
