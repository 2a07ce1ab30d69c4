//! Which databases need the user's word before rows are changed or shown to others.

use nicol_pg::ConnectionUrl;
use nicol_pg::url::{Address, Host};

/// Words in a host, a database or a user that stand for production.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

/// Returns why the database needs the user's word: the database is on another machine, or looks like production.
pub(super) fn risk(url: &ConnectionUrl) -> Option<String> {
    let hosts = url.hosts().iter().map(host_name);
    let names = hosts.chain([url.database().to_owned()]).chain(url.user().map(str::to_owned));
    let is_production = |name: &String| {
        let mut words = name.split(|it: char| !it.is_ascii_alphanumeric());
        words.any(|word| PRODUCTION.iter().any(|other| word.eq_ignore_ascii_case(other)))
    };
    if names.into_iter().any(|name| is_production(&name)) {
        return Some(format!("the database {} looks like production", title(url)));
    }
    (!url.is_loopback_or_socket()).then(|| format!("the database {} is on another machine", title(url)))
}

/// Names the database and where it is, without user and password.
pub(super) fn title(url: &ConnectionUrl) -> String {
    let is_socket = url.hosts().iter().all(|host| matches!(host.address, Address::Socket(_)));
    if is_socket {
        return format!("{} on this machine", url.database());
    }
    let hosts: Vec<String> = url.hosts().iter().map(host_name).collect();
    format!("{} on {}", url.database(), hosts.join(", "))
}

fn host_name(host: &Host) -> String {
    match &host.address {
        Address::Tcp { name, .. } => name.clone(),
        Address::Socket(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_elsewhere_or_in_production_are_a_risk() {
        let is_risk = |url: &str| risk(&ConnectionUrl::parse(url).unwrap()).is_some();
        for url in [
            "postgresql://db.example.com/shop",
            "postgresql://localhost/shop_prod",
            "postgresql://localhost/production",
            "postgresql://live@localhost/shop",
            "postgresql://localhost,db.example.com/shop",
        ] {
            assert!(is_risk(url), "{url}");
        }
        for url in [
            "postgresql://localhost/shop",
            "postgresql://me@127.0.0.1/products",
            "postgresql://localhost/delivery",
        ] {
            assert!(!is_risk(url), "{url}");
        }
    }
}
