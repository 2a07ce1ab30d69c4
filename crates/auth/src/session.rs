//! Sessions: rows in the database.
//!
//! Source: @auth/core 0.41.3 `lib/actions/session.js`.

mod list;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue};

use crate::context::Context;
use crate::cookie::{CookieNames, Cookies, SessionCookies};
use crate::error::Error;
use crate::model::{Session, User, UserId};

pub use list::{SessionHandle, SessionInfo};
pub(crate) use list::{end, end_others, list};

/// Proof that a request comes from a signed-in user.
///
/// Only this crate can create one, from a session that it found. A function that takes one cannot be called for a
/// stranger.
#[derive(Clone, Debug)]
pub struct Authenticated {
    user: User,
    session: Session,
}

impl Authenticated {
    /// Returns the signed-in user.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Returns the id of the signed-in user.
    pub fn user_id(&self) -> &UserId {
        &self.user.id
    }

    /// Returns the session as stored.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

/// Finds the session without extending or deleting it.
pub(crate) async fn look(
    context: &Context,
    cookies: &SessionCookies,
) -> Result<Option<Authenticated>, Error> {
    let Some(token) = cookies.token() else { return Ok(None) };
    let found = context.adapter().session_and_user(token).await.map_err(Error::adapter("read a session"))?;
    let live = found.filter(|(session, user)| {
        session.expires >= context.now() && context.config().allow.allows_text(&user.email)
    });
    Ok(live.map(|(session, user)| Authenticated { user, session }))
}

/// The session behind a request's cookie.
#[derive(Debug)]
pub(crate) enum Found {
    /// The request has no session cookie.
    Nothing,
    /// There is a cookie, but no valid session.
    Stale,
    /// The session is valid.
    Live {
        proof: Box<Authenticated>,
        /// The new expiry of the cookie.
        expires: DateTime<Utc>,
        /// Whether the row was extended to that expiry.
        extended: bool,
    },
}

/// Finds the session. This calls the adapter once, and a second time to extend it once a day or to delete an expired one.
pub(crate) async fn find(context: &Context, cookies: &SessionCookies) -> Result<Found, Error> {
    if cookies.is_empty() {
        return Ok(Found::Nothing);
    }
    let Some(token) = cookies.token() else { return Ok(Found::Stale) };
    let adapter = context.adapter();
    let found = adapter.session_and_user(token).await.map_err(Error::adapter("read a session"))?;
    let Some((session, user)) = found else { return Ok(Found::Stale) };
    let now = context.now();
    if session.expires < now {
        adapter.delete_session(token).await.map_err(Error::adapter("delete an expired session"))?;
        return Ok(Found::Stale);
    }
    // The row stays, so that a user who was removed from the list by mistake is signed in again afterwards.
    if !context.config().allow.allows_text(&user.email) {
        return Ok(Found::Stale);
    }
    let lifetime = context.config().session;
    let expires = now + lifetime.max_age;
    let extended = session.expires - lifetime.max_age + lifetime.update_age <= now;
    if extended {
        adapter.update_session(token, expires).await.map_err(Error::adapter("extend a session"))?;
    }
    Ok(Found::Live { proof: Box::new(Authenticated { user, session }), expires, extended })
}

/// The session of a request, and the cookies that the response has to set.
#[derive(Clone, Debug, Default)]
pub struct SessionRead {
    /// The signed-in user, if there is one.
    pub authenticated: Option<Authenticated>,
    /// `Set-Cookie` headers that delete the cookies of a stale session, or renew that of an extended one.
    pub set_cookies: Vec<HeaderValue>,
}

impl SessionRead {
    pub(crate) async fn of_request(context: &Context, headers: &HeaderMap) -> Result<Self, Error> {
        let names = context.cookie_names();
        let cookies = Cookies::read(headers).session(names);
        let found = find(context, &cookies).await?;
        let set_cookies = found.set_cookies(names, &cookies, false);
        let authenticated = match found {
            Found::Live { proof, .. } => Some(*proof),
            Found::Nothing | Found::Stale => None,
        };
        Ok(Self { authenticated, set_cookies })
    }
}

impl Found {
    /// Returns the cookies to set. A valid session has one if `always`, or if its row was extended.
    pub(crate) fn set_cookies(
        &self,
        names: &CookieNames,
        cookies: &SessionCookies,
        always: bool,
    ) -> Vec<HeaderValue> {
        match self {
            Self::Stale => cookies.clear(names),
            Self::Live { proof, expires, extended } if always || *extended => {
                vec![names.set_until(names.session, proof.session.token.expose(), *expires)]
            }
            Self::Nothing | Self::Live { .. } => Vec::new(),
        }
    }
}
