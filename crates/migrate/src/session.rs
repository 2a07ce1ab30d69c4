//! A connection for migrations, and what is kept or watched over it.

mod connection;
pub(crate) mod lock;
pub(crate) mod store;
pub(crate) mod watch;

pub(crate) use connection::{Missing, Session, literal};
