use std::path::PathBuf;

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct Diagram {
    /// Format of the diagram [default: by the name of the file, otherwise svg]
    #[arg(long, value_enum)]
    pub(crate) format: Option<DiagramFormat>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Draw only these models, and what relations connect them with
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) models: Vec<String>,
    /// How many relations away from --models others are drawn
    #[arg(long, value_name = "COUNT", default_value_t = 1, requires = "models")]
    pub(crate) depth: usize,
    /// Use the names in the database (`@map`, `@@map`)
    #[arg(long)]
    pub(crate) database_names: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiagramFormat {
    /// SVG that needs no other file, in light and dark
    Svg,
    /// Text for Mermaid (`erDiagram`)
    Mermaid,
}
