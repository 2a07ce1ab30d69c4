//! `POST /signout`: ends the session. Doing it twice is no error.
//!
//! Source: @auth/core 0.41.3 `lib/actions/signout.js`.

use super::Flow;
use crate::error::Error;
use crate::response::Answer;

pub(super) async fn sign_out(flow: &mut Flow<'_>) -> Answer {
    if let Some(token) = flow.session.token() {
        let deleted = flow.context.adapter().delete_session(token).await;
        if let Err(error) = deleted.map_err(Error::adapter("delete a session")) {
            // The browser forgets the session all the same, as its user wants.
            super::log(&error, flow.request.action);
        }
    }
    flow.set_cookies.extend(flow.session.clear(flow.context.cookie_names()));
    Answer::Redirect(flow.callback_url.clone())
}
