//! The folder of a server's backups: base backups, and the archived log that leads from each of them to the present.
//!
//! ```text
//! nicol-backups           what the folder is: the server's identity and version
//! base/<name>/info        when and where in the log the backup ends
//! base/<name>/data/       the data, as `pg_basebackup` writes them
//! log/<segment>.gz        finished segments of the log, written by the server with [`script`]
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::account::command;
use crate::error::{Error, file};
use crate::files;
use crate::layout::{Layout, remove_if_there};

/// The server's settings for archiving. They are always on, because `archive_mode` needs a restart; without a script,
/// they do nothing. The server runs the command in its data directory.
pub(crate) const SETTINGS: [(&str, &str); 2] =
    [("archive_mode", "on"), ("archive_command", "test ! -e ../archive.sh || sh ../archive.sh %p %f")];

/// The longest time, in seconds, until a change is in the archive.
pub(crate) const TIMEOUT: u32 = 60;

/// The number of segments of 16 MB that wait for a failing archive. Then the archive gets a gap, because a full disk
/// would stop the server.
const MOST_WAITING: usize = 128;

const MARKER: &str = "nicol-backups";

/// The backups of a server.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    pub(crate) folder: PathBuf,
    /// Tells servers apart: `initdb` chooses it, and copies keep it.
    pub(crate) system: u64,
    /// The major version of the data.
    pub(crate) version: u32,
}

/// A base backup.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backup {
    /// The name, from the time when it began.
    pub name: String,
    /// The earliest time to which the backup can be restored.
    pub finished: SystemTime,
    /// The size in bytes.
    pub size: u64,
    /// The timeline of the log. Each restore begins a new one.
    pub(crate) timeline: u32,
    /// The first segment of the log that the backup needs.
    pub(crate) segment: String,
    /// The place in the log where the backup is consistent.
    pub(crate) end: u64,
}

impl Archive {
    /// Returns the archive of the data in a folder, if there is one.
    pub(crate) fn configured(layout: &Layout) -> Result<Option<Self>, Error> {
        let Some(folder) = configured_folder(layout)? else { return Ok(None) };
        if !folder.join(MARKER).exists() {
            return Err(Error::BackupsGone { folder });
        }
        Self::open(&folder).map(Some)
    }

    /// Opens an existing folder of backups.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(MARKER);
        let foreign = |reason| Error::NotBackups { folder: folder.to_owned(), reason };
        let text = match fs::read_to_string(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(foreign("it contains no backups made by nicol"));
            }
            text => text.map_err(file("read", &path))?,
        };
        if value(&text, "format") != Some("1") {
            return Err(foreign("its backups were made by a newer version of nicol"));
        }
        let system = value(&text, "system").and_then(|text| text.parse().ok());
        let version = value(&text, "version").and_then(|text| text.parse().ok());
        match (system, version) {
            (Some(system), Some(version)) => Ok(Self { folder: folder.to_owned(), system, version }),
            _ => Err(foreign("its description is damaged")),
        }
    }

    /// Opens the folder, or creates it, for the backups of these data. It belongs to the server's user.
    pub(crate) fn create(layout: &Layout, folder: &Path) -> Result<Self, Error> {
        let system = system(&layout.data)?;
        let version = layout.data_version()?.unwrap_or_default();
        let marker = folder.join(MARKER);
        if !marker.exists() {
            let occupied = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
            if occupied {
                let reason = "it contains other files";
                return Err(Error::NotBackups { folder: folder.to_owned(), reason });
            }
            fs::create_dir_all(folder).map_err(file("create", folder))?;
            let copy = files::Owner(layout.account.as_ref());
            copy.own(folder)?;
            for part in ["base", "log"] {
                let part = folder.join(part);
                if !part.exists() {
                    copy.make_folder(&part)?;
                }
            }
            // Last: with it, the folder is complete.
            let text = format!("format=1\nsystem={system}\nversion={version}\n");
            crate::cluster::write_file(layout, &marker, &text)?;
            files::sync(folder)?;
        }
        let archive = Self::open(folder)?;
        if (archive.system, archive.version) != (system, version) {
            let reason = "it contains the backups of another server";
            return Err(Error::NotBackups { folder: folder.to_owned(), reason });
        }
        Ok(archive)
    }

    pub(crate) fn base(&self, name: &str) -> PathBuf {
        self.folder.join("base").join(name)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Returns the complete base backups, oldest first.
    pub(crate) fn backups(&self) -> Result<Vec<Backup>, Error> {
        let mut backups = Vec::new();
        for name in names(&self.folder.join("base"))? {
            let path = self.base(&name).join("info");
            if let Ok(text) = fs::read_to_string(&path) {
                let reason = "the description of one of its backups is damaged";
                let damaged = Error::NotBackups { folder: self.folder.clone(), reason };
                backups.push(Backup::parse(name, &text).ok_or(damaged)?);
            }
        }
        backups.sort_by_key(|backup| backup.finished);
        Ok(backups)
    }

    /// Returns the names of the archived segments, sorted.
    pub(crate) fn segments(&self) -> Result<Vec<String>, Error> {
        let mut segments: Vec<String> = names(&self.log())?
            .into_iter()
            .filter_map(|name| name.strip_suffix(".gz").map(str::to_owned))
            .filter(|name| segment_number(name).is_some())
            .collect();
        segments.sort();
        Ok(segments)
    }

    /// Returns when a segment was archived: its changes are older.
    pub(crate) fn archived(&self, segment: &str) -> Option<SystemTime> {
        fs::metadata(self.log().join(format!("{segment}.gz"))).and_then(|meta| meta.modified()).ok()
    }

    /// Removes all but the newest `keep` base backups, and the log that only those needed. Returns the removed ones.
    pub(crate) fn prune(&self, keep: usize) -> Result<Vec<Backup>, Error> {
        let mut backups = self.backups()?;
        let kept = backups.split_off(backups.len().saturating_sub(keep.max(1)));
        for backup in &backups {
            // Without its description, it does not count as a backup any more.
            remove_if_there(&self.base(&backup.name).join("info"))?;
            files::remove_dir(&self.base(&backup.name))?;
        }
        let needed = kept.iter().filter_map(|backup| segment_number(&backup.segment)).min();
        for name in names(&self.log())? {
            let old = name.get(..24).and_then(segment_number);
            if old.zip(needed).is_some_and(|(old, needed)| old < needed) {
                remove_if_there(&self.log().join(&name))?;
            }
        }
        Ok(backups)
    }

    /// Copies the log that was archived into another folder.
    pub(crate) fn take_log(&self, other: &Self, layout: &Layout) -> Result<(), Error> {
        for name in names(&other.log())? {
            let (from, to) = (other.log().join(&name), self.log().join(&name));
            if name.strip_suffix(".gz").is_some() && !to.exists() {
                fs::copy(&from, &to).map_err(file("copy", &from))?;
                files::Owner(layout.account.as_ref()).own(&to)?;
                files::sync(&to)?;
            }
        }
        Ok(())
    }

    /// Makes the server archive its log here from now on.
    pub(crate) fn attach(&self, layout: &Layout) -> Result<(), Error> {
        let path = setting(layout);
        let new = path.with_extension("new");
        fs::write(&new, utf8(&self.folder)?).map_err(file("write", &new))?;
        files::rename(&new, &path)?;
        let script = script_file(layout);
        let new = script.with_extension("new");
        fs::write(&new, archive_script(utf8(&layout.data)?, utf8(&self.log())?))
            .map_err(file("write", &new))?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fs::set_permissions(&new, mode).map_err(file("change the mode of", &new))?;
        files::sync(&new)?;
        files::rename(&new, &script)
    }
}

/// Returns the folder of a server's backups, which may be gone.
pub(crate) fn configured_folder(layout: &Layout) -> Result<Option<PathBuf>, Error> {
    let path = setting(layout);
    match fs::read_to_string(&path) {
        Ok(folder) => Ok(Some(folder.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file("read", path)(error)),
    }
}

/// Ends the archiving of a server's log. The backups remain.
pub(crate) fn detach(layout: &Layout) -> Result<(), Error> {
    remove_if_there(&script_file(layout))?;
    remove_if_there(&setting(layout))
}

/// Archives the finished segments of a stopped server that still wait for it. A failure is not an error: they keep waiting.
pub(crate) fn catch_up(layout: &Layout) -> Result<(), Error> {
    let status = layout.data.join("pg_wal/archive_status");
    let mut waiting: Vec<String> =
        names(&status)?.iter().filter_map(|name| name.strip_suffix(".ready").map(str::to_owned)).collect();
    waiting.sort();
    let shell = Path::new("/bin/sh");
    for name in waiting.into_iter().take_while(|_| is_attached(layout)) {
        let mut script = command(shell, layout.account.as_ref());
        script.arg(script_file(layout)).args([&format!("pg_wal/{name}"), &name]);
        script.current_dir(&layout.data).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status_of = script.status().map_err(|source| Error::Run { program: shell.to_owned(), source })?;
        if !status_of.success() {
            break;
        }
        files::rename(&status.join(format!("{name}.ready")), &status.join(format!("{name}.done")))?;
    }
    Ok(())
}

/// Whether the server of these data archives its log. That of a moved project does not, so that it cannot be mixed with
/// that of the original.
pub(crate) fn is_attached(layout: &Layout) -> bool {
    fs::read_to_string(script_file(layout))
        .is_ok_and(|script| script.starts_with(&format!("# {}\n", layout.data.display())))
}

/// Returns how many segments wait to be archived.
pub(crate) fn waiting(layout: &Layout) -> usize {
    let status = layout.data.join("pg_wal/archive_status");
    names(&status).map_or(0, |names| {
        names.iter().filter(|name| name.strip_suffix(".ready").is_some_and(|name| name.len() == 24)).count()
    })
}

/// Returns the position of a segment in the log, whatever its timeline.
pub(crate) fn segment_number(name: &str) -> Option<u64> {
    // Timeline, then the upper and the lower half of the position divided by 16 MB.
    let hex = name.len() == 24 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex {
        return None;
    }
    let half = |range: std::ops::Range<usize>| u64::from_str_radix(&name[range], 16).ok();
    Some(half(8..16)? * 256 + half(16..24)?)
}

/// Returns the identity of the server of a data directory: the first field of its control file.
pub(crate) fn system(data: &Path) -> Result<u64, Error> {
    let path = data.join("global/pg_control");
    let bytes = fs::read(&path).map_err(file("read", &path))?;
    let first =
        bytes.first_chunk().ok_or_else(|| file("read", &path)(io::ErrorKind::UnexpectedEof.into()))?;
    Ok(u64::from_ne_bytes(*first))
}

/// Parses a place in the log, such as `0/16B3748`.
pub(crate) fn parse_lsn(text: &str) -> Option<u64> {
    let (high, low) = text.trim().split_once('/')?;
    let half = |text: &str| u32::from_str_radix(text, 16).ok().map(u64::from);
    Some(half(high)? << 32 | half(low)?)
}

impl Backup {
    fn parse(name: String, text: &str) -> Option<Self> {
        let number = |key| value(text, key)?.parse().ok();
        Some(Self {
            name,
            finished: UNIX_EPOCH + Duration::from_micros(number("finished")?),
            size: number("size")?,
            timeline: number("timeline")?.try_into().ok()?,
            segment: value(text, "segment").filter(|name| segment_number(name).is_some())?.to_owned(),
            end: number("end")?,
        })
    }

    /// Returns the text of the `info` file.
    pub(crate) fn to_text(&self) -> String {
        let finished = microseconds(self.finished);
        let Self { size, timeline, segment, end, .. } = self;
        format!("finished={finished}\nsize={size}\ntimeline={timeline}\nsegment={segment}\nend={end}\n")
    }

    /// Describes a new backup by what `pg_basebackup` wrote. Returns `None` if that is not understood.
    pub(crate) fn of(name: &str, data: &Path, finished: SystemTime, size: u64) -> Option<Self> {
        let manifest = fs::read_to_string(data.join("backup_manifest")).ok()?;
        let label = fs::read_to_string(data.join("backup_label")).ok()?;
        // "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)"
        let segment = label.split_once("(file ")?.1.split_once(')')?.0.to_owned();
        // "WAL-Ranges": [{ "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000100" }]
        let ranges = manifest.split_once("\"WAL-Ranges\"")?.1;
        let timeline = ranges.split_once("\"Timeline\":")?.1.split_once(',')?.0.trim().parse().ok()?;
        let end = ranges.split_once("\"End-LSN\": \"")?.1.split_once('"')?.0;
        segment_number(&segment)?;
        Some(Self { name: name.to_owned(), finished, size, timeline, segment, end: parse_lsn(end)? })
    }
}

fn microseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Rounds a time up to the resolution with which times are shown, so that a time that is shown as possible is.
pub(crate) fn rounded_up(time: SystemTime) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(microseconds(time).div_ceil(1000))
}

fn setting(layout: &Layout) -> PathBuf {
    layout.home.join("backup-folder")
}

fn script_file(layout: &Layout) -> PathBuf {
    layout.home.join("archive.sh")
}

/// Returns the script that archives a segment. It needs nothing but a shell and gzip, so that it works on when nicol
/// is upgraded or gone. It never overwrites anything, and a file has its name only when it is complete and on the disk.
fn archive_script(data: &str, log: &str) -> String {
    let (quoted_data, quoted_log) = (quote(data), quote(log));
    format!(
        r#"# {data}
# Written by `nicol local backup`. The server runs it for each finished segment of its log, with path and name.
data={quoted_data}
log={quoted_log}

# A copy of the project, or one that was moved, must not write into the archive of the original.
[ "$(pwd -P)" = "$data" ] || exit 0

# A failing archive keeps segments, but not until the disk is full.
fail() {{
    echo "nicol: cannot archive $2 in $log: $1" >&2
    [ "$(ls pg_wal/archive_status | grep -c 'ready$')" -le {MOST_WAITING} ] && exit 1
    echo "nicol: $2 is left out of the archive, which cannot be restored beyond it" >&2
    exit 0
}}

[ -d "$log" ] || fail "the folder is missing" "$2"
if [ -e "$log/$2.gz" ]; then
    gzip -dc "$log/$2.gz" | cmp -s - "$1" && exit 0
    fail "it exists with other contents" "$2"
fi
new="$log/.$2.$$"
if gzip -1 -c "$1" >"$new" && sync "$new" && mv "$new" "$log/$2.gz"; then
    sync "$log"
    exit 0
fi
rm -f "$new"
fail "see above" "$2"
"#
    )
}

/// Quotes a text for a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns the shell command that fetches a segment: from the archive, otherwise from the log of the data that were in
/// use until now. For `restore_command`, in which `%` has a meaning.
pub(crate) fn restore_command(log: &Path, live: Option<&Path>) -> Result<String, Error> {
    let escaped = |path: &Path| Ok(quote(utf8(path)?).replace('%', "%%"));
    let log = escaped(log)?;
    let otherwise = match live.map(escaped).transpose()? {
        Some(live) => format!("[ -e {live}/%f ] && cp {live}/%f %p"),
        None => "exit 1".to_owned(),
    };
    // A code above 125 ends the recovery: a damaged segment must not be taken for the end of the log.
    Ok(format!("if [ -e {log}/%f.gz ]; then gzip -dc {log}/%f.gz > %p || exit 200; else {otherwise}; fi"))
}

/// Returns a path as text, which it has to be in settings and scripts.
fn utf8(path: &Path) -> Result<&str, Error> {
    let reason = "its path, or that of the project, is not valid UTF-8";
    path.to_str().ok_or_else(|| Error::NotBackups { folder: path.to_owned(), reason })
}

/// Returns a value of a file of lines `name=value`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

/// Returns the names of the files in a folder, if it exists.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(file("list", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(file("list", folder))?.file_name().into_string());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_ordered_across_timelines() {
        assert_eq!(segment_number("000000010000000000000002"), Some(2));
        assert_eq!(segment_number("000000070000000100000001"), Some(257));
        for other in ["00000002.history", "000000010000000000000002.partial", "", "00000001000000000000000g"]
        {
            assert_eq!(segment_number(other), None, "{other}");
        }
        assert_eq!(parse_lsn("1/A"), Some((1 << 32) + 10));
        assert_eq!(parse_lsn("16B3748"), None);
    }

    #[test]
    fn a_backup_is_described_by_its_text() {
        let backup = Backup {
            name: "a".to_owned(),
            finished: UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_456),
            size: 7,
            timeline: 2,
            segment: "000000020000000000000003".to_owned(),
            end: 50,
        };
        assert_eq!(Backup::parse("a".to_owned(), &backup.to_text()), Some(backup));
        assert_eq!(Backup::parse("a".to_owned(), "finished=1\n"), None);
    }

    #[test]
    fn paths_are_quoted_for_the_shell_and_the_server() {
        assert_eq!(quote("/it's"), r"'/it'\''s'");
        let command = restore_command(Path::new("/a b%2f"), Some(Path::new("/c")));
        let expected = "if [ -e '/a b%%2f'/%f.gz ]; then gzip -dc '/a b%%2f'/%f.gz > %p || exit 200; \
                        else [ -e '/c'/%f ] && cp '/c'/%f %p; fi";
        assert_eq!(command.unwrap(), expected);
    }
}
