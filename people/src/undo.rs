//! Undoing a deletion.
//!
//! The response to a deletion sets an encrypted cookie with the deleted person, valid for ten minutes. The server keeps
//! nothing of the person, and every instance can restore it.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nicol::types::DateTime;
use nicol_auth::{AuthSecret, Authenticated, Cookies, Random as _, SystemRandom};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

use crate::db::Person;

/// How long a deletion can be undone, in seconds.
pub const UNDO_SECONDS: i64 = 600;

/// The path that undoes a deletion, and the path of the cookie.
pub const UNDO_PATH: &str = "/people/undo";

/// Seals and opens the cookie.
pub struct Undo {
    key: LessSafeKey,
    cookie: &'static str,
    attributes: &'static str,
}

impl std::fmt::Debug for Undo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Undo").finish_non_exhaustive()
    }
}

/// A deleted person with everything needed to restore it.
#[derive(Deserialize, Serialize)]
pub struct Deleted {
    /// The id, which stays the same.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The phone number.
    pub phone_number: String,
    /// When it was added, in milliseconds since 1970.
    created_at: i64,
    /// When it expires, in seconds since 1970.
    until: i64,
}

impl Deleted {
    /// When it was added.
    pub fn created_at(&self) -> Option<DateTime> {
        DateTime::from_timestamp_millis(self.created_at)
    }
}

#[allow(clippy::missing_panics_doc, reason = "what is expected holds for every person and every secret")]
impl Undo {
    /// Derives the key from the secret of the site.
    pub fn new(secret: &AuthSecret, is_https: bool) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &secret.derive_key("people: undo"))
            .expect("the key has the length that AES-256 asks for");
        let (cookie, attributes) = if is_https {
            ("__Secure-people.undo", "HttpOnly; SameSite=Lax; Secure")
        } else {
            ("people.undo", "HttpOnly; SameSite=Lax")
        };
        Self { key: LessSafeKey::new(key), cookie, attributes }
    }

    /// Returns the cookie with a deleted person, bound to the user who deleted it.
    pub fn remember(&self, by: &Authenticated, person: &Person, now: DateTime) -> HeaderValue {
        let deleted = Deleted {
            id: person.id.clone(),
            name: person.name.clone(),
            email: person.email.clone(),
            phone_number: person.phone_number.clone(),
            created_at: person.created_at.timestamp_millis(),
            until: now.timestamp() + UNDO_SECONDS,
        };
        let mut nonce = [0; NONCE_LEN];
        SystemRandom.fill(&mut nonce);
        let mut sealed = serde_json::to_vec(&deleted).expect("texts and numbers can be written as JSON");
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), owner(by), &mut sealed)
            .expect("a few hundred bytes can be sealed");
        sealed.splice(0..0, nonce);
        self.cookie(&URL_SAFE_NO_PAD.encode(sealed), UNDO_SECONDS)
    }

    /// Returns the person whom this user deleted last in this browser; `None` if there is none or it has expired.
    pub fn recall(&self, by: &Authenticated, headers: &HeaderMap, now: DateTime) -> Option<Deleted> {
        let mut sealed = URL_SAFE_NO_PAD.decode(Cookies::read(headers).value(self.cookie)?).ok()?;
        if sealed.len() < NONCE_LEN {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(&sealed[..NONCE_LEN]).ok()?;
        let opened = self.key.open_in_place(nonce, owner(by), &mut sealed[NONCE_LEN..]).ok()?;
        let deleted: Deleted = serde_json::from_slice(opened).ok()?;
        (deleted.until > now.timestamp()).then_some(deleted)
    }

    /// Returns the header that deletes the cookie.
    pub fn forget(&self) -> HeaderValue {
        self.cookie("", 0)
    }

    fn cookie(&self, value: &str, seconds: i64) -> HeaderValue {
        let Self { cookie, attributes, .. } = self;
        format!("{cookie}={value}; Path={UNDO_PATH}; Max-Age={seconds}; {attributes}")
            .try_into()
            .expect("base64 and names of our own are fit for a header")
    }
}

/// Binds the cookie to the user, in case two users share a browser.
fn owner(by: &Authenticated) -> Aad<&[u8]> {
    Aad::from(by.user_id().as_str().as_bytes())
}
