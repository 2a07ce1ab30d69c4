//! What handlers ask for: who is signed in, and forms that came from here.

mod form;
mod signed_in;

pub use form::{CheckedForm, NoFields};
pub use signed_in::SignedIn;
