//! The OAuth 2 and OpenID Connect client: discovery, token exchange, id tokens and profiles.
//!
//! All requests here go from this server to the provider's, over https. The browser's part is in the flows.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/oauth/callback.js`; OpenID Connect Core 1.0 and Discovery 1.0;
//! RFC 6749, RFC 7636 and RFC 9207.

mod client;
mod discovery;
mod http;
mod id_token;
mod jwk;
mod profile;
mod token;
mod user_info;

pub use client::ClientAuthentication;
pub(crate) use client::{Location, OAuthClient};
pub(crate) use discovery::Endpoints;
pub(crate) use http::is_safe;
pub use profile::ProfileFields;
pub(crate) use profile::{Profile, ProfileSource, UserInfo};
pub(crate) use token::{TokenSet, exchange, refresh};
pub(crate) use user_info::profile;
