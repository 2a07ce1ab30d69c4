//! Errors between this server and a provider's.

/// Why a sign-in at a provider failed. Errors are logged, so they contain nothing that a provider or a browser sent:
/// neither tokens nor texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// The provider did not answer, or not in time.
    #[error("cannot reach the provider's {what}: {reason}")]
    Unreachable {
        /// The endpoint or document.
        what: &'static str,
        /// What happened instead.
        reason: String,
    },
    /// The provider answered with a status other than 200.
    #[error("the provider's {what} answered {status}{}", code.map(|code| format!(": {code}")).unwrap_or_default())]
    Refused {
        /// The endpoint or document.
        what: &'static str,
        /// The HTTP status.
        status: u16,
        /// The error code, if OAuth 2 defines it.
        code: Option<&'static str>,
    },
    /// The provider's answer is malformed.
    #[error("the provider's {what} is malformed: {reason}")]
    Malformed {
        /// The answer.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The callback does not belong to the sign-in that this browser started.
    #[error("the callback is invalid: {0}")]
    Answer(&'static str),
    /// The id token failed a check.
    #[error("the id token is invalid: {0}")]
    IdToken(&'static str),
    /// A URL of the provider is not protected by TLS.
    #[error("the provider's {what} is neither an https URL nor on this machine")]
    Insecure {
        /// The endpoint.
        what: &'static str,
    },
}

impl OAuthError {
    pub(crate) fn malformed(what: &'static str, reason: &'static str) -> Self {
        Self::Malformed { what, reason }
    }
}

/// Returns the code if OAuth 2 or OpenID Connect defines it: other texts must not be repeated.
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
