//! Backups of the local server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::{Folder, SCHEMA};

/// Stops the server even if the test fails.
struct Stop<'a>(&'a Folder);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.run(&["local", "stop"]);
    }
}

fn sql(folder: &Folder, sql: &str) -> String {
    folder.run(&["local", "psql", "--", "-qAtc", sql]).check(0, &[]).out.trim().to_owned()
}

#[tokio::test]
async fn a_backup_is_made_listed_checked_and_restored() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let _stop = Stop(&folder);
    folder
        .run(&["local", "backup"])
        .check(1, &["no data yet", "help: start the server once with `nicol local start`"]);
    folder
        .run(&["local", "backup", "list"])
        .check(1, &["no backups of this server", "help: make one with `nicol local backup`"]);
    folder.run(&["local", "backup", "stop"]).check(1, &["no backups of this server"]);
    folder.run(&["local", "restore"]).check(1, &["no backups of this server"]);
    folder.run(&["local", "clean"]).check(0, &["no data that a restore has replaced"]);
    folder.run(&["local", "start"]).check(0, &[]);
    sql(&folder, "create table t as select 1 as n");

    // Interrupted, it leaves nothing behind that counts.
    let home =
        PathBuf::from(sql(&folder, "select current_setting('data_directory')")).with_file_name("backups");
    let unfinished = home.join("base/.new");
    let ready = async {
        while !unfinished.exists() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let output = folder.signal(&["local", "backup"], "-INT", ready).await;
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    folder.run(&["local", "backup", "list"]).check(0, &["no base backup is complete"]);

    folder
        .run(&["local", "backup", "--keep", "3"])
        .check(0, &["comparing the backup with its checksums", "later changes are archived there"]);
    assert!(!unfinished.exists());
    let listed =
        folder.run(&["local", "backup", "list"]).check(0, &["1 backup, restorable to any time since 20"]);
    let name = listed.out.split("  ").next().expect("it has a name").to_owned();
    let time = sql(&folder, "select to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    sql(&folder, "update t set n = 2");
    folder.run(&["local", "status"]).check(0, &["1 backup, restorable to any time since"]);
    folder.run(&["local", "backup", "check", &name]).check(0, &["can be restored, last change: 20"]);
    assert_eq!(sql(&folder, "select n from t"), "2");

    for (arguments, parts) in [
        (["--to-time", "2020-01-01T00:00:00Z"], ["cannot restore to 2020-01-01T00:00:00.000Z", "to now"]),
        (["--to-time", "yesterday"], ["it must have a date, a time and an offset", ""]),
        (["--to-lsn", "7"], ["it must be two hexadecimal numbers", ""]),
        (["--from", "/etc"], ["`/etc` is not a folder of backups", "no backups made by nicol"]),
    ] {
        let arguments = ["local", "restore", "--force"].into_iter().chain(arguments).collect::<Vec<_>>();
        folder.run(&arguments).check(1, &parts);
    }
    folder
        .run(&["local", "restore", "--force", "unknown"])
        .check(1, &["there is no backup `unknown`", "nicol local backup list", "the server is running"]);
    // Without a terminal, it does not replace anything.
    folder
        .run(&["local", "restore", "--to-time", &time])
        .check(1, &["the current data would be replaced", "needs an interactive terminal", "pass --force"]);
    folder
        .run(&["local", "restore", "--to-time", &time, "--as-branch", "past"])
        .check(0, &["as the branch `past`"]);
    for (name, part) in [("past", "past"), ("main", "main"), ("a@b", "a@b"), ("^self", "^self")] {
        folder.run(&["local", "restore", "--as-branch", name]).check(1, &[part]);
    }
    folder.run(&["branch", "list"]).check(0, &[]);
    assert_eq!(sql(&folder, "select n from t"), "2");
    folder
        .run(&["local", "restore", "--force", "--to-time", &time])
        .check(0, &["restored backup", "the previous data are in "]);
    // The server runs again, and the previous data stay until they are removed.
    folder.run(&["local", "status"]).check(0, &["replaced by a restore: ", "`nicol local clean`"]);
    assert_eq!(sql(&folder, "select n from t"), "1");
    folder.run(&["local", "clean"]).check(1, &["would be lost", "pass --force"]);
    folder.run(&["local", "clean", "--force"]).check(0, &["removed 1 folder ("]);
    assert!(!folder.run(&["local", "status"]).check(0, &[]).err.contains("replaced by"));
    // A killed restore has left its folder.
    let leftover = home.with_file_name("data.new.restore");
    std::fs::create_dir_all(leftover.join("base")).expect("it can be created");
    folder.run(&["local", "status"]).check(0, &["interrupted restore"]);
    assert!(!leftover.exists());
    // PostgreSQL's programs pass paths on to a shell.
    let data = home.with_file_name(sql(&folder, "select current_setting('data_directory')"));
    let hostile = home.with_file_name("x$(touch was-run) \"y");
    folder.run(&["local", "backup", "--to", &hostile.to_string_lossy()]).check(0, &[]);
    assert!(!data.join("was-run").exists() && !hostile.join("base").join("was-run").exists());
    // One that is not made leaves the archive where it was.
    let other = home.with_file_name("other");
    let unfinished = other.join("base/.new");
    let ready = async {
        while !unfinished.exists() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let output = folder.signal(&["local", "backup", "--to", &other.to_string_lossy()], "-INT", ready).await;
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    folder.run(&["local", "backup", "list"]).check(0, &["1 backup, restorable to any time since"]);
    check_missing_folder(&folder, &hostile).await;
    let inside = data.join("backups");
    folder
        .run(&["local", "backup", "--to", &inside.to_string_lossy()])
        .check(1, &["inside the data directory", "help: choose another folder"]);
    assert!(!inside.exists());
    folder.run(&["local", "backup", "stop"]).check(0, &["the backups remain in "]);
    folder.run(&["local", "stop"]).check(0, &[]);
}

/// A restore that a signal interrupts says what has happened to the data, and leaves no server of its own.
#[tokio::test]
async fn an_interrupted_restore_says_what_happened() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let _stop = Stop(&folder);
    folder.run(&["local", "start"]).check(0, &[]);
    sql(&folder, "create table t as select 1 as n");
    let data = PathBuf::from(sql(&folder, "select current_setting('data_directory')"));
    folder.run(&["local", "backup"]).check(0, &[]);
    let time = sql(&folder, "select to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    sql(&folder, "update t set n = 2");
    let restore = ["local", "restore", "--force", "--to-time", &time];

    let new = data.with_file_name("data.new.restore");
    let has_server = || new.join("postmaster.pid").exists();
    let is_replaced = || {
        let mut all = data.parent().and_then(|home| home.read_dir().ok()).into_iter().flatten().flatten();
        all.any(|entry| entry.file_name().to_string_lossy().starts_with("data.before-"))
    };
    for (late, signal, code) in [
        (false, "-INT", 130),
        (false, "-TERM", 143),
        (true, "-INT", 130),
        (true, "-TERM", 143),
        (true, "-HUP", 129),
    ] {
        sql(&folder, "update t set n = 2");
        let output = if late {
            folder.signal(&restore, signal, appears(is_replaced)).await
        } else {
            folder.signal(&restore, signal, appears(has_server)).await
        };
        let text = String::from_utf8_lossy(&output.stderr);
        let left = std::fs::read_dir("/proc").expect("it can be listed").flatten();
        let left = left.filter_map(|process| std::fs::read_link(process.path().join("cwd")).ok());
        assert_eq!(left.filter(|it| it.to_string_lossy().starts_with(&*new.to_string_lossy())).count(), 0);
        assert!(!new.exists(), "{text}");
        // On a busy machine, an early signal may come late.
        if late || is_replaced() {
            assert_eq!(output.status.code(), Some(0), "{text}");
            assert!(text.contains("restored backup") && text.contains("the previous data are in "), "{text}");
            assert!(!text.contains("nothing was restored"), "{text}");
            assert_eq!(sql(&folder, "select n from t"), "1");
            folder.run(&["local", "clean", "--force"]).check(0, &["removed 1 folder ("]);
        } else {
            assert_eq!(output.status.code(), Some(code), "{text}");
            assert!(
                text.contains("nothing was restored") && text.contains("the server is running"),
                "{text}"
            );
            assert_eq!(sql(&folder, "select n from t"), "2");
        }
    }
}

/// Removed data are not replaced by an empty server, as long as there are backups of them.
#[test]
fn lost_data_are_restored_not_replaced() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let _stop = Stop(&folder);
    folder.run(&["local", "start"]).check(0, &[]);
    sql(&folder, "create table t as select 1 as n");
    let data = PathBuf::from(sql(&folder, "select current_setting('data_directory')"));
    folder.run(&["local", "backup"]).check(0, &[]);
    folder.run(&["local", "stop"]).check(0, &[]);
    std::fs::remove_dir_all(&data).expect("it can be removed");
    let status = folder.run(&["local", "status"]).check(1, &[]).out;
    assert!(status.starts_with("the data of the local server are gone"), "{status}");
    for arguments in [&["local", "start"][..], &["local", "psql"]] {
        folder.run(arguments).check(1, &["the data of the local server are gone", "help: restore them with"]);
        assert!(!data.exists());
    }
    folder.run(&["local", "restore"]).check(0, &["restored backup"]);
    folder.run(&["local", "start"]).check(0, &[]);
    assert_eq!(sql(&folder, "select n from t"), "1");

    // Whoever wants an empty server says so.
    folder.run(&["local", "stop"]).check(0, &[]);
    std::fs::remove_dir_all(&data).expect("it can be removed");
    folder.run(&["local", "backup", "stop"]).check(0, &["the backups remain in "]);
    let status = folder.run(&["local", "status"]).check(1, &[]).out;
    assert!(status.starts_with("no local server yet"), "{status}");
    folder.run(&["local", "start"]).check(0, &[]);
    assert_eq!(sql(&folder, "select to_regclass('t') is null"), "t");
}

async fn appears(is_there: impl Fn() -> bool) {
    while !is_there() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The folder of the backups is gone: every command says so, and archiving can be ended.
async fn check_missing_folder(folder: &Folder, hostile: &Path) {
    let away = hostile.with_extension("away");
    std::fs::rename(hostile, &away).expect("it can be renamed");
    sql(folder, "insert into t values (3); select pg_switch_wal()");
    folder.run(&["local", "status"]).check(0, &["is missing, so later", "nicol local backup stop"]);
    folder.run(&["local", "backup"]).check(1, &["is missing", "nicol local backup --to FOLDER"]);
    let failed = "select failed_count > 0 from pg_stat_archiver";
    while sql(folder, failed) != "t" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let url = folder.run(&["local", "url"]).check(0, &[]).out.trim().to_owned();
    let found = folder.run(&["doctor", &url]).check(0, &[]).out;
    assert!(found.contains("cannot archive its WAL") && found.contains("nicol local backup stop"), "{found}");
    folder.run(&["local", "backup", "stop"]).check(0, &["no backups were found in "]);
    std::fs::rename(&away, hostile).expect("it can be renamed");
    folder.run(&["local", "backup", "--to", &hostile.to_string_lossy()]).check(0, &[]);
}
