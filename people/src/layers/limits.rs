//! How much may be sent, and how long an answer may take.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::error::AppError;

/// Refuses at once what says of itself that it is too large. What does not say so is cut off while it is read, by
/// axum's own limit.
pub(crate) async fn body_limit(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.map(str::parse::<usize>) {
        Some(Ok(length)) if length > limit => AppError::TooLarge.into_response(),
        _ => next.run(request).await,
    }
}

/// Gives up on an answer that takes too long. A transaction under way is rolled back as its future is dropped.
pub(crate) async fn timeout(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => AppError::Timeout.into_response(),
    }
}
