//! For whom a request is: its sender, or whom a proxy that is trusted names.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::AppState;
use crate::config::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from. It is personal data: it is counted, and goes into no log; hence no `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// The address, if it is known.
    pub(crate) ip: Option<IpAddr>,
    /// Whether a trusted proxy handed the request over, so that its other headers count, too.
    pub(crate) by_proxy: bool,
}

/// Finds the address out, for the layers and handlers within.
pub(crate) async fn client_address(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let address = ClientAddress::find(&state.trusted_proxies, peer, request.headers());
    // Behind a proxy that nobody named, all people share one address and its limits.
    if !address.by_proxy && !state.site.checks_host && request.headers().contains_key(X_FORWARDED_FOR) {
        warn_once();
    }
    request.extensions_mut().insert(address);
    next.run(request).await
}

impl ClientAddress {
    /// Each proxy appends whom it heard from. So the list is read from its end: what a trusted proxy wrote counts, and
    /// whatever lies before the first that is not trusted may be invented. A proxy that gives no address stands for
    /// those behind it.
    ///
    /// `Forwarded` (RFC 7239) is not read: proxies write it rarely, and one that does not remove what a client sent
    /// under that name would let it choose its address.
    fn find(trusted: &TrustedProxies, peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let Some(peer) = peer.map(|peer| peer.to_canonical()) else {
            return Self { ip: None, by_proxy: false };
        };
        if !trusted.contains(peer) {
            return Self { ip: Some(peer), by_proxy: false };
        }
        let mut ip = peer;
        let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops {
            let Some(heard_from) = std::str::from_utf8(hop).ok().and_then(address) else { break };
            ip = heard_from;
            if !trusted.contains(ip) {
                break;
            }
        }
        Self { ip: Some(ip), by_proxy: true }
    }
}

/// An address, with or without a port or brackets: proxies differ.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(with_port).map(|ip: IpAddr| ip.to_canonical())
}

fn warn_once() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "requests have an `x-forwarded-for`, but not from a proxy in `TRUSTED_PROXIES`: if People is behind one, \
             name it there, or all people share one rate limit"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let trusted = TrustedProxies::parse("10.0.0.0/8,fd00::/8").unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(X_FORWARDED_FOR, line.parse().unwrap());
        }
        let found = ClientAddress::find(&trusted, peer.parse().ok(), &headers);
        assert_eq!(
            found.ip.map_or("unknown".to_owned(), |ip| ip.to_string()),
            expected,
            "{peer} {forwarded:?}"
        );
    }

    #[test]
    fn a_sender_who_is_no_proxy_is_who_it_is() {
        check("192.0.2.1", &[], "192.0.2.1");
        check("192.0.2.1", &["198.51.100.7"], "192.0.2.1");
        check("::ffff:192.0.2.1", &["198.51.100.7"], "192.0.2.1");
        check("unknown", &["198.51.100.7"], "unknown");
    }

    #[test]
    fn a_proxy_names_whom_it_heard_from() {
        check("10.0.0.1", &["198.51.100.7"], "198.51.100.7");
        check("::ffff:10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7");
        check("fd00::1", &["2001:db8::7"], "2001:db8::7");
        check("fd00::1", &["[2001:db8::7]:4711"], "2001:db8::7");
        check("fd00::1", &["[2001:db8::7]"], "2001:db8::7");
    }

    #[test]
    fn what_a_client_invents_does_not_count() {
        check("10.0.0.1", &["127.0.0.1, 203.0.113.9, 198.51.100.7"], "198.51.100.7");
        check("10.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7");
        check("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7");
        check("10.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"], "10.0.0.2");
        check("10.0.0.1", &["203.0.113.9,"], "10.0.0.1");
    }

    #[test]
    fn a_proxy_that_names_nobody_stands_for_itself() {
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["10.0.0.2, 10.0.0.3"], "10.0.0.2");
        check("10.0.0.1", &["unknown"], "10.0.0.1");
    }
}
