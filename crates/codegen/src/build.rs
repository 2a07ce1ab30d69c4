//! The entry for build scripts: the one place of this crate that reads, writes and prints.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use nicol_schema::Validated;

use crate::{Error, Layout, Options, generate};

/// Writes the client of the schema at this path (relative to the manifest) to `OUT_DIR`, from where `nicol::client!()` includes it, and
/// has Cargo run the build script again when the schema changes.
///
/// # Errors
/// The schema cannot be read or has mistakes, or the file cannot be written. `Debug` of the error is text for people, so that a build
/// script's `main` can return it.
pub fn build(schema: impl AsRef<Path>) -> Result<(), BuildError> {
    let path = variable("CARGO_MANIFEST_DIR")?.join(schema);
    let out = variable("OUT_DIR")?;
    print(&format!("cargo::rerun-if-changed={}", path.display()))?;
    let text = std::fs::read_to_string(&path)
        .map_err(|source| BuildError(Cause::Read { path: path.clone(), source }))?;
    let Validated { schema, diagnostics } = nicol_schema::validate(&text);
    let Some(schema) = schema else {
        let report = nicol_schema::render(&diagnostics, &text, &path.display().to_string(), false);
        return Err(BuildError(Cause::Schema(report)));
    };
    for warning in diagnostics {
        print(&format!("cargo::warning={}", warning.message))?;
    }
    let options = Options { layout: Layout::SingleFile };
    for file in generate(&schema, &options).map_err(|error| BuildError(Cause::Generate(error)))? {
        let path = out.join(file.path);
        // An unchanged file keeps its time, and spares a compilation.
        if std::fs::read_to_string(&path).is_ok_and(|written| written == file.contents) {
            continue;
        }
        std::fs::write(&path, file.contents).map_err(|source| BuildError(Cause::Write { path, source }))?;
    }
    Ok(())
}

/// Why a build script could not write the client.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct BuildError(Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("`{0}` is not set\nhelp: call `nicol_codegen::build` from a build script, which Cargo runs")]
    NotABuildScript(&'static str),
    #[error("cannot read the schema `{}`: {source}\nhelp: the path is relative to the folder of `Cargo.toml`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Schema(String),
    #[error(transparent)]
    Generate(Error),
    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot print to Cargo: {0}")]
    Print(std::io::Error),
}

/// What `main` prints for an error that it returns.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

fn variable(name: &'static str) -> Result<PathBuf, BuildError> {
    std::env::var_os(name).map(PathBuf::from).ok_or(BuildError(Cause::NotABuildScript(name)))
}

fn print(line: &str) -> Result<(), BuildError> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| BuildError(Cause::Print(error)))
}
