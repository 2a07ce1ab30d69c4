//! A consistent copy of a data directory, also while its server is in use.
//!
//! The data of a running server are copied in backup mode, with the log that was written meanwhile, as `pg_basebackup`
//! does (manual, 26.3.3 "Making a Base Backup Using the Low Level API"). The copy recovers from that log at its first
//! start. In contrast to `pg_basebackup`, files share their blocks with the original where the file system can, and
//! the data of a stopped server need no server.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nicol_pg::tokio_postgres::{self, Client};
use tokio::sync::mpsc;

use crate::cluster;
use crate::error::{Error, file};
use crate::files::{self, Copied, Take};
use crate::layout::Layout;
use crate::lease::{self, acquire, blocking};
use crate::options::Options;
use crate::postmaster;
use crate::progress::Progress;

/// Copies the data of `source` into the new folder `target`. An unsuccessful copy is removed. `lock` protects the target:
/// it is held until nothing is written any more, even if the future is dropped.
pub(crate) async fn copy(
    source: &Options,
    target: &Path,
    lock: &Arc<File>,
    progress: &mut impl FnMut(Progress),
) -> Result<Copied, Error> {
    let layout = Layout::prepare(source)?;
    let stopped = {
        let layout = layout.clone();
        let no_data = Error::NoData { branch: source.branch.clone() };
        blocking(move || {
            let lock = lease::lock(&layout, &|_| {})?;
            if layout.data_version()?.is_none() {
                return Err(no_data);
            }
            let tablespaces = layout.data.join("pg_tblspc");
            for entry in fs::read_dir(&tablespaces).map_err(file("list", &tablespaces))? {
                let path = entry.map_err(file("list", &tablespaces))?.path();
                if path.is_symlink() {
                    return Err(Error::Tablespace { path });
                }
            }
            // The processes of a crashed server may still be writing.
            let stopped = postmaster::running(&layout).is_none() && !postmaster::has_crashed(&layout);
            Ok(stopped.then_some(lock))
        })
        .await?
    };
    // While it is locked, the server does not start.
    if let Some(_lock) = stopped {
        return copy_files(&layout, target, true, lock, progress).await;
    }
    let mut options = source.clone();
    "postgres".clone_into(&mut options.database);
    let lease = acquire(&options, &mut *progress).await?;
    let (client, connection) = nicol_pg::connect(lease.url()).await.map_err(Error::Connect)?;
    let (copied, _) = tokio::join!(copy_running(&layout, client, target, lock, progress), connection);
    lease.release().await?;
    copied
}

async fn copy_running(
    layout: &Layout,
    client: Client,
    target: &Path,
    lock: &Arc<File>,
    progress: &mut impl FnMut(Progress),
) -> Result<Copied, Error> {
    let (start, stop) = backup_functions(&client).await?;
    // A slot keeps the log until the session ends.
    let slot = format!("nicol_copy_{}", std::process::id());
    let keep_log = "SELECT pg_create_physical_replication_slot($1, true, true)";
    client.execute(keep_log, &[&slot]).await.map_err(Error::Copy)?;
    let first: String = query_one(&client, &format!("SELECT pg_walfile_name({start})")).await?.get(0);
    let copied = copy_files(layout, target, false, lock, progress).await?;

    let stop = format!("SELECT pg_walfile_name(lsn), labelfile FROM {stop}");
    let row = query_one(&client, &stop).await?;
    let (last, label): (String, String) = (row.get(0), row.get(1));
    let finish = {
        let (layout, target, lock) = (layout.clone(), target.to_owned(), Arc::clone(lock));
        blocking(move || {
            let _lock = lock;
            let result = copy_log(&layout, &target, &first, &last)
                .and_then(|()| cluster::write_file(&layout, &target.join("backup_label"), &label));
            if result.is_err() {
                files::remove_dir(&target)?;
            }
            result
        })
    };
    finish.await.map(|()| copied)
}

/// Returns the calls that begin and end the backup mode of this session. PostgreSQL 15 renamed them.
async fn backup_functions(client: &Client) -> Result<(&'static str, &'static str), Error> {
    let version: i32 = query_one(client, "SELECT current_setting('server_version_num')::int4").await?.get(0);
    Ok(if version >= 150_000 {
        ("pg_backup_start('nicol', true)", "pg_backup_stop(false)")
    } else {
        ("pg_start_backup('nicol', true, false)", "pg_stop_backup(false, false)")
    })
}

async fn query_one(client: &Client, sql: &str) -> Result<tokio_postgres::Row, Error> {
    client.query_one(sql, &[]).await.map_err(Error::Copy)
}

/// Copies the segments of the log from `first` to `last`, and the histories of the timelines.
fn copy_log(layout: &Layout, target: &Path, first: &str, last: &str) -> Result<(), Error> {
    let take = |path: &Path| {
        let name = path.to_str().unwrap_or_default();
        let segment = name.len() == first.len() && (first..=last).contains(&name);
        if segment || is_history(path) { Take::Yes } else { Take::No }
    };
    let copy = files::Copy {
        owner: files::Owner(layout.account.as_ref()),
        take: &take,
        report: &|_, _| {},
        cancelled: &AtomicBool::new(false),
    };
    copy.run(&layout.data.join("pg_wal"), &target.join("pg_wal"), &|_| false).map(drop)
}

fn is_history(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("history"))
}

/// What `pg_basebackup` copies: files of a process, of a session, or that the server creates anew are left out.
fn take(path: &Path, with_log: bool) -> Take {
    let mut parts = path.iter().map(|part| part.to_str().unwrap_or_default());
    let (Some(first), second) = (parts.next(), parts.next()) else { return Take::Yes };
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let empty = [
        "pg_dynshmem",
        "pg_notify",
        "pg_replslot",
        "pg_serial",
        "pg_snapshots",
        "pg_stat_tmp",
        "pg_subtrans",
    ];
    let own = [
        "backup_label",
        "backup_manifest",
        "current_logfiles",
        "postgresql.auto.conf.tmp",
        "postmaster.opts",
        "postmaster.pid",
        "tablespace_map",
    ];
    if second.is_none() && empty.contains(&first) {
        return Take::Empty;
    }
    if second.is_none() && own.contains(&first) {
        return Take::No;
    }
    if name.starts_with("pgsql_tmp") || name.starts_with("pg_internal.init") {
        return Take::No;
    }
    match second {
        // Without the log, its folders are still needed.
        Some(second) if first == "pg_wal" && !with_log => {
            if second.contains("archive_status") || second == "summaries" { Take::Empty } else { Take::No }
        }
        _ => Take::Yes,
    }
}

/// Copies the files of a data directory. The control file belongs to the end of the copy.
async fn copy_files(
    layout: &Layout,
    target: &Path,
    with_log: bool,
    lock: &Arc<File>,
    progress: &mut impl FnMut(Progress),
) -> Result<Copied, Error> {
    copy_folder(layout, &layout.data, target, move |path| take(path, with_log), lock, progress).await
}

/// Copies a folder to a new one of the server's user. The copy gives up and is removed if this future is dropped.
pub(crate) async fn copy_folder(
    layout: &Layout,
    from: &Path,
    target: &Path,
    take: impl Fn(&Path) -> Take + Send + 'static,
    lock: &Arc<File>,
    progress: &mut impl FnMut(Progress),
) -> Result<Copied, Error> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let _guard = CancelOnDrop(Arc::clone(&cancelled));
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let (layout, from, target) = (layout.clone(), from.to_owned(), target.to_owned());
    let lock = Arc::clone(lock);
    let work = blocking(move || {
        let _lock = lock;
        let told = std::cell::Cell::new(0);
        let copy = files::Copy {
            owner: files::Owner(layout.account.as_ref()),
            take: &take,
            report: &|done, total| {
                // A data directory has a thousand files.
                let percent = (done * 100).checked_div(total).unwrap_or(100);
                if percent > told.replace(percent) {
                    let _ = sender.send(Progress::Copying { done, total });
                }
            },
            cancelled: &cancelled,
        };
        let result = cluster::make_data_folder(&layout, &target)
            .and_then(|()| copy.run(&from, &target, &|path| path == Path::new("global/pg_control")));
        if result.is_err() {
            files::remove_dir(&target)?;
        }
        result
    });
    let (copied, ()) = tokio::join!(work, async {
        while let Some(step) = receiver.recv().await {
            progress(step);
        }
    });
    copied
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_process_is_left_out() {
        let running = |path: &str| take(Path::new(path), false);
        for path in [
            "postmaster.pid",
            "postmaster.opts",
            "backup_label",
            "base/pgsql_tmp",
            "base/5/pg_internal.init",
            "base/5/pg_internal.init.77",
            "pg_wal/000000010000000000000001",
        ] {
            assert_eq!(running(path), Take::No, "{path}");
        }
        for path in ["pg_replslot", "pg_subtrans", "pg_wal/archive_status"] {
            assert_eq!(running(path), Take::Empty, "{path}");
        }
        for path in [
            "base/5/1259",
            "global/pg_control",
            "pg_wal",
            "PG_VERSION",
            "pg_xact/0000",
            "postgresql.auto.conf",
        ] {
            assert_eq!(running(path), Take::Yes, "{path}");
        }
        assert_eq!(take(Path::new("pg_wal/000000010000000000000001"), true), Take::Yes);
        assert_eq!(take(Path::new("postmaster.pid"), true), Take::No);
    }
}
