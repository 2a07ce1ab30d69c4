use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::TrustedProxies;

/// How many connections there may be and how long clients may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once (default: 4096). Beyond that an idle one is closed to make room; if there is none, new ones
    /// wait in the kernel's queue.
    pub max_connections: usize,
    /// Connections of one IPv4 address or IPv6 /64 network (default: 1024). Beyond that its own idle ones are closed;
    /// if there is none, new ones are refused.
    pub max_per_address: usize,
    /// Proxies, to which `max_per_address` does not apply: their connections belong to many clients.
    pub trusted_proxies: TrustedProxies,
    /// The time for sending the whole header of a request (default: 10 s).
    pub header_timeout: Duration,
    /// The time for which a connection is kept open without a request (default: 75 s, which is longer than proxies
    /// usually keep theirs, so that they never send into a connection that is being closed).
    pub idle_timeout: Duration,
    /// The time for which a client may leave sent data unacknowledged, because it is gone or does not read (default:
    /// 2 min). Linux only.
    pub stall_timeout: Duration,
    /// The time for the last bytes of a connection that is being closed (default: 2 s).
    pub close_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_per_address: 1024,
            trusted_proxies: TrustedProxies::default(),
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_mins(2),
            close_timeout: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// File descriptors reserved for anything but connections: the database, the log, listeners.
    const RESERVED_FILES: u64 = 128;

    /// Returns the defaults, with fewer connections if the process may not open so many files.
    ///
    /// Raises the soft limit of the process to its hard limit first: the usual soft limit of 1024 is there for programs
    /// that use `select`. A quarter of the connections may come from one address, which may be an office or a proxy
    /// that is not configured.
    pub fn for_this_process() -> Self {
        Self::for_open_files(raise_open_files())
    }

    fn for_open_files(files: Option<u64>) -> Self {
        let usual = Self::default();
        let files = files.map_or(usize::MAX, |files| {
            usize::try_from(files.saturating_sub(Self::RESERVED_FILES)).unwrap_or(usize::MAX)
        });
        let max_connections = usual.max_connections.min(files).max(16);
        Self { max_connections, max_per_address: max_connections / 4, ..usual }
    }
}

/// Raises the limit of open files as far as allowed and returns it; `None` if there is none.
fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_bounded_by_open_files() {
        for (files, connections) in
            [(None, 4096), (Some(1_048_576), 4096), (Some(1024), 896), (Some(64), 16), (Some(0), 16)]
        {
            let limits = Limits::for_open_files(files);
            assert_eq!(
                (limits.max_connections, limits.max_per_address),
                (connections, connections / 4),
                "{files:?}"
            );
        }
    }
}
