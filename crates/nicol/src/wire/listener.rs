//! Listens for notifications, on a connection outside the pool.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use futures_util::future::join;
use nicol_pg::url::Pooling;
use nicol_pg::{Connector, push_ident};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client};

use super::failure;
use super::pool::Pool;
use super::pooler;
use crate::error::{Error, Kind};

/// How many notifications wait for their reader.
const QUEUE: usize = 1024;

/// How often the connection is checked, and how long its answer may take.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// The first and the longest pause before connecting again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// What [`Client::listen`](crate::Client::listen) tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notification {
    /// A notification.
    Received {
        /// The channel.
        channel: String,
        /// The payload, which is empty if `NOTIFY` has none.
        payload: String,
    },
    /// Notifications may have been missed before this: the connection was lost and is there again, or more than 1,024 were waiting to be read.
    /// Read what they would have told about.
    Missed,
}

/// The notifications of [`Client::listen`](crate::Client::listen), a [`Stream`]. Dropping it ends the connection.
#[must_use = "dropping it ends the connection"]
pub struct Notifications {
    queue: Receiver<Notification>,
    missed: Arc<AtomicBool>,
}

impl fmt::Debug for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notifications")
    }
}

impl Notifications {
    /// Returns the next notification, or `None` after [`Client::close`](crate::Client::close). A lost connection is made again.
    pub async fn next(&mut self) -> Option<Notification> {
        futures_util::StreamExt::next(self).await
    }
}

impl Stream for Notifications {
    type Item = Notification;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Notification>> {
        let next = self.queue.poll_recv(context);
        // Pending does not mean empty: a task that reads a lot has to yield.
        if next.is_pending() && self.queue.is_empty() && self.missed.swap(false, Ordering::AcqRel) {
            return Poll::Ready(Some(Notification::Missed));
        }
        next
    }
}

/// Listens on channels until the pool is closed. The connector leads to the server of the pool.
pub(crate) async fn listen(
    pool: &Arc<Pool>,
    connector: &Connector,
    channels: &[String],
) -> Result<Notifications, Error> {
    if connector.url().is_pooled() {
        return Err(pooled());
    }
    let mut command = String::new();
    for channel in channels {
        // PostgreSQL would truncate a longer name.
        if !(1..64).contains(&channel.len()) || channel.contains('\0') {
            let message = "the name of a channel has 1 to 63 bytes";
            return Err(Kind::Unsupported { message }.into());
        }
        command.push_str("LISTEN ");
        push_ident(&mut command, channel);
        command.push(';');
    }
    let (sender, queue) = mpsc::channel(QUEUE);
    let missed = Arc::new(AtomicBool::new(false));
    let (pool, connector) = (Arc::clone(pool), connector.clone());
    let listener = Listener { pool, connector, command, sender, missed: Arc::clone(&missed) };
    let connection = listener.connect().await?;
    tokio::spawn(listener.run(connection));
    Ok(Notifications { queue, missed })
}

fn pooled() -> Error {
    let message = "a transaction pooler delivers no notifications\nhelp: set `DATABASE_URL_UNPOOLED`, which `from_env` reads, to the URL \
        of the server itself, or pass it to `Client::builder().direct_url(…)`; if the pooler is in session mode, add `pgbouncer=false` to the URL";
    Kind::Unsupported { message }.into()
}

/// The task that keeps the connection.
struct Listener {
    pool: Arc<Pool>,
    connector: Connector,
    command: String,
    sender: Sender<Notification>,
    /// Whether a notification found no room in the queue.
    missed: Arc<AtomicBool>,
}

struct Connection {
    client: Client,
    driver: JoinHandle<Result<(), tokio_postgres::Error>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Listener {
    async fn connect(&self) -> Result<Connection, Error> {
        let (client, driver) = self.connector.connect().await.map_err(failure::of_connecting)?;
        let process_id = driver.process_id();
        let (sender, missed) = (self.sender.clone(), Arc::clone(&self.missed));
        let driver = driver.on_message(move |message| {
            if let AsyncMessage::Notification(notification) = message {
                let (channel, payload) = (notification.channel().into(), notification.payload().into());
                push(&sender, &missed, Notification::Received { channel, payload });
            }
        });
        let connection = Connection { client, driver: tokio::spawn(driver) };
        let process = pooler::server_process(&connection.client);
        let started = join(process, connection.client.batch_execute(&self.command));
        let (server, listens) = timeout(PING.1, started).await.map_err(|_| Error::from(Kind::Timeout))?;
        let failed = |error| failure::of_statement(&error, None);
        let server = server.map_err(failed)?;
        listens.map_err(failed)?;
        let is_session = self.connector.url().pooling() == Pooling::Session || server == process_id;
        if is_session { Ok(connection) } else { Err(pooled()) }
    }

    /// Keeps the connection until its reader is dropped, or the client is closed.
    async fn run(self, mut connection: Connection) {
        loop {
            tokio::select! {
                () = self.sender.closed() => return,
                () = self.pool.closed() => return,
                () = lost(&mut connection) => {}
            }
            tracing::warn!(target: "nicol::listen", "the connection that listens for notifications was lost");
            tokio::select! {
                () = self.sender.closed() => return,
                () = self.pool.closed() => return,
                again = self.reconnect() => connection = again,
            }
            push(&self.sender, &self.missed, Notification::Missed);
        }
    }

    async fn reconnect(&self) -> Connection {
        let mut pause = PAUSE.0;
        loop {
            sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
            match self.connect().await {
                Ok(connection) => return connection,
                Err(error) => {
                    tracing::warn!(target: "nicol::listen", %error, "cannot listen for notifications");
                }
            }
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}

/// Adds a notification to the queue.
fn push(sender: &Sender<Notification>, missed: &AtomicBool, notification: Notification) {
    if sender.try_send(notification).is_err() {
        missed.store(true, Ordering::Release);
    }
}

/// Waits until the connection is lost.
async fn lost(connection: &mut Connection) {
    loop {
        tokio::select! {
            _ = &mut connection.driver => return,
            () = sleep(PING.0) => {}
        }
        if !matches!(timeout(PING.1, connection.client.batch_execute("")).await, Ok(Ok(()))) {
            return;
        }
    }
}
