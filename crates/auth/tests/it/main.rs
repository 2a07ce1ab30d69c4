//! Sign-in as a browser, a script and an application see it.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod account;
mod adapters;
mod attacks;
mod axum_routes;
mod crossing;
mod guide;
mod magic_link;
mod provider;
mod provider_attacks;
mod provider_reference;
mod real_provider;
mod reference;
mod session_list;
mod smtp;
mod support;
mod user_session;
