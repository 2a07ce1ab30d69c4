//! `POST /signout`: ends the session. Signing out twice is not an error.
//!
//! Source: @auth/core 0.41.3 `lib/actions/signout.js`.

use super::Flow;
use crate::error::Error;
use crate::response::Answer;

pub(super) async fn sign_out(flow: &mut Flow<'_>) -> Answer {
    if let Some(token) = flow.session.token() {
        let deleted = flow.context.adapter().delete_session(token).await;
        if let Err(error) = deleted.map_err(Error::adapter("delete a session")) {
            // The browser still deletes its cookie.
            super::log(&error, flow.request.action);
        }
    }
    flow.set_cookies.extend(flow.session.clear(flow.context.cookie_names()));
    Answer::Redirect(flow.callback_url.clone())
}
