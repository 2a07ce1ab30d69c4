//! People beside the original: a Next.js application with Auth.js and Prisma's adapter, on one database, with one secret.
//!
//! It is run by `cargo xtask test interop`, which installs and builds `people/tests/nextjs`; the usual test run leaves it out.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../it/guest.rs"]
mod guest;
#[path = "../it/running.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod running;
#[path = "../it/smtp_server.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod smtp_server;

mod both;
mod browser;
mod odd;
mod pair;
mod react;
mod rows;
