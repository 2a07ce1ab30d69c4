//! A proxy between a client and the server that breaks a connection at a chosen message, or all of them at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use nicol_pg::ConnectionUrl;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// A proxy that forwards the messages of PostgreSQL's protocol, on the current runtime, until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    url: ConnectionUrl,
    plan: Arc<Plan>,
    network: watch::Sender<Network>,
    connections: Arc<Mutex<Vec<Weak<Notify>>>>,
    task: JoinHandle<()>,
}

/// What happens to all connections.
#[derive(Debug, Clone)]
struct Network {
    /// Where new connections lead.
    server: String,
    refuses: bool,
    /// Whether nothing arrives, not even the end of a connection.
    is_black_hole: bool,
    /// How long each message takes in addition.
    delay: Duration,
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
    /// The receiver sees the end of the connection, in place of the message. The other direction stays open.
    HalfClose,
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
        let mut next = lock(&self.next);
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
            "a proxy cannot read an encrypted protocol: use `TestDatabase::plaintext_url`"
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let url = ConnectionUrl::parse(&format!("postgresql://127.0.0.1:{port}/?sslmode=disable"));
        let url = url.expect("a valid URL").with_database(server.database());
        let url = url.with_user(server.user().unwrap_or("postgres"), server.password());
        let (plan, connections) = (Arc::new(Plan::default()), Arc::new(Mutex::new(Vec::new())));
        let network = Network {
            server: server.hosts()[0].to_string(),
            refuses: false,
            is_black_hole: false,
            delay: Duration::ZERO,
        };
        let (network, watched) = watch::channel(network);
        let (shared, all) = (Arc::clone(&plan), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if watched.borrow().refuses {
                    continue;
                }
                // Each message is passed on at once.
                let _ = client.set_nodelay(true);
                let cut = Arc::new(Notify::new());
                lock(&all).push(Arc::downgrade(&cut));
                let (plan, network) = (Arc::clone(&shared), watched.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = relay(client, &plan, network) => {}
                        () = cut.notified() => {}
                    }
                });
            }
        });
        Self { url, plan, network, connections, task }
    }

    /// Leads new connections to another server, as a host name does that is given to it.
    pub fn lead_to(&self, server: &ConnectionUrl) {
        self.network.send_modify(|network| network.server = server.hosts()[0].to_string());
    }

    /// Closes new connections at once, or no longer.
    pub fn refuse(&self, refuses: bool) {
        self.network.send_modify(|network| network.refuses = refuses);
    }

    /// Lets nothing arrive, not even the end of a connection, or lets everything arrive that has waited.
    pub fn black_hole(&self, is_black_hole: bool) {
        self.network.send_modify(|network| network.is_black_hole = is_black_hole);
    }

    /// Delays each message.
    pub fn delay(&self, delay: Duration) {
        self.network.send_modify(|network| network.delay = delay);
    }

    /// Cuts all connections.
    pub fn cut_all(&self) {
        for connection in self.open() {
            connection.notify_one();
        }
    }

    /// Cuts one connection, if there is any: `choice` modulo their number.
    pub fn cut_one(&self, choice: usize) {
        let open = self.open();
        if let Some(connection) = choice.checked_rem(open.len()).and_then(|index| open.get(index)) {
            connection.notify_one();
        }
    }

    /// Returns the number of open connections.
    pub fn connections(&self) -> usize {
        self.open().len()
    }

    fn open(&self) -> Vec<Arc<Notify>> {
        let mut connections = lock(&self.connections);
        connections.retain(|connection| connection.strong_count() > 0);
        connections.iter().filter_map(Weak::upgrade).collect()
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

    fn next(&self) -> MutexGuard<'_, Option<(Direction, Fault, usize)>> {
        lock(&self.plan.next)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forwards both directions until either ends, and then closes both connections.
async fn relay(client: TcpStream, plan: &Plan, network: watch::Receiver<Network>) {
    passable(&network).await;
    let address = network.borrow().server.clone();
    let (from_client, to_client) = client.into_split();
    if address.starts_with('/') {
        let Ok(server) = UnixStream::connect(address).await else { return };
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            _ = forward(from_client, to_server, Direction::ToServer, plan, &network) => {}
            _ = forward(from_server, to_client, Direction::ToClient, plan, &network) => {}
        }
    } else {
        let Ok(server) = TcpStream::connect(address).await else { return };
        let _ = server.set_nodelay(true);
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            _ = forward(from_client, to_server, Direction::ToServer, plan, &network) => {}
            _ = forward(from_server, to_client, Direction::ToClient, plan, &network) => {}
        }
    }
}

/// Waits while the network is a black hole.
async fn passable(network: &watch::Receiver<Network>) {
    // An error says that the proxy is gone.
    let _ = network.clone().wait_for(|network| !network.is_black_hole).await;
}

async fn forward(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    plan: &Plan,
    network: &watch::Receiver<Network>,
) -> std::io::Result<()> {
    // A client's first message has no type before its length.
    let mut from = BufReader::new(from);
    let mut kind = usize::from(direction == Direction::ToClient);
    loop {
        let message = read(&mut from, kind).await;
        kind = 1;
        let delay = network.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        passable(network).await;
        let mut message = message?;
        match plan.strike(direction) {
            None => to.write_all(&message).await?,
            Some(Fault::Cut) => return Ok(()),
            Some(Fault::Truncate) => return to.write_all(&message[..message.len() / 2]).await,
            Some(fault @ (Fault::Stall | Fault::HalfClose)) => {
                if fault == Fault::HalfClose {
                    to.shutdown().await?;
                }
                // Ends when the sender closes the connection.
                while from.read(&mut message).await? > 0 {}
                return Ok(());
            }
        }
    }
}

/// Reads a message whose type takes `kind` bytes.
async fn read(from: &mut (impl AsyncRead + Unpin), kind: usize) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; kind + 4];
    from.read_exact(&mut message).await?;
    let length = message[kind..].iter().fold(0, |length, byte| (length << 8) | usize::from(*byte));
    message.resize(kind + length.max(4), 0);
    from.read_exact(&mut message[kind + 4..]).await?;
    Ok(message)
}
