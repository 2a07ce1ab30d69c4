//! Sessions that are rows in the database.
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

/// Proof that a request comes from somebody who is signed in.
///
/// Only this crate can make one, after it has found the session, so that a function which takes it cannot be
/// called for a stranger.
#[derive(Clone, Debug)]
pub struct Authenticated {
    user: User,
    session: Session,
}

impl Authenticated {
    /// Who is signed in.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The id of who is signed in.
    pub fn user_id(&self) -> &UserId {
        &self.user.id
    }

    /// The session as it was found.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

/// Looks the session up and changes nothing: it is neither extended nor tidied away.
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

/// What was found behind a request's session cookie.
#[derive(Debug)]
pub(crate) enum Found {
    /// No cookie.
    Nothing,
    /// A cookie, but no session, or one that does not count any more.
    Stale,
    /// A session.
    Live {
        proof: Box<Authenticated>,
        /// The end that the cookie is to have from now on.
        expires: DateTime<Utc>,
        /// Whether the row was given that end too.
        extended: bool,
    },
}

/// Looks the session up: one call to the adapter, and a second once a day to extend it or to tidy it away.
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
    // The row stays: somebody taken off the list by mistake is back when the mistake is.
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

/// The session of a request, and what the response has to carry for it.
#[derive(Clone, Debug, Default)]
pub struct SessionRead {
    /// Who is signed in.
    pub authenticated: Option<Authenticated>,
    /// `Set-Cookie` headers: those that end a stale session's cookies, or the one that follows an extended row.
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
    /// The cookies to send: always for a live session, if asked to, else only if the row changed.
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
