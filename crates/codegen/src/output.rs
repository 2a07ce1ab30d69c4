//! Output files, their layout, and options.

use nicol_schema::model::{ConfigValue, Generator, StringOrEnv};

use crate::error::Error;

use crate::statement::Statement;

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// The path, relative to the output folder, with `/`.
    pub path: String,
    /// The contents.
    pub contents: String,
}

/// Options of the generator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The layout of the files.
    pub layout: Layout,
    /// Whether the client implements `nicol_auth::Adapter`. This requires Auth.js's models in the schema, and `nicol-auth`
    /// as a dependency of the application.
    pub auth_adapter: bool,
    /// Whether rows implement serde's `Deserialize`, too, and not only `Serialize`.
    pub deserialize: bool,
    /// The statements of TypedSQL, which become the methods of `db.sql()`.
    pub statements: Vec<Statement>,
}

impl Options {
    /// Adds what the settings of a generator block ask for: `authAdapter = true`, `deserialize = true`. `text` returns the text of a
    /// setting, or `None` if its environment variable is not set.
    ///
    /// # Errors
    /// One of these settings is neither `true` nor `false`.
    pub fn add_settings(
        &mut self,
        generator: &Generator,
        text: impl Fn(&StringOrEnv) -> Option<String>,
    ) -> Result<(), Error> {
        for (setting, option) in
            [("authAdapter", &mut self.auth_adapter), ("deserialize", &mut self.deserialize)]
        {
            let value = match generator.config.iter().find(|(name, _)| name == setting) {
                Some((_, ConfigValue::One(value))) => text(value),
                Some((_, ConfigValue::Many(_))) => Some(String::new()),
                None => None,
            };
            match value.as_deref() {
                None | Some("false") => {}
                Some("true") => *option = true,
                Some(_) => return Err(Error::Setting { generator: generator.name.clone(), setting }),
            }
        }
        Ok(())
    }
}

/// How the client is split into files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// `mod.rs` and a file for each model, for a folder of sources.
    #[default]
    Folder,
    /// A single file, `nicol.rs`, for `include!`.
    SingleFile,
}
