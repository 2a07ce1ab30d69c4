//! The address that a request comes from, for the layers and handlers within.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use nicol_server::{ClientAddress, Peer};

use crate::app::AppState;

/// Adds the [`ClientAddress`] to the request.
pub(crate) async fn client_address(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().map(|Peer(peer)| peer.ip());
    let address = ClientAddress::find(&state.trusted_proxies, peer, request.headers());
    if !address.by_proxy && !state.site.checks_host && request.headers().contains_key("x-forwarded-for") {
        warn_once();
    }
    request.extensions_mut().insert(address);
    next.run(request).await
}

fn warn_once() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "requests have `x-forwarded-for`, but not from an address in `TRUSTED_PROXIES`: if People is behind a proxy, \
             add its address there, or all users share one rate limit"
        );
    }
}
