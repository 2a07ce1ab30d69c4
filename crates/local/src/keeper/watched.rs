//! Notices the end of the server's process at once, also of one that another process has started.

use tokio::sync::oneshot::Receiver;

/// The server's process. On systems other than Linux, its end is noticed at the keeper's next look.
#[derive(Debug, Default)]
pub(super) struct Watched(Option<(u32, Receiver<()>)>);

impl Watched {
    /// Watches this process from now on.
    pub(super) fn watch(&mut self, pid: Option<u32>) {
        if self.0.as_ref().map(|(watched, _)| *watched) != pid {
            // If it has ended already, or cannot be watched, the next look notices it.
            self.0 = pid.and_then(|pid| Some((pid, on_end(pid)?)));
        }
    }

    /// Waits for the end of the process; forever, if none is watched.
    pub(super) async fn ended(&mut self) {
        let Some((_, ended)) = &mut self.0 else { return std::future::pending().await };
        let _ = ended.await;
        self.0 = None;
    }
}

/// Returns what completes at the end of the process. A thread waits for that.
#[cfg(target_os = "linux")]
fn on_end(pid: u32) -> Option<Receiver<()>> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    let process = pidfd_open(Pid::from_raw(i32::try_from(pid).ok()?)?, PidfdFlags::empty()).ok()?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut handles = [PollFd::new(&process, PollFlags::IN)];
        while poll(&mut handles, None) == Err(rustix::io::Errno::INTR) {}
        drop(sender);
    });
    Some(receiver)
}

#[cfg(not(target_os = "linux"))]
fn on_end(_pid: u32) -> Option<Receiver<()>> {
    None
}
