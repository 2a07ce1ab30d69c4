//! The task that follows changes in the database while at least one page is open.

use std::error::Error;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use nicol_pg::tokio_postgres::{AsyncMessage, Client};
use nicol_pg::{ConnectionUrl, quote_ident, quote_qualified};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::poll::Polling;
use super::{CHANNEL, Inner};
use crate::sql;

/// How `pg_stat_activity` calls the connection that listens.
const APPLICATION_NAME: &str = "people live";

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Listening,
    PollingBehindPooler,
    PollingWithoutTrigger,
}

/// Why listening has ended.
enum Ended {
    /// The database does not notify: it was made without the migrations.
    NoTrigger,
    Lost(Box<dyn Error + Send + Sync>),
}

/// Follows the database until nobody wants to know any more.
pub(super) async fn run(inner: Arc<Inner>) {
    loop {
        tokio::select! {
            never = follow(&inner) => match never {},
            () = deserted(&inner) => {}
            () = inner.stopped() => {}
        }
        inner.lose();
        let mut state = inner.state();
        // A page may have been opened since; it was told that the hub runs.
        if inner.signal.receiver_count() == 0 || *inner.stopping.borrow() {
            state.is_hub_running = false;
            return;
        }
    }
}

/// Ends when no page has been open for a while.
async fn deserted(inner: &Inner) {
    loop {
        inner.signal.closed().await;
        sleep(inner.limits.linger).await;
        if inner.signal.receiver_count() == 0 {
            return;
        }
    }
}

async fn follow(inner: &Inner) -> std::convert::Infallible {
    let mut failures = 0;
    let mut polling = Polling::new(inner);
    loop {
        let Some(direct) = &inner.direct else {
            tell(inner, Way::PollingBehindPooler);
            polling.stand_in().await;
            continue;
        };
        match listen(inner, direct, &mut failures).await {
            Ended::NoTrigger => {
                tell(inner, Way::PollingWithoutTrigger);
                polling.stand_in().await;
            }
            Ended::Lost(error) => {
                if failures == 0 {
                    tracing::warn!(%error, "cannot listen for changes; polling instead");
                    inner.lose();
                    polling.restart();
                }
                let pause = pause(inner.limits.pause, failures);
                failures = failures.saturating_add(1);
                polling.stand_in_for(pause).await;
            }
        }
    }
}

/// Listens until that is of no use any more.
async fn listen(inner: &Inner, direct: &ConnectionUrl, failures: &mut u32) -> Ended {
    let table = quote_qualified(inner.db.schema(), "people");
    let mut listener = match Listener::connect(inner, direct).await {
        Ok(listener) => listener,
        Err(error) => return Ended::Lost(error),
    };
    match listener.notifies(&table, inner.limits.ping).await {
        Ok(true) => {}
        Ok(false) => return Ended::NoTrigger,
        Err(error) => return Ended::Lost(error),
    }
    tell(inner, Way::Listening);
    if std::mem::take(failures) > 0 {
        tracing::info!("listening for changes again");
    }
    // From here on nothing is missed; nobody knows what was before.
    inner.follow();
    loop {
        tokio::select! {
            ended = &mut listener.connection => {
                return Ended::Lost(match ended {
                    Ok(Err(error)) => error.into(),
                    _ => "the server closed the connection".into(),
                });
            }
            () = sleep(inner.limits.ping) => {}
        }
        match listener.notifies(&table, inner.limits.ping).await {
            Ok(true) => {}
            Ok(false) => return Ended::NoTrigger,
            Err(error) => {
                listener.connection.abort();
                return Ended::Lost(error);
            }
        }
    }
}

/// A connection that listens. When it is dropped it says good-bye to the server by itself.
struct Listener {
    client: Client,
    connection: JoinHandle<Result<(), nicol_pg::tokio_postgres::Error>>,
}

impl Listener {
    async fn connect(inner: &Inner, direct: &ConnectionUrl) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let signal = inner.signal.clone();
        let named = direct.with_parameter("application_name", APPLICATION_NAME)?;
        let (client, connection) = nicol_pg::connect(&named).await?;
        let connection = connection.on_message(move |message| {
            if matches!(&message, AsyncMessage::Notification(notification) if notification.channel() == CHANNEL) {
                signal.send_modify(|signal| signal.changes += 1);
            }
        });
        let connection = tokio::spawn(connection);
        let listen = format!("LISTEN {}", quote_ident(CHANNEL));
        match timeout(inner.limits.ping, client.batch_execute(&listen)).await {
            Ok(Ok(())) => Ok(Self { client, connection }),
            Ok(Err(error)) => Err(error.into()),
            Err(elapsed) => {
                connection.abort();
                Err(elapsed.into())
            }
        }
    }

    /// Whether the trigger is there, and with it whether the server answers.
    async fn notifies(&self, table: &str, limit: Duration) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let row = timeout(limit, self.client.query_one(sql::TABLE_ACTIVITY, &[&table])).await??;
        Ok(row.try_get("notifies")?)
    }
}

/// Says in the log which way is used, whenever it is another than before.
fn tell(inner: &Inner, way: Way) {
    if inner.state().told.replace(way) == Some(way) {
        return;
    }
    match way {
        Way::Listening => tracing::info!("live updates: listening for notifications of the database"),
        Way::PollingBehindPooler => tracing::info!(
            "live updates: polling, because the database is reached through a pooler; \
             help: set `DATABASE_URL_UNPOOLED` to get changes at once"
        ),
        Way::PollingWithoutTrigger => tracing::info!(
            "live updates: polling, because the table `people` has no notify trigger; \
             help: apply the migrations to get changes at once"
        ),
    }
}

/// Doubles with each failure. Part of it is chance, so that many processes do not come back all at once.
fn pause((first, longest): (Duration, Duration), failures: u32) -> Duration {
    let pause = longest.min(first.saturating_mul(2_u32.saturating_pow(failures)));
    let chance = RandomState::new().hash_one(failures) % 512;
    pause.mul_f64(0.5 + f64::from(u32::try_from(chance).unwrap_or_default()) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ_but_have_an_end() {
        let limits = (Duration::from_millis(200), Duration::from_secs(30));
        for (failures, most) in [(0, 200), (1, 400), (4, 3200), (20, 30_000), (u32::MAX, 30_000)] {
            for _ in 0..20 {
                let pause = pause(limits, failures).as_millis();
                assert!((most / 2..=most).contains(&pause), "{failures}: {pause}");
            }
        }
    }
}
