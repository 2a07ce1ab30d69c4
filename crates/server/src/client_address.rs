use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from. A layer finds it and inserts it as an extension for the layers within.
///
/// ```
/// use nicol_server::{ClientAddress, TrustedProxies};
///
/// let trusted: TrustedProxies = "10.0.0.0/8".parse().unwrap();
/// let mut headers = http::HeaderMap::new();
/// headers.insert("x-forwarded-for", "127.0.0.1, 192.0.2.7".parse().unwrap());
///
/// let client = ClientAddress::find(&trusted, "10.0.0.1".parse().ok(), &headers);
/// assert_eq!(client.ip, "192.0.2.7".parse().ok());
/// let client = ClientAddress::find(&trusted, "198.51.100.1".parse().ok(), &headers);
/// assert_eq!(client.ip, "198.51.100.1".parse().ok());
/// ```
///
/// An address is personal data: this has no `Debug`, so that no log holds it by accident.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(missing_debug_implementations, reason = "an address is personal data")]
pub struct ClientAddress {
    /// The client's address, if it is known.
    pub ip: Option<IpAddr>,
    /// Whether a trusted proxy forwarded the request, so that its other headers, such as `traceparent`, can be trusted.
    pub by_proxy: bool,
}

impl ClientAddress {
    /// Finds the client's address from that of the peer and, if the peer is a trusted proxy, from `X-Forwarded-For`.
    ///
    /// Each proxy appends the address it received the request from, so the list is read from its end up to the first
    /// address that is not a trusted proxy. What comes before may have been made up by the client. A proxy that adds no
    /// address counts as the client.
    ///
    /// `Forwarded` (RFC 7239) is not read: few proxies write it, and one that does not remove it would let clients choose
    /// their address.
    pub fn find(trusted: &TrustedProxies, peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
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
            let Some(forwarded_for) = std::str::from_utf8(hop).ok().and_then(parse) else { break };
            ip = forwarded_for;
            if !trusted.contains(ip) {
                break;
            }
        }
        Self { ip: Some(ip), by_proxy: true }
    }
}

/// Parses an address with or without port and brackets: proxies differ.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(with_port).map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let trusted = "10.0.0.0/8,fd00::/8".parse().unwrap();
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
    fn a_peer_that_is_no_proxy_is_the_client() {
        check("192.0.2.1", &[], "192.0.2.1");
        check("192.0.2.1", &["198.51.100.7"], "192.0.2.1");
        check("::ffff:192.0.2.1", &["198.51.100.7"], "192.0.2.1");
        check("unknown", &["198.51.100.7"], "unknown");
    }

    #[test]
    fn a_proxy_names_the_client() {
        check("10.0.0.1", &["198.51.100.7"], "198.51.100.7");
        check("::ffff:10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7");
        check("fd00::1", &["2001:db8::7"], "2001:db8::7");
        check("fd00::1", &["[2001:db8::7]:4711"], "2001:db8::7");
        check("fd00::1", &["[2001:db8::7]"], "2001:db8::7");
    }

    #[test]
    fn addresses_made_up_by_the_client_do_not_count() {
        check("10.0.0.1", &["127.0.0.1, 203.0.113.9, 198.51.100.7"], "198.51.100.7");
        check("10.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7");
        check("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7");
        check("10.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"], "10.0.0.2");
        check("10.0.0.1", &["203.0.113.9,"], "10.0.0.1");
    }

    #[test]
    fn a_proxy_that_names_no_client_counts_as_the_client() {
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["10.0.0.2, 10.0.0.3"], "10.0.0.2");
        check("10.0.0.1", &["unknown"], "10.0.0.1");
    }
}
