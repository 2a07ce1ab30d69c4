//! Work that a response does not wait for.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Runs mails after the response has gone out, so that its time tells nothing about the address.
#[derive(Debug, Default)]
pub(crate) struct Background(Mutex<JoinSet<()>>);

impl Background {
    /// More than this many mails at once means that the mail server does not keep up.
    const MOST: usize = 256;

    /// Starts a task; says whether there was room for it.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> bool {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        let has_room = tasks.len() < Self::MOST;
        if has_room {
            tasks.spawn(task);
        }
        has_room
    }

    /// Waits for all tasks that were started before.
    pub(crate) async fn settle(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
    }
}
