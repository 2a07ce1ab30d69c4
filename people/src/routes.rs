//! The handlers, by what they are about.

pub(crate) mod account;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod mailbox;
pub(crate) mod people;
