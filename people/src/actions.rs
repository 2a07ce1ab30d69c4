//! The operations on the directory, one function each.
//!
//! Each takes an [`Authenticated`] as proof that a user is signed in. Only sign-in can make one, so a route that forgets
//! the check does not compile.

use futures_util::Stream;
use nicol::Error;
use nicol::types::DateTime;
use nicol_auth::Authenticated;

use crate::db::{Client, Person, person};
use crate::search::{self, Search};
use crate::undo::Deleted;
use crate::validate::{FieldErrors, PersonForm, PersonInput};

mod conditional;
mod once;

pub use crate::search::Found;
pub use conditional::{Expected, delete_person, update_person};
pub use once::{Added, add_person_once, sweep_keys};

/// Why a person was not added, changed or deleted. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Some fields are invalid.
    #[error("some fields are invalid")]
    Invalid(FieldErrors),
    /// Another person has the e-mail address. Holds the message for the field.
    #[error("another person has the e-mail address")]
    EmailTaken(FieldErrors),
    /// The person does not exist, or no longer.
    #[error("there is no such person")]
    NotFound,
    /// The person has changed since the expected version was read. Holds the current person.
    #[error("the person was changed in the meantime")]
    Conflict(Box<Person>),
    /// The database failed.
    #[error("the database query failed")]
    Database(#[source] Error),
}

/// Adds a person.
///
/// # Errors
/// [`ChangeError::Invalid`] if a field is wrong, [`ChangeError::EmailTaken`] if another person has the e-mail address.
#[doc(alias = "addUser")]
pub async fn add_person(db: &Client, _by: &Authenticated, form: &PersonForm) -> Result<Person, ChangeError> {
    let input = form.validate().map_err(ChangeError::Invalid)?;
    db.person().create(new_person(&input)).await.map_err(refused)
}

/// Returns the person with an id.
///
/// # Errors
/// The database query fails.
#[doc(alias = "getUserById")]
pub async fn get_person(db: &Client, _by: &Authenticated, id: &str) -> Result<Option<Person>, Error> {
    if !is_id(id) {
        return Ok(None);
    }
    db.person().find_unique(person::by_id(id)).await
}

/// Returns the page of matching people that the list shows.
///
/// # Errors
/// The database query fails.
#[doc(alias = "searchUsers")]
pub async fn search_people(db: &Client, _by: &Authenticated, search: &Search) -> Result<Found, Error> {
    search::run(db, search).await
}

/// Returns a page of at most `size` matching people; `size` is 1 to [`PAGE_MAX`](search::PAGE_MAX).
///
/// # Errors
/// The database query fails.
pub async fn search_people_page(
    db: &Client,
    _by: &Authenticated,
    search: &Search,
    size: u32,
) -> Result<Found, Error> {
    search::page(db, search, size).await
}

/// Streams all matching people in order, from the search's position on.
pub fn stream_people(
    db: &Client,
    _by: &Authenticated,
    search: &Search,
) -> impl Stream<Item = Result<Person, Error>> + Send + 'static + use<> {
    search::everybody(db, search)
}

/// Restores a deleted person with its details and id. Restoring twice is not an error.
///
/// # Errors
/// [`ChangeError::EmailTaken`] if another person has the e-mail address by now.
pub async fn restore_person(db: &Client, _by: &Authenticated, deleted: &Deleted) -> Result<(), ChangeError> {
    let new = person::New {
        name: deleted.name.clone(),
        email: deleted.email.clone(),
        phone_number: deleted.phone_number.clone(),
    };
    let created_at = deleted.created_at().unwrap_or_else(now_in_millis);
    match db.person().create(new).id(&deleted.id).created_at(created_at).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_unique_violation(&["id"]) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

/// Returns the current time without microseconds, which the table does not keep.
fn now_in_millis() -> DateTime {
    let now = chrono::Utc::now();
    DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
}

fn new_person(input: &PersonInput) -> person::New {
    person::New {
        name: input.name().to_owned(),
        email: input.email().to_owned(),
        phone_number: input.phone_number().to_owned(),
    }
}

fn refused(error: Error) -> ChangeError {
    if is_email_taken(&error) {
        ChangeError::EmailTaken(FieldErrors::email_taken())
    } else if error.is_not_found() {
        ChangeError::NotFound
    } else {
        ChangeError::Database(error)
    }
}

/// Whether a statement failed because another person has the e-mail address.
pub(crate) fn is_email_taken(error: &Error) -> bool {
    // A generated query names the field. Raw SQL has no model, so that its errors name the constraint.
    error.is_unique_violation(&["email"]) || error.is_unique_violation(&["people_email_key"])
}

/// Whether a text from a URL can be an id. Other texts need no query; PostgreSQL rejects a zero byte, for example.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
