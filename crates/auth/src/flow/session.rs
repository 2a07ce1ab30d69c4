//! `GET /session`, `POST /session` and `GET /csrf`: what scripts ask about the browser.
//!
//! Source: @auth/core 0.41.3 `lib/actions/session.js`.

use chrono::SecondsFormat;
use serde::Serialize;

use super::Flow;
use crate::response::Answer;
use crate::session::{self, Found};

/// Who is signed in, without any id or token; `null` for nobody.
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
            // Scripts poll this: a database that is away for a moment must not take the cookie away.
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
