//! Changes that depend on the version the caller has seen.

use nicol::params;
use nicol_auth::Authenticated;

use super::{ChangeError, is_id, now_in_millis, refused};
use crate::db::{Client, Person};
use crate::sql::{self, Attempt};
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
    fn versions(&self) -> Option<Vec<String>> {
        match self {
            Self::Any => None,
            Self::OneOf(versions) => Some(versions.iter().map(ToString::to_string).collect()),
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
    let text = |given: Option<&str>| given.map(str::to_owned);
    let values = params![
        id,
        expected.versions(),
        text(input.name()),
        text(input.email()),
        text(input.phone_number()),
        now_in_millis()
    ];
    let tried = db.query_as::<Attempt>(sql::change_if(db.schema()), values).await.map_err(refused)?;
    let (done, person) = tried.into_iter().next().ok_or(ChangeError::NotFound)?.into();
    if done || input.is_of(&person) { Ok(person) } else { Err(ChangeError::Conflict(Box::new(person))) }
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
    let values = params![id, expected.versions()];
    let tried = db.query_as::<Attempt>(sql::delete_if(db.schema()), values).await.map_err(refused)?;
    let (done, person) = tried.into_iter().next().ok_or(ChangeError::NotFound)?.into();
    if done { Ok(person) } else { Err(ChangeError::Conflict(Box::new(person))) }
}
