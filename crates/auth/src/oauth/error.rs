//! What can go wrong between this server and a provider's.

/// Why a sign-in at a provider came to nothing. It goes to the log, so it holds nothing that a provider or a
/// browser has sent: neither tokens nor texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// No answer, or not in time.
    #[error("the provider's {what} did not answer: {reason}")]
    Unreachable {
        /// Which endpoint.
        what: &'static str,
        /// What happened instead.
        reason: String,
    },
    /// An answer with another status than 200.
    #[error("the provider's {what} answered {status}{}", code.map(|code| format!(": {code}")).unwrap_or_default())]
    Refused {
        /// Which endpoint.
        what: &'static str,
        /// The status.
        status: u16,
        /// The error, if it is one of those that OAuth 2 names.
        code: Option<&'static str>,
    },
    /// An answer that is not what it has to be.
    #[error("the provider's {what} is not usable: {reason}")]
    Malformed {
        /// Which answer.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The answer that the browser brought does not belong to the question.
    #[error("the answer that the browser brought from the provider is not usable: {0}")]
    Answer(&'static str),
    /// An id token that fails a check.
    #[error("the id token is not valid: {0}")]
    IdToken(&'static str),
    /// A URL that would be read over an open line.
    #[error("the provider's {what} is neither an https URL nor one of this machine")]
    Insecure {
        /// Which endpoint.
        what: &'static str,
    },
}

impl OAuthError {
    pub(crate) fn malformed(what: &'static str, reason: &'static str) -> Self {
        Self::Malformed { what, reason }
    }
}

/// An error code that OAuth 2 or OpenID Connect has named: only such a one may be repeated.
///
/// Source: RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core 1.0, 3.1.2.6; GitHub's manual for the last four.
pub(crate) fn known_code(code: &str) -> Option<&'static str> {
    const KNOWN: [&str; 23] = [
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_scope",
        "login_required",
        "registration_not_supported",
        "request_not_supported",
        "request_uri_not_supported",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
        "application_suspended",
        "bad_verification_code",
        "incorrect_client_credentials",
        "redirect_uri_mismatch",
    ];
    KNOWN.into_iter().find(|known| *known == code)
}
