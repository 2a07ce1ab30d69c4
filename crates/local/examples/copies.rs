//! Measures branches and backups of a database, beside `pg_dump | pg_restore` of the same one.
//!
//! ```sh
//! cargo run -p nicol-local --example copies -- FOLDER [MEGABYTES]
//! ```
//!
//! FOLDER is on the file system to measure, and is left as it was. By default, the database has 1024 MB.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nicol_local::restore::{Request, restore};
use nicol_local::{Options, acquire, backup, branch, program, remove, stop};
use nicol_pg::ConnectionUrl;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: copies FOLDER [MEGABYTES]")?);
    let megabytes = arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(1024);
    let place = folder.join(format!("copies-{}", std::process::id()));
    fs::create_dir(&place)?;
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?;
    let project = place.join("project");
    fs::create_dir(&project)?;
    let mut options = Options::new(&project);
    options.root_home = place.join("root");
    options.search_path = std::env::var_os("PATH");
    let measured = Box::pin(measure(&options, &place, megabytes)).await;
    for branch in branch::list(&options).await? {
        stop(&options.on_branch(branch.name)).await?;
    }
    remove(&options).await?;
    fs::remove_dir_all(&place)?;
    measured
}

async fn measure(options: &Options, place: &Path, megabytes: u64) -> Result<()> {
    let server = acquire(options, |_| {}).await?;
    let url = server.url();
    // The rows of `pgbench -i`: 100,000 take 13 MB with their index 15 MB.
    let rows = megabytes * 100_000 / 15;
    let fill = format!(
        "CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
         INSERT INTO accounts SELECT aid, aid / 100000, 0, '' FROM generate_series(1, {rows}) aid;
         CHECKPOINT"
    );
    execute(url, &fill).await?;
    println!("{megabytes} MB, {} in use", free(place)?.0);

    let (began, before) = (Instant::now(), free(place)?);
    let size = branch::create(options, "copy", |_| {}).await?;
    let copied = began.elapsed();
    line("branch: copied", copied, &before, place)?;
    println!("        {} of {} MB share their blocks", size.shared >> 20, size.total >> 20);
    let copy = options.on_branch("copy");
    let lease = acquire(&copy, |_| {}).await?;
    line("branch: first connection", began.elapsed(), &before, place)?;
    execute(lease.url(), "UPDATE accounts SET abalance = 1 WHERE aid <= 1000").await?;
    lease.release().await?;
    branch::remove(options, "copy").await?;

    let (began, before) = (Instant::now(), free(place)?);
    dump_and_restore(options, url).await?;
    let dumped = began.elapsed();
    line("pg_dump | pg_restore", dumped, &before, place)?;
    execute(url, "DROP DATABASE restored").await?;
    println!("        branch takes {:.3} of its time", copied.as_secs_f64() / dumped.as_secs_f64());

    let (began, before) = (Instant::now(), free(place)?);
    backup::create(options, None, None, |_| {}).await?;
    line("backup, verified", began.elapsed(), &before, place)?;
    execute(url, "UPDATE accounts SET abalance = 2 WHERE aid <= 100000").await?;
    let (began, before) = (Instant::now(), free(place)?);
    let mut request = Request::default();
    request.branch = Some("restored".to_owned());
    restore(options, &request, |_| {}).await?;
    line("restore, verified and read", began.elapsed(), &before, place)?;
    server.release().await?;

    let (began, before) = (Instant::now(), free(place)?);
    branch::create(options, "stopped", |_| {}).await?;
    line("branch of a stopped server", began.elapsed(), &before, place)
}

async fn execute(url: &ConnectionUrl, sql: &str) -> Result<()> {
    let (client, connection) = nicol_pg::connect(url).await?;
    let work = async {
        for statement in sql.split(';') {
            client.batch_execute(statement).await?;
        }
        drop(client);
        Ok(())
    };
    tokio::join!(work, connection).0
}

/// With one row format for both, and as parallel as a pipe allows.
async fn dump_and_restore(options: &Options, url: &ConnectionUrl) -> Result<()> {
    execute(url, "CREATE DATABASE restored").await?;
    let command = |name: &'static str| {
        let mut command = Command::new(program(options, name).ok_or(name)?);
        if let nicol_pg::url::Address::Socket(folder) = &url.hosts()[0].address {
            command.env("PGHOST", folder);
        }
        command.env("PGUSER", "postgres").env("PGPASSWORD", url.password().unwrap_or_default());
        Ok::<_, Box<dyn Error>>(command)
    };
    let mut dump = command("pg_dump")?
        .args(["--format=custom", "--compress=0", "app"])
        .stdout(Stdio::piped())
        .spawn()?;
    let input = dump.stdout.take().ok_or("no output")?;
    let restored = command("pg_restore")?.args(["--dbname", "restored"]).stdin(input).status()?;
    if !(dump.wait()?.success() && restored.success()) {
        return Err("the dump could not be restored".into());
    }
    execute(url, "CHECKPOINT").await
}

fn line(name: &str, time: Duration, before: &(String, i64), place: &Path) -> Result<()> {
    let used = free(place)?.1 - before.1;
    println!("{name:28} {:7.2} s {used:6} MB", time.as_secs_f64());
    Ok(())
}

/// Returns how many megabytes of the file system are used, after everything has been written.
fn free(place: &Path) -> Result<(String, i64)> {
    Command::new("sync").arg("--file-system").arg(place).status()?;
    let stat = rustix::fs::statvfs(place)?;
    let used = i64::try_from(((stat.f_blocks - stat.f_bfree) * stat.f_frsize) >> 20)?;
    Ok((format!("{used} MB"), used))
}
