use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// The addresses and networks of the proxies in front of the server. Empty by default: no proxy is trusted.
///
/// ```
/// use nicol_server::TrustedProxies;
///
/// let proxies: TrustedProxies = "127.0.0.1, 10.0.0.0/8".parse()?;
/// assert!(proxies.contains("10.1.2.3".parse().unwrap()));
/// # Ok::<(), nicol_server::ParseProxiesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Entries of a list of proxies that are neither an IP address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is neither an IP address nor a network", quoted(.entries))]
pub struct ParseProxiesError {
    /// The entries, in order.
    pub entries: Vec<String>,
}

fn quoted(entries: &[String]) -> String {
    let quoted: Vec<_> = entries.iter().map(|entry| format!("`{entry}`")).collect();
    quoted.join(" or ")
}

impl FromStr for TrustedProxies {
    type Err = ParseProxiesError;

    /// Parses addresses and networks separated by commas.
    fn from_str(text: &str) -> Result<Self, ParseProxiesError> {
        let (mut networks, mut invalid) = (Vec::new(), Vec::new());
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let address = entry.parse::<IpAddr>().map(IpNet::from);
            match address.or_else(|_| entry.parse()) {
                Ok(network) => networks.push(network),
                Err(_) => invalid.push(entry.to_owned()),
            }
        }
        if invalid.is_empty() { Ok(Self(networks)) } else { Err(ParseProxiesError { entries: invalid }) }
    }
}

impl TrustedProxies {
    /// Whether an address belongs to a proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether no proxy is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&networks.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_addresses_and_networks_of_both_families() {
        let proxies: TrustedProxies = "127.0.0.1, 10.0.0.0/8,fd00::/8,".parse().unwrap();
        for (address, expected) in [
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("10.255.0.1", true),
            ("fd12::1", true),
            ("::1", false),
        ] {
            assert_eq!(proxies.contains(address.parse().unwrap()), expected, "{address}");
        }
        assert_eq!(proxies.to_string(), "127.0.0.1/32,10.0.0.0/8,fd00::/8");
        assert!(TrustedProxies::default().is_empty());
    }

    #[test]
    fn every_invalid_entry_is_named() {
        let error = "proxy.example.com,10.0.0.1,10.0.0.0/33,10.0.0.1:80,*".parse::<TrustedProxies>();
        let error = error.unwrap_err();
        assert_eq!(error.entries, ["proxy.example.com", "10.0.0.0/33", "10.0.0.1:80", "*"]);
        assert_eq!(
            error.to_string(),
            "`proxy.example.com` or `10.0.0.0/33` or `10.0.0.1:80` or `*` is neither an IP address nor a network"
        );
    }
}
