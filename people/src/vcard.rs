//! vCard, the format of address books: written as version 4.0 or 3.0, read as 4.0, 3.0 and 2.1.
//!
//! A person has a name, an e-mail address and a phone number; whatever else a card holds is named and left out.

mod read;
mod write;

pub use read::{Card, Rest, cards, is_vcard};
pub use write::{Version, write};
