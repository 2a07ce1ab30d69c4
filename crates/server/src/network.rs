use std::net::IpAddr;

/// What a limit counts by: an IPv4 address, or an IPv6 /64 network, because each customer has a whole one. All unknown
/// addresses count as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network(u128);

impl From<Option<IpAddr>> for Network {
    fn from(ip: Option<IpAddr>) -> Self {
        Self(match ip.map(|ip| ip.to_canonical()) {
            None => 0,
            Some(IpAddr::V4(ip)) => ip.to_ipv6_mapped().to_bits(),
            Some(IpAddr::V6(ip)) => ip.to_bits() >> 64 << 64,
        })
    }
}
