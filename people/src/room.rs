//! Room for the files of imports: each takes several times its size of memory while it is uploaded, read and written, so
//! there is a bound to all of them together, and one to each user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use nicol::params;
use nicol_auth::{Authenticated, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::actions::is_id;
use crate::db::Client;
use crate::error::AppError;
use crate::import::FILE_MAX;
use crate::sql::{self, FileSize};

/// How many bytes of files one process handles at once.
pub(crate) const FILES_AT_ONCE: usize = 2 * FILE_MAX;

/// How long is waited for room.
const PATIENCE: Duration = Duration::from_secs(10);

/// Permits are counted in this many bytes.
const UNIT: usize = 1024;

/// The room that there is.
#[derive(Debug)]
pub(crate) struct Room {
    units: Arc<Semaphore>,
    /// Of one user one file is handled at a time, so that nobody takes all the room.
    users: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// Room for one file, until it is dropped.
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
    /// Room for what is going to be uploaded. A request that does not say how large it is may be as large as it likes.
    ///
    /// # Errors
    /// [`AppError::Busy`] if there is none for a while.
    pub(crate) async fn for_upload(&self, by: &Authenticated, headers: &HeaderMap) -> Result<Slot, AppError> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        self.take(by, length.and_then(|length| length.parse().ok()).unwrap_or(FILE_MAX)).await
    }

    /// Room for a file that was uploaded before.
    ///
    /// # Errors
    /// [`AppError::Busy`] if there is none for a while; [`AppError::Database`].
    pub(crate) async fn for_file(&self, db: &Client, by: &Authenticated, id: &str) -> Result<Slot, AppError> {
        let mut size = None;
        if is_id(id) {
            let values = params![id, by.user_id().as_str()];
            let rows = db.query_as::<FileSize>(sql::size_of_import(db.schema()), values).read_only().await?;
            size = rows.first().and_then(|FileSize { size }| usize::try_from(*size).ok());
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
            // Nobody closes the semaphores.
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
