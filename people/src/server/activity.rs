//! What goes on on one connection, as far as a watchdog has to know.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::Version;
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Limits;

/// Shared by all that belongs to a connection.
#[derive(Clone)]
pub(super) struct Activity(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    room_wanted: Notify,
}

struct State {
    /// Requests whose answers are not complete.
    under_way: usize,
    /// Whether something was received that is no request yet.
    is_reading: bool,
    is_http2: bool,
    /// Since when the above is so.
    since: Instant,
    leaving_since: Option<Instant>,
}

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All is well.
    Keep,
    /// It is to be closed in order.
    Leave,
    /// It is to be dropped.
    Cut,
}

impl Activity {
    /// Whoever connects has something to say: the time for the first request runs at once.
    pub(super) fn new() -> Self {
        let state = State {
            under_way: 0,
            is_reading: true,
            is_http2: false,
            since: Instant::now(),
            leaving_since: None,
        };
        Self(Arc::new(Shared { state: Mutex::new(state), room_wanted: Notify::new() }))
    }

    /// A request has come in. It is under way until the guard is dropped.
    pub(super) fn begin(&self, version: Version) -> UnderWay {
        let mut state = self.state();
        state.under_way += 1;
        state.is_reading = false;
        state.is_http2 = version == Version::HTTP_2;
        drop(state);
        UnderWay(self.clone())
    }

    /// The connection is being closed in order.
    pub(super) fn leave(&self) {
        self.state().leaving_since.get_or_insert_with(Instant::now);
    }

    /// Asks the connection to make room for another one.
    pub(super) fn make_room(&self) {
        self.leave();
        self.0.room_wanted.notify_one();
    }

    /// Waits until room is wanted, and says what to do for it: what is no request yet is not waited for.
    pub(super) async fn room_wanted(&self) -> Verdict {
        self.0.room_wanted.notified().await;
        let state = self.state();
        let is_half_open = state.under_way == 0 && state.is_reading && !state.is_http2;
        if is_half_open { Verdict::Cut } else { Verdict::Leave }
    }

    /// How long nothing has been asked; `None` while something is, or the connection is being closed.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        let state = self.state();
        (state.under_way == 0 && state.leaving_since.is_none()).then(|| state.since.elapsed())
    }

    /// Whether the connection is being closed.
    pub(super) fn is_leaving(&self) -> bool {
        self.state().leaving_since.is_some()
    }

    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        let state = self.state();
        if state.under_way > 0 {
            return Verdict::Keep;
        }
        let quiet = state.since.elapsed();
        match state.leaving_since {
            Some(leaving) if quiet.min(leaving.elapsed()) >= limits.linger => Verdict::Cut,
            // HTTP/2 sends frames that belong to no request, too.
            None if state.is_reading && !state.is_http2 && quiet >= limits.head => Verdict::Cut,
            None if quiet >= limits.idle => Verdict::Leave,
            Some(_) | None => Verdict::Keep,
        }
    }

    fn received(&self) {
        let mut state = self.state();
        if state.under_way == 0 && !state.is_reading && !state.is_http2 {
            state.is_reading = true;
            state.since = Instant::now();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way.
pub(super) struct UnderWay(Activity);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        state.since = Instant::now();
    }
}

/// The body of an answer. The request is under way as long as somebody holds it.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) under_way: Option<UnderWay>,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(ctx);
        if matches!(polled, Poll::Ready(None)) {
            self.under_way = None;
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
pub(super) struct Watched<T> {
    pub(super) stream: T,
    pub(super) activity: Activity,
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
    async fn who_says_nothing_is_cut_and_who_says_it_slowly_too() {
        let silent = Activity::new();
        assert_eq!(after(&silent, 9).await, Verdict::Keep);
        silent.received();
        assert_eq!(after(&silent, 1).await, Verdict::Cut, "a byte now and then does not help");

        let second = Activity::new();
        drop(second.begin(HTTP));
        assert_eq!(after(&second, 60).await, Verdict::Keep, "kept open for the next request");
        second.received();
        assert_eq!(after(&second, 9).await, Verdict::Keep);
        assert_eq!(after(&second, 1).await, Verdict::Cut);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_under_way_are_never_cut() {
        let activity = Activity::new();
        let under_way = activity.begin(HTTP);
        assert_eq!(after(&activity, 3600).await, Verdict::Keep);
        activity.leave();
        assert_eq!(after(&activity, 3600).await, Verdict::Keep);
        drop(under_way);
        assert_eq!(after(&activity, 1).await, Verdict::Keep, "its last bytes are on their way");
        assert_eq!(after(&activity, 1).await, Verdict::Cut);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_nothing_to_ask_is_asked_to_leave() {
        for version in [HTTP, Version::HTTP_2] {
            let activity = Activity::new();
            drop(activity.begin(version));
            if version == Version::HTTP_2 {
                activity.received();
            }
            assert_eq!(after(&activity, 74).await, Verdict::Keep);
            assert_eq!(after(&activity, 1).await, Verdict::Leave);
            activity.leave();
            assert_eq!(after(&activity, 2).await, Verdict::Cut);
        }
    }
}
