//! Changes that depend on the version the caller has seen.

use nicol::{Attempt, Filter, if_some};
use nicol_auth::Authenticated;

use super::{ChangeError, is_id, refused};
use crate::db::{Client, Person, person};
use crate::sql;
use crate::validate::PartialForm;
use crate::version::Version;

/// The version that a person must have for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any version.
    Any,
    /// One of these versions.
    OneOf(Vec<Version>),
}

impl Expected {
    /// Matches a person in one of the versions.
    fn filter(&self) -> Filter<Person> {
        match self {
            Self::Any => Filter::all(Vec::<Filter<Person>>::new()),
            Self::OneOf(versions) => {
                let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
                sql::has_version(&versions)
            }
        }
    }
}

/// Changes the given details of a person, in one statement.
///
/// A change that was already made, such as a repeated request, succeeds.
///
/// # Errors
/// [`ChangeError::Invalid`] if a field is wrong, [`ChangeError::EmailTaken`] if another person has the e-mail address,
/// [`ChangeError::NotFound`] if the person is not there, [`ChangeError::Conflict`] if it has a version that is not
/// expected.
#[doc(alias = "updateUser")]
pub async fn update_person(
    db: &Client,
    _by: &Authenticated,
    id: &str,
    expected: &Expected,
    form: &PartialForm,
) -> Result<Person, ChangeError> {
    let input = form.validate().map_err(ChangeError::Invalid)?;
    if !is_id(id) {
        return Err(ChangeError::NotFound);
    }
    let changes = db
        .person()
        .update(person::by_id(id))
        .name(if_some(input.name()))
        .email(if_some(input.email()))
        .phone_number(if_some(input.phone_number()));
    let differs = Filter::any(
        [
            input.name().map(|name| person::name.ne(name)),
            input.email().map(|email| person::email.ne(email)),
            input.phone_number().map(|number| person::phone_number.ne(number)),
        ]
        .into_iter()
        .flatten(),
    );
    // Without a difference `updated_at` stays, so that the version does, too.
    match changes.filter(expected.filter().and(differs)).or_current().await.map_err(refused)? {
        Attempt::Done(person) => Ok(person),
        Attempt::Unmet(person) if input.is_of(&person) => Ok(person),
        Attempt::Unmet(person) => Err(ChangeError::Conflict(Box::new(person))),
        Attempt::NotFound => Err(ChangeError::NotFound),
    }
}

/// Deletes a person, in one statement, and returns it.
///
/// # Errors
/// [`ChangeError::NotFound`] if the person is not there, [`ChangeError::Conflict`] if it has a version that is not
/// expected.
#[doc(alias = "deleteUser")]
pub async fn delete_person(
    db: &Client,
    _by: &Authenticated,
    id: &str,
    expected: &Expected,
) -> Result<Person, ChangeError> {
    if !is_id(id) {
        return Err(ChangeError::NotFound);
    }
    match db
        .person()
        .delete(person::by_id(id))
        .filter(expected.filter())
        .or_current()
        .await
        .map_err(refused)?
    {
        Attempt::Done(person) => Ok(person),
        Attempt::Unmet(person) => Err(ChangeError::Conflict(Box::new(person))),
        Attempt::NotFound => Err(ChangeError::NotFound),
    }
}
