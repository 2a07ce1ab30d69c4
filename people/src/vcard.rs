//! vCard, the format of address books: written as version 4.0, read as 4.0, 3.0 and 2.1.
//!
//! A person has a name, an e-mail address and a phone number; whatever else a card holds is named and left out.

mod read;
mod write;

pub use read::{Card, Cards, cards};
pub use write::write;

/// The content type of what [`write()`] writes.
///
/// Source: RFC 6350, 10.1.
pub const CONTENT_TYPE: &str = "text/vcard; charset=utf-8; version=4.0";
