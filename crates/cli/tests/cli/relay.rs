//! A relay between a client and the server that counts the client's messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// What happens at a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The client is killed, and the server does not receive the message.
    KillBefore,
    /// The client is killed, and the server receives the message.
    KillAfter,
    /// The server's processes for this database are terminated before they receive the message.
    EndServer,
}

pub(crate) struct Relay {
    url: ConnectionUrl,
    state: Arc<State>,
}

struct State {
    server: ConnectionUrl,
    fault: Option<(usize, Fault)>,
    messages: AtomicUsize,
    /// Whether to kill the client.
    is_due: watch::Sender<bool>,
    /// Whether to close all connections.
    is_cut: watch::Sender<bool>,
}

impl Relay {
    pub(crate) async fn start(server: &ConnectionUrl, fault: Option<(usize, Fault)>) -> Self {
        Self::start_on("127.0.0.1", server, fault).await
    }

    /// Listens on an address of this machine.
    pub(crate) async fn start_on(
        address: &str,
        server: &ConnectionUrl,
        fault: Option<(usize, Fault)>,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).await.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let address = Address::Tcp { name: address.to_owned(), ip: None };
        let url = ConnectionUrl::new(address, port, server.database())
            .with_user(server.user().expect("the server's URL names a user"), server.password())
            .with_parameter("sslmode", "disable")
            .expect("it can be set");
        let state = Arc::new(State {
            server: server.clone(),
            fault,
            messages: AtomicUsize::new(0),
            is_due: watch::Sender::new(false),
            is_cut: watch::Sender::new(false),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, Arc::clone(&shared)));
            }
        });
        Self { url, state }
    }

    /// Returns the URL for the client.
    pub(crate) fn url(&self) -> String {
        self.url.to_url_with_password()
    }

    /// Returns the number of messages, except for the start and end of each connection.
    pub(crate) fn messages(&self) -> usize {
        self.state.messages.load(Ordering::SeqCst)
    }

    pub(crate) async fn kill_is_due(&self) {
        let mut is_due = self.state.is_due.subscribe();
        let _ = is_due.wait_for(|is_due| *is_due).await;
    }

    /// Closes all connections, as if the process had ended.
    pub(crate) fn cut(&self) {
        self.state.is_cut.send_replace(true);
    }
}

async fn connect(client: TcpStream, state: Arc<State>) {
    let host = &state.server.hosts()[0];
    match &host.address {
        Address::Socket(folder) => {
            let path = folder.join(format!(".s.PGSQL.{}", host.port));
            let server = UnixStream::connect(path).await.expect("the server is there");
            let (reads, writes) = server.into_split();
            relay(client, reads, writes, &state).await;
        }
        Address::Tcp { name, .. } => {
            let server = TcpStream::connect((name.as_str(), host.port)).await.expect("the server is there");
            let (reads, writes) = server.into_split();
            relay(client, reads, writes, &state).await;
        }
    }
}

async fn relay(
    client: TcpStream,
    mut server_reads: impl AsyncRead + Unpin,
    mut server_writes: impl AsyncWrite + Unpin,
    state: &State,
) {
    let (mut client_reads, mut client_writes) = client.into_split();
    let mut is_cut = state.is_cut.subscribe();
    let forth = async {
        // The first message has no type before its length.
        let mut head = [0; 4];
        client_reads.read_exact(&mut head).await?;
        forward(&mut client_reads, &mut server_writes, &head).await?;
        loop {
            let mut head = [0; 5];
            client_reads.read_exact(&mut head).await?;
            // Only queries: no passwords and no termination.
            let counts = head[0] == b'Q' || head[0] == b'S';
            let at = if counts { state.messages.fetch_add(1, Ordering::SeqCst) } else { usize::MAX };
            let fault = state.fault.filter(|(place, _)| counts && *place == at).map(|(_, fault)| fault);
            if fault == Some(Fault::EndServer) {
                end_server(&state.server).await;
            }
            if fault != Some(Fault::KillBefore) {
                forward(&mut client_reads, &mut server_writes, &head).await?;
            }
            if matches!(fault, Some(Fault::KillBefore | Fault::KillAfter)) {
                state.is_due.send_replace(true);
                // Nothing is forwarded from here on, in either direction.
                std::future::pending::<()>().await;
            }
        }
        #[allow(unreachable_code, reason = "it gives the block its type")]
        std::io::Result::Ok(())
    };
    let back = async {
        let mut buffer = vec![0; 8192];
        loop {
            let count = server_reads.read(&mut buffer).await?;
            if count == 0 || *state.is_due.borrow() {
                return std::io::Result::Ok(());
            }
            client_writes.write_all(&buffer[..count]).await?;
        }
    };
    tokio::select! {
        _ = forth => {}
        () = async { let _ = back.await; if *state.is_due.borrow() { std::future::pending::<()>().await } } => {}
        _ = is_cut.wait_for(|is_cut| *is_cut) => {}
    }
}

/// Forwards a message whose header has been read; the length includes itself.
async fn forward(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    head: &[u8],
) -> std::io::Result<()> {
    let length = head[head.len() - 4..].try_into().expect("four bytes");
    let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
    from.read_exact(&mut rest).await?;
    to.write_all(&[head, &rest].concat()).await
}

async fn end_server(url: &ConnectionUrl) {
    let (client, connection) =
        nicol_pg::connect(&url.with_database("postgres")).await.expect("the server answers");
    tokio::spawn(connection);
    let database = nicol_pg::quote_literal(url.database());
    let sql =
        format!("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = {database}");
    client.batch_execute(&sql).await.expect("they are ours");
}
