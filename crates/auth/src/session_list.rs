//! The sessions of somebody who is signed in: in which browsers, and how to end them.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::auth::Auth;
use crate::error::Error;
use crate::model::Session;
use crate::secret::same_text;
use crate::session::Authenticated;
use crate::token::{SessionToken, sha256_hex};

/// A session, as its owner may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// What to name it by, for instance in a form.
    pub handle: SessionHandle,
    /// When it was extended last, or began: it was used then, and may have been
    /// for [`update_age`](crate::SessionLifetime::update_age) after. The tables of Auth.js tell no more.
    pub used: DateTime<Utc>,
    /// When it ends if nobody uses it.
    pub expires: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// A name for a session that does not tell its token.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionHandle(String);

impl SessionHandle {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionHandle(…)")
    }
}

impl Auth {
    /// The sessions of who is signed in that have not ended: the one that asks first, then those used last.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn sessions(&self, who: &Authenticated) -> Result<Vec<SessionInfo>, Error> {
        let mut sessions: Vec<_> = self
            .live_sessions(who)
            .await?
            .into_iter()
            .map(|session| SessionInfo {
                handle: self.session_handle(&session.token),
                used: session.expires - self.config().session.max_age,
                expires: session.expires,
                is_current: session.token == who.session().token,
            })
            .collect();
        sessions.sort_by_key(|session| !session.is_current);
        Ok(sessions)
    }

    /// Ends one session of who is signed in, by its [handle](SessionInfo::handle); says whether there was one.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn end_session(&self, who: &Authenticated, handle: &str) -> Result<bool, Error> {
        let sessions = self.live_sessions(who).await?;
        let session = sessions
            .into_iter()
            .find(|session| same_text(self.session_handle(&session.token).as_str(), handle));
        let Some(session) = session else { return Ok(false) };
        self.adapter().delete_session(&session.token).await.map_err(Error::adapter("delete a session"))
    }

    /// Ends all sessions of who is signed in, save for the one that asks; says how many there were.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn end_other_sessions(&self, who: &Authenticated) -> Result<u64, Error> {
        let ended = self.adapter().delete_sessions_of(who.user_id(), Some(&who.session().token)).await;
        ended.map_err(Error::adapter("delete a user's other sessions"))
    }

    async fn live_sessions(&self, who: &Authenticated) -> Result<Vec<Session>, Error> {
        let sessions = self.adapter().sessions_of(who.user_id()).await;
        let mut sessions = sessions.map_err(Error::adapter("list sessions"))?;
        let now = self.now();
        sessions.retain(|session| session.expires >= now);
        Ok(sessions)
    }

    fn session_handle(&self, token: &SessionToken) -> SessionHandle {
        SessionHandle(sha256_hex(&["session handle: ", token.expose(), self.config().secret.expose()]))
    }
}
