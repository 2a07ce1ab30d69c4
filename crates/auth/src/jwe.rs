//! Encrypted JWTs as Auth.js uses them, so that each side reads the other's cookies.
//!
//! A value is the claims of a JWT, encrypted with `dir` and `A256CBC-HS512` under a key that HKDF derives from the secret and
//! the name of the cookie.
//!
//! Source: @auth/core 0.41.3 `jwt.js`; RFC 7516, 5 and 7.1; RFC 7518, 5.2; RFC 7638 for the key's id.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use chrono::{DateTime, Utc};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

use crate::random::Random;
use crate::secret::{AuthSecret, Secret};

/// By how many seconds the clocks of two servers may differ.
const CLOCK_TOLERANCE: i64 = 15;

/// The tag is truncated to half its length.
const TAG_LENGTH: usize = 32;

#[derive(Serialize)]
struct Claims<'a, T> {
    #[serde(flatten)]
    value: &'a T,
    iat: i64,
    exp: i64,
    jti: String,
}

#[derive(Deserialize)]
struct Lifetime {
    exp: Option<i64>,
    nbf: Option<i64>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
    zip: Option<serde_json::Value>,
}

/// The key for one purpose: the first half authenticates, the second half encrypts.
struct Key([u8; 64]);

impl Key {
    fn derive(secret: &Secret, salt: &str) -> Self {
        let mut key = [0; 64];
        let info = format!("Auth.js Generated Encryption Key ({salt})");
        Hkdf::<Sha256>::new(Some(salt.as_bytes()), secret.expose().as_bytes())
            .expand(info.as_bytes(), &mut key)
            .expect("HKDF gives up to 255 times 32 bytes");
        Self(key)
    }

    /// Returns the JWK thumbprint, by which a reader with several secrets finds the right one.
    fn id(&self) -> String {
        let jwk = format!(r#"{{"k":"{}","kty":"oct"}}"#, URL_SAFE_NO_PAD.encode(self.0));
        URL_SAFE_NO_PAD.encode(Sha512::digest(jwk))
    }

    fn mac(&self, header: &str, iv: &[u8], text: &[u8]) -> Hmac<Sha512> {
        let mut mac = Hmac::<Sha512>::new_from_slice(&self.0[..32]).expect("HMAC takes keys of any length");
        mac.update(header.as_bytes());
        mac.update(iv);
        mac.update(text);
        mac.update(&(header.len() as u64 * 8).to_be_bytes());
        mac
    }

    fn cipher(&self) -> &[u8] {
        &self.0[32..]
    }
}

/// Seals a value under the newest secret, for as many seconds.
pub(crate) fn seal<T: Serialize>(
    value: &T,
    secret: &AuthSecret,
    salt: &str,
    max_age: i64,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> String {
    let key = Key::derive(secret.newest(), salt);
    let mut id = [0; 16];
    random.fill(&mut id);
    let jti = uuid::Builder::from_random_bytes(id).into_uuid().to_string();
    let iat = now.timestamp();
    let claims = Claims { value, iat, exp: iat + max_age, jti };
    let claims = serde_json::to_vec(&claims).expect("claims have texts as keys");

    let header = format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{}"}}"#, key.id());
    let header = URL_SAFE_NO_PAD.encode(header);
    let mut iv = [0; 16];
    random.fill(&mut iv);
    let cipher =
        cbc::Encryptor::<Aes256>::new_from_slices(key.cipher(), &iv).expect("both lengths are AES's");
    let text = cipher.encrypt_padded_vec::<Pkcs7>(&claims);
    let tag = key.mac(&header, &iv, &text).finalize().into_bytes();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{header}..{}.{}.{}", encode(&iv), encode(&text), encode(&tag[..TAG_LENGTH]))
}

/// Opens what either side has sealed with one of the secrets; `None` for anything else, and for what is too old.
pub(crate) fn open<T: DeserializeOwned>(
    sealed: &str,
    secret: &AuthSecret,
    salt: &str,
    now: DateTime<Utc>,
) -> Option<T> {
    let mut parts = sealed.split('.');
    let mut next = || parts.next();
    let (header, key_part, iv, text, tag) = (next()?, next()?, next()?, next()?, next()?);
    if next().is_some() || !key_part.is_empty() {
        return None;
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let read: Header = serde_json::from_slice(&decode(header)?).ok()?;
    let (iv, text, tag) = (decode(iv)?, decode(text)?, decode(tag)?);
    let understood =
        read.alg == "dir" && read.enc == "A256CBC-HS512" && read.crit.is_none() && read.zip.is_none();
    if !understood || tag.len() != TAG_LENGTH || iv.len() != 16 {
        return None;
    }
    let mut keys = secret.each().map(|secret| Key::derive(secret, salt));
    let key = keys.find(|key| read.kid.as_ref().is_none_or(|kid| *kid == key.id()))?;
    key.mac(header, &iv, &text).verify_truncated_left(&tag).ok()?;
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(key.cipher(), &iv).ok()?;
    let claims = cipher.decrypt_padded_vec::<Pkcs7>(&text).ok()?;

    let lifetime: Lifetime = serde_json::from_slice(&claims).ok()?;
    let now = now.timestamp();
    let over = lifetime.exp.is_some_and(|exp| exp <= now - CLOCK_TOLERANCE);
    let early = lifetime.nbf.is_some_and(|nbf| nbf > now + CLOCK_TOLERANCE);
    if over || early { None } else { serde_json::from_slice(&claims).ok() }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    struct SameBytes;

    impl Random for SameBytes {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xab);
        }
    }

    fn secret_of(secrets: &[&str]) -> AuthSecret {
        // The newest has the highest number.
        AuthSecret::from_vars(|name| {
            let number: usize = name.strip_prefix("AUTH_SECRET_")?.parse().ok()?;
            secrets.iter().rev().nth(number - 1).map(|secret| (*secret).to_owned())
        })
        .unwrap()
    }

    #[derive(Deserialize)]
    struct Recording {
        at: DateTime<Utc>,
        sealed: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        secrets: Vec<String>,
        salt: String,
        token: Value,
        max_age: i64,
        sealed: String,
    }

    fn recording() -> Recording {
        serde_json::from_str(include_str!("../tests/reference/sealed.json")).unwrap()
    }

    /// Keeps the order of the recording, which `Value` does not.
    #[derive(Deserialize, Serialize)]
    struct Token {
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        provider: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        random: Option<String>,
    }

    #[test]
    fn sealed_values_equal_those_of_the_reference() {
        let Recording { at, sealed } = recording();
        for case in sealed {
            let secrets: Vec<_> = case.secrets.iter().map(String::as_str).collect();
            let token: Token = serde_json::from_value(case.token).unwrap();
            let ours = seal(&token, &secret_of(&secrets), &case.salt, case.max_age, at, &SameBytes);
            assert_eq!(ours, case.sealed);
        }
    }

    #[test]
    fn sealed_values_of_the_reference_are_opened() {
        let Recording { at, sealed } = recording();
        for case in sealed {
            let secrets: Vec<_> = case.secrets.iter().map(String::as_str).collect();
            let mut opened: Value = open(&case.sealed, &secret_of(&secrets), &case.salt, at).unwrap();
            opened.as_object_mut().unwrap().retain(|name, _| !["iat", "exp", "jti"].contains(&name.as_str()));
            assert_eq!(opened, case.token);
        }
    }

    #[test]
    fn an_older_secret_opens_and_the_newest_seals() {
        let now = DateTime::UNIX_EPOCH;
        let value = serde_json::json!({ "value": "v" });
        let old = seal(&value, &secret_of(&["old"]), "s", 60, now, &SameBytes);
        assert!(open::<Value>(&old, &secret_of(&["new", "old"]), "s", now).is_some());
        let new = seal(&value, &secret_of(&["new", "old"]), "s", 60, now, &SameBytes);
        assert!(open::<Value>(&new, &secret_of(&["new"]), "s", now).is_some());
        assert!(open::<Value>(&new, &secret_of(&["old"]), "s", now).is_none());
    }

    #[test]
    fn nothing_else_is_opened() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let secret = secret_of(&["a"]);
        let sealed = seal(&serde_json::json!({ "value": "v" }), &secret, "s", 60, now, &SameBytes);
        let opens = |text: &str, salt: &str, seconds: i64| {
            open::<Value>(text, &secret, salt, now + chrono::TimeDelta::seconds(seconds)).is_some()
        };
        assert!(opens(&sealed, "s", 0) && opens(&sealed, "s", 74), "the clocks may differ by 15 seconds");
        assert!(!opens(&sealed, "s", 75), "it is too old");
        assert!(!opens(&sealed, "other", 0), "it was sealed for another purpose");
        // Each character counts, though the last of a part may hold bits that do not.
        let parts: Vec<&str> = sealed.split('.').collect();
        for (index, part) in parts.iter().enumerate() {
            for place in 0..part.len().saturating_sub(1) {
                let mut changed = part.as_bytes().to_vec();
                changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
                let mut parts = parts.clone();
                let changed = String::from_utf8(changed).unwrap();
                parts[index] = &changed;
                assert!(!opens(&parts.join("."), "s", 0), "{index} {place}");
            }
        }
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","enc":"A256CBC-HS512"}"#);
        for text in [
            "",
            "....",
            "a.b.c.d.e",
            &sealed[1..],
            &format!("{sealed}.x"),
            &format!("{none}{}", &sealed[sealed.find('.').unwrap()..]),
        ] {
            assert!(!opens(text, "s", 0), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[A-Za-z0-9_.-]{0,200}", salt in "\\PC{0,20}") {
            let opened: Option<Value> = open(&text, &secret_of(&["a"]), &salt, DateTime::UNIX_EPOCH);
            proptest::prop_assert!(opened.is_none());
        }
    }
}
