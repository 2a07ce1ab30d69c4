use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Error, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::cancel::CancelHandle;

type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
type OnMessage = Box<dyn FnMut(AsyncMessage) + Send>;

/// The half of a connection that does the I/O. Spawn it: the client waits for it. It resolves when the connection
/// ends, with the reason if the client did not close it.
///
/// Notices from the server are dropped and not logged, because they may contain values.
#[must_use = "nothing moves until the connection is spawned or polled"]
pub struct Connection {
    inner: tokio_postgres::Connection<Socket, Stream>,
    on_message: Option<OnMessage>,
    cancel: CancelHandle,
}

impl Connection {
    pub(super) fn new(inner: tokio_postgres::Connection<Socket, Stream>, cancel: CancelHandle) -> Self {
        Self { inner, on_message: None, cancel }
    }

    /// Passes every notification (`LISTEN`) and notice to `receive`, which must not block.
    pub fn on_message(self, receive: impl FnMut(AsyncMessage) + Send + 'static) -> Self {
        Self { on_message: Some(Box::new(receive)), ..self }
    }

    /// Returns the process id to cancel statements by. If `pg_backend_pid()` is another, there is a pooler or a proxy in between.
    pub fn process_id(&self) -> Option<i32> {
        self.cancel.process_id()
    }

    /// Returns what it takes to cancel the statements of this connection.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// Returns a parameter that the server reported at startup, such as `server_version`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.inner.parameter(name)
    }
}

impl Future for Connection {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some(message) = ready!(self.inner.poll_message(cx)?) {
            if let Some(receive) = &mut self.on_message {
                receive(message);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
