//! A proxy between a client and the server that breaks a connection at a chosen message.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nicol_pg::ConnectionUrl;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A proxy that forwards the messages of PostgreSQL's protocol, on the current runtime, until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    url: ConnectionUrl,
    plan: Arc<Plan>,
    task: JoinHandle<()>,
}

/// The direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Direction {
    ToServer,
    ToClient,
}

/// What happens to a connection at a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed in place of the message.
    Cut,
    /// The connection is closed in the middle of the message.
    Truncate,
    /// Neither the message nor a later one in its direction arrives.
    Stall,
}

#[derive(Debug, Default)]
struct Plan {
    next: Mutex<Option<(Direction, Fault, usize)>>,
    struck: Notify,
    round_trips: AtomicUsize,
    has_answered: AtomicBool,
}

impl Plan {
    /// Counts a message and returns the fault that strikes it.
    fn strike(&self, direction: Direction) -> Option<Fault> {
        if direction == Direction::ToClient {
            self.has_answered.store(true, Ordering::SeqCst);
        } else if self.has_answered.swap(false, Ordering::SeqCst) {
            self.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &mut *next {
            Some((planned, fault, 0)) if *planned == direction => {
                let fault = *fault;
                *next = None;
                self.struck.notify_one();
                Some(fault)
            }
            Some((planned, _, before)) if *planned == direction => {
                *before -= 1;
                None
            }
            _ => None,
        }
    }
}

impl Proxy {
    /// Starts a proxy to the server of the URL.
    pub async fn start(server: &ConnectionUrl) -> Self {
        assert!(
            !server.is_tls_required(),
            "a proxy cannot read an encrypted protocol: use `TestDatabase::direct_url`"
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let url = ConnectionUrl::parse(&format!("postgresql://127.0.0.1:{port}/?sslmode=disable"));
        let url = url.expect("a valid URL").with_database(server.database());
        let url = url.with_user(server.user().unwrap_or("postgres"), server.password());
        let plan = Arc::new(Plan::default());
        let (address, shared) = (server.hosts()[0].to_string(), Arc::clone(&plan));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Each message is passed on at once.
                let _ = client.set_nodelay(true);
                tokio::spawn(relay(client, address.clone(), Arc::clone(&shared)));
            }
        });
        Self { url, plan, task }
    }

    /// Returns the URL of the database through the proxy, with the password.
    pub fn url_text(&self) -> String {
        self.url.to_url_with_password()
    }

    /// Plans a fault for the message after the next `before` messages of a direction, on whichever connection it is.
    pub fn plan(&self, direction: Direction, fault: Fault, before: usize) {
        *self.next() = Some((direction, fault, before));
    }

    /// Returns how often a client has sent something after the server had answered, since this was last asked. With several connections at once,
    /// the number means nothing.
    pub fn round_trips(&self) -> usize {
        self.plan.round_trips.swap(0, Ordering::SeqCst)
    }

    /// Drops the plan and returns whether the fault has struck.
    pub fn has_struck(&self) -> bool {
        self.next().take().is_none()
    }

    /// Waits until a planned fault strikes.
    pub async fn struck(&self) {
        // An earlier fault may have been waited for by nobody.
        while self.next().is_some() {
            self.plan.struck.notified().await;
        }
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Option<(Direction, Fault, usize)>> {
        self.plan.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Forwards both directions until either ends, and then closes both connections.
async fn relay(client: TcpStream, address: String, plan: Arc<Plan>) {
    let (from_client, to_client) = client.into_split();
    if address.starts_with('/') {
        let Ok(server) = UnixStream::connect(address).await else { return };
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            _ = forward(from_client, to_server, Direction::ToServer, &plan) => {}
            _ = forward(from_server, to_client, Direction::ToClient, &plan) => {}
        }
    } else {
        let Ok(server) = TcpStream::connect(address).await else { return };
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            _ = forward(from_client, to_server, Direction::ToServer, &plan) => {}
            _ = forward(from_server, to_client, Direction::ToClient, &plan) => {}
        }
    }
}

async fn forward(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    plan: &Plan,
) -> std::io::Result<()> {
    // A client's first message has no type before its length.
    let mut from = BufReader::new(from);
    let mut kind = usize::from(direction == Direction::ToClient);
    loop {
        let mut message = vec![0; kind + 4];
        from.read_exact(&mut message).await?;
        let length = message[kind..].iter().fold(0, |length, byte| (length << 8) | usize::from(*byte));
        message.resize(kind + length.max(4), 0);
        from.read_exact(&mut message[kind + 4..]).await?;
        kind = 1;
        match plan.strike(direction) {
            None => to.write_all(&message).await?,
            Some(Fault::Cut) => return Ok(()),
            Some(Fault::Truncate) => return to.write_all(&message[..message.len() / 2]).await,
            Some(Fault::Stall) => {
                // Ends when the sender closes the connection.
                while from.read(&mut message).await? > 0 {}
                return Ok(());
            }
        }
    }
}
