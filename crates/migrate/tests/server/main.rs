//! Migrations on a real server.

mod deploy;
mod interchange;
mod lock;
mod status;
mod support;
