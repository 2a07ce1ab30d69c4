//~ error[E0277]: `nicol::Field<user::types::User, Option<std::string::String>>` cannot be compared with a field of type

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account, post, user};

pub async fn read(db: Client) -> Result<usize, nicol::Error> {
    Ok(db.user().find_many().filter(user::email_verified.gt(user::name)).await?.len())
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<usize, nicol::Error>>> {
    Box::new(read(db))
}
