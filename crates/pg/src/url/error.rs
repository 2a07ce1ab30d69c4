use thiserror::Error;

/// Why a text is no usable connection URL. No variant holds the URL: it may carry a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It begins with something else.
    #[error(
        "the connection URL does not begin with `postgresql://` or `postgres://`\n\
         help: write it as `postgresql://user:password@host:5432/database`"
    )]
    Scheme,

    /// It begins with a quote.
    #[error(
        "the connection URL is in quotes\n\
         help: set the variable without them: a shell and a `.env` file take quotes away, other places keep them"
    )]
    Quoted,

    /// `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error(
        "the {part} of the connection URL has a `%` that does not begin an escape of UTF-8 text\n\
         help: write the character `%` itself as `%25`"
    )]
    Escape {
        /// Which part.
        part: &'static str,
    },

    /// A `#` that has not been escaped.
    #[error("the connection URL has a bare `#`\nhelp: write it as `%23`, also inside the password")]
    Fragment,

    /// A port that is none.
    #[error("`{port}` is not a port number\nhelp: a port lies between 1 and 65535")]
    Port {
        /// The text in its place.
        port: String,
    },

    /// An `@` behind a `/` or `?`: most likely those belong to the password.
    #[error(
        "the connection URL has an `@` behind a bare `/` or `?`\n\
         help: inside the password write `/` as `%2F` and `?` as `%3F`; elsewhere write `@` as `%40`"
    )]
    Unescaped,

    /// An opening bracket without a closing one, or no IPv6 address between them.
    #[error(
        "the host of the connection URL has brackets without an IPv6 address\nhelp: write it like `[::1]:5432`"
    )]
    Brackets,

    /// An IPv6 address whose colons cannot be told from that of the port.
    #[error(
        "the host of the connection URL is an IPv6 address without brackets\nhelp: write it like `[::1]:5432`"
    )]
    BracketsMissing,

    /// Lists of different length.
    #[error(
        "the connection URL has {hosts} hosts, but {others} values in `{parameter}`\nhelp: give one for each host, or one for all"
    )]
    HostCount {
        /// Number of hosts.
        hosts: usize,
        /// Number of values.
        others: usize,
        /// Where they stand.
        parameter: &'static str,
    },

    /// A parameter that needs another value.
    #[error("`{value}` is not a value for the connection parameter `{parameter}`\nhelp: it takes {expected}")]
    Value {
        /// The parameter.
        parameter: String,
        /// What it was given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },

    /// A parameter that promises what would not be done.
    #[error("the connection parameter `{parameter}` is not supported\nhelp: {help}")]
    Unsupported {
        /// The parameter.
        parameter: String,
        /// What to do.
        help: &'static str,
    },

    /// Two parameters that exclude each other.
    #[error("the connection parameters `{first}` and `{second}` contradict each other\nhelp: {help}")]
    Conflict {
        /// One, with its value.
        first: String,
        /// The other.
        second: &'static str,
        /// What to do.
        help: &'static str,
    },
}

impl UrlError {
    /// Prisma's code for an unusable URL.
    pub fn code(&self) -> &'static str {
        "P1013"
    }
}
