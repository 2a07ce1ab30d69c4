//~ error[E0277]: a field of type `i32` has no filters for texts
//~ this is for fields of type `String`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account, post, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.post().find_many().filter(post::views.contains("1")).await?.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
