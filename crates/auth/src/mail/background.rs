//! Tasks that a response does not wait for.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Sends mails after the response, so that its timing reveals nothing about the address.
#[derive(Debug, Default)]
pub(crate) struct Background(Mutex<JoinSet<()>>);

impl Background {
    /// With more pending mails, the mail server does not keep up.
    const MOST: usize = 256;

    /// Starts a task unless too many are pending; returns whether it was started.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> bool {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        let has_room = tasks.len() < Self::MOST;
        if has_room {
            tasks.spawn(task);
        }
        has_room
    }

    /// Waits for all pending tasks.
    pub(crate) async fn settle(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
    }
}
