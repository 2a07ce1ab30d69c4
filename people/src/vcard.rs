//! vCard: writes versions 4.0 and 3.0, reads 4.0, 3.0 and 2.1.
//!
//! Only name, e-mail address and phone number are read; other properties are reported as ignored.

mod read;
mod write;

pub use read::{Card, Rest, cards, is_vcard};
pub use write::{Version, write};
