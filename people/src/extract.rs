//! Extractors: the signed-in user, and forms with a valid CSRF token.

mod form;
mod signed_in;

pub use form::{CheckedForm, NoFields};
pub use signed_in::SignedIn;
