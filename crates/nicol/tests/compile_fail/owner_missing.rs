//~ say which `account::types::User` it belongs to: `.with(….connect(…))`
//~ this row lacks the key of the relation `account::types::User`

#[path = "../client/db/mod.rs"]
mod db;

use db::{Client, account};

pub async fn write(db: Client) -> Result<String, nicol::Error> {
    let new = account::NewInUser { r#type: "a".into(), provider: "b".into(), provider_account_id: "c".into() };
    Ok(db.account().create(new).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<String, nicol::Error>>> {
    Box::new(write(db))
}
