//! The mailbox of unsent mails; in development only.

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use nicol_auth::Cookies;
use nicol_server::Peer;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::mailbox::{Mailbox, PATH};
use crate::views::{MailRow, MailboxPage, Message, Page, html};

/// The route, if there is a mailbox.
pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let Some(mailbox) = state.mailbox.clone() else { return Router::new() };
    let show = move |state: State<AppState>, token: Query<Token>, headers: HeaderMap| async move {
        show(&mailbox, &state, token.0.token.as_deref(), &headers)
    };
    Router::new().route(PATH, get(show)).layer(from_fn_with_state(state.clone(), from_here))
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

/// Lets only programs of this machine through, and only those that ask for this very host.
async fn from_here(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>();
    let is_near = peer.is_some_and(|Peer(peer)| peer.ip().to_canonical().is_loopback());
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_near || !host.eq_ignore_ascii_case(state.site.host()) {
        return AppError::WrongHost.into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// `GET /dev/mailbox`: with the token of the terminal it hands out a cookie, and with that it shows the mails.
fn show(mailbox: &Mailbox, state: &AppState, token: Option<&str>, headers: &HeaderMap) -> Response {
    let cookie = cookie_name(state);
    if token.is_some_and(|token| mailbox.opens_with(token)) {
        // The token leaves the address bar and the history.
        let cookie = format!("{cookie}={}; Path={PATH}; HttpOnly; SameSite=Strict", mailbox.token());
        return ([(header::SET_COOKIE, cookie)], Redirect::to(PATH)).into_response();
    }
    if token.is_some()
        || !Cookies::read(headers).value(&cookie).is_some_and(|token| mailbox.opens_with(token))
    {
        return closed();
    }
    let mails = mailbox.newest_first().iter().map(MailRow::from).collect();
    html(&MailboxPage { page: Page::public(), mails }).into_response()
}

fn closed() -> Response {
    let page = Message {
        page: Page::public(),
        code: Some(StatusCode::FORBIDDEN.as_u16()),
        title: "The mailbox is locked".to_owned(),
        text: "Open it with the address that People printed on the terminal when it was started; the line begins with \
               “Mailbox:”. Every start has a new one."
            .to_owned(),
        detail: None,
        link: None,
    };
    (StatusCode::FORBIDDEN, html(&page)).into_response()
}

/// Cookies know no ports: two applications in development on one machine must not take each other's away.
fn cookie_name(state: &AppState) -> String {
    let port =
        state.site.host().rsplit(':').next().filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    format!("people-mailbox-{}", port.unwrap_or("80"))
}
