//! `Cargo.toml`.

use std::path::{Path, PathBuf};

use anyhow::bail;

/// Where the crates of nicol come from.
pub(super) enum Origin {
    /// The registry, in this program's version.
    Registry,
    /// A checkout of nicol's repository.
    Checkout(PathBuf),
}

/// A dependency of a template: its name, and what stands behind `=`.
pub(super) type Dependency = (&'static str, String);

/// The folders of nicol's crates in a checkout.
const FOLDERS: &[(&str, &str)] = &[("nicol", "nicol"), ("nicol-auth", "auth"), ("nicol-codegen", "codegen")];

impl Origin {
    /// Returns the given checkout, otherwise the one that this program was built in, if it is still there.
    pub(super) fn find(given: Option<&Path>) -> anyhow::Result<Self> {
        let is_checkout = |folder: &Path| folder.join("crates/nicol/Cargo.toml").is_file();
        if let Some(given) = given {
            if !is_checkout(given) {
                bail!(
                    "`{}` is not a checkout of nicol\n\
                     help: pass the folder that contains `crates/nicol/Cargo.toml`",
                    given.display()
                );
            }
            return Ok(Self::Checkout(given.canonicalize()?));
        }
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        Ok(match built_in {
            Some(folder) if is_checkout(folder) => Self::Checkout(folder.to_owned()),
            _ => Self::Registry,
        })
    }

    /// Returns a crate of nicol's as a dependency.
    fn crate_named(&self, name: &'static str, features: &[&str]) -> Dependency {
        let source = match self {
            Self::Registry => format!("version = {:?}", env!("CARGO_PKG_VERSION")),
            Self::Checkout(checkout) => {
                let folder = FOLDERS.iter().find(|(it, _)| *it == name).map_or(name, |(_, folder)| folder);
                let path = checkout.join("crates").join(folder);
                format!("path = {}", toml::Value::from(path.to_string_lossy().as_ref()))
            }
        };
        let value = match (self, features) {
            (Self::Registry, []) => format!("{:?}", env!("CARGO_PKG_VERSION")),
            (_, []) => format!("{{ {source} }}"),
            (_, features) => format!("{{ {source}, features = {features:?} }}"),
        };
        (name, value)
    }
}

/// What a package depends on.
pub(super) struct Dependencies {
    pub(super) program: Vec<Dependency>,
    pub(super) build_script: Vec<Dependency>,
}

impl Dependencies {
    /// Returns those of a program that reads and writes rows.
    pub(super) fn of_client(origin: &Origin) -> Self {
        let program = vec![
            ("dotenvy", "\"0.15\"".to_owned()),
            origin.crate_named("nicol", &[]),
            ("tokio", "{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }".to_owned()),
        ];
        Self { program, build_script: vec![origin.crate_named("nicol-codegen", &[])] }
    }
}

/// Returns the manifest of a new package.
pub(super) fn new(name: &str, dependencies: &Dependencies) -> String {
    let lines = |list: &[Dependency]| -> String {
        list.iter().flat_map(|(name, value)| [name, " = ", value, "\n"]).collect()
    };
    format!(
        "[package]\n\
         name = \"{name}\"\n\
         version = \"0.1.0\"\n\
         edition = \"2024\"\n\
         \n\
         [dependencies]\n\
         {}\n\
         [build-dependencies]\n\
         {}",
        lines(&dependencies.program),
        lines(&dependencies.build_script)
    )
}
