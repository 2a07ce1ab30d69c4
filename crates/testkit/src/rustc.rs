//! Compiles source files against the library that the test is linked with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// Compiles a source file that uses the crate `nicol`, with these arguments. `folder` is `OUT_DIR` and receives the
/// output.
pub fn rustc(source: &Path, arguments: &[&str], folder: &Path) -> Output {
    let dependencies =
        env::current_exe().expect("a test is a program").parent().expect("in a folder").to_owned();
    Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--out-dir"])
        .arg(folder)
        .args(arguments)
        .arg("-L")
        .arg(format!("dependency={}", dependencies.display()))
        .arg("--extern")
        .arg(format!("nicol={}", newest_library(&dependencies).display()))
        .arg(source)
        .env("OUT_DIR", folder)
        // Where the library was compiled, so that messages quote its source, as they do in an application.
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("rustc is there")
}

/// Returns the most recently built library: this test's own, or a later one of the same sources.
fn newest_library(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).expect("the folder of the test can be read");
    let libraries =
        entries.map(|entry| entry.expect("the folder of the test can be read").path()).filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let hash = name.strip_prefix("libnicol-").and_then(|rest| rest.strip_suffix(".rlib"));
            hash.is_some_and(|hash| hash.chars().all(|digit| digit.is_ascii_hexdigit()))
        });
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    libraries.max_by_key(modified).expect("the library was built")
}
