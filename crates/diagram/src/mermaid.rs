//! Writes an `erDiagram` of Mermaid.
//!
//! Source: mermaid.js.org, "Entity Relationship Diagrams"; what names may contain is in its grammar (`erDiagram.jison`).

use std::fmt::Write as _;

use crate::graph::{BoxKind, Count, Graph, Row};

pub(crate) fn write(graph: &Graph) -> String {
    let mut text = "erDiagram\n".to_owned();
    for item in &graph.boxes {
        let _ = writeln!(text, "    \"{}\" {{", quoted(&item.name));
        for row in &item.rows {
            let ty = if item.kind == BoxKind::Enum { "enum".to_owned() } else { type_name(row) };
            let _ = write!(text, "        {ty} {}", word(&row.name));
            let keys = [(row.is_primary, "PK"), (row.is_foreign, "FK"), (row.is_unique, "UK")];
            let keys: Vec<&str> = keys.iter().filter(|(is, _)| *is).map(|(_, key)| *key).collect();
            if !keys.is_empty() {
                let _ = write!(text, " {}", keys.join(", "));
            }
            if row.is_optional {
                text.push_str(" \"optional\"");
            }
            text.push('\n');
        }
        text.push_str("    }\n");
    }
    for edge in &graph.edges {
        let name = |at: usize| quoted(&graph.boxes[at].name);
        let left = match edge.to.count {
            Count::One => "||",
            Count::ZeroOrOne => "|o",
            Count::Many => "}o",
        };
        let right = match edge.from.count {
            Count::One => "||",
            Count::ZeroOrOne => "o|",
            Count::Many => "o{",
        };
        let (to, from) = (name(edge.to.at), name(edge.from.at));
        let _ = writeln!(text, "    \"{to}\" {left}--{right} \"{from}\" : \"{}\"", quoted(&edge.name));
    }
    text
}

/// Returns a name for double quotes: what ends them, or is not allowed within them, becomes `_`.
fn quoted(name: &str) -> String {
    let is_wrong = |it: char| it.is_control() || "\"\\%<>&#;`".contains(it);
    let name: String = name.chars().map(|it| if is_wrong(it) { '_' } else { it }).collect();
    // Quotes with nothing between them are not allowed.
    if name.trim().is_empty() { "_".to_owned() } else { name }
}

/// Returns a name without quotes: what is neither a letter, a digit nor `_` becomes `_`.
fn word(name: &str) -> String {
    let mut word: String =
        name.chars().map(|it| if it.is_ascii_alphanumeric() || it == '_' { it } else { '_' }).collect();
    if !word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_') {
        word.insert(0, '_');
    }
    word
}

fn type_name(row: &Row) -> String {
    word(&row.ty) + if row.is_list { "[]" } else { "" }
}
