//! Sign-in for axum: routes, extractors and a middleware.
//!
//! ```
//! use axum::extract::FromRef;
//! use axum::routing::get;
//! use axum::{Router, middleware};
//! use nicol_auth::{Auth, Authenticated};
//!
//! #[derive(Clone)]
//! struct AppState {
//!     auth: Auth,
//! }
//!
//! impl FromRef<AppState> for Auth {
//!     fn from_ref(state: &AppState) -> Self {
//!         state.auth.clone()
//!     }
//! }
//!
//! async fn hello(who: Authenticated) -> String {
//!     format!("hello {}", who.user().email)
//! }
//!
//! fn app(auth: Auth) -> Router {
//!     Router::new()
//!         .route("/", get(hello))
//!         .merge(nicol_auth::axum::routes(&auth))
//!         .layer(middleware::from_fn(nicol_auth::axum::carry_cookies))
//!         .with_state(AppState { auth })
//! }
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use ::axum::Router;
use ::axum::body::{Body, to_bytes};
use ::axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, Request};
use ::axum::middleware::Next;
use ::axum::response::{IntoResponse, Redirect, Response};
use ::axum::routing::any;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};

use crate::auth::Auth;
use crate::csrf::CsrfToken;
use crate::error::Error;
use crate::session::{Authenticated, SessionRead};

/// The maximum size of a request body, in bytes. The forms are small.
const BODY_LIMIT: usize = 16 * 1024;

/// Returns the routes below the base path.
pub fn routes<S: Clone + Send + Sync + 'static>(auth: &Auth) -> Router<S> {
    let path = format!("{}/{{*action}}", auth.base_path());
    let auth = auth.clone();
    Router::new().route(&path, any(move |request| handle(auth, request)))
}

async fn handle(auth: Auth, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => auth.handle(Request::from_parts(parts, body)).await.map(Body::from),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

/// Lets extractors set cookies: of extended sessions, and of new CSRF tokens. Several extractors of one request share one
/// database query. Add it with `middleware::from_fn`.
pub async fn carry_cookies(mut request: Request, next: Next) -> Response {
    let visit = Visit::default();
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    for cookie in visit.state().set_cookies.drain(..) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What the extractors of one request share.
#[derive(Clone, Default)]
struct Visit(Arc<Mutex<VisitState>>);

#[derive(Default)]
struct VisitState {
    session: Option<SessionRead>,
    csrf: Option<CsrfToken>,
    set_cookies: Vec<HeaderValue>,
}

impl Visit {
    fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get().cloned()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, VisitState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an extractor failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Rejection {
    /// The user is not signed in.
    SignedOut {
        /// The sign-in page for browsers; `None` for clients that do not accept HTML.
        sign_in_url: Option<String>,
    },
    /// The database failed, so it is unknown whether the user is signed in.
    Unavailable(Error),
    /// The application lacks the middleware [`carry_cookies`].
    LayerMissing,
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut { sign_in_url: Some(url) } => Redirect::to(&url).into_response(),
            Self::SignedOut { sign_in_url: None } => {
                (StatusCode::UNAUTHORIZED, "sign in first\n").into_response()
            }
            Self::Unavailable(error) => {
                if let Error::Adapter { operation, source } = &error {
                    tracing::error!(operation, error = %source, "the adapter failed");
                }
                let headers = [(header::RETRY_AFTER, "5")];
                (StatusCode::SERVICE_UNAVAILABLE, headers, "the database is unavailable, please try again\n")
                    .into_response()
            }
            Self::LayerMissing => {
                tracing::error!("the middleware `nicol_auth::axum::carry_cookies` is missing");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Extracts the signed-in user. If there is none, browsers are redirected to the sign-in page, and other clients get 401.
impl<S: Send + Sync> FromRequestParts<S> for Authenticated
where
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let authenticated = read(parts, &auth).await.map_err(Rejection::Unavailable)?;
        authenticated.ok_or_else(|| Rejection::SignedOut { sign_in_url: sign_in_url(parts, &auth) })
    }
}

/// Extracts the signed-in user, if there is one.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Authenticated
where
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        read(parts, &Auth::from_ref(state)).await.map_err(Rejection::Unavailable)
    }
}

/// Extracts the browser's CSRF token. Requires [`carry_cookies`], because a token is invalid without its cookie.
impl<S: Send + Sync> FromRequestParts<S> for CsrfToken
where
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let visit = Visit::of(parts).ok_or(Rejection::LayerMissing)?;
        let mut found = visit.state();
        if let Some(token) = &found.csrf {
            return Ok(token.clone());
        }
        let token = Auth::from_ref(state).csrf(&parts.headers);
        found.set_cookies.extend(token.set_cookie().cloned());
        found.csrf = Some(token.clone());
        Ok(token)
    }
}

async fn read(parts: &Parts, auth: &Auth) -> Result<Option<Authenticated>, Error> {
    let visit = Visit::of(parts);
    if let Some(session) = visit.as_ref().and_then(|visit| visit.state().session.clone()) {
        return Ok(session.authenticated);
    }
    let session = auth.session(&parts.headers).await?;
    if let Some(visit) = visit {
        let mut state = visit.state();
        state.set_cookies.extend(session.set_cookies.iter().cloned());
        state.session = Some(session.clone());
    }
    Ok(session.authenticated)
}

/// Returns the sign-in page if the client accepts HTML or does not say. A form submission leads back to the front page.
fn sign_in_url(parts: &Parts, auth: &Auth) -> Option<String> {
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let accepts_html = ["text/html", "text/*", "*/*"].iter().any(|kind| accept.contains(kind));
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    let callback = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    accepts_html.then(|| auth.sign_in_url(if is_read { callback } else { "/" }))
}
