//! Shutdown signals: Ctrl-C, and those sent by `docker stop`, systemd and a closing terminal.
//!
//! Code that holds a resource *attends* to signals: it cancels what is running, releases the resource and returns.
//! While nothing attends, a signal ends the process in the default way. A second signal always does.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use nicol_migrate::Error;
use tokio::sync::watch;

/// The signal number of Ctrl-C.
pub(crate) const INTERRUPT: u8 = 2;
/// The offset that shells add to the signal number in the exit code.
const ENDED_BY_SIGNAL: u8 = 128;
/// Signals that arrive within this time count as one: a wrapper forwards what the terminal sent to both, and a shell
/// repeats the terminal's hang-up.
const ONE_REQUEST: Duration = Duration::from_millis(250);

/// A handle on the process's signals.
#[derive(Clone)]
pub(crate) struct Signals(Arc<Shared>);

struct Shared {
    /// The number of the first signal received.
    received: watch::Sender<Option<u8>>,
    is_listening: AtomicBool,
    /// How many callers currently attend.
    attendants: AtomicUsize,
    /// Whether Ctrl-C is left to a program in the foreground.
    has_program: AtomicBool,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            received: watch::Sender::new(None),
            is_listening: AtomicBool::new(false),
            attendants: AtomicUsize::new(0),
            has_program: AtomicBool::new(false),
        }))
    }

    /// Returns the number of the signal received, if any.
    pub(crate) fn received(&self) -> Option<u8> {
        *self.0.received.borrow()
    }

    /// Returns the exit code for a command that a signal ended.
    pub(crate) fn exit_code(&self) -> u8 {
        ENDED_BY_SIGNAL + self.received().unwrap_or(INTERRUPT)
    }

    /// Returns a future that completes at the first signal, immediately if it has already arrived. Until the future
    /// is dropped, the first signal does not end the process.
    pub(crate) fn attend(&self) -> Attendance {
        self.listen();
        self.0.attendants.fetch_add(1, Ordering::Relaxed);
        let mut received = self.0.received.subscribe();
        let wait = Box::pin(async move {
            if received.wait_for(Option::is_some).await.is_err() {
                // The sender lives as long as the attendance.
                std::future::pending::<()>().await;
            }
        });
        Attendance { signals: self.clone(), wait }
    }

    /// Runs a command's work. After a signal, the work is dropped with [`Error::Stopped`], or, while any part of it
    /// attends, continues until that part is done.
    pub(crate) fn guard<'a, T: 'a>(
        &self,
        work: impl Future<Output = anyhow::Result<T>> + 'a,
    ) -> impl Future<Output = anyhow::Result<T>> + 'a {
        // Boxed, because it is large and would make every caller's future large.
        let mut work = Box::pin(work);
        let signals = self.clone();
        let mut attendance = signals.attend();
        let without_parts = signals.attendants();
        let mut is_due = false;
        poll_fn(move |cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(done);
            }
            is_due = is_due || Pin::new(&mut attendance).poll(cx).is_ready();
            if is_due && signals.attendants() == without_parts {
                return Poll::Ready(Err(Error::Stopped.into()));
            }
            Poll::Pending
        })
    }

    /// Leaves Ctrl-C to the program in the foreground, which receives it as well, until the guard is dropped.
    pub(crate) fn leave_to_program(&self) -> ProgramGuard {
        self.0.has_program.store(true, Ordering::Relaxed);
        ProgramGuard(self.clone())
    }

    fn attendants(&self) -> usize {
        self.0.attendants.load(Ordering::Relaxed)
    }

    /// Starts listening, once. If signal handlers cannot be installed, signals keep their default action.
    fn listen(&self) {
        if self.0.is_listening.swap(true, Ordering::Relaxed) {
            return;
        }
        let Ok(mut source) = Source::open() else { return };
        let signals = self.clone();
        tokio::spawn(async move {
            let mut first: Option<Instant> = None;
            loop {
                let number = source.next().await;
                if number == INTERRUPT && signals.0.has_program.load(Ordering::Relaxed) {
                    continue;
                }
                match first {
                    Some(first) if first.elapsed() < ONE_REQUEST => {}
                    None if signals.attendants() > 0 => {
                        first = Some(Instant::now());
                        signals.0.received.send_replace(Some(number));
                    }
                    _ => std::process::exit(i32::from(ENDED_BY_SIGNAL + number)),
                }
            }
        });
    }
}

/// Completes when the reader of standard output is gone: the process that started this one has ended without a signal. Never completes if
/// the output is a file, or where this cannot be told.
pub(crate) async fn reader_is_gone() {
    let (gone, is_gone) = tokio::sync::oneshot::channel();
    #[cfg(unix)]
    std::thread::spawn(move || {
        use rustix::event::{PollFd, PollFlags, poll};
        let output = io::stdout();
        let mut files = [PollFd::new(&output, PollFlags::empty())];
        // Only errors are waited for.
        while matches!(poll(&mut files, None), Err(rustix::io::Errno::INTR)) {}
        if files[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
            let _ = gone.send(());
        }
    });
    #[cfg(not(unix))]
    drop(gone);
    if is_gone.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// See [`Signals::attend`].
pub(crate) struct Attendance {
    signals: Signals,
    wait: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Attendance {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.wait.as_mut().poll(cx)
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.signals.0.attendants.fetch_sub(1, Ordering::Relaxed);
    }
}

/// See [`Signals::leave_to_program`].
pub(crate) struct ProgramGuard(Signals);

impl Drop for ProgramGuard {
    fn drop(&mut self) {
        self.0.0.has_program.store(false, Ordering::Relaxed);
    }
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn open() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => 15,
            _ = self.hang_up.recv() => 1,
        }
    }
}

#[cfg(windows)]
struct Source {
    ctrl_c: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Source {
    fn open() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_c, ctrl_close};
        Ok(Self { ctrl_c: ctrl_c()?, close: ctrl_close()? })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.close.recv() => {}
        }
        INTERRUPT
    }
}
