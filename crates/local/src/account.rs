//! Chooses the user that the server runs as.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::options::Options;

/// The user that the server runs as, if it is not the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

pub(crate) fn current_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Chooses the account. An ordinary user needs none.
pub(crate) fn choose(options: &Options) -> Result<Option<Account>, Error> {
    if current_uid() != 0 {
        return Ok(None);
    }
    let names: Vec<&str> = match &options.account {
        Some(name) => vec![name],
        None => vec!["postgres", "_postgres", "nobody"],
    };
    match names.iter().find_map(|name| find(name)) {
        Some(account) => Ok(Some(account)),
        None => Err(Error::NoAccount { tried: names.iter().map(ToString::to_string).collect() }),
    }
}

/// Root itself is not an option, because PostgreSQL refuses it.
fn find(name: &str) -> Option<Account> {
    let account =
        in_passwd(&fs::read_to_string("/etc/passwd").unwrap_or_default(), name).or_else(|| asked(name))?;
    (account.uid != 0).then_some(account)
}

fn in_passwd(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        Some(Account { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    })
}

/// For users from a directory service, and for macOS.
fn asked(name: &str) -> Option<Account> {
    let ask = |what: &str| {
        let output = Command::new("id").args([what, "--", name]).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Some(Account { uid: ask("-u")?, gid: ask("-g")? })
}

/// Returns a command that runs as the account, in a folder that it can access, without the user's own PostgreSQL
/// settings.
pub(crate) fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null());
    if let Some(account) = account {
        // The standard library also drops root's supplementary groups together with its uid.
        command.uid(account.uid).gid(account.gid);
    }
    for name in [
        "PGDATA",
        "PGHOST",
        "PGHOSTADDR",
        "PGPORT",
        "PGUSER",
        "PGPASSWORD",
        "PGDATABASE",
        "PGOPTIONS",
        "PGSERVICE",
        "PGTZ",
        "PGCLIENTENCODING",
        "PGSYSCONFDIR",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_COLLATE",
        "LC_CTYPE",
        "LC_MESSAGES",
        "LC_MONETARY",
        "LC_NUMERIC",
        "LC_TIME",
        "TZ",
    ] {
        command.env_remove(name);
    }
    // macOS: without a locale, the server would start threads to determine one, and then refuse to run.
    command.env("LC_ALL", "C");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:\npostgres:x:101:104::/:/bin/sh\nbad:x:a:b::\n";
        assert_eq!(in_passwd(passwd, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(in_passwd(passwd, "post"), None);
        assert_eq!(in_passwd(passwd, "bad"), None);
    }
}
