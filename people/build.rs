//! Generates the client from the schema file, and lists the migrations that the binary carries.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    nicol_codegen::Build::new("prisma/schema.prisma").auth_adapter().run()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("prisma/migrations");
    writeln!(std::io::stdout(), "cargo::rerun-if-changed={}", folder.display())?;
    fs::write(out.join("migrations.rs"), list(&folder)?)?;
    Ok(())
}

/// `&[(name, script), …]`, in the order of the names. By listing the folder no migration can be forgotten.
fn list(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let script = entry?.path().join("migration.sql");
        if script.exists() {
            scripts.push(script);
        }
    }
    scripts.sort();
    let mut list = String::from("&[\n");
    for script in scripts {
        let name = script.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let path = script.to_str().ok_or("the path of the project is not Unicode")?;
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    Ok(list)
}
