//! What happens to every request and response on its way, from the outside in: normal path, client address, traces, metrics, access log, security headers, compression, error pages, rate limit, body limit, time limit, host check.

mod access_log;
mod client_address;
mod compression;
mod error_pages;
mod limits;
mod metrics;
mod rate_limit;
mod security;

pub(crate) use access_log::access_log;
pub(crate) use client_address::client_address;
pub(crate) use compression::{compression, compression_for_own_pages};
pub(crate) use error_pages::error_pages;
pub(crate) use limits::{body_limit, timeout};
pub(crate) use metrics::metrics;
pub(crate) use rate_limit::rate_limit;
pub(crate) use security::{own_host, security_headers};
