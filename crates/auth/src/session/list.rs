//! The sessions of a signed-in user: listing and ending them.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Authenticated;
use crate::context::Context;
use crate::error::Error;
use crate::model::Session;
use crate::secret::same_text;
use crate::token::{SessionToken, sha256_hex};

/// A session as shown to its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// The name of the session in forms.
    pub handle: SessionHandle,
    /// When the session started or was last extended. It may have been used for up to
    /// [`update_age`](crate::SessionLifetime::update_age) after that; Auth.js's tables record no more.
    pub used: DateTime<Utc>,
    /// When the session expires unless it is used.
    pub expires: DateTime<Utc>,
    /// Whether this is the session of the request.
    pub is_current: bool,
}

/// A name for a session that does not reveal its token.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionHandle(String);

impl SessionHandle {
    /// Returns the text for a form field.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionHandle(…)")
    }
}

/// Lists the live sessions of a user: the current one first, then the most recently used.
pub(crate) async fn list(context: &Context, who: &Authenticated) -> Result<Vec<SessionInfo>, Error> {
    let info = |session: Session| SessionInfo {
        handle: handle(context, &session.token),
        used: session.expires - context.config().session.max_age,
        expires: session.expires,
        is_current: session.token == who.session().token,
    };
    let mut sessions: Vec<_> = live(context, who).await?.into_iter().map(info).collect();
    sessions.sort_by_key(|session| !session.is_current);
    Ok(sessions)
}

/// Ends the session with this handle; returns whether there was one.
pub(crate) async fn end(context: &Context, who: &Authenticated, wanted: &str) -> Result<bool, Error> {
    let mut sessions = live(context, who).await?.into_iter();
    let session = sessions.find(|session| same_text(handle(context, &session.token).as_str(), wanted));
    let Some(session) = session else { return Ok(false) };
    context.adapter().delete_session(&session.token).await.map_err(Error::adapter("delete a session"))
}

/// Ends all sessions of a user but the current one; returns how many there were.
pub(crate) async fn end_others(context: &Context, who: &Authenticated) -> Result<u64, Error> {
    let ended = context.adapter().delete_sessions_of(who.user_id(), Some(&who.session().token)).await;
    ended.map_err(Error::adapter("delete a user's other sessions"))
}

async fn live(context: &Context, who: &Authenticated) -> Result<Vec<Session>, Error> {
    let sessions = context.adapter().sessions_of(who.user_id()).await;
    let mut sessions = sessions.map_err(Error::adapter("list sessions"))?;
    let now = context.now();
    sessions.retain(|session| session.expires >= now);
    Ok(sessions)
}

fn handle(context: &Context, token: &SessionToken) -> SessionHandle {
    SessionHandle(sha256_hex(&["session handle: ", token.expose(), context.config().secret.expose()]))
}
