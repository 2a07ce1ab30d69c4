//! Cancels statements.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::ConnectError;
use super::process_id;
use crate::url::{Address, ConnectionUrl, Host};

/// What it takes to cancel the statements of a connection: [`Connector::cancel`](super::Connector::cancel).
#[derive(Clone)]
pub struct CancelHandle {
    token: CancelToken,
    host: Host,
    ip: Option<IpAddr>,
    process_id: Option<i32>,
}

impl CancelHandle {
    pub(super) fn new(client: &Client, host: &Host, ip: Option<IpAddr>) -> Self {
        let token = client.cancel_token();
        let process_id = process_id::of(&token);
        Self { token, host: host.clone(), ip, process_id }
    }

    pub(super) fn process_id(&self) -> Option<i32> {
        self.process_id
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// Sends the request and waits until the server closes the connection.
    pub(super) async fn send(
        &self,
        url: &ConnectionUrl,
        tls: &MakeRustlsConnect,
    ) -> Result<(), ConnectError> {
        let failed = |source: io::Error| ConnectError::Unreachable {
            host: self.host.to_string(),
            source: source.into(),
        };
        match (&self.host.address, self.ip) {
            (Address::Socket(folder), _) => {
                let path = folder.join(format!(".s.PGSQL.{}", self.host.port));
                self.send_on(UnixStream::connect(path).await.map_err(failed)?, "", url, tls).await
            }
            (Address::Tcp { name, .. }, Some(ip)) => {
                let stream = TcpStream::connect((ip, self.host.port)).await.map_err(failed)?;
                self.send_on(stream, name, url, tls).await
            }
            (Address::Tcp { name, .. }, None) => {
                let stream = TcpStream::connect((name.as_str(), self.host.port)).await.map_err(failed)?;
                self.send_on(stream, name, url, tls).await
            }
        }
    }

    async fn send_on<S>(
        &self,
        stream: S,
        name: &str,
        url: &ConnectionUrl,
        tls: &MakeRustlsConnect,
    ) -> Result<(), ConnectError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut tls = tls.clone();
        let tls = MakeTlsConnect::<Patient<S>>::make_tls_connect(&mut tls, name);
        let tls = tls.map_err(|error| ConnectError::Unreachable {
            host: self.host.to_string(),
            source: error.into(),
        })?;
        let sent = self.token.cancel_query_raw(Patient(stream), tls).await;
        sent.map_err(|error| ConnectError::from_driver(error, url, &self.host))
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelHandle").field("host", &self.host).finish_non_exhaustive()
    }
}

/// A stream that is not closed before the other end closes it, as libpq does. PgBouncer 1.18 crashes if a client leaves while its request is
/// being passed on.
struct Patient<S>(S);

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut bytes = [0; 256];
            let mut buffer = ReadBuf::new(&mut bytes);
            // However the other end closes it, the request has been sent.
            if ready!(Pin::new(&mut self.0).poll_read(context, &mut buffer)).is_err()
                || buffer.filled().is_empty()
            {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
