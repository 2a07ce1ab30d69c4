//! This application as a client of one provider.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::discovery::{Discovery, Endpoints};
use super::http::Http;
use crate::error::OAuthError;
use crate::secret::Secret;

/// How the client secret is sent to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in a header, the default of Auth.js.
    #[default]
    Basic,
    /// `client_secret_post`: in the form.
    Post,
}

/// A client of one provider: its credentials, and what is known of the provider. Clones share what they learn.
#[derive(Clone)]
pub(crate) struct OAuthClient {
    pub(crate) id: String,
    pub(super) secret: Secret,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) location: Location,
    pub(super) http: Http,
    pub(super) discovery: Arc<Discovery>,
}

/// Where the endpoints of a provider are.
#[derive(Clone)]
pub(crate) enum Location {
    /// OpenID Connect: in the issuer's discovery document.
    Issuer(Url),
    /// OAuth 2: in the application's settings.
    Fixed(Arc<Endpoints>),
}

impl OAuthClient {
    pub(crate) fn new(id: String, secret: Secret, location: Location) -> Self {
        Self {
            id,
            secret,
            authentication: ClientAuthentication::default(),
            location,
            http: Http::default(),
            discovery: Arc::default(),
        }
    }

    /// Whether the provider speaks OpenID Connect, and so issues id tokens.
    pub(crate) fn is_oidc(&self) -> bool {
        matches!(self.location, Location::Issuer(_))
    }

    /// Returns the endpoints; those of an issuer come from its discovery document, which is cached.
    pub(crate) async fn endpoints(&self, now: DateTime<Utc>) -> Result<Arc<Endpoints>, OAuthError> {
        match &self.location {
            Location::Fixed(endpoints) => Ok(Arc::clone(endpoints)),
            Location::Issuer(issuer) => self.discovery.endpoints(&self.http, issuer, now).await,
        }
    }
}
