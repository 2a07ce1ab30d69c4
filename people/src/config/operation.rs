//! Settings for whoever runs People: proxies, limits, metrics, traces.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use nicol_server::TrustedProxies;

use super::{ConfigError, Environment, Problems, TraceSettings, one};

/// How People is run, which changes nothing of what it does.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// Who may say for whom a request is.
    pub trusted_proxies: TrustedProxies,
    /// How much one address may ask for; without it, as much as it likes.
    pub rate_limits: Option<RateLimits>,
    /// Where `/metrics` is; without it, nowhere.
    pub metrics: Option<SocketAddr>,
    /// Where traces go; without it, nowhere.
    pub traces: Option<TraceSettings>,
}

impl Operation {
    pub(super) fn read(env: &Environment, is_development: bool, problems: &mut Problems) -> Self {
        let trusted_proxies = env.get("TRUSTED_PROXIES").map(|(text, _)| {
            text.parse::<TrustedProxies>().map_err(|error| {
                one(format!(
                    "`TRUSTED_PROXIES` cannot be used: {error}\n\
                     help: list those of your proxies, separated by commas: `127.0.0.1,10.0.0.0/8,fd00::/8`"
                ))
            })
        });
        let rate_limits = match env.get("RATE_LIMIT") {
            Some((text, _)) => problems.take(RateLimits::parse(text)).flatten(),
            None => (!is_development).then(RateLimits::default),
        };
        Self {
            trusted_proxies: trusted_proxies.and_then(|parsed| problems.take(parsed)).unwrap_or_default(),
            rate_limits,
            metrics: problems.take(socket_address(env, "METRICS_LISTEN")).flatten(),
            traces: problems.take(TraceSettings::read(env)).flatten(),
        }
    }
}

/// How many requests one address may make in a minute. They may come all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Links asked for and followed: each may send a mail, and guesses are made here.
    pub sign_in: NonZeroU32,
    /// Whatever changes something.
    pub write: NonZeroU32,
    /// Everything else.
    pub read: NonZeroU32,
}

impl Default for RateLimits {
    /// Generous for an office behind one address, tight for a program that tries things out.
    fn default() -> Self {
        let per_minute = |number| NonZeroU32::new(number).expect("the numbers below are not zero");
        Self { sign_in: per_minute(20), write: per_minute(300), read: per_minute(3000) }
    }
}

impl RateLimits {
    /// `off`, `on`, or numbers that differ from the usual ones: `sign-in=5,read=600`.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> Result<Option<Self>, ConfigError> {
        match text {
            "off" | "0" | "false" => return Ok(None),
            "on" | "1" | "true" => return Ok(Some(Self::default())),
            _ => {}
        }
        let mut limits = Self::default();
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
                return Err(one(format!(
                    "`RATE_LIMIT` has `{entry}`, which is no limit\n\
                     help: set it to `on`, `off`, or requests in a minute from one address: `{}`",
                    Self::default()
                )));
            }
        }
        Ok(Some(limits))
    }
}

impl fmt::Display for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sign-in={},write={},read={}", self.sign_in, self.write, self.read)
    }
}

/// An address with a port.
pub(super) fn socket_address(env: &Environment, name: &str) -> Result<Option<SocketAddr>, ConfigError> {
    let Some((text, _)) = env.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        one(format!(
            "`{name}` is `{text}`, which is not an address with a port\nhelp: set it to one, such as `127.0.0.1:9464`"
        ))
    })
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
