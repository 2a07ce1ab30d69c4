//! The resources that this process uses, from `/proc`.

use std::fs;

/// Resources in use.
#[derive(Debug)]
pub(super) struct Used {
    /// Memory, in bytes.
    pub(super) memory: usize,
    /// CPU time, in seconds.
    pub(super) cpu: f64,
    /// Open file descriptors.
    pub(super) files: usize,
}

impl Used {
    /// Reads the current values; `None` without `/proc`, as on macOS.
    pub(super) fn now() -> Option<Self> {
        let pages: usize = fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
        Some(Self {
            memory: pages * rustix::param::page_size(),
            cpu: cpu_seconds(&fs::read_to_string("/proc/self/stat").ok()?)?,
            // Reading the folder opens one.
            files: fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1),
        })
    }
}

/// Fields 14 and 15 of `proc_pid_stat(5)`, in ticks. Field 2, the name, may contain spaces and brackets.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut times = rest.split_ascii_whitespace().skip(11);
    let mut ticks = || times.next()?.parse::<u32>().ok();
    let ticks_per_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    Some((f64::from(ticks()?) + f64::from(ticks()?)) / f64::from(ticks_per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_after_any_name() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 3 0 5 6 7";
        let ticks = rustix::param::clock_ticks_per_second();
        let ticks = f64::from(u32::try_from(ticks).unwrap());
        assert!((cpu_seconds(stat).unwrap() - 400.0 / ticks).abs() < 1e-9);
        assert!(cpu_seconds("7 (a").is_none() && cpu_seconds("7 (a) S").is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_memory_and_files() {
        let used = Used::now().unwrap();
        assert!(used.memory > 1_000_000 && used.files >= 3, "{used:?}");
    }
}
