//! Counts the connections to a socket, from outside of the server.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The flag of a listening socket (`__SO_ACCEPTCON` of Linux).
const LISTENS: u64 = 1 << 16;

/// Returns how many connections there are to a listening socket, including those that the server has not accepted yet,
/// or that have not signed in. `None` where the system does not tell; Linux does (proc(5), `/proc/net/unix`).
pub(super) fn count(socket: &Path) -> Option<usize> {
    count_in(&fs::read("/proc/net/unix").ok()?, socket)
}

/// Each line describes a socket: address, references, protocol, flags, type, state, inode, path. An accepted
/// connection has the path of the socket that it was accepted from.
fn count_in(table: &[u8], socket: &Path) -> Option<usize> {
    let mut listens = false;
    let mut count = 0;
    for line in table.split(|byte| *byte == b'\n') {
        let Some(fields) = line.strip_suffix(socket.as_os_str().as_bytes()) else { continue };
        let fields = String::from_utf8_lossy(fields);
        let flags = fields.split_whitespace().nth(3).and_then(|flags| u64::from_str_radix(flags, 16).ok())?;
        if flags & LISTENS == 0 {
            count += 1;
        } else {
            listens = true;
        }
    }
    // The server may be in another network namespace, whose sockets are not listed.
    listens.then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_apart_from_the_listening_socket() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0: 00000003 00000000 00000000 0001 03  1054\n\
            1: 00000003 00000000 00000000 0001 02     0 /run/a/.s.PGSQL.5433\n\
            2: 00000003 00000000 00000000 0001 03 10546 /run/a/.s.PGSQL.5433\n\
            3: 00000002 00000000 00010000 0001 01 10545 /run/a/.s.PGSQL.5433\n\
            4: 00000002 00000000 00010000 0001 01 10547 /run/b/.s.PGSQL.5433\n\
            5: 00000003 00000000 00000000 0001 03 10548 /run/c/.s.PGSQL.5433\n";
        let count = |socket: &str| count_in(table.as_bytes(), Path::new(socket));
        assert_eq!(count("/run/a/.s.PGSQL.5433"), Some(2));
        assert_eq!(count("/run/b/.s.PGSQL.5433"), Some(0));
        assert_eq!(count("/run/c/.s.PGSQL.5433"), None);
        assert_eq!(count("/run/d/.s.PGSQL.5433"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_connection_counts_before_it_is_accepted() {
        use std::os::unix::net::{UnixListener, UnixStream};
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        assert_eq!(count(&socket), Some(0));
        let client = UnixStream::connect(&socket).unwrap();
        assert_eq!(count(&socket), Some(1));
        let (server, _) = listener.accept().unwrap();
        assert_eq!(count(&socket), Some(1));
        drop(client);
        assert_eq!(count(&socket), Some(1), "until the server has closed its end, too");
        drop(server);
        assert_eq!(count(&socket), Some(0));
    }
}
