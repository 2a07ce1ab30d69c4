//! A studio over HTTP and in a browser.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod browser;
mod changes;
mod million;
mod reading;
mod support;
mod values;
