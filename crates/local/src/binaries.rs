//! Finds PostgreSQL's programs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::account::{Account, command};
use crate::error::Error;
use crate::options::Options;

const VERSIONS: std::ops::RangeInclusive<u32> = 14..=18;

/// Folders with `*` for the version, as the packages of common systems lay them out.
const FOLDERS: &[&str] = &[
    "/usr/lib/postgresql/*/bin",                       // Debian, Ubuntu
    "/usr/pgsql-*/bin",                                // PostgreSQL's own packages for Fedora, RHEL
    "/usr/libexec/postgresql*",                        // Alpine
    "/usr/lib/postgresql*/bin",                        // openSUSE
    "/usr/lib64/postgresql-*/bin",                     // Gentoo
    "/usr/lib64/pgsql",                                // Slackware and older Fedora
    "/opt/homebrew/opt/postgresql@*/bin",              // Homebrew
    "/usr/local/opt/postgresql@*/bin",                 // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin", // Homebrew on Linux
    "/opt/local/lib/postgresql*/bin",                  // MacPorts
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin", // EDB's installer
    "/opt/postgresql/*/bin",
    "/run/current-system/sw/bin", // NixOS
    "/usr/local/pgsql/bin",       // built from source
    "/usr/local/bin",             // FreeBSD
    "/usr/bin",                   // Fedora, Arch
];

/// A usable PostgreSQL installation.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) folder: PathBuf,
    pub(crate) major: u32,
    pub(crate) version: String,
}

/// Finds a client program such as `psql`, next to the server's programs or in the search path.
pub fn program(options: &Options, name: &str) -> Option<PathBuf> {
    // A symbolic link to the server may be separate from the other programs.
    let behind_link =
        |folder: &PathBuf| Some(fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned());
    let servers =
        candidates(options).into_iter().flat_map(|folder| [behind_link(&folder), Some(folder)]).flatten();
    let path = options.search_path.iter().flat_map(std::env::split_paths);
    servers.chain(path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Finds an installation: of version `wanted` if there are data, otherwise the first usable one.
pub(crate) fn find(
    options: &Options,
    account: Option<&Account>,
    wanted: Option<(u32, &Path)>,
) -> Result<Installation, Error> {
    let candidates = candidates(options);
    let mut others: Vec<Installation> = Vec::new();
    for folder in &candidates {
        match inspect(folder, account) {
            Ok(found) if wanted.is_none_or(|(major, _)| major == found.major) => return Ok(found),
            Ok(found) => others.push(found),
            Err(reason) if options.postgres_bin.is_some() => {
                return Err(Error::Unusable { folder: folder.clone(), reason });
            }
            Err(_) => {}
        }
    }
    match wanted {
        Some((data_version, data)) if !(others.is_empty() && VERSIONS.contains(&data_version)) => {
            let list: Vec<String> = others
                .iter()
                .map(|found| format!("{} (`{}`)", found.version, found.folder.display()))
                .collect();
            let found = if list.is_empty() {
                "no PostgreSQL is installed".to_owned()
            } else {
                format!("only version {} is installed", list.join(", "))
            };
            Err(Error::OtherVersion { data: data.to_owned(), data_version, found })
        }
        _ => {
            let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
            let install = install_advice(&os_release, std::env::consts::OS, wanted.map(|(major, _)| major));
            Err(Error::NotInstalled { looked: candidates.len(), install })
        }
    }
}

/// Returns all folders that contain `postgres`, in order of preference.
fn candidates(options: &Options) -> Vec<PathBuf> {
    if let Some(folder) = &options.postgres_bin {
        return vec![std::path::absolute(folder).unwrap_or_else(|_| folder.clone())];
    }
    let mut folders: Vec<PathBuf> = options
        .search_path
        .as_ref()
        .map(|path| std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect())
        .unwrap_or_default();
    for pattern in FOLDERS {
        folders.extend(expand(pattern));
    }
    let mut seen = Vec::new();
    folders.retain(|folder| {
        let Ok(file) = fs::canonicalize(folder.join("postgres")) else { return false };
        let new = !seen.contains(&file);
        seen.push(file);
        new
    });
    folders
}

/// Expands `*` to every version, highest first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![PathBuf::from(pattern)] };
    let Some((folder, beginning)) = before.rsplit_once('/') else { return Vec::new() };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let version = name.strip_prefix(beginning)?;
            Some((major(version)?, PathBuf::from(format!("{folder}/{name}{after}"))))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Runs `postgres --version` as the user that the server will run as.
fn inspect(folder: &Path, account: Option<&Account>) -> Result<Installation, String> {
    let missing = ["postgres", "initdb"].into_iter().find(|name| !folder.join(name).is_file());
    if let Some(name) = missing {
        return Err(format!("there is no `{name}`"));
    }
    let output = command(&folder.join("postgres"), account)
        .arg("--version")
        .output()
        .map_err(|error| format!("`postgres` cannot be run by the server's user ({error})"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(2).unwrap_or_default();
    match major(version) {
        Some(major) if VERSIONS.contains(&major) => {
            Ok(Installation { folder: folder.to_owned(), major, version: version.to_owned() })
        }
        Some(_) => Err(format!("it is version {version}")),
        None => Err("`postgres --version` prints no version".to_owned()),
    }
}

/// `15.14` → 15, `18beta1` → 18.
fn major(version: &str) -> Option<u32> {
    let digits = version.find(|c: char| !c.is_ascii_digit()).map_or(version, |end| &version[..end]);
    digits.parse().ok()
}

fn install_advice(os_release: &str, os: &str, wanted: Option<u32>) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for key in ["ID=", "ID_LIKE="] {
        for line in os_release.lines() {
            if let Some(value) = line.strip_prefix(key) {
                ids.extend(value.trim_matches('"').split_whitespace());
            }
        }
    }
    let package = |plain: &str, versioned: &dyn Fn(u32) -> String| match wanted {
        Some(version) => versioned(version),
        None => plain.to_owned(),
    };
    let command = ids.iter().find_map(|id| {
        Some(match *id {
            "debian" | "ubuntu" => {
                format!("sudo apt-get install {}", package("postgresql", &|v| format!("postgresql-{v}")))
            }
            "fedora" | "rhel" | "centos" => {
                format!(
                    "sudo dnf install {}",
                    package("postgresql-server", &|v| format!("postgresql{v}-server"))
                )
            }
            "alpine" => format!("apk add {}", package("postgresql", &|v| format!("postgresql{v}"))),
            "arch" => "sudo pacman -S postgresql".to_owned(),
            "suse" | "opensuse" => {
                format!(
                    "sudo zypper install {}",
                    package("postgresql-server", &|v| format!("postgresql{v}-server"))
                )
            }
            "gentoo" => "sudo emerge dev-db/postgresql".to_owned(),
            "nixos" => "nix-shell -p postgresql".to_owned(),
            _ => return None,
        })
    });
    let command = match (command, os) {
        (Some(command), _) => command,
        (None, "macos") => {
            format!("brew install {}", package("postgresql@17", &|v| format!("postgresql@{v}")))
        }
        (None, "freebsd") => {
            format!("pkg install {}", package("postgresql17-server", &|v| format!("postgresql{v}-server")))
        }
        (None, _) => {
            return "install the server package of PostgreSQL 14 to 18, or set NICOL_POSTGRES_BIN to its folder".to_owned();
        }
    };
    format!("install it with `{command}`, set NICOL_POSTGRES_BIN to the folder of its programs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_leading_number() {
        assert_eq!(major("15.14"), Some(15));
        assert_eq!(major("18beta1"), Some(18));
        assert_eq!(major(""), None);
        assert_eq!(major("devel"), None);
    }

    #[test]
    fn the_highest_version_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["9", "15", "16", "other"] {
            fs::create_dir_all(dir.path().join(name).join("bin")).unwrap();
        }
        let pattern = format!("{}/*/bin", dir.path().display());
        let expected: Vec<PathBuf> =
            ["16", "15", "9"].iter().map(|v| dir.path().join(v).join("bin")).collect();
        assert_eq!(expand(&pattern), expected);
    }

    #[test]
    fn advice_fits_the_system() {
        let advice = |os_release: &str, wanted| install_advice(os_release, "linux", wanted);
        assert!(advice("NAME=x\nID=debian\n", None).contains("`sudo apt-get install postgresql`"));
        assert!(advice("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", None).contains("apt-get"));
        assert!(
            advice("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", Some(16))
                .contains("dnf install postgresql16-server")
        );
        assert!(advice("ID=alpine\n", Some(17)).contains("apk add postgresql17"));
        assert!(advice("", None).contains("server package"));
        assert!(install_advice("", "macos", None).contains("brew install postgresql@17"));
    }
}
