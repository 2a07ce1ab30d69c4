//! Reads the settings of a program from environment variables, credential files and `.env`, and reports everything that
//! is wrong at once.
//!
//! ```
//! use std::net::{IpAddr, Ipv4Addr, SocketAddr};
//! use nicol_settings::{Environment, Problems, SettingsError};
//!
//! fn listen(env: &Environment) -> Result<SocketAddr, SettingsError> {
//!     let mut problems = Problems::default();
//!     let host = problems.take(env.parse::<IpAddr>("HOST", "an IP address", "set it to 127.0.0.1"));
//!     let port = problems.take(env.parse::<u16>("PORT", "a port", "set it to a number from 1 to 65535"));
//!     let listen = || Some((host?.unwrap_or(Ipv4Addr::LOCALHOST.into()), port?.unwrap_or(3000)).into());
//!     problems.finish(listen())
//! }
//!
//! let env = Environment::of([("HOST", "everywhere"), ("PORT", "x")]);
//! assert_eq!(
//!     listen(&env).unwrap_err().to_string(),
//!     "2 problems in the settings\n\n\
//!      `HOST` is `everywhere`, which is not an IP address\nhelp: set it to 127.0.0.1\n\n\
//!      `PORT` is `x`, which is not a port\nhelp: set it to a number from 1 to 65535"
//! );
//! ```
//!
//! Which settings there are, what they mean and how they depend on each other is up to the program. Only
//! [`Environment::read`] reads the environment of the process.

mod dotenv;
mod dotenv_edit;
mod environment;
mod problems;
mod setting;

pub use dotenv::read_dotenv;
pub use dotenv_edit::{dotenv_lines, restore_dotenv, write_dotenv};
pub use environment::Environment;
pub use problems::{Problems, SettingsError};
pub use setting::{Setting, Source, hide_password};
