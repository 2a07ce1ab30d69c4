//! Limits the size of a request and the time for a response.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};

use crate::error::AppError;

/// Refuses a request whose content length is above the limit. Without a content length, axum's own limit applies while the
/// body is read.
pub(crate) async fn body_limit(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.map(str::parse::<usize>) {
        Some(Ok(length)) if length > limit => AppError::TooLarge.into_response(),
        _ => next.run(request).await,
    }
}

/// Ends a response that takes too long. Its transaction is rolled back when the future is dropped. If the rest of the
/// request's body has not arrived, the client was too slow, and nothing was done.
pub(crate) async fn timeout(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let is_awaited = Arc::new(AtomicBool::new(false));
    let version = request.version();
    let request = request.map(|body| Body::new(Observed { body, is_awaited: is_awaited.clone() }));
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) if is_awaited.load(Ordering::Relaxed) => {
            let mut response = AppError::Slow.into_response();
            // RFC 9110, 15.5.9. HTTP/2 has no such header.
            if version < Version::HTTP_2 {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
        Err(_) => AppError::Timeout.into_response(),
    }
}

/// A request's body that notes whether the handler waits for more of it.
struct Observed {
    body: Body,
    is_awaited: Arc<AtomicBool>,
}

impl hyper::body::Body for Observed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(ctx);
        self.is_awaited.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
