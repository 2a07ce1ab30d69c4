//! The provider's signed statement about who has signed in.
//!
//! Signature, issuer, audience, expiry and nonce are checked by `openidconnect`; the authorized party, and which
//! algorithms count, here.
//!
//! Source: OpenID Connect Core 1.0, 3.1.3.7.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError};
use serde_json::{Map, Value};

use super::client::OAuthClient;
use super::discovery::{Endpoints, Keys};
use crate::error::OAuthError;

/// How far the provider's clock may be ahead or behind.
const TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// What a client expects of an id token.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// The claims of an id token, all of them checked.
pub(super) async fn claims(
    client: &OAuthClient,
    endpoints: &Endpoints,
    token: &str,
    expected: Expected<'_>,
) -> Result<Map<String, Value>, OAuthError> {
    let (Some(issuer), Some(signing)) = (&endpoints.issuer, &endpoints.signing) else {
        return Err(OAuthError::malformed("metadata", "there are no keys for id tokens"));
    };
    let keys = client.discovery.keys(&client.http, signing, expected.now, false).await?.unwrap_or_default();
    match verify(token, issuer, &signing.algorithms, &keys, expected) {
        Err(Failure::UnknownKey) => {
            // The provider may have begun to sign with another key.
            let Some(keys) = client.discovery.keys(&client.http, signing, expected.now, true).await? else {
                return Err(OAuthError::IdToken(UNKNOWN_KEY));
            };
            verify(token, issuer, &signing.algorithms, &keys, expected).map_err(Failure::into_error)
        }
        other => other.map_err(Failure::into_error),
    }
}

const UNKNOWN_KEY: &str = "it is signed with a key that the provider does not publish";

const UNREADABLE: &str = "it is no signed token, or a standard claim has the wrong type";

#[derive(Debug, PartialEq)]
enum Failure {
    UnknownKey,
    Other(&'static str),
}

impl Failure {
    fn into_error(self) -> OAuthError {
        OAuthError::IdToken(match self {
            Self::UnknownKey => UNKNOWN_KEY,
            Self::Other(reason) => reason,
        })
    }
}

fn verify(
    token: &str,
    issuer: &str,
    offered: &[String],
    keys: &Keys,
    expected: Expected<'_>,
) -> Result<Map<String, Value>, Failure> {
    let parsed: CoreIdToken = token.parse().map_err(|_| Failure::Other(UNREADABLE))?;
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| Failure::Other("the issuer is no URL"))?;
    let client_id = ClientId::new(expected.client_id.to_owned());
    let now = expected.now;
    // A verifier for a client without a secret refuses whatever is signed with a shared one.
    let verifier = CoreIdTokenVerifier::new_public_client(client_id, issuer, keys.clone())
        .set_allowed_algs(allowed(offered))
        // Other audiences are welcome as long as this client is the one that the token was made for; see below.
        .set_other_audience_verifier_fn(|_| true)
        .set_time_fn(move || now - TOLERANCE)
        .set_issue_time_verifier_fn(
            move |issued| {
                if issued > now + TOLERANCE { Err(String::new()) } else { Ok(()) }
            },
        );
    let claims = parsed.claims(&verifier, &Nonce::new(expected.nonce.to_owned()));
    let claims = claims.map_err(|error| failure(&error))?;
    match claims.authorized_party() {
        Some(party) if party.as_str() != expected.client_id => {
            return Err(Failure::Other("it was made for another client"));
        }
        None if claims.audiences().len() > 1 => {
            return Err(Failure::Other("it has several audiences and does not say for which it was made"));
        }
        _ => {}
    }
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let claims: Option<Map<String, Value>> =
        payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    let claims = claims.ok_or(Failure::Other("its claims cannot be read"))?;
    let too_early = claims.get("nbf").and_then(Value::as_f64);
    #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in it for millions of years")]
    if too_early.is_some_and(|instant| instant > (now + TOLERANCE).timestamp() as f64) {
        return Err(Failure::Other("it does not count yet"));
    }
    Ok(claims)
}

/// What the provider says it signs with, save for what is no signature; RS256 is what everybody has to know.
fn allowed(offered: &[String]) -> Vec<CoreJwsSigningAlgorithm> {
    use CoreJwsSigningAlgorithm as Algorithm;
    let all = [
        ("RS256", Algorithm::RsaSsaPkcs1V15Sha256),
        ("RS384", Algorithm::RsaSsaPkcs1V15Sha384),
        ("RS512", Algorithm::RsaSsaPkcs1V15Sha512),
        ("PS256", Algorithm::RsaSsaPssSha256),
        ("PS384", Algorithm::RsaSsaPssSha384),
        ("PS512", Algorithm::RsaSsaPssSha512),
        ("ES256", Algorithm::EcdsaP256Sha256),
        ("ES384", Algorithm::EcdsaP384Sha384),
        ("EdDSA", Algorithm::EdDsa),
    ];
    let is_offered = |name: &str| match offered {
        [] => name == "RS256",
        offered => offered.iter().any(|other| other == name),
    };
    all.into_iter().filter(|(name, _)| is_offered(name)).map(|(_, algorithm)| algorithm).collect()
}

/// The library's error without its text, which repeats what the token says.
fn failure(error: &ClaimsVerificationError) -> Failure {
    Failure::Other(match error {
        ClaimsVerificationError::Expired(_) => "it is too old",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another audience",
        ClaimsVerificationError::InvalidIssuer(_) => "it is from another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it does not answer this sign-in",
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::NoMatchingKey => return Failure::UnknownKey,
            SignatureVerificationError::NoSignature => "it is not signed",
            SignatureVerificationError::DisallowedAlg(_) => "it is signed in a way that does not count",
            _ => "its signature is wrong",
        },
        _ => "a claim is not what it has to be",
    })
}
