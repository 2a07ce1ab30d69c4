//! Writes SVG.

use std::fmt::Write as _;

use crate::graph::{Box, BoxKind, Count, Edge, End, Graph, Row};
use crate::layout::{FONT_SIZE, HEADER, Layout, MARK, PADDING, Place, ROW};

const STYLE: &str = "
:root { color-scheme: light dark; }
.page { fill: #ffffff; }
text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2328; }
.title { font-weight: bold; font-size: 13.5px; }
.type { fill: #59636e; text-anchor: end; }
.mark { font-size: 9px; fill: #59636e; }
.key { font-weight: bold; }
.box { fill: #ffffff; stroke: #d1d9e0; }
.head { fill: #ddf4ff; }
.view .head { fill: #f6f0ff; }
.enum .head { fill: #fff8c5; }
.line { stroke: #d1d9e0; }
.edge { fill: none; stroke: #6e7781; stroke-width: 1.4; }
.edge .end { fill: #ffffff; }
.edge:hover { stroke: #0969da; stroke-width: 2.5; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; }
text { fill: #e6edf3; }
.type, .mark { fill: #9198a1; }
.box { fill: #161b22; stroke: #3d444d; }
.head { fill: #12304f; }
.view .head { fill: #33224d; }
.enum .head { fill: #3d3205; }
.line { stroke: #3d444d; }
.edge { stroke: #848d97; }
.edge .end { fill: #0d1117; }
.edge:hover { stroke: #58a6ff; }
}
";

/// The part of a relation next to a box, where its mark is.
const STUB: f64 = 18.0;

pub(crate) fn write(graph: &Graph, layout: &Layout) -> String {
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>Schema</title>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for edge in &graph.edges {
        relation(&mut out, graph, layout, edge);
    }
    for (item, place) in graph.boxes.iter().zip(&layout.places) {
        block(&mut out, item, *place);
    }
    out.push_str("</svg>\n");
    out
}

fn block(out: &mut String, item: &Box, place: Place) {
    let Place { x, y, width, height } = place;
    let class = match item.kind {
        BoxKind::Model => "model",
        BoxKind::View => "view",
        BoxKind::Enum => "enum",
    };
    let _ = write!(out, "<g class=\"{class}\" transform=\"translate({x:.1} {y:.1})\">");
    title(out, item.documentation.as_deref());
    let _ = write!(out, "<rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>");
    let (inner, radius) = (width - 1.0, 5.5);
    let _ = write!(
        out,
        "<path class=\"head\" d=\"M.5 {HEADER}V{radius}Q.5 .5 {radius} .5H{}Q{inner}.5 .5 {inner}.5 {radius}V{HEADER}Z\"/>",
        width - radius
    );
    let middle = HEADER / 2.0 + FONT_SIZE * 0.36;
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"{PADDING}\" y=\"{middle:.1}\">{}</text>",
        escaped(&item.name)
    );
    for (index, row) in item.rows.iter().enumerate() {
        column(out, item.kind, row, width, row_middle(index) + FONT_SIZE * 0.36);
    }
    out.push_str("</g>\n");
}

/// Returns the distance from the top of a box to the middle of a row.
fn row_middle(index: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "no box has that many rows")]
    let index = index as f64;
    HEADER + 4.0 + (index + 0.5) * ROW
}

fn column(out: &mut String, kind: BoxKind, row: &Row, width: f64, y: f64) {
    out.push_str("<g>");
    title(out, row.documentation.as_deref());
    let mark = match (row.is_primary, row.is_foreign, row.is_unique) {
        (true, true, _) => "PK,FK",
        (true, false, _) => "PK",
        (false, true, _) => "FK",
        (false, false, true) => "UQ",
        (false, false, false) => "",
    };
    if !mark.is_empty() {
        let _ = write!(out, "<text class=\"mark\" x=\"{PADDING}\" y=\"{y:.1}\">{mark}</text>");
    }
    let x = PADDING + if kind == BoxKind::Enum { 0.0 } else { MARK };
    let class = if row.is_primary { " class=\"key\"" } else { "" };
    let _ = write!(out, "<text{class} x=\"{x}\" y=\"{y:.1}\">{}</text>", escaped(&row.name));
    if !row.ty.is_empty() {
        let suffix = if row.is_list {
            "[]"
        } else if row.is_optional {
            "?"
        } else {
            ""
        };
        let right = width - PADDING;
        let ty = escaped(&row.ty);
        let _ = write!(out, "<text class=\"type\" x=\"{right}\" y=\"{y:.1}\">{ty}{suffix}</text>");
    }
    out.push_str("</g>\n");
}

fn relation(out: &mut String, graph: &Graph, layout: &Layout, edge: &Edge) {
    let place = |end: End| layout.places[end.at];
    let (from, to) = (place(edge.from), place(edge.to));
    // Towards one another; of boxes above one another, both at the right.
    let (left, right) = (-1.0, 1.0);
    let (out_of, into) = if from.x + from.width < to.x {
        (right, left)
    } else if to.x + to.width < from.x {
        (left, right)
    } else {
        (right, right)
    };
    let point = |place: Place, end: End, side: f64| {
        let y = place.y + end.row.map_or(HEADER / 2.0, row_middle);
        (if side > 0.0 { place.x + place.width } else { place.x }, y)
    };
    let (a, b) = (point(from, edge.from, out_of), point(to, edge.to, into));
    let (start, end) = (a.0 + out_of * STUB, b.0 + into * STUB);
    let bend = if out_of * into > 0.0 {
        // The farther apart, the wider the bow.
        20.0 + (a.1 - b.1).abs() * 0.06
    } else {
        ((end - start).abs() * 0.5).max(24.0)
    };
    let name = |end: End| escaped(&graph.boxes[end.at].name);
    let _ = write!(out, "<g class=\"edge\"><title>{}", name(edge.from));
    if !edge.name.is_empty() {
        let _ = write!(out, ".{}", escaped(&edge.name));
    }
    let _ = write!(
        out,
        " → {}</title><path d=\"M{:.1} {:.1}H{start:.1}C{:.1} {:.1} {:.1} {:.1} {end:.1} {:.1}H{:.1}\"/>",
        name(edge.to),
        a.0,
        a.1,
        start + out_of * bend,
        a.1,
        end + into * bend,
        b.1,
        b.1,
        b.0
    );
    cardinality(out, a, out_of, edge.from.count);
    cardinality(out, b, into, edge.to.count);
    out.push_str("</g>\n");
}

/// Draws how many rows there are: a bar for one, a circle for zero, a crow's foot for many.
fn cardinality(out: &mut String, (x, y): (f64, f64), side: f64, count: Count) {
    let at = |distance: f64| x + side * distance;
    let bar = |out: &mut String, distance: f64| {
        let _ = write!(out, "<path d=\"M{:.1} {:.1}v10\"/>", at(distance), y - 5.0);
    };
    let circle = |out: &mut String, distance: f64| {
        let _ = write!(out, "<circle class=\"end\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>", at(distance));
    };
    match count {
        Count::One => {
            bar(out, 6.0);
            bar(out, 10.0);
        }
        Count::ZeroOrOne => {
            bar(out, 6.0);
            circle(out, 13.0);
        }
        Count::Many => {
            let _ = write!(
                out,
                "<path d=\"M{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}\"/>",
                y - 6.0,
                at(10.0),
                y + 6.0
            );
            circle(out, 14.0);
        }
    }
}

fn title(out: &mut String, text: Option<&str>) {
    if let Some(text) = text {
        let _ = write!(out, "<title>{}</title>", escaped(text));
    }
}

/// Escapes text for XML, and leaves out what XML 1.0 does not allow.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            it if it.is_control() => {}
            it => out.push(it),
        }
    }
    out
}
