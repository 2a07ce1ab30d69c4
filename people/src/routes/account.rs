//! The account of the signed-in user: linked accounts and sessions.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use nicol_auth::{AccountKey, Provider, Unlinked};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::extract::{CheckedForm, NoFields, SignedIn};
use crate::views::{AccountPage, Notice, ProviderRow, html};

pub(crate) const PATH: &str = "/account";

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/account/unlink", post(unlink))
        .route("/account/sessions/end", post(end_session))
        .route("/account/sessions/end-others", post(end_others))
        .route("/account/sessions/end-all", post(end_all))
}

#[derive(Deserialize)]
pub(crate) struct AccountQuery {
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
pub(crate) struct UnlinkForm {
    provider: String,
    account: String,
}

#[derive(Deserialize)]
pub(crate) struct SessionForm {
    session: String,
}

/// `GET /account`: beside the session's statement one for the accounts and one for the sessions, at once.
async fn show(
    user: SignedIn,
    State(state): State<AppState>,
    Query(query): Query<AccountQuery>,
) -> Result<Response, AppError> {
    let (accounts, sessions) =
        tokio::try_join!(state.auth.accounts(&user.proof), state.auth.sessions(&user.proof))
            .map_err(AppError::Session)?;
    let is_linked = |provider: &Provider| accounts.iter().any(|account| account.provider == provider.id());
    let to_link = state.auth.providers().iter().filter(|provider| provider.kind() != "email");
    let providers = to_link.filter(|provider| !is_linked(provider)).map(|provider| ProviderRow {
        name: provider.name().to_owned(),
        action: format!("{}/signin/{}", state.auth.base_path(), provider.id()),
    });
    let page = AccountPage {
        page: user.page(),
        csrf: user.csrf(),
        notice: notice(&query.done),
        email: user.proof.user().email.clone(),
        name: user.proof.user().name.clone(),
        providers: providers.collect(),
        accounts,
        sessions,
    };
    Ok(html(&page).into_response())
}

/// `POST /account/unlink`
async fn unlink(
    user: SignedIn,
    State(state): State<AppState>,
    CheckedForm(form): CheckedForm<UnlinkForm>,
) -> Result<Redirect, AppError> {
    let key = AccountKey { provider: &form.provider, provider_account_id: &form.account };
    Ok(back(match state.auth.unlink(&user.proof, key).await.map_err(AppError::Session)? {
        Unlinked::Done => "unlinked",
        Unlinked::LastWayIn => "last",
        Unlinked::NotLinked => "gone",
    }))
}

/// `POST /account/sessions/end`: doing it twice is no error.
async fn end_session(
    user: SignedIn,
    State(state): State<AppState>,
    CheckedForm(form): CheckedForm<SessionForm>,
) -> Result<Redirect, AppError> {
    state.auth.end_session(&user.proof, &form.session).await.map_err(AppError::Session)?;
    Ok(back("ended"))
}

/// `POST /account/sessions/end-others`
async fn end_others(
    user: SignedIn,
    State(state): State<AppState>,
    _: CheckedForm<NoFields>,
) -> Result<Redirect, AppError> {
    state.auth.end_other_sessions(&user.proof).await.map_err(AppError::Session)?;
    Ok(back("others"))
}

/// `POST /account/sessions/end-all`
async fn end_all(
    user: SignedIn,
    State(state): State<AppState>,
    _: CheckedForm<NoFields>,
) -> Result<Redirect, AppError> {
    state.auth.revoke_sessions(user.proof.user_id()).await.map_err(AppError::Session)?;
    Ok(Redirect::to(&state.auth.sign_in_url("/people")))
}

fn back(done: &str) -> Redirect {
    Redirect::to(&format!("{PATH}?done={done}"))
}

fn notice(done: &str) -> Option<Notice> {
    let text = match done {
        "linked" => "The account was linked.",
        "unlinked" => "The account was unlinked.",
        "last" => "Nothing was changed: you could not sign in again without this account.",
        "gone" => "That account is not linked.",
        "ended" => "The browser was signed out.",
        "others" => "All your other browsers were signed out.",
        _ => return None,
    };
    Some(Notice::of(text.to_owned()))
}
