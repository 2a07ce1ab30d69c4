//! A form that came from a page of this server.

use axum::extract::{Form, FromRequest, FromRequestParts as _, Request};
use axum::response::{IntoResponse as _, Response};
use nicol_auth::CsrfToken;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::AppState;
use crate::error::AppError;

/// The fields of a form whose CSRF token is that of the browser. A handler that takes its fields from here cannot
/// forget the check.
#[derive(Debug)]
pub struct CheckedForm<T>(pub T);

/// A form without fields.
#[derive(Debug, Deserialize)]
pub struct NoFields {}

#[derive(Deserialize)]
struct Sent<T> {
    #[serde(rename = "csrfToken", default)]
    csrf_token: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<AppState> for CheckedForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let csrf = CsrfToken::from_request_parts(&mut parts, state)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let request = Request::from_parts(parts, body);
        let Form(sent) = Form::<Sent<T>>::from_request(request, state)
            .await
            .map_err(|rejection| AppError::from(rejection).into_response())?;
        if !csrf.matches(&sent.csrf_token) {
            return Err(AppError::Forged.into_response());
        }
        Ok(Self(sent.fields))
    }
}
