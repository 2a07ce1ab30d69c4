//! The directory: list, add, edit, delete.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use chrono::Utc;
use serde::Deserialize;

use crate::actions::{self, ChangeError, Expected};
use crate::app::AppState;
use crate::db::Person;
use crate::error::AppError;
use crate::extract::{CheckedForm, NoFields, SignedIn};
use crate::lag::MayLag;
use crate::search::{Position, Search, Sort, Total};
use crate::validate::{FieldErrors, PersonForm};
use crate::version::Version;
use crate::views::{
    ConflictField, ConflictPage, DeletePage, DetailPage, FormPage, ListPage, Notice, Pages, Row, grouped,
    html, import_notice,
};

/// The query of the list. Invalid values are ignored, because People makes these links itself.
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

/// The query of a person's page.
#[derive(Deserialize)]
pub(crate) struct DetailQuery {
    #[serde(default)]
    done: String,
}

/// The fields of the edit form: the details, which version of them was edited, and what that looked like.
#[derive(Deserialize)]
pub(crate) struct EditForm {
    #[serde(default)]
    version: String,
    base_name: Option<String>,
    base_email: Option<String>,
    base_phone_number: Option<String>,
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
    MayLag { db, .. }: MayLag,
    Query(query): Query<ListQuery>,
) -> Result<Response, AppError> {
    let sort = Sort::parse(&query.sort).unwrap_or_default();
    let position = Position::from_texts(&query.after, &query.before);
    let search = Search::new(&query.q, sort, position);
    let found = actions::search_people(&db, &user.proof, &search).await?;
    let pages = Pages { query: search.query().to_owned(), sort, previous: found.previous, next: found.next };
    if found.people.is_empty() && *search.position() != Position::Start {
        // The people of this page were deleted in the meantime, or the URL was edited by hand.
        return Ok(Redirect::to(&pages.first_url()).into_response());
    }
    let page = ListPage {
        page: user.page(),
        csrf: user.csrf(),
        notice: import_notice(&query.done).map(Notice::of).or_else(|| notice(&query.done, None)),
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
    match actions::add_person(&state.db, &user.proof, &form).await {
        Ok(person) => Ok(to_person(&person.id, "added").into_response()),
        Err(ChangeError::Invalid(errors) | ChangeError::EmailTaken(errors)) => {
            Ok(back_with_errors(&add_page(&user, form, errors)))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /people/{id}`
pub(crate) async fn detail(
    user: SignedIn,
    State(state): State<AppState>,
    lag: MayLag,
    Path(id): Path<String>,
    Query(query): Query<DetailQuery>,
) -> Result<Response, AppError> {
    let person = lag.person(&state, &user.proof, &id).await?.ok_or(AppError::NotFound)?;
    let page = DetailPage {
        page: user.page(),
        csrf: user.csrf(),
        notice: notice(&query.done, Some(&person.name)),
        added: person.created_at,
        changed: person.updated_at,
        row: person.into(),
    };
    Ok(html(&page).into_response())
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
    let base = form.clone();
    Ok(html(&edit_page(&user, &person.id, &version, base, form, FieldErrors::default())).into_response())
}

/// `POST /people/{id}`
pub(crate) async fn edit(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    CheckedForm(sent): CheckedForm<EditForm>,
) -> Result<Response, AppError> {
    let version: Version = sent.version.parse().map_err(|_| AppError::BadRequest)?;
    let (expected, form) = (Expected::OneOf(vec![version.clone()]), sent.person.clone().into());
    match actions::update_person(&state.db, &user.proof, &id, &expected, &form).await {
        Ok(person) => Ok(to_person(&person.id, "saved").into_response()),
        Err(ChangeError::Invalid(errors) | ChangeError::EmailTaken(errors)) => {
            let person = find(&state, &user, &id).await?;
            let base = PersonForm {
                name: sent.base_name.unwrap_or_default(),
                email: sent.base_email.unwrap_or_default(),
                phone_number: sent.base_phone_number.unwrap_or_default(),
            };
            Ok(back_with_errors(&edit_page(&user, &person.id, &version, base, sent.person, errors)))
        }
        Err(ChangeError::Conflict(current)) => {
            let page = conflict_page(&user, *current, sent);
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
        Err(ChangeError::NotFound) => {
            let page = FormPage {
                title: "Deleted in the meantime".to_owned(),
                submit: "Add again",
                explanation: Some(
                    "Nothing was saved: this person was deleted. You can add them again with what you typed.",
                ),
                ..add_page(&user, sent.person, FieldErrors::default())
            };
            Ok((StatusCode::NOT_FOUND, html(&page)).into_response())
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
    Ok(html(&delete_page(&user, person, false)).into_response())
}

/// `POST /people/{id}/delete`
pub(crate) async fn delete(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    CheckedForm(DeleteForm { version }): CheckedForm<DeleteForm>,
) -> Result<Response, AppError> {
    let expected = version.parse().map_or(Expected::Any, |version| Expected::OneOf(vec![version]));
    match actions::delete_person(&state.db, &user.proof, &id, &expected).await {
        Ok(person) => {
            let cookie = state.undo.remember(&user.proof, &person, Utc::now());
            let remember = AppendHeaders([(header::SET_COOKIE, cookie)]);
            Ok((remember, Redirect::to("/people?done=deleted")).into_response())
        }
        // A repeated click is not an error: the person is gone.
        Err(ChangeError::NotFound) => Ok(Redirect::to("/people?done=deleted").into_response()),
        Err(ChangeError::Conflict(current)) => {
            let page = delete_page(&user, *current, true);
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/undo`
pub(crate) async fn undo(
    user: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    CheckedForm(NoFields {}): CheckedForm<NoFields>,
) -> Result<Response, AppError> {
    let deleted = state.undo.recall(&user.proof, &headers, Utc::now()).ok_or(AppError::NothingToUndo)?;
    match actions::restore_person(&state.db, &user.proof, &deleted).await {
        Ok(()) => {
            let forget = AppendHeaders([(header::SET_COOKIE, state.undo.forget())]);
            Ok((forget, to_person(&deleted.id, "restored")).into_response())
        }
        Err(ChangeError::Invalid(errors) | ChangeError::EmailTaken(errors)) => {
            let form =
                PersonForm { name: deleted.name, email: deleted.email, phone_number: deleted.phone_number };
            Ok(back_with_errors(&add_page(&user, form, errors)))
        }
        Err(error) => Err(error.into()),
    }
}

async fn find(state: &AppState, user: &SignedIn, id: &str) -> Result<Person, AppError> {
    actions::get_person(&state.db, &user.proof, id).await?.ok_or(AppError::NotFound)
}

fn back_with_errors(page: &FormPage) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, html(page)).into_response()
}

/// Ids are made of letters and digits, so that they need no escapes.
fn to_person(id: &str, done: &str) -> Redirect {
    Redirect::to(&format!("/people/{id}?done={done}"))
}

fn add_page(user: &SignedIn, form: PersonForm, errors: FieldErrors) -> FormPage {
    FormPage {
        page: user.page(),
        csrf: user.csrf(),
        title: "Add a person".to_owned(),
        action: "/people".to_owned(),
        submit: "Add",
        version: None,
        base: PersonForm::default(),
        explanation: None,
        back_url: "/people".to_owned(),
        form,
        errors,
        delete_url: None,
    }
}

fn edit_page(
    user: &SignedIn,
    id: &str,
    version: &Version,
    base: PersonForm,
    form: PersonForm,
    errors: FieldErrors,
) -> FormPage {
    FormPage {
        page: user.page(),
        csrf: user.csrf(),
        title: "Edit a person".to_owned(),
        action: format!("/people/{id}"),
        submit: "Save",
        version: Some(version.to_string()),
        base,
        explanation: None,
        back_url: format!("/people/{id}"),
        form,
        errors,
        delete_url: Some(format!("/people/{id}/delete")),
    }
}

fn delete_page(user: &SignedIn, person: Person, is_changed: bool) -> DeletePage {
    let version = Version::of(&person).to_string();
    DeletePage { page: user.page(), csrf: user.csrf(), version, row: person.into(), is_changed }
}

/// Both versions side by side. What was sent has passed the checks, so it is shown as it would be saved.
fn conflict_page(user: &SignedIn, current: Person, sent: EditForm) -> ConflictPage {
    let yours = match sent.person.validate() {
        Ok(input) => [input.name(), input.email(), input.phone_number()].map(str::to_owned),
        Err(_) => [sent.person.name, sent.person.email, sent.person.phone_number],
    };
    let version = Version::of(&current).to_string();
    let [name, email, phone_number] = yours;
    let field = |name, label, base, yours, theirs| ConflictField { name, label, base, yours, theirs };
    let fields = [
        field("name", "Name", sent.base_name, name, current.name),
        field("email", "E-mail", sent.base_email, email, current.email),
        field("phone_number", "Phone number", sent.base_phone_number, phone_number, current.phone_number),
    ];
    ConflictPage { page: user.page(), csrf: user.csrf(), id: current.id, version, fields }
}

/// A notice about the last action. Who was added or is back is named: the list that tells of it may not show them.
fn notice(done: &str, who: Option<&str>) -> Option<Notice> {
    let who = who.filter(|_| matches!(done, "added" | "restored")).map(str::to_owned);
    let text = match (done, &who) {
        ("added", Some(_)) => "was added.",
        ("added", None) => "The person was added.",
        ("saved", _) => "The changes were saved.",
        ("deleted", _) => "The person was deleted.",
        ("restored", Some(_)) => "was restored.",
        ("restored", None) => "The person was restored.",
        _ => return None,
    };
    Some(Notice { who, text: text.to_owned(), undo: done == "deleted" })
}

fn summary(total: Total, is_search: bool) -> String {
    let people = match total {
        Total::Exact(1) => "1 person".to_owned(),
        Total::Exact(number) => format!("{} people", grouped(number)),
        Total::MoreThan(number) => format!("More than {} people", grouped(number)),
    };
    if is_search { format!("{people} found") } else { people }
}

impl From<Person> for Row {
    fn from(person: Person) -> Self {
        Self { id: person.id, name: person.name, email: person.email, phone_number: person.phone_number }
    }
}
