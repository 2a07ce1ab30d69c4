//! Which pages may be read from a replica, which lags behind the primary.
//!
//! The list, the search, a person's page and exports may lag, unless the request has to see the latest:
//!
//! - It comes within [`FRESH`] of a change by the same browser, which a cookie says, so that every instance knows.
//! - Its `done=…` says that it shows the result of a change.
//! - Its `Cache-Control` is `no-cache` or `max-age=0`: a reload, the update of an open page, or a program that wants to
//!   read what it wrote.
//!
//! Everything else is read from the primary: sessions, versions for a later comparison, imports, and all that is written.
//!
//! A replica that lags by more than [`MAX_LAG`](crate::database::MAX_LAG) serves no reads. That is noticed within
//! seconds, so after [`FRESH`] every replica that serves reads has a change.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use nicol_auth::{Authenticated, Cookies};

use crate::actions;
use crate::app::{AppState, Replicas, Site};
use crate::db::{Client, Person};
use crate::live::FRESH;

/// The database for what may lag.
pub(crate) struct MayLag {
    /// Reads from a replica, unless this request must not lag.
    pub(crate) db: Client,
    /// Whether it may read from a replica.
    pub(crate) lags: bool,
}

impl MayLag {
    pub(crate) fn of(parts: &Parts, state: &AppState) -> Self {
        match &state.replicas {
            Some(Replicas(db)) if !wants_latest(parts, &state.site) => Self { db: db.clone(), lags: true },
            _ => Self { db: state.db.clone(), lags: false },
        }
    }

    /// Returns the person with an id. One whom the replica does not know may have been added just now.
    ///
    /// # Errors
    /// The database query fails.
    pub(crate) async fn person(
        &self,
        state: &AppState,
        by: &Authenticated,
        id: &str,
    ) -> Result<Option<Person>, nicol::Error> {
        match actions::get_person(&self.db, by, id).await? {
            None if self.lags => actions::get_person(&state.db, by, id).await,
            found => Ok(found),
        }
    }
}

impl FromRequestParts<AppState> for MayLag {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, state))
    }
}

/// Makes the next requests of a browser see its change.
pub(crate) async fn remember_change(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // The result of a change that took longer than the cookie lasts begins its time again.
    let is_change = !is_read(request.method()) || shows_result(request.uri());
    let mut response = next.run(request).await;
    if is_change && state.replicas.is_some() {
        response.headers_mut().append(header::SET_COOKIE, cookie(&state.site));
    }
    response
}

fn wants_latest(parts: &Parts, site: &Site) -> bool {
    !is_read(&parts.method)
        || shows_result(&parts.uri)
        || asks_for_latest(&parts.headers)
        || Cookies::read(&parts.headers).value(cookie_name(site)).is_some()
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn shows_result(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "done" && !value.is_empty())
}

/// Source: RFC 9111, 5.2.1.1 and 5.2.1.4.
fn asks_for_latest(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|directive| {
        let directive = directive.trim();
        ["no-cache", "no-store", "max-age=0"].iter().any(|fresh| directive.eq_ignore_ascii_case(fresh))
    })
}

fn cookie_name(site: &Site) -> &'static str {
    if site.is_https() { "__Secure-people.fresh" } else { "people.fresh" }
}

fn cookie(site: &Site) -> HeaderValue {
    let (name, seconds) = (cookie_name(site), FRESH.as_secs());
    let secure = if site.is_https() { "; Secure" } else { "" };
    format!("{name}=1; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
        .try_into()
        .expect("names and numbers of our own are fit for a header")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn is_latest(uri: &str, headers: &[(&str, &str)]) -> bool {
        let site = Site { origin: "http://localhost:3000".to_owned(), checks_host: false };
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        wants_latest(&request.body(()).unwrap().into_parts().0, &site)
    }

    #[test]
    fn only_a_read_without_a_reason_may_lag() {
        for uri in ["/people", "/people?q=done", "/people?done=", "/people?undone=1"] {
            assert!(!is_latest(uri, &[]), "{uri}");
        }
        assert!(is_latest("/people?q=a&done=added", &[]));
        for cache in ["no-cache", "max-age=0", "No-Cache", "no-transform, max-age=0", "no-store"] {
            assert!(is_latest("/people", &[("cache-control", cache)]), "{cache}");
        }
        assert!(!is_latest("/people", &[("cache-control", "max-age=05, only-if-cached")]));
        assert!(is_latest("/people", &[("cookie", "a=b; people.fresh=1")]));
        assert!(!is_latest("/people", &[("cookie", "people.fresh=; other.people.fresh=1")]));
    }
}
