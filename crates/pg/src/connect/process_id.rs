//! The process id that a connection cancels its statements by.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::CancelToken;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// Returns it, as the server or pooler has told at startup. The driver shows it only in a cancel request, which is recorded here instead of
/// being sent.
pub(super) fn of(token: &CancelToken) -> Option<i32> {
    let mut request = Vec::new();
    {
        let recorded = pin!(token.cancel_query_raw(Recorder(&mut request), NoTls));
        // Nothing in it waits.
        let Poll::Ready(Ok(())) = recorded.poll(&mut Context::from_waker(Waker::noop())) else { return None };
    }
    // Source: PostgreSQL 17 manual, 53.7, "CancelRequest": the process id, then a secret of four bytes.
    let process_id = request.len().checked_sub(8)?;
    request[process_id..].first_chunk().map(|bytes| i32::from_be_bytes(*bytes))
}

/// Records what is written, and accepts TLS.
struct Recorder<'a>(&'a mut Vec<u8>);

impl AsyncRead for Recorder<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Recorder<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Recorder<'_> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Takes the stream as it is for an encrypted one.
struct NoTls;

impl<'a> TlsConnect<Recorder<'a>> for NoTls {
    type Stream = Recorder<'a>;
    type Error = Infallible;
    type Future = Ready<Result<Recorder<'a>, Infallible>>;

    fn connect(self, stream: Recorder<'a>) -> Self::Future {
        ready(Ok(stream))
    }
}
