//! `Cargo.toml`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use toml_edit::{DocumentMut, Item, Table};

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

    /// Returns those of a server with sign-in.
    pub(super) fn of_sign_in(origin: &Origin) -> Self {
        let tokio = "{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }".to_owned();
        let program = vec![
            ("axum", "\"0.8\"".to_owned()),
            ("dotenvy", "\"0.15\"".to_owned()),
            origin.crate_named("nicol", &[]),
            origin.crate_named("nicol-auth", &["axum"]),
            ("serde", "{ version = \"1\", features = [\"derive\"] }".to_owned()),
            ("tokio", tokio),
        ];
        Self { program, ..Self::of_client(origin) }
    }
}

/// The manifest of a package that exists.
pub(super) struct Manifest(DocumentMut);

impl Manifest {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let manifest: DocumentMut = text.parse().context("cannot parse `Cargo.toml`")?;
        if manifest.get("package").is_none() {
            bail!(
                "`Cargo.toml` is that of a workspace, not of a package\n\
                 help: pass the folder of a member, or a new one: nicol init DIR"
            );
        }
        Ok(Self(manifest))
    }

    /// Whether the package uses nicol.
    pub(super) fn has_nicol(&self) -> bool {
        self.0.get("dependencies").is_some_and(|table| table.get("nicol").is_some())
    }

    /// Adds the dependencies that are missing, and returns their names. What an example needs beside nicol is only needed there.
    pub(super) fn add(&mut self, dependencies: &Dependencies) -> anyhow::Result<Vec<&'static str>> {
        let mut added = Vec::new();
        let (of_package, of_example): (Vec<_>, Vec<_>) =
            dependencies.program.iter().partition(|(name, _)| *name == "nicol");
        let build_script = dependencies.build_script.iter().collect();
        for (section, list) in [
            ("dependencies", of_package),
            ("dev-dependencies", of_example),
            ("build-dependencies", build_script),
        ] {
            let table = self.0.entry(section).or_insert(Item::Table(Table::new()));
            let table = table
                .as_table_like_mut()
                .with_context(|| format!("`{section}` in `Cargo.toml` is not a section"))?;
            for (name, value) in list {
                if table.get(name).is_none() {
                    table.insert(name, Item::Value(value.parse()?));
                    added.push(*name);
                }
            }
        }
        Ok(added)
    }

    pub(super) fn text(&self) -> String {
        self.0.to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_added_to_a_manifest() {
        let text =
            "[package]\nname = \"app\" # mine\n\n[dependencies]\nserde = '1'\n\n[lints]\nworkspace = true\n";
        let mut manifest = Manifest::parse(text).unwrap();
        assert!(!manifest.has_nicol());
        let dependencies = Dependencies::of_client(&Origin::Registry);
        assert_eq!(manifest.add(&dependencies).unwrap(), ["nicol", "dotenvy", "tokio", "nicol-codegen"]);
        assert_eq!(
            manifest.text(),
            "[package]\nname = \"app\" # mine\n\n[dependencies]\nserde = '1'\nnicol = \"0.1.0\"\n\n\
             [lints]\nworkspace = true\n\n\
             [dev-dependencies]\ndotenvy = \"0.15\"\n\
             tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n\n\
             [build-dependencies]\nnicol-codegen = \"0.1.0\"\n"
        );
        assert!(manifest.has_nicol());
        assert!(manifest.add(&dependencies).unwrap().is_empty());
        assert!(Manifest::parse("[workspace]\n").is_err());
    }

    #[test]
    fn features_stand_beside_a_version_or_a_path() {
        let of = |origin: Origin| origin.crate_named("nicol-auth", &["axum"]).1;
        assert_eq!(of(Origin::Registry), "{ version = \"0.1.0\", features = [\"axum\"] }");
        let checkout = Origin::Checkout("/a b".into());
        assert_eq!(of(checkout), "{ path = \"/a b/crates/auth\", features = [\"axum\"] }");
    }
}
