//! Bringing a database to what a schema says, without a migration.

use std::future::Future;
use std::pin::{Pin, pin};

use nicol_pg::ConnectionUrl;

use crate::error::Error;
use crate::progress::Progress;
use crate::run::run_without_history;
use crate::session::lock::{self, Lock};
use crate::session::watch::{Observer, or_stop};
use crate::session::{Missing, Session};

/// Runs the script of a plan, under the lock of migrations, as a migration would be run. The history is not touched. What
/// takes long is told, and cancelled when `interrupt` ends.
///
/// Source: Prisma 6.19, `commands/schema_push.rs`.
///
/// # Errors
///
/// [`Error::Script`], [`Error::Stopped`], [`Error::PushStopped`], [`Error::LockHeld`], [`Error::Pooled`] and [`Error::Connect`].
pub async fn push(
    url: &ConnectionUrl,
    script: &str,
    progress: impl FnMut(Progress<'_>),
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    lock::check_url(url, "a push")?;
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let observer = Observer::beside(&session).await;
    let pushed = push_locked(&session, observer.as_ref(), script, progress, pin!(interrupt)).await;
    close(session, observer).await;
    pushed
}

async fn push_locked(
    session: &Session,
    observer: Option<&Observer>,
    script: &str,
    mut progress: impl FnMut(Progress<'_>),
    mut interrupt: Pin<&mut impl Future<Output = ()>>,
) -> Result<(), Error> {
    let acquired = lock::acquire(session, Lock::Session, lock::WAIT, |holder, waited| {
        progress(Progress::Waiting { holder, waited });
    });
    or_stop(interrupt.as_mut(), acquired).await?;
    let pushed = run_without_history(session, observer, "", script, interrupt, progress).await;
    lock::release(session, Lock::Session).await;
    pushed.map_err(without_name)
}

async fn close(session: Session, observer: Option<Observer>) {
    if let Some(observer) = observer {
        observer.close().await;
    }
    session.close().await;
}

/// A script that is no migration has no name.
fn without_name(error: Error) -> Error {
    match error {
        Error::Failed { failure, line, source, .. } => Error::Script { failure, line, source },
        Error::Interrupted { left, .. } => Error::PushStopped { left },
        error => error,
    }
}
