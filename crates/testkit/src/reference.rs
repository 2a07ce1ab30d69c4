//! The reference implementation: Prisma 6.19.0.

use std::path::{Path, PathBuf};
use std::process::Command;

use nicol_pg::ConnectionUrl;

/// Returns the path of the reference's command line. `cargo xtask test` installs it and sets `NICOL_REFERENCE_DIR` to
/// its folder.
pub fn reference() -> PathBuf {
    let folder = std::env::var_os("NICOL_REFERENCE_DIR").unwrap_or_else(|| {
        panic!(
            "this test compares with Prisma 6.19.0, which is not installed\n\
             help: run `cargo xtask test`, which installs it, or set NICOL_REFERENCE_DIR to its folder"
        )
    });
    let program = Path::new(&folder).join("prisma-ref");
    assert!(
        program.is_file(),
        "there is no `prisma-ref` in `{}`\nhelp: run `cargo xtask test`, which installs it there",
        Path::new(&folder).display()
    );
    program
}

/// Returns the script of axe-core, an accessibility checker installed with the reference.
pub fn axe() -> String {
    let folder = std::env::var_os("NICOL_REFERENCE_DIR").unwrap_or_else(|| {
        panic!(
            "this test needs axe-core, which is not installed\n\
             help: run `cargo xtask test`, which installs it, or set NICOL_REFERENCE_DIR to its folder"
        )
    });
    let script = Path::new(&folder).join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&script).unwrap_or_else(|error| {
        panic!("cannot read `{}`: {error}\nhelp: run `cargo xtask test`, which installs it", script.display())
    })
}

/// Returns the folder of the reference, for scripts that use its packages.
pub(crate) fn reference_dir() -> PathBuf {
    let program = reference();
    program.parent().map_or(program.clone(), Path::to_owned)
}

/// Returns a command of the reference. Its schemas read `DATABASE_URL` and `DATABASE_URL_UNPOOLED`; without
/// `database`, these refer to a database that does not exist.
pub fn reference_command(database: Option<&ConnectionUrl>) -> Command {
    let url = match database {
        Some(url) => url.to_url_with_password(),
        None => "postgresql://user:password@localhost:1/none".to_owned(),
    };
    let mut command = Command::new(reference());
    command.env("DATABASE_URL", &url).env("DATABASE_URL_UNPOOLED", &url);
    command
}
