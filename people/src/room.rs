//! Limits the memory for imports: a file takes several times its size while it is uploaded, parsed and written, so the total
//! is limited, and each user may have one file at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use nicol_auth::{Authenticated, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::actions::is_id;
use crate::db::Client;
use crate::error::AppError;
use crate::import::FILE_MAX;
use crate::sql;

/// The total size of the files that a process handles at once, in bytes.
pub(crate) const FILES_AT_ONCE: usize = 2 * FILE_MAX;

/// How long a request waits for room.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes per permit of the semaphore.
const UNIT: usize = 1024;

/// The room for files.
#[derive(Debug)]
pub(crate) struct Room {
    units: Arc<Semaphore>,
    /// One permit per user, so that no user takes all the room.
    users: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// The room for one file, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _units: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Default for Room {
    fn default() -> Self {
        Self { units: Arc::new(Semaphore::new(FILES_AT_ONCE / UNIT)), users: Mutex::default() }
    }
}

impl Room {
    /// Waits for room for an upload. One without a content length takes as much as the largest file.
    ///
    /// # Errors
    /// [`AppError::Busy`] after 10 s.
    pub(crate) async fn for_upload(&self, by: &Authenticated, headers: &HeaderMap) -> Result<Slot, AppError> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        self.take(by, length.and_then(|length| length.parse().ok()).unwrap_or(FILE_MAX)).await
    }

    /// Waits for room for a file that was uploaded earlier.
    ///
    /// # Errors
    /// [`AppError::Busy`] after 10 s; [`AppError::Database`].
    pub(crate) async fn for_file(&self, db: &Client, by: &Authenticated, id: &str) -> Result<Slot, AppError> {
        let mut size = None;
        if is_id(id) {
            let statement = sql::size_of_import(id, by.user_id().as_str());
            let sizes: Vec<i32> = db.query_raw(statement).read_only().await?;
            size = sizes.first().and_then(|size| usize::try_from(*size).ok());
        }
        self.take(by, size.unwrap_or_default()).await
    }

    async fn take(&self, by: &Authenticated, size: usize) -> Result<Slot, AppError> {
        let units = u32::try_from(size.min(FILE_MAX).div_ceil(UNIT)).unwrap_or(u32::MAX);
        let turns = self.turns(by.user_id());
        let both = async {
            let turn = turns.acquire_owned().await;
            (turn, self.units.clone().acquire_many_owned(units).await)
        };
        match tokio::time::timeout(PATIENCE, both).await {
            Ok((Ok(turn), Ok(units))) => Ok(Slot { _units: units, _turn: turn }),
            // The semaphores are never closed, so this is the timeout.
            Ok(_) | Err(_) => Err(AppError::Busy),
        }
    }

    fn turns(&self, user: &UserId) -> Arc<Semaphore> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = users.get(user).and_then(Weak::upgrade) {
            return turns;
        }
        users.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(1));
        users.insert(user.clone(), Arc::downgrade(&turns));
        turns
    }
}
