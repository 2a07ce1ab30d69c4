//! Migrations on a real server.

mod beyond;
mod cast;
mod dependent;
mod deploy;
mod drift;
mod hazard;
mod interchange;
mod introspect;
mod lock;
mod pieces;
mod pull;
mod rename;
mod roundtrip;
mod status;
mod support;
