//! The event stream of one open page.

use std::time::Duration;

use axum::http::HeaderMap;
use nicol_auth::Auth;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Live, Seat, Signal};

/// How long a look at the session may take; after that it is tried again later.
const PATIENCE: Duration = Duration::from_secs(5);

/// A message to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// The stream is open.
    Ready,
    /// Something has changed, or may have.
    Change,
    /// All is well.
    Heartbeat,
    /// The session has ended, and so does the stream.
    SignedOut,
}

/// The messages for one page. It ends when People stops or the session does.
pub(crate) struct Stream {
    live: Live,
    signal: watch::Receiver<Signal>,
    auth: Auth,
    headers: HeaderMap,
    _seat: Seat,
    phase: Phase,
    /// Whether there is a change to pass on.
    is_pending: bool,
    next_change: Instant,
    checked: Instant,
    next_check: Instant,
}

#[derive(Clone, Copy)]
enum Phase {
    Opening,
    Open,
    Over,
}

impl Stream {
    /// Opens a stream for a request with a valid session, from a page that knows all changes up to a [mark](Live::mark).
    pub(crate) fn open(live: Live, seat: Seat, auth: Auth, headers: HeaderMap, since: Option<&str>) -> Self {
        let signal = live.subscribe();
        let now = Instant::now();
        // Something may have happened since the page was made. If changes are not being followed yet, they will be
        // announced as soon as they are.
        let now_at = *signal.borrow();
        let is_pending = now_at.is_following && since != Some(&live.0.mark(now_at));
        let next_check = now + live.0.limits.check;
        Self {
            live,
            signal,
            auth,
            headers,
            _seat: seat,
            phase: Phase::Opening,
            is_pending,
            next_change: now,
            checked: now,
            next_check,
        }
    }

    /// The next message; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        match self.phase {
            Phase::Opening => {
                self.phase = Phase::Open;
                return Some(Message::Ready);
            }
            Phase::Open => {}
            Phase::Over => return None,
        }
        let mut stopping = self.live.0.stopping.subscribe();
        let message = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => None,
            message = self.advance() => Some(message),
        };
        if matches!(message, None | Some(Message::SignedOut)) {
            self.phase = Phase::Over;
        }
        message
    }

    async fn advance(&mut self) -> Message {
        let limits = self.live.0.limits;
        let heartbeat = Instant::now() + limits.heartbeat;
        loop {
            tokio::select! {
                biased;
                () = sleep_until(self.next_check) => {
                    if !self.is_signed_in().await {
                        return Message::SignedOut;
                    }
                }
                // The sender is in `self.live`, so that it cannot have gone.
                _ = self.signal.changed(), if !self.is_pending => self.is_pending = true,
                () = sleep_until(self.next_change), if self.is_pending => {
                    if self.checked.elapsed() >= limits.checked_within && !self.is_signed_in().await {
                        return Message::SignedOut;
                    }
                    // Later changes are reported separately.
                    self.signal.borrow_and_update();
                    self.is_pending = false;
                    self.next_change = Instant::now() + limits.pace;
                    return Message::Change;
                }
                () = sleep_until(heartbeat) => return Message::Heartbeat,
            }
        }
    }

    /// Looks whether the session still counts, without extending it. While the database is away nobody knows, and a
    /// stream tells nothing but that there is something to fetch: it stays.
    async fn is_signed_in(&mut self) -> bool {
        let limits = &self.live.0.limits;
        let found = timeout(PATIENCE, self.auth.look(&self.headers)).await;
        let now = Instant::now();
        match found {
            Ok(Ok(None)) => return false,
            Ok(Ok(Some(_))) => {
                self.checked = now;
                self.next_check = now + limits.check;
            }
            Ok(Err(_)) | Err(_) => self.next_check = now + limits.check.min(PATIENCE),
        }
        true
    }
}
