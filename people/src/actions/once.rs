//! Adding a person once, however often the request is repeated.

use std::time::Duration;

use nicol::Error;
use nicol_auth::Authenticated;
use sha2::{Digest as _, Sha256};

use super::{ChangeError, now_in_millis, refused};
use crate::db::{Client, Person, idempotency_key};
use crate::sql::{self, Kept};
use crate::validate::{PersonForm, PersonInput};

/// The minimum time for which a key is kept.
const KEYS_KEPT: Duration = Duration::from_hours(24);

/// The result of a request with an idempotency key.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// The person was added; holds the response.
    Now(String),
    /// An earlier request added the person; holds its response.
    Before(String),
    /// The key was used to add another person.
    KeyReused,
}

/// Adds a person unless this user has done so with the same key. Person and response are written in one statement, so
/// that a crash can neither lose nor duplicate them.
///
/// # Errors
/// [`ChangeError::Invalid`] if a field is wrong, [`ChangeError::EmailTaken`] if another person has the e-mail address.
/// The key stays free then.
pub async fn add_person_once(
    db: &Client,
    by: &Authenticated,
    key: &str,
    form: &PersonForm,
    answer: impl FnOnce(&Person) -> String,
) -> Result<Added, ChangeError> {
    let input = form.validate().map_err(ChangeError::Invalid)?;
    let now = now_in_millis();
    let person = Person {
        id: cuid::cuid1(),
        name: input.name().to_owned(),
        email: input.email().to_owned(),
        phone_number: input.phone_number().to_owned(),
        created_at: now,
        updated_at: now,
    };
    let new = Kept { request_hash: hash(&input), response: answer(&person) };
    let statement = sql::add_once(by.user_id().as_str(), key, &new, &person);
    let mut kept = db.query_raw::<Kept>(statement.clone()).await;
    if kept.as_ref().is_err_and(Error::is_uncertain) {
        // The key makes it safe.
        kept = db.query_raw::<Kept>(statement).await;
    }
    let kept = kept.map_err(refused)?;
    // The statement always returns a row. Without one, nothing was added.
    let Some(kept) = kept.into_iter().next() else { return Ok(Added::KeyReused) };
    Ok(if kept.response == new.response {
        Added::Now(new.response)
    } else if kept.request_hash == new.request_hash {
        Added::Before(kept.response)
    } else {
        Added::KeyReused
    })
}

/// Deletes expired keys and returns their number.
///
/// # Errors
/// The database query fails.
pub async fn sweep_keys(db: &Client) -> Result<u64, Error> {
    let before = now_in_millis() - KEYS_KEPT;
    let deleted = db.idempotency_key().delete_many().filter(idempotency_key::created_at.lt(before)).await?;
    Ok(deleted)
}

/// Returns a hash of the validated details, so that whitespace and the order of the fields make no difference.
fn hash(input: &PersonInput) -> String {
    let details = format!("{}\u{1f}{}\u{1f}{}", input.name(), input.email(), input.phone_number());
    hex::encode(Sha256::digest(details))
}
