//! The directory: list, add, edit, delete.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use chrono::Utc;
use serde::Deserialize;

use crate::actions::{self, ChangeError};
use crate::app::AppState;
use crate::db::Person;
use crate::error::AppError;
use crate::extract::{CheckedForm, NoFields, SignedIn};
use crate::search::{Position, Search, Sort, Total};
use crate::validate::{FieldErrors, PersonForm};
use crate::version::Version;
use crate::views::{DeletePage, FormPage, ListPage, Pages, Row, html, import_notice};

/// The query of the list. Whatever cannot be read counts as not given: these links are made by us.
#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    done: String,
}

/// The fields of the edit form: the details, and which version of them was edited.
#[derive(Deserialize)]
pub(crate) struct EditForm {
    #[serde(default)]
    version: String,
    #[serde(flatten)]
    person: PersonForm,
}

/// The only field of the question before a deletion. Without it the person is deleted whatever it looks like.
#[derive(Deserialize)]
pub(crate) struct DeleteForm {
    #[serde(default)]
    version: String,
}

/// `GET /`
pub(crate) async fn front() -> Redirect {
    Redirect::to("/people")
}

/// `GET /people`
pub(crate) async fn list(
    user: SignedIn,
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Response, AppError> {
    let sort = Sort::parse(&query.sort).unwrap_or_default();
    let position = Position::from_texts(&query.after, &query.before);
    let search = Search::new(&query.q, sort, position);
    let found = actions::search_users(&state.db, &user.proof, &search).await?;
    let pages = Pages { query: search.query().to_owned(), sort, previous: found.previous, next: found.next };
    if found.people.is_empty() && *search.position() != Position::Start {
        // Those who were there have been deleted meanwhile, or somebody wrote the address by hand.
        return Ok(Redirect::to(&pages.first_url()).into_response());
    }
    let page = ListPage {
        page: user.page(),
        notice: import_notice(&query.done).or_else(|| notice(&query.done).map(str::to_owned)),
        summary: summary(found.total, !search.query().is_empty()),
        query: search.query().to_owned(),
        rows: found.people.into_iter().map(Row::from).collect(),
        pages,
    };
    Ok(html(&page).into_response())
}

/// `GET /people/new`
pub(crate) async fn new_form(user: SignedIn) -> Response {
    html(&add_page(&user, PersonForm::default(), FieldErrors::default())).into_response()
}

/// `POST /people`
pub(crate) async fn add(
    user: SignedIn,
    State(state): State<AppState>,
    CheckedForm(form): CheckedForm<PersonForm>,
) -> Result<Response, AppError> {
    match actions::add_user(&state.db, &user.proof, &form).await {
        Ok(_) => Ok(Redirect::to("/people?done=added").into_response()),
        Err(ChangeError::Invalid(errors)) => Ok(back_with_errors(&add_page(&user, form, errors))),
        Err(error) => Err(error.into()),
    }
}

/// `GET /people/{id}/edit`
pub(crate) async fn edit_form(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let person = find(&state, &user, &id).await?;
    let version = Version::of(&person);
    let form = PersonForm { name: person.name, email: person.email, phone_number: person.phone_number };
    Ok(html(&edit_page(&user, &person.id, version, form, FieldErrors::default())).into_response())
}

/// `POST /people/{id}`
pub(crate) async fn edit(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    CheckedForm(EditForm { version, person: form }): CheckedForm<EditForm>,
) -> Result<Response, AppError> {
    let version: Version = version.parse().map_err(|_| AppError::BadRequest)?;
    match actions::update_user(&state.db, &user.proof, &id, &version, &form).await {
        Ok(_) => Ok(Redirect::to("/people?done=saved").into_response()),
        Err(ChangeError::Invalid(errors)) => {
            let person = find(&state, &user, &id).await?;
            Ok(back_with_errors(&edit_page(&user, &person.id, version, form, errors)))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /people/{id}/delete`
pub(crate) async fn delete_form(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let person = find(&state, &user, &id).await?;
    let version = Version::of(&person).to_string();
    Ok(html(&DeletePage { page: user.page(), csrf: user.csrf(), version, row: person.into() })
        .into_response())
}

/// `POST /people/{id}/delete`
pub(crate) async fn delete(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    CheckedForm(DeleteForm { version }): CheckedForm<DeleteForm>,
) -> Result<Response, AppError> {
    let version = version.parse().ok();
    // Twice the same click is no error: the person is gone, as wanted.
    let deleted = actions::delete_user(&state.db, &user.proof, &id, version.as_ref()).await?;
    let cookie = deleted.map(|person| state.undo.remember(&user.proof, &person, Utc::now()));
    let cookie = AppendHeaders(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((cookie, Redirect::to("/people?done=deleted")).into_response())
}

/// `POST /people/undo`
pub(crate) async fn undo(
    user: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    CheckedForm(NoFields {}): CheckedForm<NoFields>,
) -> Result<Response, AppError> {
    let deleted = state.undo.recall(&user.proof, &headers, Utc::now()).ok_or(AppError::NothingToUndo)?;
    match actions::restore_user(&state.db, &user.proof, &deleted).await {
        Ok(()) => {
            let forget = AppendHeaders([(header::SET_COOKIE, state.undo.forget())]);
            Ok((forget, Redirect::to("/people?done=restored")).into_response())
        }
        Err(ChangeError::Invalid(errors)) => {
            let form =
                PersonForm { name: deleted.name, email: deleted.email, phone_number: deleted.phone_number };
            Ok(back_with_errors(&add_page(&user, form, errors)))
        }
        Err(error) => Err(error.into()),
    }
}

async fn find(state: &AppState, user: &SignedIn, id: &str) -> Result<Person, AppError> {
    actions::get_user_by_id(&state.db, &user.proof, id).await?.ok_or(AppError::NotFound)
}

fn back_with_errors(page: &FormPage) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, html(page)).into_response()
}

fn add_page(user: &SignedIn, form: PersonForm, errors: FieldErrors) -> FormPage {
    FormPage {
        page: user.page(),
        csrf: user.csrf(),
        title: "Add a person".to_owned(),
        action: "/people".to_owned(),
        submit: "Add",
        version: None,
        form,
        errors,
        delete_url: None,
    }
}

fn edit_page(user: &SignedIn, id: &str, version: Version, form: PersonForm, errors: FieldErrors) -> FormPage {
    FormPage {
        page: user.page(),
        csrf: user.csrf(),
        title: "Edit a person".to_owned(),
        action: format!("/people/{id}"),
        submit: "Save",
        version: Some(version.to_string()),
        form,
        errors,
        delete_url: Some(format!("/people/{id}/delete")),
    }
}

fn notice(done: &str) -> Option<&'static str> {
    Some(match done {
        "added" => "The person was added.",
        "saved" => "The changes were saved.",
        "deleted" => "The person was deleted.",
        "restored" => "The person is back.",
        _ => return None,
    })
}

fn summary(total: Total, is_search: bool) -> String {
    let number = thousands(total.count());
    let people = match total {
        Total::Exact(1) => "1 person".to_owned(),
        Total::Exact(_) => format!("{number} people"),
        Total::About(_) => format!("About {number} people"),
    };
    if is_search { format!("{people} found") } else { people }
}

/// `1234567` as `1,234,567`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl From<Person> for Row {
    fn from(person: Person) -> Self {
        Self { id: person.id, name: person.name, email: person.email, phone_number: person.phone_number }
    }
}
