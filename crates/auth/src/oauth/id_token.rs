//! The provider's signed statement about who signed in.
//!
//! Beyond the checks of oauth4webapi, on which Auth.js relies, the signature is verified (Auth.js trusts TLS instead),
//! `azp` has to name this client whenever it is present, and `iat` must not lie in the future.
//!
//! Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 7515, 5.2; oauth4webapi 3.8 `validateJwt`, `validateIdToken`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::client::OAuthClient;
use super::discovery::Endpoints;
use super::jwk::{Algorithm, KeySet, NoKey};
use crate::error::OAuthError;
use crate::secret::same_text;

/// By how many seconds the provider's clock may differ from this server's.
const TOLERANCE: i64 = 30;

/// What an id token has to say.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// Returns the claims of an id token after all checks.
pub(super) async fn claims(
    client: &OAuthClient,
    endpoints: &Endpoints,
    token: &str,
    expected: Expected<'_>,
) -> Result<Map<String, Value>, OAuthError> {
    let (Some(issuer), Some(signing)) = (&endpoints.issuer, &endpoints.signing) else {
        return Err(OAuthError::malformed("metadata", "it names no keys for id tokens"));
    };
    let keys = |refresh| client.discovery.keys(&client.http, signing, expected.now, refresh);
    let invalid = OAuthError::IdToken;
    let token = Jws::parse(token).ok_or(invalid("it is not a signed JWT"))?;
    let algorithm = token.algorithm(&signing.algorithms).map_err(invalid)?;
    let verified = match token.verify(algorithm, &keys(false).await?.unwrap_or_default()) {
        Err(Failure::UnknownKey) => match keys(true).await? {
            // The provider may have published a new key.
            Some(keys) => token.verify(algorithm, &keys),
            None => Err(Failure::UnknownKey),
        },
        verified => verified,
    };
    verified.map_err(|failure| {
        invalid(match failure {
            Failure::UnknownKey => "the provider does not publish the key that signed it",
            Failure::AmbiguousKey => "it does not say which key signed it",
            Failure::Signature => "its signature is wrong",
        })
    })?;
    check(&token.claims, issuer, expected).map_err(invalid)?;
    Ok(token.claims)
}

/// A signed JWT in its three parts, nothing of it verified yet.
struct Jws<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Debug, PartialEq)]
enum Failure {
    UnknownKey,
    AmbiguousKey,
    Signature,
}

impl<'a> Jws<'a> {
    fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        // The alphabet of base64url has no `.`, so a fourth part is an error here.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let object = |part: &str| serde_json::from_slice(&decode(part)?).ok();
        Some(Self { header: object(header)?, claims: object(claims)?, signed, signature: decode(signature)? })
    }

    /// Returns the algorithm that the header names, if this server and the provider's metadata allow it.
    fn algorithm(&self, offer: &[String]) -> Result<Algorithm, &'static str> {
        // RFC 7515, 4.1.11: what is critical has to be understood. A `cty` announces a token within the token.
        if ["crit", "cty", "enc"].iter().any(|name| self.header.contains_key(*name)) {
            return Err("its header has members that this server does not support");
        }
        // An access token (`at+jwt`) of the same issuer is not an id token.
        let is_jwt = |kind: &Value| {
            let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
            matches!(kind.trim_start_matches("application/"), "jwt" | "jose" | "jose+json")
        };
        if !self.header.get("typ").is_none_or(is_jwt) {
            return Err("it is a token of another type");
        }
        let name = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        Algorithm::offered(name, offer).ok_or("its signature algorithm is not allowed")
    }

    fn verify(&self, algorithm: Algorithm, keys: &KeySet) -> Result<(), Failure> {
        let kid = self.header.get("kid").and_then(Value::as_str);
        let key = keys.find(algorithm, kid).map_err(|reason| match reason {
            NoKey::Unknown => Failure::UnknownKey,
            NoKey::Ambiguous => Failure::AmbiguousKey,
        })?;
        let verifies = key.verifies(algorithm, self.signed.as_bytes(), &self.signature);
        if verifies { Ok(()) } else { Err(Failure::Signature) }
    }
}

/// Checks the claims of a verified token.
fn check(claims: &Map<String, Value>, issuer: &str, expected: Expected<'_>) -> Result<(), &'static str> {
    let claim = |name: &str| claims.get(name).filter(|value| !value.is_null());
    let text = |name: &str| claim(name).and_then(Value::as_str);
    let number = |name: &str| claim(name).map_or(Ok(None), |it| it.as_f64().map(Some).ok_or(WRONG_TYPE));
    if text("iss") != Some(issuer) {
        return Err("it is from another issuer");
    }
    let audiences = match claim("aud") {
        Some(Value::Array(audiences)) => audiences.as_slice(),
        Some(audience) => std::slice::from_ref(audience),
        None => &[],
    };
    if !audiences.iter().any(|audience| audience == expected.client_id) {
        return Err("it is for another audience");
    }
    match claim("azp") {
        Some(party) if party != expected.client_id => return Err("it was issued to another client"),
        None if audiences.len() > 1 => return Err("it has several audiences and does not name its client"),
        _ => {}
    }
    #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact for millions of years")]
    let (earliest, latest) = {
        let now = expected.now.timestamp();
        ((now - TOLERANCE) as f64, (now + TOLERANCE) as f64)
    };
    if number("exp")?.ok_or(MISSING)? <= earliest {
        return Err("it has expired");
    }
    if number("iat")?.ok_or(MISSING)? > latest || number("nbf")?.is_some_and(|start| start > latest) {
        return Err("it is not valid yet");
    }
    if !same_text(text("nonce").unwrap_or_default(), expected.nonce) {
        return Err("it belongs to another sign-in");
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err(MISSING);
    }
    Ok(())
}

const MISSING: &str = "a required claim is missing";

const WRONG_TYPE: &str = "a claim has the wrong type";
