//! The provider's public keys, and the signatures that they verify.
//!
//! Source: RFC 7517 for keys; RFC 7518, 3.3 to 3.5 and 6, and RFC 8037 for algorithms and their keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::Value;

/// A signature algorithm for id tokens.
#[derive(Clone, Copy)]
pub(super) struct Algorithm {
    name: &'static str,
    scheme: Scheme,
}

#[derive(Clone, Copy)]
enum Scheme {
    Rsa(&'static RsaParameters),
    Ec { curve: &'static str, verification: &'static dyn VerificationAlgorithm },
    Ed25519,
}

/// The public-key algorithms. Shared secrets (`HS256`) and `none` are left out on purpose, whatever the provider offers.
static ALGORITHMS: [Algorithm; 9] = [
    Algorithm { name: "RS256", scheme: Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256) },
    Algorithm { name: "RS384", scheme: Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384) },
    Algorithm { name: "RS512", scheme: Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512) },
    Algorithm { name: "PS256", scheme: Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA256) },
    Algorithm { name: "PS384", scheme: Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA384) },
    Algorithm { name: "PS512", scheme: Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA512) },
    Algorithm {
        name: "ES256",
        scheme: Scheme::Ec { curve: "P-256", verification: &signature::ECDSA_P256_SHA256_FIXED },
    },
    Algorithm {
        name: "ES384",
        scheme: Scheme::Ec { curve: "P-384", verification: &signature::ECDSA_P384_SHA384_FIXED },
    },
    Algorithm { name: "EdDSA", scheme: Scheme::Ed25519 },
];

impl Algorithm {
    /// Returns the algorithm with this name if the provider offers it; without an offer, only `RS256` is accepted.
    ///
    /// Source: OpenID Connect Core 1.0, 3.1.3.7.
    pub(super) fn offered(name: &str, offer: &[String]) -> Option<Self> {
        let is_offered = if offer.is_empty() { name == "RS256" } else { offer.iter().any(|it| it == name) };
        ALGORITHMS.iter().find(|algorithm| is_offered && algorithm.name == name).copied()
    }
}

/// The keys that a provider publishes.
#[derive(Default)]
pub(crate) struct KeySet(Vec<Jwk>);

/// A public key. The members depend on the type of the key.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    crv: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Why no key was chosen.
#[derive(Debug, PartialEq)]
pub(super) enum NoKey {
    /// No key matches: the provider may have published a new one.
    Unknown,
    /// Several keys match, and the token does not say which one signed it.
    Ambiguous,
}

impl KeySet {
    /// Parses a key set, skipping keys of unknown types; `None` if it is not one.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let Document { keys } = serde_json::from_slice(json).ok()?;
        Some(Self(keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect()))
    }

    /// Returns the one key that can have signed a token with this header.
    pub(super) fn find(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<&Jwk, NoKey> {
        let mut keys = self.0.iter().filter(|key| {
            (kid.is_none() || key.kid.as_deref() == kid)
                && key.usage.as_deref().is_none_or(|usage| usage == "sig")
                && key.alg.as_deref().is_none_or(|name| name == algorithm.name)
                && key.fits(algorithm.scheme)
        });
        let key = keys.next().ok_or(NoKey::Unknown)?;
        if keys.next().is_some() { Err(NoKey::Ambiguous) } else { Ok(key) }
    }
}

impl Jwk {
    fn fits(&self, scheme: Scheme) -> bool {
        let (kty, crv) = match scheme {
            Scheme::Rsa(_) => ("RSA", None),
            Scheme::Ec { curve, .. } => ("EC", Some(curve)),
            Scheme::Ed25519 => ("OKP", Some("Ed25519")),
        };
        self.kty == kty && (crv.is_none() || self.crv.as_deref() == crv)
    }

    /// Whether this key made the signature. RSA keys have 2048 bits at least, as in oauth4webapi.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = || {
            Some(match algorithm.scheme {
                Scheme::Rsa(parameters) => {
                    let (n, e) = (integer(self.n.as_deref()?)?, integer(self.e.as_deref()?)?);
                    RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
                }
                Scheme::Ec { verification, .. } => {
                    let (x, y) = (bytes(self.x.as_deref()?)?, bytes(self.y.as_deref()?)?);
                    // SEC 1, 2.3.3: a point that is not compressed.
                    let point = [&[4], x.as_slice(), y.as_slice()].concat();
                    UnparsedPublicKey::new(verification, point).verify(message, signature)
                }
                Scheme::Ed25519 => {
                    let point = bytes(self.x.as_deref()?)?;
                    UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature)
                }
            })
        };
        verified().is_some_and(|result| result.is_ok())
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes a big-endian integer; some providers send leading zeros, which ring rejects.
fn integer(text: &str) -> Option<Vec<u8>> {
    let mut bytes = bytes(text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offered(name: &str) -> Algorithm {
        Algorithm::offered(name, &[name.to_owned()]).unwrap()
    }

    fn keys(keys: &Value) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn only_offered_public_key_algorithms_are_accepted() {
        let accepts = |name: &str, offer: &[&str]| {
            let offer: Vec<_> = offer.iter().map(|name| (*name).to_owned()).collect();
            Algorithm::offered(name, &offer).is_some()
        };
        assert!(accepts("RS256", &[]) && accepts("ES256", &["RS256", "ES256"]));
        assert!(!accepts("ES256", &[]) && !accepts("RS256", &["ES256"]));
        for name in ["none", "HS256", "HS384", "HS512", "rs256", ""] {
            assert!(!accepts(name, &[name]), "{name}");
        }
    }

    #[test]
    fn a_key_is_chosen_by_id_type_use_and_algorithm() {
        let set = keys(&json!([
            { "kty": "RSA", "kid": "a", "n": "", "e": "" },
            { "kty": "RSA", "kid": "b", "use": "enc" },
            { "kty": "RSA", "kid": "c", "alg": "RS512" },
            { "kty": "EC", "kid": "d", "crv": "P-256" },
            { "kty": "EC", "kid": "e", "crv": "secp256k1" },
            { "kty": "EC", "kid": "f", "crv": "P-384" },
            { "kty": "oct", "kid": "g", "k": "c2VjcmV0" },
            "not a key",
        ]));
        for (algorithm, kid, expected) in [
            ("RS256", Some("a"), Ok("a")),
            ("RS256", None, Ok("a")),
            ("RS256", Some("b"), Err(NoKey::Unknown)),
            ("RS256", Some("c"), Err(NoKey::Unknown)),
            ("RS512", Some("c"), Ok("c")),
            ("RS512", None, Err(NoKey::Ambiguous)),
            ("RS256", Some("d"), Err(NoKey::Unknown)),
            ("ES256", Some("d"), Ok("d")),
            ("ES256", Some("e"), Err(NoKey::Unknown)),
            ("ES384", None, Ok("f")),
            ("EdDSA", None, Err(NoKey::Unknown)),
            ("ES256", Some("g"), Err(NoKey::Unknown)),
        ] {
            let found = set.find(offered(algorithm), kid).map(|key| key.kid.as_deref().unwrap());
            assert_eq!(found, expected, "{algorithm} {kid:?}");
        }
    }

    #[test]
    fn signatures_of_node_verify_with_each_algorithm() {
        let cases: Vec<Value> =
            serde_json::from_str(include_str!("../../tests/data/signatures.json")).unwrap();
        assert_eq!(cases.len(), ALGORITHMS.len());
        for case in &cases {
            let algorithm = offered(case["alg"].as_str().unwrap());
            let set = keys(&json!([case["key"]]));
            let (message, signature) = case["token"].as_str().unwrap().rsplit_once('.').unwrap();
            let mut signature = bytes(signature).unwrap();
            let verifies = |algorithm: Algorithm, message: &str, signature: &[u8]| {
                let key = set.find(algorithm, None);
                key.is_ok_and(|key| key.verifies(algorithm, message.as_bytes(), signature))
            };
            for other in &ALGORITHMS {
                let is_same = other.name == algorithm.name;
                assert_eq!(
                    verifies(*other, message, &signature),
                    is_same,
                    "{} by {}",
                    algorithm.name,
                    other.name
                );
            }
            assert!(!verifies(algorithm, &message[1..], &signature), "{}: changed text", algorithm.name);
            signature[9] ^= 1;
            assert!(!verifies(algorithm, message, &signature), "{}: changed signature", algorithm.name);
            assert!(!verifies(algorithm, message, b""), "{}: no signature", algorithm.name);
        }
    }

    #[test]
    fn leading_zeros_of_a_modulus_are_skipped() {
        assert_eq!(integer("AAAB"), Some(vec![1]));
        assert_eq!(integer("AQAB"), Some(vec![1, 0, 1]));
        assert_eq!(integer("A="), None);
    }
}
