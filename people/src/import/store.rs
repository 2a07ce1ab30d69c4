//! Uploads between the form and the import.

use std::time::Duration;

use nicol::Error;
use nicol::params;
use nicol::types::DateTime;
use nicol_auth::Authenticated;

use crate::actions::is_id;
use crate::db::{Client, Import, import};
use crate::sql::{self, Id};

/// How long an upload is kept.
pub const KEPT_FOR: Duration = Duration::from_hours(1);

/// How long the name of a file may be, in characters; what is longer is cut.
const FILE_NAME_MAX: usize = 100;

/// Keeps an upload, and gives its id. Of one user the last five are kept.
///
/// # Errors
/// The database did not do it.
pub async fn store(db: &Client, by: &Authenticated, file_name: &str, data: Vec<u8>) -> Result<String, Error> {
    // Some browsers used to send the whole path.
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(FILE_NAME_MAX).collect();
    let values = params![by.user_id().as_str(), name, data];
    let stored = db.query_as::<Id>(sql::store_import(db.schema()), values).await?;
    Ok(stored.into_iter().next().map(|Id { id }| id).unwrap_or_default())
}

/// An upload of the same user that is not too old.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Client, by: &Authenticated, id: &str) -> Result<Option<Import>, Error> {
    if !is_id(id) {
        return Ok(None);
    }
    let own = import::id.eq(id).and(import::user_id.eq(by.user_id().as_str()));
    db.import().find_first().filter(own.and(import::created_at.gt(oldest()))).await
}

/// Removes uploads that are too old, and says how many.
///
/// # Errors
/// The database did not do it.
pub async fn sweep(db: &Client) -> Result<u64, Error> {
    db.import().delete_many().filter(import::created_at.lte(oldest())).await
}

fn oldest() -> DateTime {
    chrono::Utc::now() - KEPT_FOR
}
