//! The stored uploads.

use std::time::Duration;

use nicol::Error;
use nicol::types::DateTime;
use nicol_auth::Authenticated;

use crate::actions::is_id;
use crate::db::{Client, Import, import};

/// How long an upload is kept.
pub const KEPT_FOR: Duration = Duration::from_hours(1);

/// How many uploads of one user are kept.
const UPLOADS_MAX: u64 = 5;

/// The maximum length of a file name, in characters; longer names are truncated.
const FILE_NAME_MAX: usize = 100;

/// Stores an upload and returns its id. The user's oldest uploads are deleted, so that the last five stay.
///
/// # Errors
/// The database query fails.
pub async fn store(db: &Client, by: &Authenticated, file_name: &str, data: Vec<u8>) -> Result<String, Error> {
    // Old browsers send the full path.
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(FILE_NAME_MAX).collect();
    let user_id = by.user_id().as_str();
    let new = import::New { user_id: user_id.to_owned(), file_name: name, data };
    let older = db.import().find_many().filter(import::user_id.eq(user_id));
    let older = older.order_by(import::created_at.desc()).skip(UPLOADS_MAX).select((import::id,));
    // The upload itself is not read back.
    let ((id,), older) = db.batch((db.import().create(new).select((import::id,)), older)).await?;
    if !older.is_empty() {
        let older = older.into_iter().map(|(id,)| id);
        db.import().delete_many().filter(import::id.is_in(older)).await?;
    }
    Ok(id)
}

/// Returns an upload of the user, unless it has expired.
///
/// # Errors
/// The database query fails.
pub async fn find(db: &Client, by: &Authenticated, id: &str) -> Result<Option<Import>, Error> {
    if !is_id(id) {
        return Ok(None);
    }
    let own = import::id.eq(id).and(import::user_id.eq(by.user_id().as_str()));
    db.import().find_first().filter(own.and(import::created_at.gt(oldest()))).await
}

/// Deletes expired uploads and returns their number.
///
/// # Errors
/// The database query fails.
pub async fn sweep(db: &Client) -> Result<u64, Error> {
    db.import().delete_many().filter(import::created_at.lte(oldest())).await
}

fn oldest() -> DateTime {
    chrono::Utc::now() - KEPT_FOR
}
