//! Tells open pages that the directory has changed.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::unfold;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, ErrorText};
use crate::live::{Message, Stream};

/// The value of `Retry-After`, in seconds, for a user with too many open pages.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("30");

/// The mark of the page. A mark of another process is ignored.
#[derive(Deserialize)]
pub(crate) struct Since {
    since: Option<String>,
}

/// `GET /people/events`: server-sent events.
///
/// Who is not signed in gets 401, on which browsers give up, whatever the client says it accepts: a sign-in page
/// would be of no use to it.
pub(crate) async fn events(
    State(state): State<AppState>,
    Query(query): Query<Since>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let Some(user) = state.auth.look(&headers).await.map_err(AppError::Session)? else {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    };
    let Some(seat) = state.live.admit(user.user_id().as_str()) else { return Ok(too_many()) };
    // Of the request only what shows who sent it is kept.
    let cookies = headers.get_all(header::COOKIE).iter();
    let headers = cookies.map(|cookie| (header::COOKIE, cookie.clone())).collect();
    let stream = Stream::open(state.live, seat, state.auth, headers, query.since.as_deref());
    let body = unfold(stream, async |mut stream| {
        let message = stream.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from_static(text(message).as_bytes())), stream))
    });
    Ok((head(), Body::from_stream(body)).into_response())
}

/// `HEAD /people/events`: what the answer would be, without opening a stream.
pub(crate) async fn head_only(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    Ok(match state.auth.look(&headers).await.map_err(AppError::Session)? {
        Some(_) => head().into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    })
}

fn head() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies such as nginx would keep events back until there are enough of them.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ]
}

/// Source: WHATWG HTML, 9.2.5 "Parsing an event stream".
fn text(message: Message) -> &'static str {
    match message {
        Message::Ready => "retry: 2000\nevent: ready\ndata: {}\n\n",
        Message::Change => "event: change\ndata: {}\n\n",
        Message::Heartbeat => ": all is well\n\n",
        Message::SignedOut => "event: signed-out\ndata: {}\n\n",
    }
}

fn too_many() -> Response {
    const TOO_MANY: ErrorText = ErrorText {
        title: "Too many open pages",
        text: "This page is not kept up to date by itself. Close some others, or reload it now and then.",
    };
    let mut response =
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response();
    response.extensions_mut().insert(TOO_MANY);
    response
}
