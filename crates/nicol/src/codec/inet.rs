//! `inet` and `cidr` in binary: family, bits of the mask, whether it is a `cidr`, bytes of the address, the address.
//!
//! Source: PostgreSQL 16 sources, `network_send` (`network.c`) and `pg_inet_net_ntop` (`inet_net_ntop.c`).

use std::net::{Ipv4Addr, Ipv6Addr};

const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// Formats an address as PostgreSQL does: only `cidr` shows a mask that covers the whole address.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let [family, bits, is_cidr, _, address @ ..] = bytes else { return None };
    let (text, all_bits) = match *family {
        IPV4 => (Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?).to_string(), 32),
        IPV6 => (ipv6(<[u8; 16]>::try_from(address).ok()?.into()), 128),
        _ => return None,
    };
    Some(if *bits == all_bits && *is_cidr == 0 { text } else { format!("{text}/{bits}") })
}

/// After six words of zero, PostgreSQL prints an IPv4 address.
fn ipv6(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = address.octets();
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        _ => address.to_string(),
    }
}
