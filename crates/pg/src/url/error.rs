use thiserror::Error;

/// Why a connection URL is invalid. No variant contains the URL, which may include a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It has a different scheme.
    #[error(
        "the connection URL does not start with `postgresql://` or `postgres://`\n\
         help: write it as `postgresql://user:password@host:5432/database`"
    )]
    Scheme,

    /// It starts with a quote.
    #[error(
        "the connection URL is in quotes\n\
         help: set the variable without quotes: a shell and `.env` files remove them, other places do not"
    )]
    Quoted,

    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error(
        "the {part} of the connection URL has a `%` that is not a valid UTF-8 escape\n\
         help: write `%25` for a literal `%`"
    )]
    Escape {
        /// The part of the URL.
        part: &'static str,
    },

    /// An unescaped `#`.
    #[error("the connection URL has an unescaped `#`\nhelp: write it as `%23`, also in the password")]
    Fragment,

    /// An invalid port.
    #[error("`{port}` is not a port number\nhelp: use a port between 1 and 65535")]
    Port {
        /// The text.
        port: String,
    },

    /// An `@` after a `/` or `?`: most likely these belong to the password.
    #[error(
        "the connection URL has an `@` after an unescaped `/` or `?`\n\
         help: in the password, write `/` as `%2F` and `?` as `%3F`; elsewhere, write `@` as `%40`"
    )]
    Unescaped,

    /// An opening bracket without a closing one, or without an IPv6 address.
    #[error(
        "the host of the connection URL has brackets without an IPv6 address\nhelp: write it like `[::1]:5432`"
    )]
    Brackets,

    /// An IPv6 address whose colons are ambiguous.
    #[error(
        "the host of the connection URL is an IPv6 address without brackets\nhelp: write it like `[::1]:5432`"
    )]
    BracketsMissing,

    /// Lists of different lengths.
    #[error(
        "the connection URL has {hosts} hosts, but {others} values in `{parameter}`\nhelp: give one for each host, or one for all"
    )]
    HostCount {
        /// The number of hosts.
        hosts: usize,
        /// The number of values.
        others: usize,
        /// The parameter.
        parameter: &'static str,
    },

    /// An invalid value.
    #[error(
        "`{value}` is not a valid value for the connection parameter `{parameter}`\nhelp: use {expected}"
    )]
    Value {
        /// The parameter.
        parameter: String,
        /// The value.
        value: String,
        /// The valid values.
        expected: &'static str,
    },

    /// A parameter that asks for something unsupported.
    #[error("the connection parameter `{parameter}` is not supported\nhelp: {help}")]
    Unsupported {
        /// The parameter.
        parameter: String,
        /// The advice.
        help: &'static str,
    },

    /// Two parameters that exclude each other.
    #[error("the connection parameters `{first}` and `{second}` contradict each other\nhelp: {help}")]
    Conflict {
        /// The first parameter, with its value.
        first: String,
        /// The second parameter.
        second: &'static str,
        /// The advice.
        help: &'static str,
    },
}

impl UrlError {
    /// Returns Prisma's code for an invalid URL.
    pub fn code(&self) -> &'static str {
        "P1013"
    }
}
