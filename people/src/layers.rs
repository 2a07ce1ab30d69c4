//! What happens to every request and response on its way, from the outside in:
//! access log, security headers, error pages, body limit, time limit, host check.

mod access_log;
mod error_pages;
mod limits;
mod security;

pub(crate) use access_log::access_log;
pub(crate) use error_pages::error_pages;
pub(crate) use limits::{body_limit, timeout};
pub(crate) use security::{CONTENT_SECURITY_POLICY, own_host, security_headers};
