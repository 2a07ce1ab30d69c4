//! Liveness and readiness checks.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use nicol::params;

use crate::app::AppState;
use crate::error::RETRY_AFTER;

/// `GET /healthz`: the process answers. It asks nobody else, so that a database that is down does not get People
/// restarted.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too.
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    match state.db.execute("select 1", params![]).await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(code = error.code(), %error, "not ready");
            let body = "the database does not answer\n";
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], body).into_response()
        }
    }
}
