//! What goes on on a connection, as far as the watchdog needs to know.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Version;
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::Limits;

/// The state of a connection, shared by its stream, its requests and the watchdog.
#[derive(Clone)]
pub(crate) struct Activity(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    slot_needed: Notify,
}

struct State {
    /// Requests whose responses are not complete.
    in_flight: usize,
    /// Whether part of a request's header was received.
    is_reading: bool,
    is_http2: bool,
    /// When the three above last changed.
    since: Instant,
    closing_since: Option<Instant>,
}

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    /// Close it in order, after the requests in flight.
    Close,
    /// Drop it as it is.
    Drop,
}

impl Activity {
    /// A new connection, whose time for the first request's header starts now.
    pub(crate) fn new() -> Self {
        let state = State {
            in_flight: 0,
            is_reading: true,
            is_http2: false,
            since: Instant::now(),
            closing_since: None,
        };
        Self(Arc::new(Shared { state: Mutex::new(state), slot_needed: Notify::new() }))
    }

    /// Notes a request, which is in flight until the guard is dropped.
    pub(crate) fn begin(&self, version: Version) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.is_reading = false;
        state.is_http2 = version == Version::HTTP_2;
        drop(state);
        InFlight(self.clone())
    }

    /// Notes that the connection is being closed in order.
    pub(crate) fn close(&self) {
        self.state().closing_since.get_or_insert_with(Instant::now);
    }

    /// Asks the connection to give up its slot.
    pub(crate) fn evict(&self) {
        self.close();
        self.0.slot_needed.notify_one();
    }

    /// Waits until the slot is needed. A header that is not complete by then is not waited for.
    pub(crate) async fn slot_needed(&self) -> Verdict {
        self.0.slot_needed.notified().await;
        let state = self.state();
        let is_half_open = state.in_flight == 0 && state.is_reading && !state.is_http2;
        if is_half_open { Verdict::Drop } else { Verdict::Close }
    }

    /// The time without a request; `None` while one is in flight or the connection is being closed.
    pub(crate) fn idle_for(&self) -> Option<Duration> {
        let state = self.state();
        (state.in_flight == 0 && state.closing_since.is_none()).then(|| state.since.elapsed())
    }

    /// Whether the connection is being closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.state().closing_since.is_some()
    }

    pub(crate) fn verdict(&self, limits: &Limits) -> Verdict {
        let state = self.state();
        if state.in_flight > 0 {
            return Verdict::Keep;
        }
        let quiet = state.since.elapsed();
        match state.closing_since {
            Some(closing) if quiet.min(closing.elapsed()) >= limits.close_timeout => Verdict::Drop,
            // HTTP/2 also has frames that belong to no request.
            None if state.is_reading && !state.is_http2 && quiet >= limits.header_timeout => Verdict::Drop,
            None if quiet >= limits.idle_timeout => Verdict::Close,
            Some(_) | None => Verdict::Keep,
        }
    }

    fn received(&self) {
        let mut state = self.state();
        if state.in_flight == 0 && !state.is_reading && !state.is_http2 {
            state.is_reading = true;
            state.since = Instant::now();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight.
pub(crate) struct InFlight(Activity);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        state.since = Instant::now();
    }
}

/// A response's body, which keeps its request in flight until the end of the body.
pub(crate) struct Tracked<B> {
    pub(crate) body: Pin<Box<B>>,
    pub(crate) in_flight: Option<InFlight>,
}

impl<B: Body> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let polled = self.body.as_mut().poll_frame(ctx);
        if matches!(polled, Poll::Ready(None)) {
            self.in_flight = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that notes when something is received.
pub(crate) struct Watched<T> {
    pub(crate) stream: T,
    pub(crate) activity: Activity,
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(ctx, into);
        if into.filled().len() > before {
            self.activity.received();
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(ctx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(ctx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(ctx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP: Version = Version::HTTP_11;

    async fn after(activity: &Activity, seconds: u64) -> Verdict {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        activity.verdict(&Limits::default())
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_has_a_time_limit_however_slowly_it_comes() {
        let silent = Activity::new();
        assert_eq!(after(&silent, 9).await, Verdict::Keep);
        silent.received();
        assert_eq!(after(&silent, 1).await, Verdict::Drop, "a byte now and then does not help");

        let second = Activity::new();
        drop(second.begin(HTTP));
        assert_eq!(after(&second, 60).await, Verdict::Keep, "kept open for the next request");
        second.received();
        assert_eq!(after(&second, 9).await, Verdict::Keep);
        assert_eq!(after(&second, 1).await, Verdict::Drop);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_in_flight_are_never_dropped() {
        let activity = Activity::new();
        let in_flight = activity.begin(HTTP);
        assert_eq!(after(&activity, 3600).await, Verdict::Keep);
        activity.close();
        assert_eq!(after(&activity, 3600).await, Verdict::Keep);
        drop(in_flight);
        assert_eq!(after(&activity, 1).await, Verdict::Keep, "its last bytes are being sent");
        assert_eq!(after(&activity, 1).await, Verdict::Drop);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed() {
        for version in [HTTP, Version::HTTP_2] {
            let activity = Activity::new();
            drop(activity.begin(version));
            if version == Version::HTTP_2 {
                activity.received();
            }
            assert_eq!(after(&activity, 74).await, Verdict::Keep);
            assert_eq!(after(&activity, 1).await, Verdict::Close);
            activity.close();
            assert_eq!(after(&activity, 2).await, Verdict::Drop);
        }
    }
}
