//! The operations on people.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use utoipa::IntoParams;

use super::access::ApiUser;
use super::body::JsonBody;
use super::condition::{etag, if_match, none_match};
use super::person::{PersonFields, PersonJson, PersonPatch};
use super::problem::{ApiError, Kind};
use super::responses::{ForAll, ForBodies, ForConditions, ForOnePerson, ForWrites};
use crate::actions::{self, Added};
use crate::app::AppState;
use crate::error::AppError;
use crate::validate::{PartialForm, PersonForm};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Which person.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is read by the macro that makes the document")]
struct IdParam {
    /// The `id` of a person.
    #[param(pattern = "^[A-Za-z0-9_-]{1,64}$", example = "cmhz1k2ab0000v7x2example1")]
    id: String,
}

/// Which version was seen.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is read by the macro that makes the document")]
struct IfMatchParam {
    /// The `ETag` of the version that you have seen, or a list of them; `*` for any version.
    #[param(
        rename = "If-Match",
        pattern = r#"^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$"#,
        example = "\"0123456789abcdef0123456789abcdef\""
    )]
    if_match: String,
}

/// Which version is there already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is read by the macro that makes the document")]
struct IfNoneMatchParam {
    /// The `ETag` of a version that you already have, which is not sent again.
    #[param(
        rename = "If-None-Match",
        nullable = false,
        pattern = r#"^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$"#,
        example = "\"0123456789abcdef0123456789abcdef\""
    )]
    if_none_match: Option<String>,
}

/// The name of the attempt.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is read by the macro that makes the document")]
struct IdempotencyKeyParam {
    /// A key of your own, unique for each person, such as a UUID. A repeated request with the same key and details adds
    /// nobody and gets the first response again. Keys are kept for 24 hours.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        pattern = "^[!-~]{1,255}$",
        example = "7f9c2ba4-e88f-4f0a-9c3d-2c5b8a1d6e3f"
    )]
    idempotency_key: Option<String>,
}

/// Add a person
///
/// With an `Idempotency-Key` you can repeat the request after a failure without adding the person twice.
#[utoipa::path(
    post, path = "/api/people", operation_id = "addPerson", tag = "People",
    params(IdempotencyKeyParam), request_body = PersonFields,
    responses(
        (status = 201, description = "The person was added, now or by an earlier request with the same key.",
            body = PersonJson,
            headers(
                ("Location" = String, description = "The URL of the person."),
                ("ETag" = String, description = "The version of the person."),
                ("Idempotency-Replayed" = String, description = "`true` if an earlier request added the person."),
            ),
            links(
                ("get" = (operation_id = "getPerson", parameters(("id" = "$response.body#/id")))),
                ("replace" = (operation_id = "replacePerson",
                    parameters(("id" = "$response.body#/id"), ("If-Match" = "$response.header.ETag")))),
                ("change" = (operation_id = "changePerson",
                    parameters(("id" = "$response.body#/id"), ("If-Match" = "$response.header.ETag")))),
                ("delete" = (operation_id = "deletePerson",
                    parameters(("id" = "$response.body#/id"), ("If-Match" = "$response.header.ETag")))),
            )),
        ForAll, ForWrites, ForBodies,
    ),
)]
pub(crate) async fn add(
    ApiUser(user): ApiUser,
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(fields): JsonBody<PersonFields>,
) -> Result<Response, ApiError> {
    let form = PersonForm::from(fields);
    let Some(key) = idempotency_key(&headers)? else {
        let person = actions::add_person(&state.db, &user, &form).await?;
        let (person, _) = PersonJson::of(person);
        return added(&person.to_json(), false);
    };
    let answer = |person: &_| PersonJson::of(Clone::clone(person)).0.to_json();
    match actions::add_person_once(&state.db, &user, &key, &form, answer).await? {
        Added::Now(answer) => added(&answer, false),
        Added::Before(answer) => added(&answer, true),
        Added::KeyReused => Err(ApiError::of(Kind::KeyReused)),
    }
}

/// Get a person
#[utoipa::path(
    get, path = "/api/people/{id}", operation_id = "getPerson", tag = "People",
    params(IdParam, IfNoneMatchParam),
    responses(
        (status = 200, description = "The person.", body = PersonJson,
            headers(("ETag" = String, description = "The version of the person."))),
        (status = 304, description = "The person still has the version in `If-None-Match`.",
            headers(("ETag" = String, description = "The version of the person."))),
        ForAll, ForOnePerson,
    ),
)]
pub(crate) async fn get(
    ApiUser(user): ApiUser,
    State(state): State<AppState>,
    id: PersonId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = actions::get_person(&state.db, &user, &id.0).await.map_err(AppError::from)?;
    let (person, version) = PersonJson::of(found.ok_or_else(|| ApiError::of(Kind::NotFound))?);
    if none_match(&headers, &version)? {
        return Ok(answer(StatusCode::OK, &version, person.to_json()));
    }
    Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(&version))]).into_response())
}

/// Replace the details of a person
///
/// All fields are required. A replacement without a difference keeps the version.
#[utoipa::path(
    put, path = "/api/people/{id}", operation_id = "replacePerson", tag = "People",
    params(IdParam, IfMatchParam), request_body = PersonFields,
    responses(
        (status = 200, description = "The current details of the person.", body = PersonJson,
            headers(("ETag" = String, description = "The version of the person."))),
        ForAll, ForWrites, ForBodies, ForOnePerson, ForConditions,
    ),
)]
pub(crate) async fn replace(
    ApiUser(user): ApiUser,
    State(state): State<AppState>,
    id: PersonId,
    headers: HeaderMap,
    JsonBody(fields): JsonBody<PersonFields>,
) -> Result<Response, ApiError> {
    let form = PersonForm::from(fields).into();
    change_to(&state, &user, &id.0, &headers, &form).await
}

/// Change some details of a person
///
/// A JSON Merge Patch (RFC 7396): omitted fields keep their values. No field can be removed.
#[utoipa::path(
    patch, path = "/api/people/{id}", operation_id = "changePerson", tag = "People",
    params(IdParam, IfMatchParam),
    request_body(content((PersonPatch = "application/merge-patch+json"), (PersonPatch = "application/json"))),
    responses(
        (status = 200, description = "The current details of the person.", body = PersonJson,
            headers(("ETag" = String, description = "The version of the person."))),
        ForAll, ForWrites, ForBodies, ForOnePerson, ForConditions,
    ),
)]
pub(crate) async fn change(
    ApiUser(user): ApiUser,
    State(state): State<AppState>,
    id: PersonId,
    headers: HeaderMap,
    JsonBody(patch): JsonBody<PersonPatch>,
) -> Result<Response, ApiError> {
    change_to(&state, &user, &id.0, &headers, &patch.into()).await
}

/// Delete a person
#[utoipa::path(
    delete, path = "/api/people/{id}", operation_id = "deletePerson", tag = "People",
    params(IdParam, IfMatchParam),
    responses(
        (status = 204, description = "The person was deleted."),
        ForAll, ForWrites, ForOnePerson, ForConditions,
    ),
)]
pub(crate) async fn delete(
    ApiUser(user): ApiUser,
    State(state): State<AppState>,
    id: PersonId,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let expected = if_match(&headers)?;
    actions::delete_person(&state.db, &user, &id.0, &expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change_to(
    state: &AppState,
    user: &nicol_auth::Authenticated,
    id: &str,
    headers: &HeaderMap,
    form: &PartialForm,
) -> Result<Response, ApiError> {
    let expected = if_match(headers)?;
    let person = actions::update_person(&state.db, user, id, &expected, form).await?;
    let (person, version) = PersonJson::of(person);
    Ok(answer(StatusCode::OK, &version, person.to_json()))
}

/// Makes the response to an addition from the stored JSON, so that a repeated request gets the same one.
fn added(kept: &str, is_replay: bool) -> Result<Response, ApiError> {
    let (id, version) = super::person::id_and_version(kept).ok_or_else(|| ApiError::of(Kind::Internal))?;
    let mut response = answer(StatusCode::CREATED, &version, kept.to_owned());
    let headers = response.headers_mut();
    // Our own ids are valid in a header.
    if let Ok(location) = HeaderValue::try_from(format!("/api/people/{id}")) {
        headers.insert(header::LOCATION, location);
    }
    if is_replay {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn answer(status: StatusCode, version: &crate::version::Version, json: String) -> Response {
    let content_type = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, content_type), (header::ETAG, etag(version))], json).into_response()
}

/// Source: IETF draft-ietf-httpapi-idempotency-key-header-07, 2. It wants quotation marks; here they are part of the key.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    match (text, keys.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(ApiError::because(
            Kind::Malformed,
            "The header Idempotency-Key must be 1 to 255 visible ASCII characters, and occur once.",
        )),
    }
}

/// The id in a URL; an invalid id is answered with 404.
pub(crate) struct PersonId(String);

impl<S: Send + Sync> FromRequestParts<S> for PersonId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| ApiError::of(Kind::NotFound))
    }
}
