//! `GET /session`, `POST /session` and `GET /csrf`, for scripts.
//!
//! Source: @auth/core 0.41.3 `lib/actions/session.js`.

use chrono::SecondsFormat;
use serde::Serialize;

use super::Flow;
use crate::response::Answer;
use crate::session::{self, Found};

/// The signed-in user, without ids and tokens; `null` if there is none.
#[derive(Serialize)]
struct Body<'a> {
    user: BodyUser<'a>,
    expires: String,
}

#[derive(Serialize)]
struct BodyUser<'a> {
    name: Option<&'a str>,
    email: &'a str,
    image: Option<&'a str>,
}

pub(super) async fn read(flow: &mut Flow<'_>) -> Answer {
    let private = !flow.request.is_post;
    let found = match session::find(flow.context, &flow.session).await {
        Ok(found) => found,
        Err(error) => {
            // Scripts poll this endpoint: a brief outage of the database must not delete the cookie.
            super::log(&error, flow.request.action);
            Found::Nothing
        }
    };
    flow.set_cookies.extend(found.set_cookies(flow.context.cookie_names(), &flow.session, true));
    let Found::Live { proof, .. } = &found else { return Answer::json(&(), private) };
    let user = proof.user();
    let body = Body {
        user: BodyUser { name: user.name.as_deref(), email: &user.email, image: user.image.as_deref() },
        expires: proof.session().expires.to_rfc3339_opts(SecondsFormat::Millis, true),
    };
    Answer::json(&body, private)
}

pub(super) fn csrf(flow: &Flow<'_>) -> Answer {
    Answer::json(&serde_json::json!({ "csrfToken": flow.csrf.as_str() }), true)
}
