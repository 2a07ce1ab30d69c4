//! A page for every error, whether from People, sign-in or axum.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::access_log::RequestId;
use crate::api;
use crate::error::ErrorText;
use crate::views::{Link, Message, Page, html};

/// Gives an error without a body of its own a page, or a line of text for clients that do not accept HTML.
pub(crate) async fn error_pages(request: Request, next: Next) -> Response {
    let wants_page = wants_page(request.headers());
    let is_api = api::is_api(request.uri().path());
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if is_error && is_api {
        return api::problem::draw(response, &id);
    }
    if !is_error || has_own_body(&response) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem = parts.extensions.get::<ErrorText>().copied().unwrap_or_else(|| ErrorText::of(status));
    let (content_type, body) = if wants_page {
        let page = Message {
            page: Page::public(),
            code: Some(status.as_u16()),
            title: problem.title.to_owned(),
            text: problem.text.to_owned(),
            detail: status.is_server_error().then(|| format!("Reference {id}")),
            link: Some(Link { url: "/".to_owned(), text: "Go to the start page".to_owned(), primary: false }),
        };
        ("text/html; charset=utf-8", html(&page).0)
    } else {
        ("text/plain; charset=utf-8", format!("{}: {}\n", problem.title, problem.text))
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    (parts, Body::from(body)).into_response()
}

/// Whether a response already says what is wrong: forms with errors, sign-in pages and sign-in's JSON.
fn has_own_body(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"))
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    accept.contains("text/html") || accept.contains("*/*")
}
