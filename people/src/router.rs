//! Every route on one page.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use nicol_server::normalize_path;
use tower::util::MapRequestLayer;

use crate::app::AppState;
use crate::routes::{account, events, export, health, import, mailbox, people};
use crate::undo::UNDO_PATH;
use crate::{api, assets, lag, layers};

/// The largest body of a form, in bytes. The longest fields take less than a tenth of it.
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long an answer may take, the reading of the request's body included. It is longer than the wait for a
/// connection of the pool, so that a full pool is reported as such.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// How long an import may take, and an upload; an export may take as long as it goes on.
pub const TRANSFER_TIMEOUT: Duration = Duration::from_mins(5);

/// How much of an upload is read. What is more than an import takes is thrown away, but read: browsers show an answer
/// only to what they have sent to the end.
pub const UPLOAD_LIMIT: usize = 8 * crate::import::FILE_MAX;

/// The whole site.
pub fn router(state: AppState) -> Router {
    let pages = Router::new()
        .route("/", get(people::front))
        .route("/people", get(people::list).post(people::add))
        .route("/people/new", get(people::new_form))
        .route("/people/events", get(events::events).head(events::head_only))
        .route(UNDO_PATH, post(people::undo))
        .route("/people/{id}", get(people::detail).post(people::edit))
        .route("/people/{id}/edit", get(people::edit_form))
        .route("/people/{id}/delete", get(people::delete_form).post(people::delete))
        .merge(account::routes())
        .merge(nicol_auth::axum::routes(&state.auth))
        .merge(mailbox::routes(&state))
        .merge(api::routes(&state.site))
        .route("/assets/{name}", get(assets::serve))
        .layer(from_fn(nicol_auth::axum::carry_cookies))
        .layer(from_fn_with_state(state.site.clone(), layers::own_host));

    let small = DefaultBodyLimit::max(BODY_LIMIT);
    let transfers = Router::new()
        .route("/people/import", get(import::form).post(import::upload))
        .route("/people/import/sample.csv", get(import::sample))
        .route("/people/import/{id}", get(import::preview).merge(post(import::commit).layer(small)))
        .route("/people/import/{id}/problems.csv", get(import::problems))
        .route("/people/export", get(export::export))
        .route("/people/{id}/vcard", get(export::card))
        .layer(from_fn(nicol_auth::axum::carry_cookies))
        .layer(from_fn_with_state(state.site.clone(), layers::own_host))
        .layer(from_fn_with_state(TRANSFER_TIMEOUT, layers::timeout))
        .layer(from_fn_with_state(UPLOAD_LIMIT, layers::body_limit))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT));

    let site = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .merge(pages)
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(from_fn_with_state(BODY_LIMIT, layers::body_limit))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.clone(), api::access))
        .layer(from_fn_with_state(TIMEOUT, layers::timeout))
        .merge(transfers)
        .layer(from_fn_with_state(state.clone(), lag::remember_change))
        .layer(from_fn_with_state(state.clone(), layers::rate_limit))
        .layer(from_fn(layers::error_pages))
        .layer(layers::compression())
        .layer(from_fn(layers::compression_for_own_pages))
        .layer(from_fn_with_state(state.site.clone(), layers::security_headers))
        .layer(from_fn(layers::access_log))
        .layer(from_fn(layers::metrics))
        .layer(from_fn_with_state(state.clone(), crate::traces::trace))
        .layer(from_fn_with_state(state.clone(), layers::client_address))
        .with_state(state);

    // Layers of a router see a request when its route has been found: this one has to come before.
    Router::new().fallback_service(site).layer(MapRequestLayer::new(normalize_path))
}
