//! The socket that URLs name: a symbolic link to the server's own socket, which can be pointed elsewhere in one step.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

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

/// Leads new connections to the server. The caller holds the lock.
pub(crate) fn lead_to_server(layout: &Layout) -> Result<(), Error> {
    let front = front(layout);
    let target = format!(".s.PGSQL.{SERVER_PORT}");
    if fs::read_link(&front).is_ok_and(|now| now.as_os_str() == target.as_str()) {
        return Ok(());
    }
    // Renamed over the old one, so that there is always one.
    let new = layout.run.join("front.new");
    remove_if_there(&new)?;
    symlink(&target, &new).map_err(file("create", &new))?;
    fs::rename(&new, &front).map_err(file("name", &front))
}

/// Removes the folder of the sockets, because nothing else would: the project's folder may be long gone. The caller
/// holds the lock, and the server is not running.
pub(crate) fn remove(layout: &Layout) {
    // Leftovers are dealt with when the folder is needed again.
    let _ = fs::remove_file(front(layout));
    let _ = fs::remove_dir(&layout.run);
}

fn front(layout: &Layout) -> PathBuf {
    layout.run.join(format!(".s.PGSQL.{PORT}"))
}
