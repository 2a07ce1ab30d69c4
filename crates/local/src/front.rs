//! The socket that URLs name: a symbolic link to the server's own socket or, while the server sleeps, to the keeper's.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::error::{Error, file};
use crate::layout::{Layout, remove_if_there};

/// The port in URLs. Each project has a folder for its sockets, so all use the default port.
pub(crate) const PORT: u16 = 5432;

/// The port that the server is told, which is only part of its socket's name.
pub(crate) const SERVER_PORT: u16 = 5433;

/// Returns the socket that the server creates and, when it ends, removes.
pub(crate) fn server_socket(layout: &Layout) -> PathBuf {
    layout.run.join(format!(".s.PGSQL.{SERVER_PORT}"))
}

/// Returns the socket on which the keeper listens as long as it runs.
pub(crate) fn keeper_socket(layout: &Layout) -> PathBuf {
    layout.run.join("keeper")
}

/// Leads new connections to the server. The caller holds the lock.
pub(crate) fn lead_to_server(layout: &Layout) -> Result<(), Error> {
    lead_to(layout, &server_socket(layout))
}

/// Leads new connections to the keeper. The caller holds the lock.
pub(crate) fn lead_to_keeper(layout: &Layout) -> Result<(), Error> {
    lead_to(layout, &keeper_socket(layout))
}

/// Whether new connections are led to the keeper.
pub(crate) fn leads_to_keeper(layout: &Layout) -> bool {
    fs::read_link(front(layout)).is_ok_and(|now| Some(now.as_os_str()) == keeper_socket(layout).file_name())
}

/// Points the link to another socket of the folder, in one step, so that there always is a socket.
fn lead_to(layout: &Layout, socket: &Path) -> Result<(), Error> {
    let front = front(layout);
    let name = socket.file_name().unwrap_or_default();
    if fs::read_link(&front).is_ok_and(|now| now.as_os_str() == name) {
        return Ok(());
    }
    let new = layout.run.join("front.new");
    remove_if_there(&new)?;
    symlink(name, &new).map_err(file("create", &new))?;
    fs::rename(&new, &front).map_err(file("name", &front))
}

/// Removes the folder of the sockets, because nothing else would: the project's folder may be long gone. The caller
/// holds the lock, and neither the server nor a keeper is running.
pub(crate) fn remove(layout: &Layout) {
    // Leftovers are dealt with when the folder is needed again.
    let _ = fs::remove_file(front(layout));
    let _ = fs::remove_file(keeper_socket(layout));
    let _ = fs::remove_dir(&layout.run);
}

fn front(layout: &Layout) -> PathBuf {
    layout.run.join(format!(".s.PGSQL.{PORT}"))
}
