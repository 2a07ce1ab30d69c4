//! The signed-in user, with what their pages need.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use nicol_auth::axum::Rejection;
use nicol_auth::{Authenticated, CsrfToken};

use crate::app::AppState;
use crate::error::AppError;
use crate::lag::MayLag;
use crate::views::{Page, Viewer};

/// The signed-in user. Other browsers are redirected to sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The proof, which the [actions](crate::actions) ask for.
    pub proof: Authenticated,
    csrf: CsrfToken,
    sign_out_url: String,
    events_url: String,
}

impl SignedIn {
    /// Returns the CSRF token for the forms of a page.
    pub fn csrf(&self) -> String {
        self.csrf.as_str().to_owned()
    }

    /// Whether a form that was not read as a [`CheckedForm`](super::CheckedForm) came from here.
    pub fn sent(&self, csrf_token: &str) -> bool {
        self.csrf.matches(csrf_token)
    }

    /// Returns the frame of a page for this user.
    pub fn page(&self) -> Page {
        Page::of(Viewer {
            email: self.proof.user().email.clone(),
            csrf: self.csrf(),
            sign_out_url: self.sign_out_url.clone(),
            events_url: self.events_url.clone(),
        })
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let proof = Authenticated::from_request_parts(parts, state).await.map_err(into_response)?;
        let csrf = CsrfToken::from_request_parts(parts, state).await.map_err(into_response)?;
        let sign_out_url = format!("{}/signout", state.auth.base_path());
        // Before anything is fetched: what changes from here on is told to the page.
        let events_url = state.live.url(MayLag::of(parts, state).lags);
        Ok(Self { proof, csrf, sign_out_url, events_url })
    }
}

fn into_response(rejection: Rejection) -> Response {
    match rejection {
        Rejection::Unavailable(error) => AppError::Session(error).into_response(),
        other => other.into_response(),
    }
}
