//! Counts requests and their duration.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

use crate::metrics::{self, InFlight};

/// Counts a request when it is answered. If the client disconnects before, it counts only as in flight until then.
pub(crate) async fn metrics(request: Request, next: Next) -> Response {
    let (method, route) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let under_way = InFlight::begin();
    let start = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map(MatchedPath::as_str);
    metrics::answered(&method, route, response.status().as_u16(), start.elapsed());
    drop(under_way);
    response
}
