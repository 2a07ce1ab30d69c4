//! Migrations on a real server.

mod deploy;
mod hazard;
mod interchange;
mod lock;
mod status;
mod support;
