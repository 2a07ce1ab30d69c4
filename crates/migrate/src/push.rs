//! Changes a database to match a schema, without a migration.

use std::future::Future;
use std::pin::{Pin, pin};

use nicol_pg::ConnectionUrl;

use crate::error::Error;
use crate::progress::Progress;
use crate::run::run_without_history;
use crate::session::lock::{self, Lock};
use crate::session::watch::{Observer, or_stop};
use crate::session::{Missing, Session};

/// Runs the script of a plan like a migration, under the migration lock, but does not touch the history. Reports long
/// statements, and cancels the running one when `interrupt` completes.
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

/// Replaces errors that name a migration: the script belongs to none.
fn without_name(error: Error) -> Error {
    match error {
        Error::Failed { failure, line, source, .. } => Error::Script { failure, line, source },
        Error::Interrupted { left, .. } => Error::PushStopped { left },
        error => error,
    }
}
