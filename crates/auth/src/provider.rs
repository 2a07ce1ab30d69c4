//! The ways to sign in.

mod email;

pub use email::EmailProvider;

/// A way to sign in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provider {
    /// By a link sent to an e-mail address.
    Email(EmailProvider),
}

impl Provider {
    /// The id in paths and rows.
    pub fn id(&self) -> &str {
        match self {
            Self::Email(email) => &email.id,
        }
    }

    /// The name shown to people.
    pub fn name(&self) -> &str {
        match self {
            Self::Email(email) => &email.name,
        }
    }

    /// Auth.js's word for the kind of provider.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
        }
    }
}

impl From<EmailProvider> for Provider {
    fn from(provider: EmailProvider) -> Self {
        Self::Email(provider)
    }
}
