//! The JSON API, below `/api`.
//!
//! ```text
//! access ─► body, condition ─► people, list ─► actions        any failure ─► problem
//!                                  └─► document ─► page
//! ```
//!
//! - `access` is the only entrance: without a session, a request gets 401 before anything else is checked.
//! - `body` and `condition` read requests strictly: unknown parts are refused, never ignored.
//! - `problem` has every kind of error; `layers::error_pages` gives errors their bodies, whatever raised them.
//! - `document` derives `OpenAPI` 3.1 from the handlers; `page` shows the same document to people.

mod access;
mod body;
mod condition;
mod document;
mod list;
mod page;
mod people;
mod person;
pub(crate) mod problem;
mod responses;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

pub(crate) use access::{access, is_api};

use crate::app::{AppState, Site};
use problem::{ApiError, Kind};

/// The routes of the API, of its document and of its page.
pub(crate) fn routes(site: &Site) -> Router<AppState> {
    let (people, document) = document::routes(site);
    let json: Arc<str> = document.to_json().expect("the document can be written as JSON").into();
    let page = Arc::new(page::Contents::of(&document, site));
    people
        .route("/api", get(move |user| async move { page::show(&user, page) }))
        .route(
            "/api/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json.to_string()) }),
        )
        .route("/api/problems/{name}", get(problem_page))
}

/// `GET /api/problems/{name}`: what `type` of a problem leads to.
async fn problem_page(Path(name): Path<String>) -> Response {
    match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
        Some(kind) => Redirect::to(&format!("/api#problem-{}", kind.name())).into_response(),
        None => ApiError::of(Kind::NotFound).into_response(),
    }
}
