//~ error[E0277]: `{integer}` cannot be compared with a field of type `Option<std::string::String>`
//~ neither a value for a field of type

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account, post, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().filter(user::name.eq(5)).await?.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
