//! The entry point for build scripts; together with `schema_files`, the only I/O of this crate.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use nicol_schema::model::{Generator, StringOrEnv};
use nicol_schema::{DatasourceUrl, Sources, rule};

use crate::error::Error;
use crate::generate::generate;
use crate::output::{Layout, Options};
use crate::schema_files::{ReadSchemaError, read_schema};
use crate::statement_files::{ReadStatementsError, read_statements, statement_folder};

/// Writes the client of a schema to `OUT_DIR`, from where `nicol::client!()` includes it, and tells Cargo to rerun
/// the build script when the schema changes.
///
/// `schema` is a file or a folder, relative to the manifest.
///
/// # Errors
/// The schema cannot be read or has errors, or the file cannot be written. The error's `Debug` output is a readable
/// message, so that `main` of a build script can return it.
pub fn build(schema: impl AsRef<Path>) -> Result<(), BuildError> {
    Build::new(schema).run()
}

/// [`build`] with options.
///
/// ```no_run
/// fn main() -> Result<(), nicol_codegen::BuildError> {
///     nicol_codegen::Build::new("prisma/schema.prisma").auth_adapter().run()
/// }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is written without `run`"]
pub struct Build {
    schema: PathBuf,
    statements: Option<PathBuf>,
    options: Options,
}

impl Build {
    /// Prepares to write the client of the schema at this path: a file or a folder, relative to the manifest.
    pub fn new(schema: impl AsRef<Path>) -> Self {
        let options = Options { layout: Layout::SingleFile, ..Options::default() };
        Self { schema: schema.as_ref().to_owned(), statements: None, options }
    }

    /// Implements `nicol_auth::Adapter` for the client, so that sign-in keeps its rows in the models of Auth.js: `User`,
    /// `Account`, `Session` and `VerificationToken`. The application has to depend on `nicol-auth`.
    pub fn auth_adapter(mut self) -> Self {
        self.options.auth_adapter = true;
        self
    }

    /// Implements serde's `Deserialize` for rows, which reads what their `Serialize` writes. `deserialize = true` in the
    /// generator block of the schema does the same.
    pub fn deserialize(mut self) -> Self {
        self.options.deserialize = true;
        self
    }

    /// Reads the statements of TypedSQL from this folder, relative to the manifest. The default is `sql` beside the schema.
    pub fn sql(mut self, folder: impl AsRef<Path>) -> Self {
        self.statements = Some(folder.as_ref().to_owned());
        self
    }

    /// Writes the client, as [`build`] does.
    ///
    /// # Errors
    /// As for [`build`]; also if a model or field is missing that the adapter needs.
    pub fn run(mut self) -> Result<(), BuildError> {
        let manifest = variable("CARGO_MANIFEST_DIR")?;
        self.schema = manifest.join(self.schema);
        self.statements = self.statements.map(|folder| manifest.join(folder));
        print(&format!("cargo::rerun-if-changed={}", self.schema.display()))?;
        let out = variable("OUT_DIR")?;
        for line in self.write(&out)? {
            print(&line)?;
        }
        Ok(())
    }

    /// Writes the client to a folder and returns lines for Cargo.
    fn write(mut self, out: &Path) -> Result<Vec<String>, BuildError> {
        let sources = read_schema(&self.schema).map_err(|error| BuildError(Cause::Read(error)))?;
        let mut lines = Vec::new();
        let folder = self.statements.take().unwrap_or_else(|| statement_folder(&sources));
        if folder.is_dir() {
            lines.push(format!("cargo::rerun-if-changed={}", folder.display()));
            let statements =
                read_statements(&folder).map_err(|error| BuildError(Cause::Statements(error)))?;
            self.options.statements = statements;
        }
        let warnings = write(&sources, out, &self.options)?;
        lines.extend(warnings.iter().map(|warning| format!("cargo::warning={warning}")));
        Ok(lines)
    }
}

/// Writes the client of a schema to a folder and returns the warnings about the schema.
fn write(sources: &Sources, folder: &Path, options: &Options) -> Result<Vec<String>, BuildError> {
    // The client gets its URL at run time, so the schema need not have one.
    let validated = nicol_schema::validate_files_with(sources, DatasourceUrl::Optional);
    let Some(model) = validated.schema else {
        let report = nicol_schema::render_files(&validated.diagnostics, sources, false);
        return Err(BuildError(Cause::Schema(report)));
    };
    let mut options = options.clone();
    let is_ours = |generator: &&Generator| text(&generator.provider).as_deref() == Some("nicol");
    for generator in model.generators.iter().filter(is_ours) {
        options.add_settings(generator, text).map_err(|error| BuildError(Cause::Generate(error)))?;
    }
    for file in generate(&model, &options).map_err(|error| BuildError(Cause::Generate(error)))? {
        let path = folder.join(file.path);
        // An unchanged file keeps its modification time, which avoids recompiling it.
        if fs::read_to_string(&path).is_ok_and(|written| written == file.contents) {
            continue;
        }
        fs::write(&path, file.contents).map_err(|source| BuildError(Cause::Write { path, source }))?;
    }
    let warnings = validated.diagnostics.into_iter().filter(|it| it.code() != rule::URL_ELSEWHERE);
    Ok(warnings.map(|diagnostic| diagnostic.message).collect())
}

/// Why a build script could not generate the client.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct BuildError(Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("`{0}` is not set\nhelp: call `nicol_codegen::build` in a build script run by Cargo")]
    NotABuildScript(&'static str),
    #[error("{0}\nhelp: the path of the schema is relative to the folder of `Cargo.toml`")]
    Read(ReadSchemaError),
    #[error(transparent)]
    Statements(ReadStatementsError),
    #[error("{0}")]
    Schema(String),
    #[error(transparent)]
    Generate(Error),
    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot print to Cargo: {0}")]
    Print(std::io::Error),
}

/// The output when `main` returns the error.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// Returns the text of a generator's setting.
fn text(value: &StringOrEnv) -> Option<String> {
    match value {
        StringOrEnv::Literal(text) => Some(text.clone()),
        StringOrEnv::Env(name) => std::env::var(name).ok(),
    }
}

fn variable(name: &'static str) -> Result<PathBuf, BuildError> {
    std::env::var_os(name).map(PathBuf::from).ok_or(BuildError(Cause::NotABuildScript(name)))
}

fn print(line: &str) -> Result<(), BuildError> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| BuildError(Cause::Print(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(schema: &Path, folder: &Path) -> Result<Vec<String>, BuildError> {
        let lines = Build::new(schema).write(folder)?;
        Ok(lines.iter().map(|line| line.trim_start_matches("cargo::warning=").to_owned()).collect())
    }

    fn folder_with(schema: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("schema.prisma");
        fs::write(&path, schema).expect("the folder is ours");
        (folder, path)
    }

    const DATASOURCE: &str = "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n";

    #[test]
    fn an_unchanged_client_is_not_written_again() {
        let (folder, path) = folder_with(&format!("{DATASOURCE}model A {{\n  id Int @id\n}}\n"));
        write(&path, folder.path()).unwrap();
        let client = folder.path().join("nicol.rs");
        let written = fs::metadata(&client).unwrap().modified().unwrap();
        write(&path, folder.path()).unwrap();
        assert_eq!(fs::metadata(&client).unwrap().modified().unwrap(), written);
    }

    #[test]
    fn a_schema_of_prisma_7_makes_the_client_that_it_makes_with_a_url() {
        let generators = r#"
generator client {
  provider               = "prisma-client"
  output                 = "../src/generated/prisma"
  engineType             = "client"
  runtime                = "nodejs"
  moduleFormat           = "esm"
  generatedFileExtension = "ts"
  importFileExtension    = "ts"
  compilerBuild          = "fast"
}
"#;
        let model = "model A {\n  id Int @id\n}\n";
        let datasource = "datasource db {\n  provider = \"postgresql\"\n  relationMode = \"prisma\"\n}\n";
        let client = |text: &str| {
            let (folder, path) = folder_with(&format!("{text}{model}"));
            assert_eq!(write(&path, folder.path()).unwrap(), Vec::<String>::new(), "no warning: {text}");
            fs::read_to_string(folder.path().join("nicol.rs")).unwrap()
        };
        let of_7 = client(&format!("{generators}{datasource}"));
        let of_6 = client(&datasource.replace("\n}", "\n  url = env(\"DATABASE_URL\")\n}"));
        assert_eq!(of_7, of_6);
        assert!(of_7.contains("DATABASE_URL"));
        // Other settings are still required.
        let (folder, path) = folder_with(&format!("datasource db {{\n}}\n{model}"));
        let error = write(&path, folder.path()).unwrap_err().to_string();
        assert!(error.contains("has no `provider`"), "{error}");
    }

    #[test]
    fn a_mistake_is_shown_in_its_line() {
        let (folder, path) = folder_with(&format!("{DATASOURCE}model A {{\n  id Integer @id\n}}\n"));
        let error = format!("{:?}", write(&path, folder.path()).unwrap_err());
        assert!(error.contains("schema.prisma:6:6") && error.contains("id Integer @id"), "{error}");
        assert!(!folder.path().join("nicol.rs").exists());
    }

    #[test]
    fn settings_of_the_generator_block_are_options() {
        let client = |settings: &str, provider: &str| {
            let generator = format!("generator db {{\n  provider = \"{provider}\"\n{settings}\n}}\n");
            let (folder, path) =
                folder_with(&format!("{generator}{DATASOURCE}model A {{\n  id Int @id\n}}\n"));
            write(&path, folder.path()).map_err(|error| error.to_string())?;
            Ok::<_, String>(fs::read_to_string(folder.path().join("nicol.rs")).unwrap())
        };
        let is_on = |settings, provider| client(settings, provider).unwrap().contains("impl_deserialize!(A");
        assert!(is_on("  deserialize = true", "nicol"));
        assert!(!is_on("  deserialize = false", "nicol") && !is_on("", "nicol"));
        assert!(!is_on("  deserialize = true", "prisma-client"), "it is the setting of another generator");
        let message = client("  deserialize = \"yes\"", "nicol").unwrap_err();
        assert_eq!(message, "`deserialize` of generator `db` is neither `true` nor `false`");
    }

    #[test]
    fn a_folder_is_one_schema() {
        let (folder, path) = folder_with(DATASOURCE);
        let (models, out) = (folder.path().join("models"), tempfile::tempdir().expect("a temporary folder"));
        fs::create_dir(&models).expect("the folder is ours");
        fs::write(models.join("a.prisma"), "model A {\n  id Int @id\n  b  B?\n}\n")
            .expect("the folder is ours");
        let other = "model B {\n  id Int @id\n  a  A   @relation(fields: [id], references: [id])\n}\n";
        fs::write(models.join("b.prisma"), other).expect("the folder is ours");
        write(folder.path(), out.path()).unwrap();
        let client = fs::read_to_string(out.path().join("nicol.rs")).unwrap();
        assert!(client.contains("pub mod a ") && client.contains("pub mod b "), "{client}");

        fs::write(&path, "").expect("the folder is ours");
        fs::write(models.join("b.prisma"), other.replace("Int", "Imt")).expect("the folder is ours");
        let error = format!("{:?}", write(folder.path(), out.path()).unwrap_err());
        assert!(error.contains("models/b.prisma:2:6"), "{error}");
    }

    #[test]
    fn a_missing_schema_is_named() {
        let error = write(Path::new("/none/schema.prisma"), Path::new("/none")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the schema file `/none/schema.prisma`"), "{error}");
    }
}
