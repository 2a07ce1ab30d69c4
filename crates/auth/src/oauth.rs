//! Talking to providers: where their endpoints are, what a code is worth, who somebody is.
//!
//! Everything here goes from this server to the provider's, over https; the browser is the business of the flows.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/oauth/callback.js`; OpenID Connect Core 1.0 and Discovery 1.0;
//! RFC 6749, RFC 7636 and RFC 9207. Signatures and claims of id tokens are checked by `openidconnect`.

mod discovery;
mod error;
mod http;
mod id_token;
mod token;
mod user_info;

pub(crate) use discovery::{Discovery, Endpoints};
pub use error::OAuthError;
pub(crate) use error::known_code;
pub(crate) use http::{Http, is_safe};
pub(crate) use token::{TokenSet, exchange, refresh};
pub(crate) use user_info::profile;
