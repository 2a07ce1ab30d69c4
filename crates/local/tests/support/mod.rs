//! What the tests share.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nicol_local::{Options, Status, status, stop};
use nicol_pg::ConnectionUrl;
use tempfile::TempDir;

pub(crate) const NOBODY: u32 = 65534;

/// A project in a temporary folder, with the data beside it when run as root.
pub(crate) struct Project {
    pub(crate) dir: TempDir,
    pub(crate) folder: PathBuf,
}

impl Project {
    pub(crate) fn new(name: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("nicol-local-").tempdir_in(base()).unwrap();
        // The server's user needs access.
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let folder = dir.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self { dir, folder }
    }

    pub(crate) fn options(&self) -> Options {
        options(&self.folder, self.dir.path())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // A failed test may leave a server running.
        let options = self.options();
        let stopped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(stop(&options))
        });
        let _ = stopped.join();
    }
}

/// Set to a folder on a file system whose files can share blocks: `cargo xtask test copies` mounts some.
pub(crate) const SHARING_FOLDER: &str = "NICOL_TEST_SHARING_FOLDER";

/// In memory if there is room: a data directory has a thousand files.
pub(crate) fn base() -> PathBuf {
    if let Some(folder) = std::env::var_os(SHARING_FOLDER) {
        return folder.into();
    }
    let roomy = rustix::fs::statvfs("/dev/shm")
        .is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) > 4 << 30);
    if roomy { "/dev/shm" } else { "/tmp" }.into()
}

pub(crate) fn options(folder: &Path, home: &Path) -> Options {
    let mut options = Options::new(folder);
    options.root_home = home.join("root");
    options.search_path = std::env::var_os("PATH");
    options.postgres_bin = std::env::var_os("NICOL_POSTGRES_BIN").map(PathBuf::from);
    options
}

pub(crate) async fn query(url: &ConnectionUrl, sql: &str) -> String {
    let (client, connection) = nicol_pg::connect(url).await.unwrap();
    tokio::spawn(connection);
    let rows = client.simple_query(sql).await.unwrap();
    rows.iter()
        .find_map(|message| match message {
            nicol_pg::tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .unwrap_or_default()
}

pub(crate) async fn is_running(options: &Options) -> bool {
    matches!(status(options).await.unwrap(), Status::Running { .. })
}

pub(crate) fn kill(pid: u32, signal: &str) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// The program may be below a folder that only root can enter.
pub(crate) fn copy_of_this_program() -> (TempDir, PathBuf) {
    let folder = tempfile::Builder::new().prefix("nicol-local-program-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("application");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    (folder, program)
}

pub(crate) fn run_as_ordinary_user(test: &str) {
    let (_folder, program) = copy_of_this_program();
    let status = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .status()
        .unwrap();
    assert!(status.success());
}
