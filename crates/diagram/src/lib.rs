//! Diagrams of a schema: [`svg`] and [`mermaid`].
//!
//! ```text
//! Schema ─► graph (boxes and edges) ─► layout (places) ─► svg
//!                    └───────────────────────────────────► mermaid
//! ```
//!
//! The same schema always gives the same diagram.

mod graph;
mod layout;
mod mermaid;
mod options;
mod svg;

use nicol_schema::Schema;

pub use options::{Options, UnknownModel};

/// Draws the schema as SVG. It has neither scripts nor references, and follows the viewer's preference for light or dark.
///
/// # Errors
/// A model of the options is not in the schema.
pub fn svg(schema: &Schema, options: &Options) -> Result<String, UnknownModel> {
    let graph = graph::Graph::new(schema, options)?;
    let layout = layout::Layout::new(&graph);
    Ok(svg::write(&graph, &layout))
}

/// Describes the schema as an `erDiagram` of Mermaid.
///
/// # Errors
/// A model of the options is not in the schema.
pub fn mermaid(schema: &Schema, options: &Options) -> Result<String, UnknownModel> {
    Ok(mermaid::write(&graph::Graph::new(schema, options)?))
}
