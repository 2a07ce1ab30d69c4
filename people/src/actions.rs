//! What can be done with the directory, one function each.
//!
//! Each takes an [`Authenticated`] as the proof that somebody is signed in: only sign-in can make one, so none of
//! these can be called for a stranger, whatever a route forgets.

use nicol::Error;
use nicol_auth::Authenticated;

use crate::db::{Client, Person, person};
use crate::search::{self, Search};
use crate::validate::{FieldErrors, PersonForm, PersonInput};

pub use crate::search::Found;

/// Why a person was not added or changed. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Fields that a person has to mend.
    #[error("the form has errors")]
    Invalid(FieldErrors),
    /// The person is not there, or not any more.
    #[error("there is no such person")]
    NotFound,
    /// The database did not do it.
    #[error("the database did not do it")]
    Database(#[source] Error),
}

/// Adds a person.
///
/// # Errors
/// [`ChangeError::Invalid`] if a field is wrong or the e-mail address is taken.
pub async fn add_user(db: &Client, _by: &Authenticated, form: &PersonForm) -> Result<Person, ChangeError> {
    let input = form.validate().map_err(ChangeError::Invalid)?;
    db.person().create(new_person(&input)).await.map_err(refused)
}

/// The person with an id.
///
/// # Errors
/// The database does not answer.
pub async fn get_user_by_id(db: &Client, _by: &Authenticated, id: &str) -> Result<Option<Person>, Error> {
    if !is_id(id) {
        return Ok(None);
    }
    db.person().find_unique(person::by_id(id)).await
}

/// One page of the people who match, ordered by name.
///
/// # Errors
/// The database does not answer.
pub async fn search_users(db: &Client, _by: &Authenticated, search: &Search) -> Result<Found, Error> {
    search::run(db, search).await
}

/// Changes a person's details.
///
/// # Errors
/// [`ChangeError::Invalid`] if a field is wrong or the e-mail address is taken, [`ChangeError::NotFound`] if the
/// person is not there.
pub async fn update_user(
    db: &Client,
    _by: &Authenticated,
    id: &str,
    form: &PersonForm,
) -> Result<Person, ChangeError> {
    let input = form.validate().map_err(ChangeError::Invalid)?;
    if !is_id(id) {
        return Err(ChangeError::NotFound);
    }
    db.person()
        .update(person::by_id(id))
        .name(input.name())
        .email(input.email())
        .phone_number(input.phone_number())
        .await
        .map_err(refused)
}

/// Deletes a person and gives back who it was; `None` if the person was not there.
///
/// # Errors
/// The database does not answer.
pub async fn delete_user(db: &Client, _by: &Authenticated, id: &str) -> Result<Option<Person>, Error> {
    if !is_id(id) {
        return Ok(None);
    }
    match db.person().delete(person::by_id(id)).await {
        Ok(person) => Ok(Some(person)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn new_person(input: &PersonInput) -> person::New {
    person::New {
        name: input.name().to_owned(),
        email: input.email().to_owned(),
        phone_number: input.phone_number().to_owned(),
    }
}

fn refused(error: Error) -> ChangeError {
    if error.is_unique_violation(&["email"]) {
        ChangeError::Invalid(FieldErrors::email_taken())
    } else if error.is_not_found() {
        ChangeError::NotFound
    } else {
        ChangeError::Database(error)
    }
}

/// Whether an id out of an address can be one: other texts (PostgreSQL refuses a zero byte, for one) need no query.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
