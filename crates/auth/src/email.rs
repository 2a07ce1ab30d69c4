//! E-mail addresses in normal form.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::error::InvalidEmail;

/// An address in normal form: NFKC, lower case, trimmed, with exactly one `@`.
///
/// `Debug` hides it, because it is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Normalises an address as Auth.js does.
    ///
    /// NFKC is applied before the checks, so that a look-alike of `@` cannot become a second one later. The domain ends at a
    /// comma. Beyond Auth.js, addresses with white space or control characters inside, and those longer than 254 bytes, are
    /// refused, because no mail can reach them.
    ///
    /// Source: @auth/core 0.41.3 `lib/actions/signin/send-token.js`; RFC 5321, 4.5.3.1 for the length.
    ///
    /// # Errors
    /// [`InvalidEmail`] if the text is not an address.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let lower = text.nfkc().collect::<String>().to_lowercase();
        let address = lower.trim_matches(is_js_space);
        let (local, domain) = address.split_once('@').ok_or(InvalidEmail)?;
        let domain_end = domain.find(',').unwrap_or(domain.len());
        let well_formed =
            !local.is_empty() && domain_end > 0 && !domain.contains('@') && !address.contains('"');
        let address = format!("{local}@{}", &domain[..domain_end]);
        let reachable = address.len() <= 254
            && !address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\u{feff}');
        if well_formed && reachable { Ok(Self(address)) } else { Err(InvalidEmail) }
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// Whether JavaScript's `trim` removes a character: Unicode white space and the byte order mark, but not U+0085.
fn is_js_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn addresses_are_normalised_as_the_reference_does() {
        let recorded: Value = serde_json::from_str(include_str!("../tests/reference/emails.json")).unwrap();
        let mut failures = Vec::new();
        for pair in recorded["emails"].as_array().unwrap() {
            let text = pair[0].as_str().unwrap();
            let address = EmailAddress::parse(text).ok();
            // What no mail could reach is refused here, and only here.
            let expected = pair[1].as_str().filter(|address| !address.contains([' ', '\n', '\0']));
            if address.as_ref().map(EmailAddress::as_str) != expected {
                failures.push((text, address.map(|address| address.0), expected));
            }
        }
        assert!(failures.is_empty(), "{failures:#?}");
    }

    #[test]
    fn an_address_longer_than_any_mailbox_is_refused() {
        assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(242))).is_ok());
        assert_eq!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(243))), Err(InvalidEmail));
    }
}
