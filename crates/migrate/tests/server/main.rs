//! Migrations on a real server.

mod deploy;
mod interchange;
mod lock;
mod roundtrip;
mod status;
mod support;
