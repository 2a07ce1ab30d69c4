//! Shared test helpers: a database for each test, golden files, the reference, a browser.
//!
//! ```no_run
//! # async fn run() {
//! let database = testkit::TestDatabase::create().await;
//! let client = database.connect().await;
//! client.batch_execute("create table t (id int)").await.unwrap();
//! # }
//! ```
//!
//! Nothing needs to be set up by hand, and nothing is skipped silently: if PostgreSQL, the reference or the browser is
//! missing, the test fails and says what to install. All functions panic instead of returning errors.
//!
//! The feature `browser` adds a headless Chromium.

#![allow(clippy::missing_panics_doc, reason = "every function here fails its test by panicking")]

#[cfg(feature = "browser")]
pub mod browser;
mod certificate;
mod database;
mod golden;
mod memory;
mod neon_api;
mod oidc_provider;
mod patroni;
mod pooler;
mod private_server;
mod proxy;
mod reference;
mod route;
mod rustc;
mod server;
mod standby;
mod tls_server;

pub use certificate::{Authority, Certificate};
pub use database::TestDatabase;
pub use golden::{check_file, for_each_case};
pub use memory::base as fast_folder;
pub use neon_api::NeonApi;
pub use oidc_provider::OidcProvider;
pub use patroni::Patroni;
pub use pooler::{Pooler, Prepared};
pub use private_server::{PrivateServer, Stop};
pub use proxy::{Direction, Fault, Proxy};
pub use reference::{axe, reference, reference_command};
pub use rustc::rustc;
pub use standby::{Member, Standby};
pub use tls_server::{TlsOptions, TlsServer, WITH_PASSWORD};
