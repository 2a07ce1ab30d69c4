//! Settings that cannot be used.

/// Why the settings of a site cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no secret.
    #[error(
        "`AUTH_SECRET` is not set\nhelp: set `AUTH_SECRET`, for example to the output of `openssl rand -base64 33`"
    )]
    NoSecret,
    /// An encryption key is too short.
    #[error(
        "a key in `AUTH_ENCRYPTION_KEY` is shorter than 32 characters, so it could be guessed\nhelp: use the output of \
         `openssl rand -base64 33`"
    )]
    ShortEncryptionKey,
    /// The URL cannot be that of an application.
    #[error(
        "`{url}` is not the URL of an application\nhelp: set `AUTH_URL` to something like `https://people.example.com`"
    )]
    InvalidUrl {
        /// The rejected text; `…` if it contains a password.
        url: String,
    },
}

/// An entry of the allow list that is neither an address, nor a domain, nor `*`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowListError {
    /// Not an address.
    #[error(
        "`{variable}`: entry {position} is not an e-mail address\nhelp: separate addresses with commas, or write `*` to allow everyone"
    )]
    NotAnAddress {
        /// The variable that holds the list.
        variable: &'static str,
        /// The position in the list, counted from 1. The entry itself is personal data.
        position: usize,
    },
    /// Not a domain.
    #[error(
        "`{variable}`: entry {position} is not a domain\nhelp: write domains as `example.com`, separated by commas; list each subdomain"
    )]
    NotADomain {
        /// The variable that holds the list.
        variable: &'static str,
        /// The position in the list, counted from 1.
        position: usize,
    },
}

/// Why a provider cannot be used as configured.
#[cfg(feature = "oauth")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// Only one of two settings that belong together is set.
    #[error("`{given}` is set, but `{missing}` is not\nhelp: set both, or neither to disable this provider")]
    Incomplete {
        /// The variable that is set.
        given: String,
        /// The variable that is missing.
        missing: String,
    },
    /// The URL is invalid or not protected by TLS.
    #[error(
        "`{name}` is not the URL of a provider\nhelp: use an `https://` URL (`http://` only for this machine), without password and fragment"
    )]
    InvalidUrl {
        /// The variable, or the part of the configuration.
        name: String,
    },
    /// The id cannot be part of a path, or is used twice.
    #[error(
        "`{id}` cannot be the id of a provider\nhelp: use lower-case letters, digits and `-`, and each id only once"
    )]
    InvalidId {
        /// The id.
        id: String,
    },
    /// The client authentication method is unknown.
    #[error("`{name}` is neither `basic` nor `post`\nhelp: unset it to use `basic`")]
    InvalidClientAuthentication {
        /// The variable.
        name: String,
    },
    /// The list of domains is empty or has an invalid entry.
    #[error(
        "`{name}` is not a list of domains\nhelp: write domains as `example.com`, separated by commas; unset it to allow all"
    )]
    InvalidDomains {
        /// The variable.
        name: String,
    },
    /// Without the scope `openid`, the provider issues no id token.
    #[error("`{name}` does not include the scope `openid`\nhelp: add it, as in `openid profile email`")]
    InvalidScope {
        /// The variable.
        name: String,
    },
    /// The value is not a boolean.
    #[error("`{name}` is neither `true` nor `false`\nhelp: unset it for `false`")]
    InvalidFlag {
        /// The variable.
        name: String,
    },
}
