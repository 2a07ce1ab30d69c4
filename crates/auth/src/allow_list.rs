//! Who may sign in.

use std::collections::BTreeSet;

use crate::email::EmailAddress;
use crate::error::AllowListError;

/// The addresses and domains that may sign in. The default is empty and allows nobody.
///
/// It is checked when a link is requested, when it is used, and whenever a session is read. Removing an address from the
/// list locks it out at once.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    everyone: bool,
    addresses: BTreeSet<EmailAddress>,
    domains: BTreeSet<String>,
}

impl AllowList {
    /// Returns a list that allows every address.
    pub fn everyone() -> Self {
        Self { everyone: true, ..Self::default() }
    }

    /// Parses `AUTH_ALLOWED_EMAILS` and `AUTH_ALLOWED_DOMAINS`, looked up with `var`: lists separated by commas or white
    /// space, or `*` for everyone. A domain does not include its subdomains.
    ///
    /// # Errors
    /// [`AllowListError`] for the first invalid entry: a typing mistake must not change who can sign in.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, AllowListError> {
        let mut list = Self::default();
        let variable = "AUTH_ALLOWED_EMAILS";
        for (position, entry) in entries(&var(variable).unwrap_or_default()) {
            if entry == "*" {
                list.everyone = true;
            } else {
                let address = EmailAddress::parse(&entry);
                let address = address.map_err(|_| AllowListError::NotAnAddress { variable, position })?;
                list.addresses.insert(address);
            }
        }
        let variable = "AUTH_ALLOWED_DOMAINS";
        for (position, entry) in entries(&var(variable).unwrap_or_default()) {
            if entry == "*" {
                list.everyone = true;
            } else {
                // Normalises the domain like that of an address.
                let domain = entry.strip_prefix('@').unwrap_or(&entry);
                let address = EmailAddress::parse(&format!("x@{domain}"));
                let address = address.map_err(|_| AllowListError::NotADomain { variable, position })?;
                if address.domain().contains('*') {
                    return Err(AllowListError::NotADomain { variable, position });
                }
                list.domains.insert(address.domain().to_owned());
            }
        }
        Ok(list)
    }

    /// Whether the list allows nobody.
    pub fn is_empty(&self) -> bool {
        !self.everyone && self.addresses.is_empty() && self.domains.is_empty()
    }

    /// Whether the list allows everyone.
    pub fn is_everyone(&self) -> bool {
        self.everyone
    }

    /// Whether the list allows an address.
    pub fn allows(&self, address: &EmailAddress) -> bool {
        self.everyone || self.addresses.contains(address) || self.domains.contains(address.domain())
    }

    /// Whether the list allows an address from a row. Invalid addresses are not allowed.
    pub(crate) fn allows_text(&self, address: &str) -> bool {
        self.everyone || EmailAddress::parse(address).is_ok_and(|address| self.allows(&address))
    }
}

fn entries(text: &str) -> impl Iterator<Item = (usize, String)> {
    let entries = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
    entries.enumerate().map(|(index, entry)| (index + 1, entry.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(addresses: &str, domains: &str) -> Result<AllowList, AllowListError> {
        AllowList::from_vars(|name| match name {
            "AUTH_ALLOWED_EMAILS" => Some(addresses.to_owned()),
            _ => Some(domains.to_owned()),
        })
    }

    fn check(addresses: &str, domains: &str, address: &str, expected: bool) {
        let list = list(addresses, domains).unwrap();
        assert_eq!(list.allows_text(address), expected, "{addresses:?} {domains:?} {address:?}");
    }

    #[test]
    fn addresses_and_domains_are_compared_in_their_normal_form() {
        check("Ann@Example.com, bob@example.com", "", "ann@example.com", true);
        check("ann@example.com", "", "eve@example.com", false);
        check("", "Example.com", "eve@example.com", true);
        check("", "@example.com", "eve@example.com", true);
        check("", "example.com", "eve@sub.example.com", false);
        check("", "example.com", "eve@notexample.com", false);
        check("*", "", "eve@anywhere.example", true);
        check("", "*", "eve@anywhere.example", true);
        check("", "", "ann@example.com", false);
        check("ann@example.com", "", "no address", false);
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_an_error_without_the_address() {
        let error = list("ann@example.com, bob(at)example.com", "").unwrap_err();
        assert_eq!(error, AllowListError::NotAnAddress { variable: "AUTH_ALLOWED_EMAILS", position: 2 });
        assert!(!error.to_string().contains("bob"));
        assert!(list("", "*.example.com").is_err());
        assert!(list("", "").unwrap().is_empty());
    }
}
