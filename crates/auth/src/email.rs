//! An e-mail address in the one form under which it is looked up.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// An address that was normalised: NFKC, lower case, trimmed, with exactly one `@`.
///
/// `Debug` hides it, for it is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// A text that is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address\nhelp: it has the form `name@domain`, without quotes or spaces")]
pub struct InvalidEmail;

impl EmailAddress {
    /// Normalises an address as Auth.js does.
    ///
    /// NFKC comes before the check, because a look-alike of `@` could otherwise turn into a second one later on.
    /// What follows a comma in the domain is cut off. Beyond Auth.js, addresses with white space or control
    /// characters inside, or longer than any mailbox may be, are refused: no mail could reach them.
    ///
    /// Source: @auth/core 0.41.3 `lib/actions/signin/send-token.js`; RFC 5321, 4.5.3.1 for the length.
    ///
    /// # Errors
    /// [`InvalidEmail`] if the text is no address.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let lower = text.nfkc().collect::<String>().to_lowercase();
        let address = lower.trim_matches(is_js_space);
        let (local, domain) = address.split_once('@').ok_or(InvalidEmail)?;
        let domain_end = domain.find(',').unwrap_or(domain.len());
        let well_formed = !local.is_empty()
            && !domain.contains('@')
            && domain_end > 0
            && !address.contains('"')
            && !address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\u{feff}');
        let address = format!("{local}@{}", &domain[..domain_end]);
        if well_formed && address.len() <= 254 { Ok(Self(address)) } else { Err(InvalidEmail) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// What JavaScript's `trim` removes: Unicode's white space, with the byte order mark but without U+0085.
fn is_js_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalised_as_the_reference_does() {
        let cases = [
            ("ann@example.com", Some("ann@example.com")),
            (" Ann@Example.COM ", Some("ann@example.com")),
            ("\u{feff}ann@example.com\u{a0}", Some("ann@example.com")),
            ("ann@example.com,evil.example", Some("ann@example.com")),
            ("a,b@example.com", Some("a,b@example.com")),
            ("ann＠example.com", Some("ann@example.com")),
            ("ann@example.com＠evil.example", None),
            ("ＡＮＮ@example.com", Some("ann@example.com")),
            ("ÄNN@EXAMPLE.COM", Some("änn@example.com")),
            ("\"ann@evil.example\"@example.com", None),
            ("ann@@example.com", None),
            ("ann@a@example.com", None),
            ("@example.com", None),
            ("ann@", None),
            ("ann@,x", None),
            ("ann", None),
            ("", None),
            ("an n@example.com", None),
            ("ann\r\nbcc: x@example.com", None),
        ];
        for (text, expected) in cases {
            assert_eq!(
                EmailAddress::parse(text).ok().as_ref().map(EmailAddress::as_str),
                expected,
                "{text:?}"
            );
        }
        assert_eq!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(250))), Err(InvalidEmail));
    }
}
