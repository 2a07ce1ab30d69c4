//! Settings for operators: proxies, limits, metrics, traces.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use nicol_server::TrustedProxies;
use nicol_settings::{Environment, Problems, SettingsError};

use crate::traces;

/// How People is operated. None of this changes what it does.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// The proxies in front of People.
    pub trusted_proxies: TrustedProxies,
    /// How many requests an address may make; `None` if they are not limited.
    pub rate_limits: Option<RateLimits>,
    /// The address of the listener for `/metrics`; `None` if there is none.
    pub metrics: Option<SocketAddr>,
    /// Where traces are sent; `None` if they are not.
    pub traces: Option<traces::Settings>,
}

impl Operation {
    pub(super) fn read(env: &Environment, is_development: bool, problems: &mut Problems) -> Self {
        let rate_limits = match env.get("RATE_LIMIT") {
            Some((text, _)) => problems.take(RateLimits::parse(text)).flatten(),
            None => (!is_development).then(RateLimits::default),
        };
        let metrics = env.parse(
            "METRICS_LISTEN",
            "an IP address with a port",
            "set it to one such as `127.0.0.1:9464`",
        );
        Self {
            trusted_proxies: problems.take(trusted_proxies(env)).unwrap_or_default(),
            rate_limits,
            metrics: problems.take(metrics).flatten(),
            traces: problems.take(traces::Settings::read(env, "people")).flatten(),
        }
    }
}

fn trusted_proxies(env: &Environment) -> Result<TrustedProxies, SettingsError> {
    let (text, _) = env.get("TRUSTED_PROXIES").unzip();
    text.unwrap_or_default().parse().map_err(|error| {
        SettingsError::new(format!(
            "`TRUSTED_PROXIES` cannot be used: {error}\n\
             help: list addresses and networks, separated by commas: `127.0.0.1,10.0.0.0/8,fd00::/8`"
        ))
    })
}

/// What a request does, as far as rate limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// Requests or follows a sign-in link.
    SignIn,
    /// May change something.
    Write,
    /// Changes nothing.
    Read,
}

/// How many requests an address may make in a minute, all at once if it likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Sign-in links requested or followed: each may send a mail or be a guess.
    pub sign_in: NonZeroU32,
    /// Requests that may change something.
    pub write: NonZeroU32,
    /// All other requests.
    pub read: NonZeroU32,
}

impl Default for RateLimits {
    /// Generous for an office behind one address, tight for a program that guesses.
    fn default() -> Self {
        let per_minute = |number| NonZeroU32::new(number).expect("the numbers are not zero");
        Self { sign_in: per_minute(20), write: per_minute(300), read: per_minute(3000) }
    }
}

impl RateLimits {
    /// Returns how many requests of a kind an address may make in a minute.
    pub fn of(&self, kind: RequestKind) -> NonZeroU32 {
        match kind {
            RequestKind::SignIn => self.sign_in,
            RequestKind::Write => self.write,
            RequestKind::Read => self.read,
        }
    }

    /// Parses `off`, `on`, or limits that differ from the defaults: `sign-in=5,read=600`.
    ///
    /// # Errors
    /// [`SettingsError`] that names each entry that is not a limit.
    pub fn parse(text: &str) -> Result<Option<Self>, SettingsError> {
        match text {
            "off" | "0" | "false" => return Ok(None),
            "on" | "1" | "true" => return Ok(Some(Self::default())),
            _ => {}
        }
        let (mut limits, mut invalid) = (Self::default(), Vec::new());
        for entry in text.split(',').map(str::trim) {
            let number = entry.split_once('=').and_then(|(name, number)| {
                let limit = match name.trim() {
                    "sign-in" => &mut limits.sign_in,
                    "write" => &mut limits.write,
                    "read" => &mut limits.read,
                    _ => return None,
                };
                *limit = number.trim().parse().ok()?;
                Some(())
            });
            if number.is_none() {
                invalid.push(format!("`{entry}`"));
            }
        }
        if invalid.is_empty() {
            return Ok(Some(limits));
        }
        Err(SettingsError::new(format!(
            "`RATE_LIMIT` cannot be used: {} is not a limit\n\
             help: set it to `on`, `off`, or requests per minute and address: `{}`",
            invalid.join(" or "),
            Self::default()
        )))
    }
}

impl fmt::Display for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sign-in={},write={},read={}", self.sign_in, self.write, self.read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_on_off_or_numbers() {
        assert_eq!(RateLimits::parse("off").unwrap(), None);
        assert_eq!(RateLimits::parse("on").unwrap(), Some(RateLimits::default()));
        let limits = RateLimits::parse("sign-in=5, read = 60").unwrap().unwrap();
        assert_eq!(limits.to_string(), "sign-in=5,write=300,read=60");
        assert_eq!(RateLimits::parse(&limits.to_string()).unwrap(), Some(limits));
        for wrong in ["yes", "read=0", "read=-1", "reads=5", "read", "read=99999999999", ","] {
            let error = RateLimits::parse(wrong).unwrap_err().to_string();
            assert!(error.contains("`RATE_LIMIT`") && error.contains("help:"), "{wrong}: {error}");
        }
    }
}
