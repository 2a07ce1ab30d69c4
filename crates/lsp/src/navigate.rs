//! Definitions and uses of names.

use std::path::Path;

use gen_lsp_types::{DocumentHighlight, DocumentHighlightKind, Location, Position};
use nicol_schema::symbols::Occurrence;

use crate::analysis::Analysis;

/// Returns the places that define the name at a position: usually one, more if a name is defined twice.
pub(crate) fn definitions(schema: &Analysis, path: &Path, position: Position) -> Vec<Location> {
    locations(schema, occurrences(schema, path, position).filter(|it| it.is_definition))
}

/// Returns the uses of the name at a position, and with `definitions` also its definition.
pub(crate) fn references(
    schema: &Analysis,
    path: &Path,
    position: Position,
    definitions: bool,
) -> Vec<Location> {
    locations(schema, occurrences(schema, path, position).filter(|it| definitions || !it.is_definition))
}

/// Returns the occurrences of the name at a position in the same file.
pub(crate) fn highlights(schema: &Analysis, path: &Path, position: Position) -> Vec<DocumentHighlight> {
    let all = occurrences(schema, path, position);
    all.filter_map(|it| {
        let (file, range) = schema.range(it.name.span)?;
        let kind = if it.is_definition { DocumentHighlightKind::Write } else { DocumentHighlightKind::Read };
        (file.path == path).then_some(DocumentHighlight { range, kind: Some(kind) })
    })
    .collect()
}

/// Returns all occurrences of the name at a position.
fn occurrences<'a>(
    schema: &'a Analysis,
    path: &Path,
    position: Position,
) -> impl Iterator<Item = Occurrence<'a>> + use<'a> {
    let here = schema.offset(path, position).and_then(|offset| schema.occurrence_at(offset));
    here.into_iter().flat_map(|it| schema.occurrences_of(it.symbol))
}

fn locations<'a>(schema: &Analysis, found: impl Iterator<Item = Occurrence<'a>>) -> Vec<Location> {
    found.filter_map(|it| schema.location(it.name.span)).collect()
}
