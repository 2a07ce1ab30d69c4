//! Output files and their layout.

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
